package serve

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/componentize"
	"github.com/gondola-wasm/gondola/wasi"
	"github.com/gondola-wasm/gondola/wat"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

// smallGuest answers with 200, an empty body, and, in the header x, how often it has
// been called, which it counts in a memory and in a global: '1' and 'A', '2' and 'B', ….
const smallGuest = `(module
	(import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
	(import "wasi:http/types@0.2.12" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
	(import "wasi:http/types@0.2.12" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
	(import "wasi:http/types@0.2.12" "[static]response-outparam.set"
		(func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
	(memory (export "memory") 2)
	(data (i32.const 16) "x0")
	(global $calls (mut i32) (i32.const 64))
	(func (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32) (local $f i32)
		(i32.store8 (i32.const 17) (i32.add (i32.load8_u (i32.const 17)) (i32.const 1)))
		(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
		(i32.store8 (i32.const 18) (global.get $calls))
		(local.set $f (call $fields))
		(call $append (local.get $f) (i32.const 16) (i32.const 1) (i32.const 17) (i32.const 2) (i32.const 32))
		(call $set (local.get $out) (i32.const 0) (call $response (local.get $f))
			(i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
	(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536)))`

func small(t testing.TB) *gondola.Component {
	t.Helper()
	core, err := wat.Parse("small.wat", []byte(smallGuest))
	if err != nil {
		t.Fatal(err)
	}
	r, err := wit.ParseString("small.wit", "package test:small; world small { import wasi:http/types@0.2.12; export wasi:http/incoming-handler@0.2.12; }",
		wit.Options{Extra: []fs.FS{wasiwit.FS()}})
	if err != nil {
		t.Fatal(err)
	}
	world, err := r.SelectWorld(r.Root, "small")
	if err != nil {
		t.Fatal(err)
	}
	wasm, err := componentize.Encode(core, world, componentize.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := guests.rt.Compile(context.Background(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What one request did, no other finds, whatever of the instance is used again.
func TestFreshInstancesShareNothing(t *testing.T) {
	for isolation, want := range map[Isolation][]string{
		IsolationRequest:  {"1A", "1A", "1A", "1A"},
		IsolationInstance: {"1A", "2B", "3C", "4D"},
	} {
		t.Run(isolation.String(), func(t *testing.T) {
			// One instance at a time: a response may be there before its instance is ready for more.
			h := handlerOf(t, small(t), wasi.Config{}, Options{Isolation: isolation, MaxInstances: 1})
			for _, want := range want {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("GET", "http://example.com/", nil))
				if got := w.Result().Header.Get("x"); w.Code != 200 || got != want {
					t.Errorf("status %d, %q, want %q", w.Code, got, want)
				}
			}
		})
	}
}

// Instances of a guest written in Go begin alike, but for what must differ, whether their
// start asked for it or only what they do then.
func TestGoInstancesDiffer(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: guests are compiled and linked")
	}
	for _, flags := range [][]string{nil, {"-tags=asks"}} {
		t.Run(fmt.Sprint(flags), func(t *testing.T) {
			h := handlerOf(t, testGuest(t, flags...), wasi.Config{Env: []string{"GOGC=77"}}, Options{Isolation: IsolationRequest})
			seen := map[string]int{}
			for i := range 6 {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("GET", "http://example.com/start", nil))
				fields := strings.Fields(w.Body.String())
				if w.Code != 200 || len(fields) != 9 {
					t.Fatalf("status %d: %s", w.Code, w.Body)
				}
				t.Log(fields)
				if got := strings.Join(fields[:3], " "); got != "1 2 77" {
					t.Errorf("the instance begins with %s", got)
				}
				for _, random := range fields[5:8] {
					seen[random]++
				}
				seen["instance "+fields[3]]++
				init := strings.Split(fields[4], ",")
				if asks := len(flags) > 0; asks != (init[0] == "asked") {
					t.Errorf("package initialization: %v", init)
				} else if asks {
					if init[1] != "true" || init[2] != "true" || init[4] != "true" {
						t.Errorf("package initialization: %v", init)
					}
					seen["init "+init[3]]++
				}
				now, _ := strconv.ParseInt(fields[8], 10, 64)
				if d := time.Since(time.UnixMilli(now)); d < -time.Second || d > time.Minute {
					t.Errorf("instance %d is %v behind", i, d)
				}
			}
			for what, n := range seen {
				if n > 1 {
					t.Errorf("%d instances have the same %s", n, what)
				}
			}
		})
	}
}

// What a request costs that has an instance of its own: to make it, to have it answer,
// and to close it.
func BenchmarkFresh(b *testing.B) {
	for _, guest := range []struct {
		name string
		comp func(testing.TB) *gondola.Component
	}{
		{"Go", func(t testing.TB) *gondola.Component { return example(t, "hello-http") }},
		{"small", small},
	} {
		b.Run(guest.name, func(b *testing.B) {
			ctx := context.Background()
			c := guest.comp(b)
			l := guests.rt.NewLinker()
			host := wasi.AddTo(l, wasi.Config{})
			r := httptest.NewRequest("GET", "http://example.com/", nil)
			w := &nowhere{header: http.Header{}}
			var made, answered, closed time.Duration
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				in, err := l.Instantiate(ctx, c)
				if err != nil {
					b.Fatal(err)
				}
				ready := time.Now()
				if err := host.HandleHTTP(ctx, in, w, r); err != nil {
					b.Fatal(err)
				}
				done := time.Now()
				if err := in.Close(ctx); err != nil {
					b.Fatal(err)
				}
				made, answered, closed = made+ready.Sub(start), answered+done.Sub(ready), closed+time.Since(done)
			}
			per := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / float64(b.N) }
			b.ReportMetric(per(made), "ns/make")
			b.ReportMetric(per(answered), "ns/answer")
			b.ReportMetric(per(closed), "ns/close")
		})
	}
}
