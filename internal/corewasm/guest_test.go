package corewasm

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/gondola-wasm/gondola/internal/testenv"
)

const guestSource = `package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
)

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func main() {
	m := map[string]int{}
	for i := range 2000 {
		m[fmt.Sprint(i*i%101)] += i
	}
	keys := []string{}
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	b, err := json.Marshal(m)
	fmt.Println(len(b), err, strings.Join(keys, ""))
	var wg sync.WaitGroup
	results := make([]string, 8)
	for i := range results {
		wg.Add(1)
		go func() {
			defer wg.Done()
			results[i] = fmt.Sprintf("%x", sha256.Sum256(make([]byte, 1000*i)))
		}()
	}
	wg.Wait()
	fmt.Println(results, fib(25))
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		var p *int
		*p = len(os.Args)
	}()
	big := make([]byte, 8<<20)
	copy(big[1:], big)
	clear(big)
	os.Exit(3)
}
`

// buildGuest compiles an ordinary Go program for wasip1.
func buildGuest(t testing.TB) []byte {
	dir := t.TempDir()
	out := filepath.Join(dir, "guest.wasm")
	for name, text := range map[string]string{"main.go": guestSource, "go.mod": "module guest\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "build", "-o", out, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=", "GOWORK=off")
	if msg, err := cmd.CombinedOutput(); err != nil {
		testenv.Missing(t, "a Go toolchain that builds for wasip1: %v\n%s", err, msg)
	}
	bin, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// heap is a memory that already has the image in it.
type heap struct {
	b   []byte
	max uint64
}

func (h *heap) Reallocate(size uint64) []byte {
	if size > h.max {
		return nil
	}
	if uint64(cap(h.b)) < size {
		b := make([]byte, size, max(size, uint64(2*cap(h.b))))
		copy(b, h.b)
		h.b = b
	}
	h.b = h.b[:size]
	return h.b
}

func (h *heap) Free() {}

// withImage makes the instance's memory begin with the image.
func withImage(ctx context.Context, image []ImageSegment) context.Context {
	return experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(_, max uint64) experimental.LinearMemory {
		h := &heap{max: max}
		for _, s := range image {
			if end := uint64(s.Offset) + uint64(len(s.Data)); end > uint64(len(h.b)) {
				h.Reallocate(end)
			}
			copy(h.b[s.Offset:], s.Data)
		}
		return h
	}))
}

// runGuest runs a command and gives its exit code and output.
func runGuest(t testing.TB, h *host, bin []byte, image []ImageSegment) string {
	r := newRuntime(t, true)
	ctx := context.Background()
	defer r.Close(ctx)
	h.define(t, r)
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	var out bytes.Buffer
	cfg := wazero.NewModuleConfig().WithStdout(&out).WithStderr(&out).WithArgs("guest").WithName("")
	_, err := r.InstantiateWithConfig(withImage(ctx, image), bin, cfg)
	msg, _, _ := strings.Cut(fmt.Sprint(err), "\n")
	return msg + "\n" + out.String()
}

// TestGoGuest runs an ordinary Go program as it came and rewritten.
func TestGoGuest(t *testing.T) {
	if underRace {
		t.Skip("one goroutine at a time, and half a minute of compiling: nothing to find for the race detector")
	}
	bin := buildGuest(t)
	want := runGuest(t, &host{}, bin, nil)
	if !strings.Contains(want, "exit_code(3)") || !strings.Contains(want, "recovered: runtime error: invalid memory address") {
		t.Fatalf("the guest as it came: %s", want)
	}
	o := fuelled(10_000)
	o.Fuel.HostImport = func(_ int, im *Import) bool { return im.Module == "wasi_snapshot_preview1" }
	rw := rewrite(t, bin, o)
	for _, refill := range []int32{10_000, 1} {
		h := &host{refill: refill}
		if got := runGuest(t, h, rw.Wasm, rw.Image); got != want {
			t.Errorf("fuel %d: %s\nas it came: %s", refill, got, want)
		}
		if h.ticks < 20 {
			t.Errorf("fuel %d: %d ticks", refill, h.ticks)
		}
	}
	if s := rw.Stats; s.CodeAfter > s.CodeBefore*106/100 {
		t.Errorf("code grew by more than 6 %%: %+v", s)
	}
	t.Logf("%+v, %d segments", rw.Stats, len(rw.Image))
	m, err := Decode(rw.Wasm)
	if err != nil {
		t.Fatal(err)
	}
	start, _ := m.Export("_start")
	if n := m.Names().FuncName(start.Index); n != "_rt0_wasm_wasip1" {
		t.Errorf("the name of _start is %q", n)
	}
}

// TestCollectionFinishesWhileGuestSpins: the guest is in an endless loop and does not
// come back until a garbage collection has run to its end, which needs every goroutine to
// stop for a moment.
func TestCollectionFinishesWhileGuestSpins(t *testing.T) {
	b := NewBuilder()
	v := b.AddType(nil, nil)
	b.AddExport("spin", KindFunc, b.AddFunc(v, nil, NewCode().Block(OpLoop, BlockVoid).Idx(OpBr, 0).End()))
	o := fuelled(10_000)
	in := mustInstantiate(t, true, b.Encode(), &o)
	in.refill = 10_000
	var collected atomic.Bool
	in.stop = func() error {
		runtime.Gosched()
		if collected.Load() {
			return errStop
		}
		return nil
	}
	go func() {
		for range 3 {
			runtime.GC()
		}
		collected.Store(true)
	}()
	if got := outcome(in, "spin"); !strings.Contains(got, errStop.Error()) {
		t.Errorf("got %s", got)
	}
}

// BenchmarkRewriteGoGuest measures reading and rewriting a Go program.
func BenchmarkRewriteGoGuest(b *testing.B) {
	bin := buildGuest(b)
	b.SetBytes(int64(len(bin)))
	for b.Loop() {
		m, err := Decode(bin)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Rewrite(m, fuelled(10_000)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkValidateGoGuest measures checking a Go program.
func BenchmarkValidateGoGuest(b *testing.B) {
	m, err := Decode(buildGuest(b))
	if err != nil {
		b.Fatal(err)
	}
	code := 0
	for i := range m.Functions {
		code += len(m.Functions[i].Body)
	}
	b.SetBytes(int64(code))
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Validate(); err != nil {
			b.Fatal(err)
		}
	}
}
