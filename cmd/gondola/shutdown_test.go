package main

import (
	"net"
	"net/http"
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
	conn, err := net.DialTimeout("tcp", s.shutdownAddr(t), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}

func testShutdownAddr(t *testing.T, gondola func(...string) *exec.Cmd, dir string) {
	t.Run("graceful", func(t *testing.T) {
		s := serveProcess(t, gondola, "--shutdown-addr", "127.0.0.1:0", dir)
		slept := make(chan string)
		go func() { slept <- s.get(http.DefaultClient, "sleep?1s") }()
		time.Sleep(300 * time.Millisecond)
		s.knock(t)
		if got := <-slept; got != "HTTP/1.1 200 OK slept" {
			t.Errorf("got %q", got)
		}
		if code := exitCode(t, s.Cmd); code != 0 {
			t.Errorf("exit status %d:\n%s", code, s.errors())
		}
		if want := "Shutting down when 1 request is answered; an interrupt ends it at once"; !strings.Contains(s.errors(), want) {
			t.Errorf("stderr has no %q:\n%s", want, s.errors())
		}
	})
	t.Run("an interrupt after it", func(t *testing.T) {
		s := serveProcess(t, gondola, "--shutdown-addr", "127.0.0.1:0", dir)
		go s.get(http.DefaultClient, "sleep?1m")
		time.Sleep(300 * time.Millisecond)
		s.knock(t)
		time.Sleep(200 * time.Millisecond)
		if err := s.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if code := exitCode(t, s.Cmd); code != exitInterrupted {
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
