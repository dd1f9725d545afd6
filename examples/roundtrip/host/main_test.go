package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi"
)

// guest is the component, compiled once for all tests.
var guest struct {
	rt   *gondola.Runtime
	comp *gondola.Component
}

func TestMain(m *testing.M) {
	ctx := context.Background()
	wasm, err := buildGuest(ctx)
	if err == nil {
		guest.rt = gondola.NewRuntime(ctx)
		guest.comp, err = guest.rt.Compile(ctx, wasm)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// instantiate makes an instance whose import is foo.
func instantiate(t *testing.T, foo func(context.Context, string, bool) (string, error)) *gondola.Instance {
	inst, _ := instantiatePrinting(t, io.Discard, foo)
	return inst
}

// instantiatePrinting does that, and what the guest prints goes to out. It is all
// there after a call of flush.
func instantiatePrinting(t *testing.T, out io.Writer, foo func(context.Context, string, bool) (string, error)) (inst *gondola.Instance, flush func()) {
	linker := guest.rt.NewLinker()
	host := wasi.AddTo(linker, wasi.Config{Stdout: out, Stderr: os.Stderr})
	linker.Func(bazInterface, "foo", foo)
	inst, err := linker.Instantiate(t.Context(), guest.comp)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := inst.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return inst, func() {
		if err := host.Flush(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func want(inputs []string) []string {
	var out []string
	for _, s := range inputs {
		h := fmt.Sprintf("host[%s]", s)
		out = append(out, fmt.Sprintf("guest[%s, %s, %s]", h, h, h))
	}
	return out
}

func TestThreeCallsOverlapInOneInstance(t *testing.T) {
	for _, delay := range []bool{false, true} {
		t.Run(fmt.Sprintf("delay=%v", delay), func(t *testing.T) {
			// The barrier opens when nine calls are inside: three from each of
			// the three calls of the guest.
			const calls = 9
			var mu sync.Mutex
			inside, open := 0, make(chan struct{})
			barrier := func(ctx context.Context, s string, delay bool) (string, error) {
				mu.Lock()
				if inside++; inside == calls {
					close(open)
				}
				mu.Unlock()
				select {
				case <-open:
				case <-time.After(2 * time.Minute):
					return "", fmt.Errorf("only %d of %d calls came", inside, calls)
				}
				return answer(ctx, s, delay)
			}
			var out bytes.Buffer
			inst, flush := instantiatePrinting(t, &out, barrier)
			got, err := callAll(t.Context(), inst, inputs, delay)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want(inputs)) {
				t.Errorf("got %q", got)
			}
			// A second instance would count from 1 again.
			if _, err := callAll(t.Context(), inst, inputs[:1], false); err != nil {
				t.Fatal(err)
			}
			flush()
			lines := strings.Fields(strings.ReplaceAll(out.String(), "foo call ", ""))
			slices.Sort(lines)
			if !slices.Equal(lines, []string{"1", "2", "3", "4"}) {
				t.Errorf("the guest counted %v", lines)
			}
		})
	}
}

func TestThousandCalls(t *testing.T) {
	const calls = 1000
	inst := instantiate(t, answer)
	var many []string
	for i := range calls {
		many = append(many, fmt.Sprint("call ", i))
	}
	for _, delay := range []bool{false, true} {
		got, err := callAll(t.Context(), inst, many, delay)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want(many)) {
			t.Error("results were mixed up")
		}
	}
}

func TestReadStream(t *testing.T) {
	inst := instantiate(t, answer)
	w, r := gondola.NewStream[byte]()
	data := bytes.Repeat([]byte("all of this comes back. "), 10_000)
	go func() {
		for piece := range slices.Chunk(data, 4321) {
			if _, err := w.Write(piece); err != nil {
				t.Error(err)
			}
		}
		w.Close()
	}()
	got, err := inst.Func(streamsInterface, "read-stream-u8").Call(t.Context(), r.Value())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), data) {
		t.Errorf("%d bytes came back of %d", len(got.Bytes()), len(data))
	}
}

func TestEchoStreamPieceByPiece(t *testing.T) {
	for _, delay := range []struct{ write, read time.Duration }{
		{0, 0}, {5 * time.Millisecond, 0}, {0, 5 * time.Millisecond}, {time.Millisecond, time.Millisecond},
	} {
		t.Run(fmt.Sprintf("write %v, read %v", delay.write, delay.read), func(t *testing.T) {
			echoPieces(t, delay.write, delay.read)
		})
	}
}

// echoPieces writes piece n+1 only after it has read the echo of n: nothing may
// wait for more. The host may be late on either side.
func echoPieces(t *testing.T, writeDelay, readDelay time.Duration) {
	inst := instantiate(t, answer)
	w, r := gondola.NewStream[byte]()
	v, err := inst.Func(streamsInterface, "echo-stream-u8").Call(t.Context(), r.Value())
	if err != nil {
		t.Fatal(err)
	}
	echo, err := gondola.StreamOf[byte](v)
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	for i := range 50 {
		piece := bytes.Repeat([]byte{byte(i)}, 1+i*371)
		time.Sleep(writeDelay)
		if _, err := w.Write(piece); err != nil {
			t.Fatal(err)
		}
		time.Sleep(readDelay)
		got := make([]byte, len(piece))
		if _, err := io.ReadFull(echo, got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, piece) {
			t.Fatalf("piece %d came back wrong", i)
		}
	}
	w.Close()
	if n, err := echo.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("after the end: %d bytes, %v", n, err)
	}
}

func TestEchoFuture(t *testing.T) {
	inst := instantiate(t, answer)
	for _, late := range []bool{false, true} {
		w, r := gondola.NewFuture[string]()
		if !late {
			if err := w.Set("there and back"); err != nil {
				t.Fatal(err)
			}
		}
		v, err := inst.Func(streamsInterface, "echo-future-string").Call(t.Context(), r.Value())
		if err != nil {
			t.Fatal(err)
		}
		if late {
			if err := w.Set("there and back"); err != nil {
				t.Fatal(err)
			}
		}
		echo, err := gondola.FutureOf[string](v)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := echo.Await(t.Context()); err != nil || got != "there and back" {
			t.Errorf("late %v: got %q, %v", late, got, err)
		}
	}
}

func TestCancelledCall(t *testing.T) {
	entered := make(chan struct{}, 3)
	inst := instantiate(t, func(ctx context.Context, s string, _ bool) (string, error) {
		entered <- struct{}{}
		<-ctx.Done()
		return "", ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for range 3 {
			<-entered
		}
		cancel()
	}()
	v, err := inst.Func(bazInterface, "foo").Call(ctx, val.String("x"), val.Bool(false))
	if err == nil {
		t.Errorf("got %v", v)
	}
}

func TestProgram(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 || !slices.Equal(lines[:3], want(inputs)) || !strings.HasSuffix(lines[3], "up to 9 of its calls to the host at a time") {
		t.Errorf("got:\n%s", out.String())
	}
}
