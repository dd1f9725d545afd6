package serve

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wasi"
)

// TestHostileClients has clients do to a service over real connections what they must not, at random, and others
// what they may. The others notice nothing, the server has nothing to complain of, and nothing is left
// afterwards. It takes seconds, or as long as GONDOLA_HOSTILE_CLIENTS says.
func TestHostileClients(t *testing.T) {
	duration := testenv.Duration(t, testenv.HostileClients, 3*time.Second)
	seed := testenv.Seed(t)
	s := &soak{t: t}
	s.forget()
	var printed, complaints lockedBuffer
	opts := Options{
		Isolation: Isolation(1 + seed%3), MaxBodyBytes: int64(seed / 3 % 2 * 50_000), // enough for those who do what they may
		Log: slog.New(s), IdleTimeout: 100 * time.Millisecond,
		MaxRequests: 5000, QueueTimeout: time.Minute, RequestTimeout: time.Minute, PostReturnTimeout: time.Minute,
	}
	h := handlerOf(t, testGuest(t), wasi.Config{Stderr: &printed}, opts)
	t.Logf("isolation %v, bodies of %d bytes", opts.Isolation, opts.MaxBodyBytes)
	serve := func(tls *tls.Config, patience time.Duration) (addr string) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		srv := NewServer(h, nil)
		srv.ReadHeaderTimeout, srv.IdleTimeout, srv.TLSConfig = patience, patience, tls
		srv.ErrorLog = log.New(&complaints, "", 0)
		t.Cleanup(func() { srv.Close() })
		if limited := LimitConnections(l, 500); tls == nil {
			go srv.Serve(limited)
		} else {
			go srv.ServeTLS(limited, "", "")
		}
		return l.Addr().String()
	}
	addr, secure := serve(nil, time.Second), serve(&tls.Config{Certificates: certificates(t)}, time.Second)
	good := serve(nil, 10*time.Minute) // for those who do what they may, as soon as the machine lets them

	before := s.rest(h)
	end := time.Now().Add(duration)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for n := uint64(0); time.Now().Before(end); n++ {
				v := &villain{rng: rand.New(rand.NewPCG(seed, uint64(i)<<32|n))}
				if v.rng.IntN(4) == 0 {
					v.visit(secure, true)
				} else {
					v.visit(addr, false)
				}
			}
		})
	}
	var served atomic.Int64
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		for range 2 {
			all.Go(func() {
				for n := range citizen(t, good, protocol, end) {
					served.Add(int64(n))
				}
			})
		}
	}
	all.Wait()
	t.Logf("%d requests were answered as they should be; %+v", served.Load(), h.Stats())
	if served.Load() == 0 {
		t.Error("nobody was served")
	}
	after := s.restAgain(h, before) // connections on which nobody says anything end by timeouts
	if after.goroutines > before.goroutines || after.files > before.files {
		buf := make([]byte, 1<<20)
		t.Errorf("before %+v, after %+v\n%s", before, after, buf[:runtime.Stack(buf, true)])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.trapped) > 0 {
		t.Errorf("instances have trapped: %v; guests print:\n%.10000s", s.trapped, printed.String())
	}
	if got := complaints.String(); strings.Contains(got, "panic") {
		t.Errorf("net/http complains:\n%.10000s", got)
	}
}

// lockedBuffer is a buffer for several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

// Write implements [io.Writer].
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// String is what was written.
func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// citizen sends requests as one should, and wants each of them answered. It yields 1 for each.
func citizen(t *testing.T, addr, protocol string, end time.Time) func(func(int) bool) {
	return func(yield func(int) bool) {
		transport := &http.Transport{Protocols: new(http.Protocols)}
		transport.Protocols.SetHTTP1(protocol == "HTTP/1.1")
		transport.Protocols.SetUnencryptedHTTP2(protocol == "HTTP/2.0")
		defer transport.CloseIdleConnections()
		for n := 0; time.Now().Before(end); n++ {
			text := strings.Repeat(fmt.Sprintf("%s %d %d;", protocol, n, rand.Uint64()), 1+rand.IntN(1000))
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			r, err := http.NewRequestWithContext(ctx, "POST", "http://"+addr+"/echo", strings.NewReader(text))
			if err != nil {
				panic(err)
			}
			resp, err := transport.RoundTrip(r)
			if err == nil {
				var b []byte
				b, err = io.ReadAll(resp.Body)
				resp.Body.Close()
				if err == nil && (resp.StatusCode != 200 || string(b) != text) {
					err = fmt.Errorf("status %d, %.100q, want %.100q", resp.StatusCode, b, text)
				}
			}
			cancel()
			if err != nil {
				t.Errorf("%s: %v", protocol, err)
				return
			}
			if !yield(1) {
				return
			}
			time.Sleep(time.Duration(rand.IntN(5)) * time.Millisecond)
		}
	}
}

// villain is a client that misbehaves, once.
type villain struct {
	rng  *rand.Rand
	tcp  *net.TCPConn
	conn closeWriter // the same, or TLS over it
}

type closeWriter interface {
	net.Conn
	CloseWrite() error
}

// mischief is what villains do before they leave.
var mischief = []func(*villain){
	(*villain).slowHeader, (*villain).giantHeader, (*villain).oddRequest, (*villain).slowBody, (*villain).brokenChunks,
	(*villain).brokenTrailers, (*villain).expect, (*villain).pipeline, (*villain).endlessBody, (*villain).upgrade,
	(*villain).idleReader, (*villain).mutant, (*villain).noise, (*villain).http2,
}

func (v *villain) visit(addr string, secure bool) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	v.tcp = c.(*net.TCPConn)
	v.conn = v.tcp
	if secure {
		v.conn = tls.Client(c, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{v.one("http/1.1", "h2")}})
	}
	mischief[v.rng.IntN(len(mischief))](v)
	v.leave()
}

// leave leaves in one way or another.
func (v *villain) leave() {
	switch v.rng.IntN(5) {
	case 0:
	case 1:
		v.tcp.SetLinger(0)
	case 2:
		v.conn.CloseWrite()
		v.read()
	case 3:
		v.read()
		v.tcp.SetLinger(0)
	case 4:
		v.conn.CloseWrite()
		v.pause()
	}
}

// read reads for a while.
func (v *villain) read() {
	v.conn.SetReadDeadline(time.Now().Add(time.Duration(v.rng.IntN(300)) * time.Millisecond))
	io.CopyN(io.Discard, v.conn, int64(v.rng.IntN(200_000)))
}

func (v *villain) pause() { time.Sleep(time.Duration(v.rng.IntN(30)) * time.Millisecond) }

func (v *villain) say(format string, args ...any) { fmt.Fprintf(v.conn, format, args...) }

// one is one of several.
func (v *villain) one(of ...string) string { return of[v.rng.IntN(len(of))] }

// path is one of those that the guest knows, but for those that trap.
func (v *villain) path() string {
	return v.one("/echo", "/echo", "/count", "/sleep?30ms", "/sleep?2s", "/ignore?200ms", "/later?30ms", "/spin?3ms", "/stream?1ms", "/stream?5ms",
		"/fail", "/nothing", "/header?Host", "/environment")
}

// slowly says something in pieces.
func (v *villain) slowly(text string) {
	for len(text) > 0 {
		n := 1 + v.rng.IntN(min(len(text), 20))
		if _, err := io.WriteString(v.conn, text[:n]); err != nil {
			return
		}
		text = text[n:]
		v.pause()
	}
}

func (v *villain) slowHeader() {
	text := "POST " + v.path() + " HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789"
	v.slowly(text[:v.rng.IntN(len(text)+1)])
}

func (v *villain) giantHeader() {
	v.say("GET %s HTTP/1.1\r\nHost: h\r\n", v.path())
	switch v.rng.IntN(3) {
	case 0:
		v.say("X: %s\r\n\r\n", strings.Repeat("x", 1+v.rng.IntN(200_000)))
	case 1:
		v.say("%s\r\n", strings.Repeat("X-Y: z\r\n", v.rng.IntN(20_000)))
	case 2:
		v.say("%s", strings.Repeat("x", 100_000))
	}
}

func (v *villain) oddRequest() {
	v.say("%s %s %s\r\nHost: %s\r\n%s\r\n%s",
		v.one("GET", "POST", "HEAD", "OPTIONS", "CONNECT", "get", "X", "", "G\x00T", "PRI"),
		v.one(v.path(), "*", "//h/"+v.path(), "http://other"+v.path(), "h:80", "", "/%zz", "/\xff", "http://", "?", "/"+strings.Repeat("a/", 20_000)),
		v.one("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/3.0", "HTTP/1.2", ""),
		v.one("h", "h", "h:b:c", "", "h\r\nHost: i", "[::1", "a b", "\xff"),
		v.one("", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n", "Connection: close\r\n", " folded\r\n"),
		v.one("", "abcde", "5\r\nabcde\r\n0\r\n\r\n", "abc"))
	v.read()
}

func (v *villain) slowBody() {
	n := 1 + v.rng.IntN(50)
	v.say("POST %s HTTP/1.%d\r\nHost: h\r\nContent-Length: %d\r\n\r\n", v.path(), v.rng.IntN(2), n)
	v.slowly(strings.Repeat("x", v.rng.IntN(n+2)))
}

func (v *villain) chunked(path, fields string) {
	v.say("POST %s HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n%s\r\n", path, fields)
	for range v.rng.IntN(4) {
		v.say("5\r\nabcde\r\n")
	}
}

func (v *villain) brokenChunks() {
	v.chunked(v.path(), "")
	v.pause()
	v.say("%s", v.one("zz\r\n", "-1\r\n", "ffffffffffffffffffff\r\n", "7fffffffffffffff\r\nabc", "5\nabcde\n", "5\r\nabcdefgh\r\n", "\r\n", "5;"+strings.Repeat("x", 100_000),
		"5;a=b\r\nabcde\r\n0\r\n\r\n", "0x5\r\nabcde\r\n", "5 \r\nabcde\r\n0\r\n\r\n", "0\r\n", strings.Repeat("1;"+strings.Repeat("y", 1000)+"\r\nz\r\n", 200)))
	v.read()
}

func (v *villain) brokenTrailers() {
	v.chunked(v.path(), v.one("", "Trailer: X-T\r\n", "Trailer: Content-Length, Host\r\n", "Trailer: \x00\r\n"))
	v.say("0\r\n%s", v.one("X-T: 1\r\n\r\n", "no trailer\r\n\r\n", "Content-Length: 5\r\nHost: i\r\nTransfer-Encoding: chunked\r\n\r\n", "X-T: "+strings.Repeat("x", 100_000)+"\r\n\r\n",
		strings.Repeat("X-T: y\r\n", 5000)+"\r\n", "\x00: x\r\n\r\n", "X-T: 1\r\n", ": \r\n\r\n"))
	v.read()
}

func (v *villain) expect() {
	v.say("POST %s HTTP/1.1\r\nHost: h\r\n%s\r\nExpect: %s\r\n\r\n", v.path(), v.one("Content-Length: 10", "Transfer-Encoding: chunked", "Content-Length: 0"), v.one("100-continue", "100-continue", "200-ok"))
	switch v.rng.IntN(4) {
	case 0:
		v.read()
	case 1:
		v.say("0123456789")
	case 2:
		v.pause()
		v.say("GET /count HTTP/1.1\r\nHost: h\r\n\r\n")
	}
}

func (v *villain) pipeline() {
	var b strings.Builder
	for range 1 + v.rng.IntN(20) {
		switch v.rng.IntN(3) {
		case 0:
			fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", v.path())
		case 1:
			fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde", v.path())
		case 2:
			fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n", v.path())
		}
	}
	if v.rng.IntN(2) == 0 {
		v.say("%s", b.String())
	} else {
		v.slowly(b.String())
	}
	v.read()
}

// endlessBody sends more and more of a body, whatever comes back.
func (v *villain) endlessBody() {
	v.chunked(v.path(), "")
	go io.CopyN(io.Discard, v.conn, int64(v.rng.IntN(100_000)))
	piece := strings.Repeat("x", 1+v.rng.IntN(30_000))
	for range v.rng.IntN(50) {
		if _, err := fmt.Fprintf(v.conn, "%x\r\n%s\r\n", len(piece), piece); err != nil {
			return
		}
		if v.rng.IntN(3) == 0 {
			v.pause()
		}
	}
	if v.rng.IntN(2) == 0 {
		v.say("0\r\n\r\nGET /count HTTP/1.1\r\nHost: h\r\n\r\n")
	}
}

func (v *villain) upgrade() {
	v.say("%s %s HTTP/1.1\r\nHost: h\r\nConnection: %s\r\nUpgrade: %s\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 5\r\n\r\nabcde",
		v.one("GET", "POST", "CONNECT"), v.path(), v.one("Upgrade", "Upgrade, HTTP2-Settings", "upgrade, close"), v.one("websocket", "h2c", "TLS/1.2", "HTTP/2.0"))
	v.pause()
	v.say("%s", v.one("", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"))
	v.read()
}

// idleReader asks for much and reads nothing, or little.
func (v *villain) idleReader() {
	v.tcp.SetReadBuffer(4096)
	v.say("POST /stream?1ms HTTP/1.%d\r\nHost: h\r\nContent-Length: 100\r\n\r\n", v.rng.IntN(2))
	time.Sleep(time.Duration(v.rng.IntN(500)) * time.Millisecond)
	if v.rng.IntN(2) == 0 {
		v.read()
	}
}

// mutant is a good message with bytes that are not, but in its path, where they would tell the guest to be busy
// for hours.
func (v *villain) mutant() {
	target := "POST " + v.path()
	text := []byte(" HTTP/1.1\r\nHost: h\r\nX-A: b\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nabcde\r\n3\r\nfgh\r\n0\r\nX-T: 1\r\n\r\nGET /count HTTP/1.1\r\nHost: h\r\n\r\n")
	for range 1 + v.rng.IntN(4) {
		switch i := 1 + v.rng.IntN(len(text)-1); v.rng.IntN(3) {
		case 0:
			text[i] = byte(v.rng.IntN(256))
		case 1:
			text = append(text[:i], text[i+1:]...)
		case 2:
			text = append(text[:i:i], append([]byte(v.one("\r\n", "\n", "\r", ":", " ", "\x00", "0")), text[i:]...)...)
		}
	}
	v.say("%s%s", target, text)
	v.read()
}

func (v *villain) noise() {
	b := make([]byte, v.rng.IntN(5000))
	for i := range b {
		b[i] = byte(v.rng.IntN(256))
	}
	v.say("%s%s", v.one("", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "\r\n\r\n", "GET / HTTP/1.1\r\n"), b)
}

// http2 begins with prior knowledge.
func (v *villain) http2() {
	v.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	v.frame(4, 0, 0, "") // SETTINGS
	go io.Copy(io.Discard, v.conn)
	stream := uint32(1)
	request := func(flags byte) {
		path := v.path()
		v.frame(1, flags, stream, "\x83\x86\x04"+string(rune(len(path)))+path+"\x01\x01h") // POST, http, :path, :authority
		stream += 2
	}
	for range 1 + v.rng.IntN(100) {
		switch v.rng.IntN(12) {
		default: // a flood of requests that are taken back at once
			request(4)
			v.frame(3, 0, stream-2, "\x00\x00\x00\x08")
		case 0:
			request(5)
		case 1:
			request(4)
			v.frame(0, byte(v.rng.IntN(2)), stream-2, strings.Repeat("x", v.rng.IntN(16_384)))
		case 2:
			v.frame(6, 0, 0, "12345678") // PING
		case 3:
			v.frame(8, 0, uint32(v.rng.IntN(int(stream)+1)), v.one("\x00\x00\x00\x00", "\x7f\xff\xff\xff", "\x00\x00\x10\x00")) // WINDOW_UPDATE
		case 4:
			v.frame(4, 0, 0, v.one("\x00\x04\x00\x00\x00\x00", "\x00\x05\xff\xff\xff\xff", "\x00\x03\x00\x00\x00\x00", "\x00\x04\xff\xff\xff\xff"))
		case 5:
			v.frame(byte(v.rng.IntN(12)), byte(v.rng.IntN(256)), uint32(v.rng.IntN(int(stream)+4)), strings.Repeat("\x00", v.rng.IntN(50)))
		case 6:
			request(0) // whose header goes on
			for range v.rng.IntN(20) {
				v.frame(9, 0, stream-2, "\x00\x01a\x01b")
			}
		case 7:
			v.pause()
		case 8: // trailers
			request(4)
			v.frame(1, 5, stream-2, "\x00\x03x-t\x011")
		}
	}
}

// frame sends one: RFC 9113, section 4.1.
func (v *villain) frame(kind, flags byte, stream uint32, payload string) {
	n := len(payload)
	header := []byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags, byte(stream >> 24), byte(stream >> 16), byte(stream >> 8), byte(stream)}
	v.conn.Write(append(header, payload...))
}
