package main

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// served is a "gondola serve" under way.
type served struct {
	*exec.Cmd
	url    string
	stdout bytes.Buffer

	mu     sync.Mutex
	stderr []string      // lines
	silent chan struct{} // closed when there are no more
}

// serveProcess starts "gondola serve" and waits until it says that it is ready.
func serveProcess(t *testing.T, gondola func(...string) *exec.Cmd, args ...string) *served {
	t.Helper()
	s := &served{Cmd: gondola(append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...), silent: make(chan struct{})}
	s.Stdout, s.Stderr = &s.stdout, nil
	stderr, err := s.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill() })
	ready := make(chan string, 1)
	go func() {
		defer close(s.silent)
		defer close(ready)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			s.mu.Lock()
			s.stderr = append(s.stderr, lines.Text())
			s.mu.Unlock()
			if url, ok := strings.CutPrefix(lines.Text(), "Serving HTTP on "); ok {
				ready <- url
			}
		}
	}()
	select {
	case s.url = <-ready:
	case <-time.After(5 * time.Minute):
	}
	if s.url == "" {
		t.Fatalf("it did not say that it is ready:\n%s", s.errors())
	}
	return s
}

// errors is what it has said on standard error.
func (s *served) errors() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.stderr, "\n")
}

// says waits until it says something on standard error.
func (s *served) says(t *testing.T, what string) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !strings.Contains(s.errors(), what); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("stderr has no %q:\n%s", what, s.errors())
		}
	}
}

// exitCode waits for the end, after which it says nothing more.
func (s *served) exitCode(t *testing.T) int {
	t.Helper()
	late := time.AfterFunc(3*time.Minute, func() { _ = s.Process.Kill() })
	defer late.Stop()
	<-s.silent // before Wait, which closes the pipe
	return exitCode(t, s.Cmd)
}

// held is a request that is under way until it is let go.
type held struct {
	resp   *http.Response
	pieces *io.PipeWriter
}

// hold makes a request whose body comes back as it is sent. The response has begun when it
// returns.
func (s *served) hold(t *testing.T) *held {
	t.Helper()
	body, pieces := io.Pipe()
	t.Cleanup(func() { pieces.Close() })
	resp, err := http.Post(s.url+"echo", "text/plain", body)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return &held{resp, pieces}
}

// rest is what is left of the response, or why it breaks off.
func (h *held) rest() string {
	b, err := io.ReadAll(h.resp.Body)
	if err != nil {
		return err.Error()
	}
	return h.resp.Proto + " " + h.resp.Status + " " + string(b)
}

// end lets it go.
func (h *held) end() string {
	go func() {
		_, err := io.WriteString(h.pieces, "held and let go")
		h.pieces.CloseWithError(err)
	}()
	return h.rest()
}

// get is the response to a request for a path, or why there is none.
func (s *served) get(client *http.Client, path string) string {
	resp, err := client.Get(s.url + path)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return resp.Proto + " " + resp.Status + " " + strings.TrimSpace(string(body))
}

// testService is a copy of the guest that package serve is tested with.
func testService(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for from, to := range map[string]string{"go.mod.txt": "go.mod", "main.go.txt": "main.go", "wit/world.wit": "wit/world.wit"} {
		data, err := os.ReadFile(filepath.Join("../../serve/testdata/guest", filepath.FromSlash(from)))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(to))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestServe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process can't be interrupted from outside there")
	}
	gondola := command(t)
	dir := testService(t)
	t.Setenv("FROM_HERE", "yes")

	t.Run("requests", func(t *testing.T) {
		s := serveProcess(t, gondola, "--env", "A=b", "--env", "FROM_HERE", "--access-log", "--log-format", "json",
			"--max-instances", "1", "--idle-instance-timeout", "1h", dir) // so that the one that has answered is waited for, and stays
		for _, test := range []struct{ path, want string }{
			{"environment", "HTTP/1.1 200 OK A=b FROM_HERE=yes INSTANCE_ID=1"},
			{"print", "HTTP/1.1 200 OK printed"},
			{"panic", "HTTP/1.1 500 Internal Server Error Internal Server Error"},
			{"exit", "HTTP/1.1 500 Internal Server Error Internal Server Error"},
			{"fail", "HTTP/1.1 500 Internal Server Error Internal Server Error"},
			{"count", "HTTP/1.1 200 OK 2"}, // after fail, in the third instance
		} {
			if got := s.get(http.DefaultClient, test.path); got != test.want {
				t.Errorf("%s: got %q, want %q", test.path, got, test.want)
			}
		}
		if err := s.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if code := s.exitCode(t); code != 0 {
			t.Errorf("exit status %d:\n%s", code, s.errors())
		}
		if got, want := s.stdout.String(), "stdout [1] :: a line\nstdout [1] :: and half of one\n"; got != want {
			t.Errorf("stdout is %q, want %q", got, want)
		}
		for _, want := range []string{
			`stderr [1] :: panic: as it was told`,
			`"level":"ERROR","msg":"an instance has ended","instance":"1"`,
			`"msg":"request","remote":"127.0.0.1:`,
			`"method":"GET","uri":"/count","proto":"HTTP/1.1","status":200,"bytes":1,`,
			`"msg":"a request failed","method":"GET","uri":"/fail","instance":"3","error":"`,
		} {
			if got := s.errors(); !strings.Contains(got, want) {
				t.Errorf("stderr has no %s:\n%s", want, got)
			}
		}
	})

	t.Run("headers, raw output, HTTP/2", func(t *testing.T) {
		headers := filepath.Join(t.TempDir(), "headers")
		if err := os.WriteFile(headers, []byte("x-two: a\n\nx-two: b\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		s := serveProcess(t, gondola, "-H", "x-one: 1", "-H", "Host: example.com", "-H", "@"+headers, "--no-logging-prefix", "--isolation", "request", dir)
		client := &http.Client{Transport: &http.Transport{Protocols: new(http.Protocols)}}
		client.Transport.(*http.Transport).Protocols.SetUnencryptedHTTP2(true)
		for path, want := range map[string]string{
			"header?X-One": "HTTP/2.0 200 OK 1",
			"header?X-Two": "HTTP/2.0 200 OK a, b",
			"host":         "HTTP/2.0 200 OK example.com",
			"print":        "HTTP/2.0 200 OK printed",
			"count":        "HTTP/2.0 200 OK 1",
		} {
			if got := s.get(client, path); got != want {
				t.Errorf("%s: got %q, want %q", path, got, want)
			}
		}
		client.CloseIdleConnections()
		// A request that is under way is answered, and so is one whose guest works on.
		request := s.hold(t)
		if got := s.get(http.DefaultClient, "later?1s"); got != "HTTP/1.1 200 OK now" {
			t.Errorf("got %q", got)
		}
		if err := s.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		s.says(t, "Shutting down")
		if got := request.end(); got != "HTTP/1.1 200 OK held and let go" {
			t.Errorf("got %q", got)
		}
		if code := s.exitCode(t); code != 0 {
			t.Errorf("exit status %d:\n%s", code, s.errors())
		}
		if got, want := s.stdout.String(), "a line\nand half of oneplease see me\n"; got != want {
			t.Errorf("stdout is %q, want %q", got, want)
		}
	})

	t.Run("TLS", func(t *testing.T) {
		cert, key, pool := certificate(t)
		s := serveProcess(t, gondola, "--tls-cert", cert, "--tls-key", key, dir)
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
		if got := s.get(client, "count"); got != "HTTP/2.0 200 OK 1" || !strings.HasPrefix(s.url, "https://") {
			t.Errorf("%s: got %q", s.url, got)
		}
	})

	t.Run("impatience", func(t *testing.T) {
		s := serveProcess(t, gondola, "--shutdown-timeout", "200ms", dir)
		request := s.hold(t)
		if err := s.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if got := request.rest(); !strings.Contains(got, "EOF") && !strings.Contains(got, "reset") {
			t.Errorf("got %q", got)
		}
		if code := s.exitCode(t); code != 1 || !strings.Contains(s.errors(), "gondola: not all requests were answered within 200ms, which --shutdown-timeout allows") {
			t.Errorf("exit status %d:\n%s", code, s.errors())
		}
	})

	t.Run("a long header", func(t *testing.T) {
		s := serveProcess(t, gondola, "--max-request-header", "8KiB", dir)
		if got := s.get(http.DefaultClient, "header?"+strings.Repeat("x", 4<<10)); !strings.HasPrefix(got, "HTTP/1.1 200") {
			t.Errorf("got %.80q", got)
		}
		// The connection may be closed before all of the request was sent.
		if got := s.get(http.DefaultClient, "header?"+strings.Repeat("x", 16<<10)); !strings.HasPrefix(got, "HTTP/1.1 431") && !strings.Contains(got, "reset") && !strings.Contains(got, "broken pipe") {
			t.Errorf("got %.80q", got)
		}
	})

	t.Run("shutdown address", func(t *testing.T) { testShutdownAddr(t, gondola, dir) })

	t.Run("interrupt before it serves", func(t *testing.T) {
		cmd := gondola("serve", "--addr", "127.0.0.1:0", "-")
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer stdin.Close()
		cmd.Stderr = nil
		stderr, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(stderr)
		loading := func() bool { return strings.HasPrefix(lines.Text(), "gondola: still loading - after ") }
		if !lines.Scan() || !loading() {
			t.Errorf("got %q", lines.Text())
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			if !loading() { // on a late machine it says so again before the interrupt comes
				t.Errorf("then it said %q", lines.Text())
			}
		}
		if code := exitCode(t, cmd); code != exitInterrupted {
			t.Errorf("exit status %d", code)
		}
	})

	t.Run("two interrupts", func(t *testing.T) {
		s := serveProcess(t, gondola, dir)
		s.hold(t)
		for range 2 {
			if err := s.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			s.says(t, "Shutting down")
		}
		if code := s.exitCode(t); code != exitInterrupted {
			t.Errorf("exit status %d:\n%s", code, s.errors())
		}
	})
}

// certificate makes a certificate for 127.0.0.1 and says where it and its key are.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	privateDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(parsed)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", privateDER), pool
}
