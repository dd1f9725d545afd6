package main

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// shutdownAddr is where a service says that it listens for its end.
func (s *served) shutdownAddr(t *testing.T) string {
	t.Helper()
	for line := range strings.Lines(s.errors()) {
		if addr, ok := strings.CutPrefix(strings.TrimSpace(line), "Listening for shutdown on tcp://"); ok {
			return strings.TrimSuffix(addr, "/")
		}
	}
	t.Fatalf("it does not say where it listens for shutdown:\n%s", s.errors())
	return ""
}

// knock connects to where a service listens for its end.
func (s *served) knock(t *testing.T) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", s.shutdownAddr(t), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}

func testShutdownAddr(t *testing.T, gondola func(...string) *exec.Cmd, dir string) {
	t.Run("graceful", func(t *testing.T) {
		s := serveProcess(t, gondola, "--shutdown-addr", "127.0.0.1:0", dir)
		request := s.hold(t)
		s.knock(t)
		s.says(t, "Shutting down when 1 request is answered; an interrupt ends it at once")
		if got := request.end(); got != "HTTP/1.1 200 OK held and let go" {
			t.Errorf("got %q", got)
		}
		if code := s.exitCode(t); code != 0 {
			t.Errorf("exit status %d:\n%s", code, s.errors())
		}
	})
	t.Run("an interrupt after it", func(t *testing.T) {
		s := serveProcess(t, gondola, "--shutdown-addr", "127.0.0.1:0", dir)
		s.hold(t)
		s.knock(t)
		s.says(t, "Shutting down")
		if err := s.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if code := s.exitCode(t); code != exitInterrupted {
			t.Errorf("exit status %d:\n%s", code, s.errors())
		}
	})
	t.Run("an address that is taken", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		cmd := gondola("serve", "--addr", "127.0.0.1:0", "--shutdown-addr", l.Addr().String(), dir)
		var out strings.Builder
		cmd.Stderr = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if code := exitCode(t, cmd); code != exitFailure || !strings.Contains(out.String(), "gondola: --shutdown-addr: listen tcp "+l.Addr().String()) || strings.Contains(out.String(), "Serving") {
			t.Errorf("exit status %d:\n%s", code, out.String())
		}
	})
}
