package serve

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

// The access log has a line for each request, with no more of a backtrace than why.
func TestAccessLog(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.TimeKey, slog.LevelKey, "remote", "duration":
			return slog.Attr{}
		}
		return a
	}}))
	h := fakeHandler(t, &fakeGuests{handle: func(_ context.Context, _ *fakeTask, w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path == "/fails" {
			return errors.New("why\n    at f\n    at g")
		}
		_, err := w.Write([]byte("hello"))
		return err
	}}, Options{AccessLog: log, IdleTimeout: -1, RequestTimeout: -1, QueueTimeout: -1})
	get(t.Context(), h, "/answers?a=b")
	get(t.Context(), h, "/fails")
	shut(t, h)
	get(t.Context(), h, "/late")
	want := strings.Join([]string{
		`msg=request method=GET uri="/answers?a=b" proto=HTTP/1.1 status=200 bytes=5 instance=1`,
		`msg=request method=GET uri=/fails proto=HTTP/1.1 status=500 bytes=22 instance=1 error=why`,
		`msg=request method=GET uri=/late proto=HTTP/1.1 status=503 bytes=20 error="the service is being shut down"`,
		"",
	}, "\n")
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
