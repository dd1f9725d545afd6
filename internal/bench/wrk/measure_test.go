package main

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	got, err := parse(`Running 1s test @ http://127.0.0.1:41581/
  1 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    89.52us  102.74us   3.57ms   98.43%
    Req/Sec    46.98k     3.01k   50.07k    81.82%
  Latency Distribution
     50%   79.00us
     75%   90.00us
     90%  112.00us
     99%    1.24ms
  51287 requests in 1.10s, 6.46MB read
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5
Requests/sec:  46631.50
Transfer/sec:      5.87MB
`)
	want := result{rate: 46631.5, p50: 79 * time.Microsecond, p99: 1240 * time.Microsecond, errors: 15}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, err := parse("unable to connect"); err == nil {
		t.Error("no error")
	}
}
