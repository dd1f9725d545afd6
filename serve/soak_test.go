package serve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wasi"
)

// soak sends requests of all kinds for a while, and knows what became of each.
type soak struct {
	t      *testing.T
	url    string
	client *http.Client
	ids    atomic.Int64

	mu      sync.Mutex
	trapped map[string]bool   // instances that have ended
	by      map[string]string // which instances have not answered requests, by their paths
	why     map[string]string // and why not
	counts  map[string]int    // requests of each kind
	lost    int               // because their instance trapped
}

// Enabled implements [slog.Handler].
func (s *soak) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs implements [slog.Handler].
func (s *soak) WithAttrs([]slog.Attr) slog.Handler { return s }

// WithGroup implements [slog.Handler].
func (s *soak) WithGroup(string) slog.Handler { return s }

// Handle implements [slog.Handler]: the logs say who did what.
func (s *soak) Handle(_ context.Context, r slog.Record) error {
	attrs := map[string]string{}
	r.Attrs(func(a slog.Attr) bool { attrs[a.Key] = a.Value.String(); return true })
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Message {
	case "request":
		if attrs["error"] != "" {
			path, _, _ := strings.Cut(attrs["uri"], "?")
			s.by[path] = attrs["instance"]
			s.why[path] = attrs["error"]
		}
	case "an instance has ended":
		s.trapped[attrs["instance"]] = true
		if !strings.Contains(attrs["error"], "the guest exited with status 2") { // a panic in Go
			s.t.Errorf("instance %s: %s", attrs["instance"], attrs["error"])
		}
	case "a request failed": // which is the client's to tell
	default:
		s.t.Errorf("%s: %v", r.Message, attrs)
	}
	return nil
}

// kind is a kind of request: send makes one and says what is wrong with the answer.
type kind struct {
	name   string
	weight int
	send   func(s *soak, path string) error
}

var kinds = []kind{
	{"count", 30, func(s *soak, path string) error { return s.want(path, "") }},
	{"sleep", 20, func(s *soak, path string) error { return s.want(path+"?20ms", "slept") }},
	{"spin", 10, func(s *soak, path string) error { return s.want(path+"?2ms", "spun") }},
	{"later", 10, func(s *soak, path string) error { return s.want(path+"?50ms", "now") }},
	{"echo", 20, func(s *soak, path string) error { return s.echo(path, 0) }},
	{"echo", 5, func(s *soak, path string) error { return s.echo(path, 5*time.Millisecond) }}, // slow
	{"echo", 5, (*soak).echoBrokenOff},
	{"stream", 5, (*soak).streamBrokenOff},
	{"sleep", 5, func(s *soak, path string) error { return s.leave(path + "?10m") }},
	{"ignore", 5, func(s *soak, path string) error { return s.leave(path + "?200ms") }},
	{"panic", 1, func(s *soak, path string) error { return s.fails(path) }},
	{"panic-later", 1, func(s *soak, path string) error { return s.fails(path) }},
}

// run sends requests from several clients until a time.
func (s *soak) run(clients int, end time.Time) {
	var total int
	for _, k := range kinds {
		total += k.weight
	}
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for time.Now().Before(end) {
				s.one(rand.IntN(total))
				time.Sleep(time.Duration(rand.IntN(5)) * time.Millisecond)
			}
		})
	}
	wg.Wait()
	s.client.CloseIdleConnections()
}

func (s *soak) one(n int) {
	i := 0
	for n -= kinds[0].weight; n >= 0; n -= kinds[i].weight {
		i++
	}
	path := fmt.Sprintf("/%s/%d", kinds[i].name, s.ids.Add(1))
	err := kinds[i].send(s, path)
	s.settle(kinds[i].name, path, err)
}

// settle checks that a request that failed was its instance's to lose.
func (s *soak) settle(name, path string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[name]++
	if err == nil {
		return
	}
	// The handler may not be done yet with what its client has lost.
	for end := time.Now().Add(time.Minute); s.why[path] == "" && time.Now().Before(end); {
		s.mu.Unlock()
		time.Sleep(5 * time.Millisecond)
		s.mu.Lock()
	}
	if instance := s.by[path]; !s.trapped[instance] {
		s.t.Errorf("%s, which instance %q has not lost by a trap: %v, since %s", path, instance, err, s.why[path])
	}
	s.lost++
}

// want wants a response with a text, or any if that is "".
func (s *soak) want(uri, text string) error {
	resp, err := s.client.Get(s.url + uri)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || text != "" && string(b) != text {
		return fmt.Errorf("status %d, %q, %v", resp.StatusCode, b, err)
	}
	return nil
}

// fails wants a failure: its instance traps.
func (s *soak) fails(uri string) error {
	resp, err := s.client.Get(s.url + uri)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); err == nil && resp.StatusCode == 200 {
		s.t.Errorf("%s: status 200, %q", uri, b)
	}
	return nil
}

// leave sends a request and leaves before there can be an answer.
func (s *soak) leave(uri string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", s.url+uri, nil)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return nil
	}
	resp.Body.Close()
	if resp.StatusCode == 200 && strings.HasPrefix(uri, "/sleep") { // others may be done by then, on a late machine
		s.t.Errorf("%s: status %d", uri, resp.StatusCode)
	}
	return nil
}

// echo sends pieces and wants them back.
func (s *soak) echo(path string, pause time.Duration) error {
	body, pieces := io.Pipe()
	var sent bytes.Buffer
	go func() {
		for range 1 + rand.IntN(10) {
			piece := bytes.Repeat([]byte{byte(rand.IntN(256))}, 1+rand.IntN(20_000))
			sent.Write(piece)
			if _, err := pieces.Write(piece); err != nil {
				break
			}
			time.Sleep(pause)
		}
		pieces.Close()
	}()
	defer body.Close()
	resp, err := s.client.Post(s.url+path, "application/octet-stream", body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var got bytes.Buffer
	buf := make([]byte, 4096)
	for err == nil {
		var n int
		n, err = resp.Body.Read(buf)
		got.Write(buf[:n])
		time.Sleep(pause / 5)
	}
	if err != io.EOF || resp.StatusCode != 200 {
		return fmt.Errorf("status %d, %v", resp.StatusCode, err)
	}
	if !bytes.Equal(got.Bytes(), sent.Bytes()) {
		s.t.Errorf("%s: %d bytes came back of %d", path, got.Len(), sent.Len())
	}
	return nil
}

// echoBrokenOff leaves in the middle of an upload.
func (s *soak) echoBrokenOff(path string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	body, pieces := io.Pipe()
	defer body.Close()
	r, err := http.NewRequestWithContext(ctx, "POST", s.url+path, body)
	if err != nil {
		return err
	}
	go func() {
		pieces.Write(make([]byte, 10_000))
		time.Sleep(time.Duration(rand.IntN(10)) * time.Millisecond)
		cancel()
		pieces.CloseWithError(ctx.Err())
	}()
	resp, err := s.client.Do(r)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return nil
}

// streamBrokenOff leaves in the middle of a download that has no end.
func (s *soak) streamBrokenOff(path string) error {
	resp, err := s.client.Get(s.url + path + "?1ms")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.CopyN(io.Discard, resp.Body, 200_000); err != nil {
		return fmt.Errorf("status %d, %v", resp.StatusCode, err)
	}
	return nil
}

// footprint is what the process holds when nothing is going on.
type footprint struct {
	goroutines, files int
	heap              uint64
}

// rest waits until h has nothing to do and no instances, and says what is left.
func (s *soak) rest(h *Handler) footprint {
	s.t.Helper()
	var stats Stats
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if stats = h.Stats(); stats.Instances == 0 && stats.Active == 0 {
			break
		}
	}
	if stats.Instances != 0 || stats.Active != 0 || stats.Waiting != 0 || stats.Tasks != 0 || stats.Handles != 0 {
		s.t.Errorf("it does not come to rest: %+v", stats)
	}
	var f footprint
	for stable := 0; stable < 20; stable++ { // connections take a moment to end
		if n := goroutines(); n != f.goroutines {
			f.goroutines, stable = n, 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.files = files()
	var m runtime.MemStats
	for range 4 { // what pools have kept over the first is let go by the second, closed in between, and free then
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
	runtime.ReadMemStats(&m)
	f.heap = m.HeapAlloc
	return f
}

// restAgain waits for as long as it may take until what was left before is left again.
func (s *soak) restAgain(h *Handler, before footprint) footprint {
	s.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if goroutines() <= before.goroutines && files() <= before.files {
			break
		}
	}
	return s.rest(h)
}

// files is how many files are open, or 0 where the system does not say.
func files() int {
	fds, _ := os.ReadDir("/proc/self/fd")
	return len(fds)
}

// goroutines is how many goroutines there are, but for stacks that wait to be used again by tasks, of
// which a few are kept.
func goroutines() int {
	buf := make([]byte, 4<<20)
	buf = buf[:runtime.Stack(buf, true)]
	return bytes.Count(buf, []byte("\ngoroutine ")) - bytes.Count(buf, []byte(" [coroutine"))
}

// TestSoak mixes everything that clients and guests do to a service. It takes seconds, or as long as
// GONDOLA_SOAK says.
func TestSoak(t *testing.T) {
	duration := testenv.Duration(t, testenv.Soak, 3*time.Second)
	s := &soak{t: t, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}}
	s.forget()
	comp := testGuest(t)
	log := slog.New(s)
	h := handlerOf(t, comp, wasi.Config{}, Options{Log: log, AccessLog: log, IdleTimeout: 100 * time.Millisecond, QueueTimeout: time.Minute, RequestTimeout: time.Minute})
	s.url = listen(t, h)
	const clients = 20
	s.run(clients, time.Now().Add(min(duration/3, time.Minute))) // what is made once is made then
	s.forget()
	before := s.rest(h)
	begin := time.Now()
	s.run(clients, begin.Add(duration))
	s.mu.Lock()
	t.Logf("%v: %v, %d lost by traps; %+v", time.Since(begin).Round(time.Second), s.counts, s.lost, h.Stats())
	traps := s.counts["panic"]+s.counts["panic-later"] > 0
	s.mu.Unlock()
	if traps {
		until(t, "no instance has trapped", func() bool { // the log may be late
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(s.trapped) > 0
		})
	}
	s.forget()
	after := s.restAgain(h, before)
	t.Logf("before %+v, after %+v", before, after)
	if after.goroutines > before.goroutines || after.files > before.files {
		t.Errorf("before %+v, after %+v", before, after)
		if after.goroutines > before.goroutines {
			buf := make([]byte, 1<<20)
			t.Logf("%s", buf[:runtime.Stack(buf, true)])
		}
	}
	slack := uint64(soakSlack)
	if duration < time.Minute {
		slack = shortSlack
	}
	if after.heap > before.heap+before.heap/10+slack {
		t.Errorf("the heap has grown from %d to %d bytes", before.heap, after.heap)
	}
}

// soakSlack is what the heap may differ by for reasons of its own. In the seconds before a
// short run there are not as many instances at a time as in the run, whose memories are
// kept for the next ones.
const (
	soakSlack  = 1 << 20
	shortSlack = 64 << 20
)

// forget forgets what was noted of requests, which is no part of the footprint.
func (s *soak) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trapped, s.by, s.why, s.counts, s.lost = map[string]bool{}, map[string]string{}, map[string]string{}, map[string]int{}, 0
}
