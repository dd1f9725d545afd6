//go:build linux || darwin

package wasi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi"
)

// socketsGuest is testdata/sockets, compiled once for all tests.
var socketsGuest = sync.OnceValues(func() (*gondola.Component, error) {
	wasm, err := build("sockets", "go.mod.txt", "main.go.txt", "p2.go.txt", "p3.go.txt", "wit/world.wit")
	if err != nil {
		return nil, err
	}
	return rt.Compile(context.Background(), wasm)
})

// sockets starts testdata/sockets, which ends when its input does.
type sockets struct {
	stdout prints
	stdin  *io.PipeWriter
	inst   *gondola.Instance
	done   chan error
}

func startSockets(t testing.TB, what string, cfg wasi.Config) *sockets {
	t.Helper()
	comp, err := socketsGuest()
	must(t, err)
	s := &sockets{done: make(chan error, 1)}
	cfg.Args = []string{"sockets", what}
	cfg.Stdin, s.stdin = io.Pipe()
	cfg.Stdout, cfg.Stderr = &s.stdout, os.Stderr
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, cfg)
	s.inst, err = linker.Instantiate(t.Context(), comp)
	must(t, err)
	go func() {
		_, err := s.inst.Func("wasi:cli/run@0.3.0", "run").Call(context.Background())
		s.done <- errors.Join(err, host.Flush(context.Background()))
	}()
	return s
}

func (s *sockets) end(t testing.TB) error {
	t.Helper()
	s.stdin.Close()
	err := <-s.done
	must(t, s.inst.Close(t.Context()))
	return err
}

// address is where the guest says that it listens.
func (s *sockets) address(t testing.TB) string {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if port, _, ok := strings.Cut(s.stdout.String(), "\n"); ok {
			return "127.0.0.1:" + port
		}
	}
	t.Fatal("the guest doesn't listen")
	return ""
}

// someNames is a resolver that knows a few names.
type someNames struct{}

func (someNames) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	switch host = strings.TrimSuffix(host, "."); host {
	case "example.com", "xn--mnchen-3ya.example.com", "other.org":
		return []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("::ffff:192.0.2.2"), netip.MustParseAddr("2001:db8::1")}, nil
	case "slow.example.com":
		return nil, &net.DNSError{Name: host, IsTimeout: true}
	case "broken.example.com":
		return nil, &net.DNSError{Name: host, Err: "server misbehaving"}
	}
	return nil, &net.DNSError{Name: host, IsNotFound: true}
}

// needIPv6 skips a test whose guest uses it.
func needIPv6(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here: ", err)
	}
	l.Close()
}

// What a guest sees of sockets and names, by what it may use.
func TestSockets(t *testing.T) {
	needIPv6(t)
	rule := func(text string) wasi.NameRule {
		r, err := wasi.ParseNameRule(text)
		must(t, err)
		return r
	}
	for _, c := range []struct {
		golden  string
		network wasi.Network
	}{
		{"0.3", wasi.Network{All: true, Resolver: someNames{}}},
		{"0.2", wasi.Network{All: true, Resolver: someNames{}}},
		{"0.3-denied", wasi.Network{}},
		{"0.2-denied", wasi.Network{}},
		{"0.3-denied-names", wasi.Network{Names: []wasi.NameRule{rule("example.com:1"), rule("*.example.com")}, Resolver: someNames{}}},
		{"0.2-denied-names", wasi.Network{Names: []wasi.NameRule{rule("example.com:1"), rule("*.example.com")}, Resolver: someNames{}}},
	} {
		t.Run(c.golden, func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join("testdata", "sockets-output", c.golden+".txt"))
			must(t, err)
			s := startSockets(t, strings.TrimSuffix(c.golden, "-names"), wasi.Config{Network: c.network})
			must(t, s.end(t))
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(s.stdout.String(), "\n")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A resolver that panics traps the guest, whatever the version, and nobody else.
func TestResolverPanics(t *testing.T) {
	for _, what := range []string{"0.3-names", "0.2-names"} {
		s := startSockets(t, what, wasi.Config{Network: wasi.Network{All: true, Resolver: badResolver{}}})
		var panicked *gondola.PanicError
		if err := s.end(t); !errors.As(err, &panicked) || panicked.Value != "bad resolver" {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

type badResolver struct{}

func (badResolver) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	panic("bad resolver")
}

// A guest that does with its sockets what it may not is trapped.
func TestSocketTraps(t *testing.T) {
	for what, want := range map[string]string{
		"0.2-drop-connection":    "resource has children",
		"0.2-drop-socket":        "resource has children",
		"0.2-too-many-datagrams": "send of more datagrams than check-send permitted",
		"0.2-no-permit":          "send of more datagrams than check-send permitted",
		"0.2-stream-twice":       "stream, while streams of before have not been dropped",
	} {
		s := startSockets(t, what, wasi.Config{Network: wasi.Network{All: true}})
		if err := s.end(t); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

// Connections from outside, many at once, whose bytes never enter the guest.
func TestEcho(t *testing.T) {
	rules, err := wasi.ParseAddrRule("listen@127.0.0.1:0")
	must(t, err)
	s := startSockets(t, "0.3-echo", wasi.Config{Network: wasi.Network{Addrs: rules}})
	address := s.address(t)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if err := echo(address, bytes.Repeat([]byte{byte(i)}, 300_000)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	must(t, s.end(t))
}

func echo(address string, text []byte) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	go func() {
		conn.Write(text)
		conn.(*net.TCPConn).CloseWrite()
	}()
	got, err := io.ReadAll(conn)
	if err == nil && !bytes.Equal(got, text) {
		err = fmt.Errorf("%d bytes came back of %d", len(got), len(text))
	}
	return err
}

// A guest of 0.2 that polls its connections.
func TestEchoByPolling(t *testing.T) {
	s := startSockets(t, "0.2-echo", wasi.Config{Network: wasi.Network{All: true}})
	address := s.address(t)
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			if err := echo(address, bytes.Repeat([]byte{byte(i)}, 100_000)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	must(t, s.end(t))
}

// A thousand connections from which nothing comes cost a goroutine each, and
// nothing of them is left when the instance is closed.
func TestIdleConnections(t *testing.T) {
	const n = 1000
	s := startSockets(t, "0.3-idle", wasi.Config{Network: wasi.Network{All: true}, Limits: wasi.Limits{Sockets: n + 10}})
	address := s.address(t)
	before := runtime.NumGoroutine()
	for range n {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Skip("not so many connections here: ", err)
		}
		defer conn.Close()
	}
	for !strings.Contains(s.stdout.String(), fmt.Sprint("\n", n, "\n")) {
		time.Sleep(10 * time.Millisecond)
	}
	within(t, func() bool { return runtime.NumGoroutine() <= before+n+5 }, func() string {
		return fmt.Sprintf("%d goroutines for %d connections", runtime.NumGoroutine()-before, n)
	})
	must(t, s.inst.Close(t.Context()))
	within(t, func() bool { return runtime.NumGoroutine() <= before+5 }, func() string {
		return fmt.Sprintf("%d goroutines are left", runtime.NumGoroutine()-before)
	})
	conn, err := net.Dial("tcp", address)
	if err == nil {
		conn.Close()
		t.Error("it still listens")
	}
	s.stdin.Close()
	<-s.done
}

// within waits for something to come true.
func within(t testing.TB, ok func() bool, what func() string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Error(what())
}

// A guest that is closed leaves nothing that it has begun: a connection that nobody
// accepts, a send to who reads nothing.
func TestNothingIsLeftOfSockets(t *testing.T) {
	before := runtime.NumGoroutine()
	s := startSockets(t, "0.3-echo", wasi.Config{Network: wasi.Network{All: true}})
	conn, err := net.Dial("tcp", s.address(t))
	must(t, err)
	defer conn.Close()
	must(t, conn.SetWriteDeadline(time.Now().Add(300*time.Millisecond)))
	for err == nil { // until all buffers on the way are full
		_, err = conn.Write(make([]byte, 1<<16))
	}
	must(t, s.inst.Close(t.Context()))
	s.stdin.Close()
	<-s.done
	within(t, func() bool { return runtime.NumGoroutine() <= before+2 }, func() string {
		buf := make([]byte, 1<<20)
		return string(buf[:runtime.Stack(buf, true)])
	})
}

// Wherever an instance is closed in what it does, nothing of it is left: no goroutine
// and no open file.
func TestSocketsClosedAnywhere(t *testing.T) {
	needIPv6(t)
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("GONDOLA_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		must(t, err)
	}
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	files := func() int {
		list, err := os.ReadDir("/dev/fd")
		must(t, err)
		return len(list)
	}
	s := startSockets(t, "0.3", wasi.Config{Network: wasi.Network{All: true, Resolver: someNames{}}})
	start := time.Now()
	_ = s.end(t) // what is opened once is open now
	most := time.Since(start)
	goroutines, open := runtime.NumGoroutine(), files()
	for i := range 16 {
		s := startSockets(t, []string{"0.3", "0.2"}[i%2], wasi.Config{Network: wasi.Network{All: true, Resolver: someNames{}}})
		time.Sleep(time.Duration(random.Int64N(int64(most))))
		must(t, s.inst.Close(t.Context()))
		s.stdin.Close()
		if err := <-s.done; err != nil && !errors.Is(err, gondola.ErrClosed) {
			t.Errorf("the guest ended with %v", err)
		}
	}
	within(t, func() bool { return runtime.NumGoroutine() <= goroutines+2 && files() <= open }, func() string {
		return fmt.Sprintf("%d goroutines and %d files are left", runtime.NumGoroutine()-goroutines, files()-open)
	})
}
