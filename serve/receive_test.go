package serve

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gondola-wasm/gondola/wasi"
)

// heldWriter is a response whose request can be given an end.
type heldWriter struct {
	http.ResponseWriter
	end func()
}

// SetReadDeadline is for [http.ResponseController].
func (w heldWriter) SetReadDeadline(t time.Time) error {
	if w.end == nil {
		return http.ErrNotSupported
	}
	if !time.Now().Before(t) {
		w.end()
	}
	return nil
}

// receivingIn gives f a body, and the end that a client writes it to.
func receivingIn(t *testing.T, span time.Duration, f func(b *receiving, client *io.PipeWriter)) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		r, client := io.Pipe()
		end := func() { client.CloseWithError(os.ErrDeadlineExceeded) }
		b := &receiving{ReadCloser: r, w: heldWriter{end: end}, span: span}
		defer b.stop()
		f(b, client)
	})
}

// A body whose next piece comes soon enough comes whole, however long that takes.
func TestBodyThatComesSlowly(t *testing.T) {
	receivingIn(t, time.Minute, func(b *receiving, client *io.PipeWriter) {
		go func() {
			for range 100 {
				time.Sleep(59 * time.Second)
				io.WriteString(client, "piece")
			}
			client.Close()
		}()
		if got, err := io.ReadAll(b); len(got) != 500 || err != nil || b.stalled() {
			t.Errorf("got %d bytes, %v", len(got), err)
		}
	})
}

// Nobody is late while nothing is waited for.
func TestBodyThatIsNotRead(t *testing.T) {
	receivingIn(t, time.Minute, func(b *receiving, client *io.PipeWriter) {
		go func() {
			for range 3 {
				io.WriteString(client, "piece")
			}
			client.Close()
		}()
		for range 3 {
			if got, err := io.ReadFull(b, make([]byte, 5)); got != 5 || err != nil {
				t.Fatalf("got %d bytes, %v", got, err)
			}
			time.Sleep(time.Hour)
		}
		if _, err := b.Read(make([]byte, 5)); err != io.EOF {
			t.Errorf("at its end: %v", err)
		}
	})
}

// A body breaks off when nothing has come for its time, counted from when it was waited for, and stays so.
func TestBodyThatStops(t *testing.T) {
	receivingIn(t, time.Minute, func(b *receiving, client *io.PipeWriter) {
		go io.WriteString(client, "piece")
		io.ReadFull(b, make([]byte, 5))
		time.Sleep(40 * time.Second) // the timer is set meanwhile
		start := time.Now()
		for range 2 {
			n, err := b.Read(make([]byte, 5))
			var timeout net.Error
			if n != 0 || !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("got %d bytes, %v", n, err)
			}
		}
		if took := time.Since(start); took != time.Minute || !b.stalled() {
			t.Errorf("it took %v", took)
		}
	})
}

// Where a read can't be ended it goes on.
func TestBodyThatCannotBeEnded(t *testing.T) {
	receivingIn(t, time.Minute, func(b *receiving, client *io.PipeWriter) {
		b.w = heldWriter{}
		go func() {
			time.Sleep(time.Hour)
			io.WriteString(client, "piece")
		}()
		if n, err := b.Read(make([]byte, 5)); n != 5 || err != nil || b.stalled() {
			t.Errorf("got %d bytes, %v", n, err)
		}
	})
}

// A guest learns that a body has broken off, whether the header of its response is out or not, and can still answer.
func TestClientStopsSending(t *testing.T) {
	t.Parallel()
	for _, isolation := range []Isolation{IsolationConcurrent, IsolationRequest} {
		for _, limit := range []int64{0, 1000} {
			h := handlerOf(t, testGuest(t), wasi.Config{}, Options{Isolation: isolation, MaxBodyBytes: limit, ReceiveTimeout: 50 * time.Millisecond})
			url := listen(t, h)
			for path, want := range map[string]string{
				"/tell":    "<nil>, error-code: connection-read-timeout",
				"/collect": "Request Timeout\n",
			} {
				t.Run(fmt.Sprint(isolation, limit, path), func(t *testing.T) {
					for version, request := range map[string]func(*testing.T, string, string) *http.Response{"HTTP/1.1": stopsOver1, "h2c": stopsOver2} {
						res := request(t, url, path)
						b, err := io.ReadAll(res.Body)
						res.Body.Close()
						if !strings.HasSuffix(string(b), want) || err != nil {
							t.Errorf("%s: got %q, %v, want %q", version, b, err, want)
						}
						if late := path == "/collect"; late && res.StatusCode != 408 || !late && res.StatusCode != 200 {
							t.Errorf("%s: status %d", version, res.StatusCode)
						} else if late && res.ProtoMajor == 1 && !res.Close {
							t.Error("the connection is to be used again")
						}
					}
				})
			}
		}
	}
}

// stopsOver1 sends the first part of a body, and no more.
func stopsOver1(t *testing.T, url, path string) *http.Response {
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhello", path)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// stopsOver2 does over HTTP/2.
func stopsOver2(t *testing.T, url, path string) *http.Response {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	tr := &http.Transport{Protocols: &protocols}
	t.Cleanup(tr.CloseIdleConnections)
	body, client := io.Pipe()
	t.Cleanup(func() { client.Close() })
	go io.WriteString(client, "hello")
	res, err := (&http.Client{Transport: tr}).Post(url+path, "", body)
	if err != nil {
		t.Fatal(err)
	}
	return res
}
