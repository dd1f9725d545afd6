package serve

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// endless are guests that write without end and tell how that ended, or send back what they
// get at /echo.
func endless(ended chan<- error) *fakeGuests {
	return &fakeGuests{handle: func(_ context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) (err error) {
		if r.URL.Path == "/echo" {
			task.block(func() { _, err = io.Copy(w, r.Body) })
			return err
		}
		piece := bytes.Repeat([]byte("x"), 1<<20)
		task.block(func() {
			for err == nil {
				_, err = w.Write(piece)
			}
		})
		ended <- err
		return err
	}}
}

// A client that takes nothing of a response does not keep an instance, whatever it speaks.
func TestClientThatDoesNotRead(t *testing.T) {
	for _, version := range []string{"HTTP/1.1", "h2c"} {
		t.Run(version, func(t *testing.T) {
			ended := make(chan error, 1)
			h := fakeHandler(t, endless(ended), Options{SendTimeout: 100 * time.Millisecond})
			defer shut(t, h)
			url := listen(t, h)
			switch version {
			case "h2c":
				var protocols http.Protocols
				protocols.SetUnencryptedHTTP2(true)
				tr := &http.Transport{Protocols: &protocols}
				defer tr.CloseIdleConnections()
				res, err := (&http.Client{Transport: tr}).Get(url + "/")
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
			default:
				c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
			}
			if err := <-ended; !errors.Is(err, errStuck) {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

// A client that takes what it gets, but slowly, gets it all.
func TestSlowClient(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<19) // of 8 MiB, more than sockets hold
	h := fakeHandler(t, &fakeGuests{handle: func(_ context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) (err error) {
		task.block(func() { _, err = w.Write(body) })
		return err
	}}, Options{SendTimeout: 300 * time.Millisecond})
	defer shut(t, h)
	res, err := http.Get(listen(t, h))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var got bytes.Buffer
	for start := time.Now(); time.Since(start) < time.Second; time.Sleep(20 * time.Millisecond) {
		io.CopyN(&got, res.Body, 100<<10)
	}
	io.Copy(&got, res.Body)
	if !bytes.Equal(got.Bytes(), body) {
		t.Errorf("got %d bytes of %d", got.Len(), len(body))
	}
}

// What a response was given of time does not end the next one on the connection.
func TestPatienceBeginsAnew(t *testing.T) {
	h := fakeHandler(t, endless(nil), Options{SendTimeout: 50 * time.Millisecond})
	defer shut(t, h)
	c, err := net.Dial("tcp", strings.TrimPrefix(listen(t, h), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := bufio.NewReader(c)
	for range 3 {
		io.WriteString(c, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
		if line, err := r.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
			t.Fatalf("got %q, %v", line, err)
		}
		r.ReadString('\n')
		io.WriteString(c, "hello")
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(res.Body); string(b) != "hello" || err != nil {
			t.Errorf("got %q, %v", b, err)
		}
		time.Sleep(150 * time.Millisecond) // more than what the response was given
	}
}

// A time that is too long to be doubled is none that has passed.
func TestPatienceForAges(t *testing.T) {
	h := fakeHandler(t, &fakeGuests{handle: func(_ context.Context, _ *fakeTask, w http.ResponseWriter, _ *http.Request) error {
		_, err := io.WriteString(w, "hello")
		return err
	}}, Options{SendTimeout: forever - 1})
	defer shut(t, h)
	res, err := http.Get(listen(t, h))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); string(b) != "hello" || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
}
