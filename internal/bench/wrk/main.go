// Command wrk measures what serving HTTP with components costs. It has wrk send requests to
// a hello of bare net/http, to examples/hello-http served by gondola, in fresh instances
// and in reused ones, and served by Wasmtime where that is installed, one after the other
// and again, and prints medians as a table in Markdown.
//
//	go run ./internal/bench/wrk -time 10s -rounds 3
//
// The server and wrk have a processor each, where taskset is at hand to give them one.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

func main() {
	var b bench
	flag.DurationVar(&b.time, "time", 10*time.Second, "how long each server is measured in a round")
	flag.IntVar(&b.rounds, "rounds", 3, "how often each server has its turn")
	flag.IntVar(&b.connections, "connections", 32, "how many connections wrk keeps open")
	flag.StringVar(&b.wasmtime, "wasmtime", os.Getenv("GONDOLA_WASMTIME"), "the binary of Wasmtime; none leaves it out")
	flag.StringVar(&b.guest, "guest", "./examples/hello-http", "the Go package of the component, or a .wasm file")
	bare := flag.String("bare", "", "serve a hello of bare net/http at this address, and do nothing else")
	flag.Parse()
	err := error(nil)
	if *bare != "" {
		err = serveBare(*bare)
	} else {
		err = b.run(context.Background(), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "wrk:", err)
		os.Exit(1)
	}
}

// serveBare is what there is to beat: the same response without a component.
func serveBare(addr string) error {
	fmt.Fprintf(os.Stderr, "Serving HTTP on http://%s/\n", addr)
	return http.ListenAndServe(addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "Hello, world!\n")
	}))
}

type bench struct {
	time        time.Duration
	rounds      int
	connections int
	wasmtime    string
	guest       string
}

func (b *bench) run(ctx context.Context, out io.Writer) error {
	if _, err := exec.LookPath("wrk"); err != nil {
		return errors.New("wrk is not installed")
	}
	dir, err := os.MkdirTemp("", "gondola-wrk-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	servers, err := b.servers(ctx, dir)
	if err != nil {
		return err
	}
	results := make([][]result, len(servers))
	for range b.rounds {
		for i, s := range servers {
			r, err := b.measure(ctx, s)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			results[i] = append(results[i], r)
		}
	}
	b.print(out, servers, results)
	return nil
}

// server is something to measure.
type server struct {
	name string
	args []string // the command; its address comes last
}

// servers builds what is to be measured.
func (b *bench) servers(ctx context.Context, dir string) ([]server, error) {
	self, gondola, wasm := filepath.Join(dir, "self"), filepath.Join(dir, "gondola"), filepath.Join(dir, "hello.wasm")
	steps := [][]string{
		{"go", "build", "-o", self, "./internal/bench/wrk"},
		{"go", "build", "-o", gondola, "./cmd/gondola"},
	}
	if filepath.Ext(b.guest) == ".wasm" {
		wasm = b.guest
	} else {
		steps = append(steps, []string{gondola, "build", "-o", wasm, b.guest})
	}
	for _, args := range steps {
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("%v: %w", args, err)
		}
	}
	serve := func(flags ...string) []string {
		return append(append([]string{gondola, "serve"}, flags...), wasm, "--addr")
	}
	all := []server{
		{"bare `net/http`", []string{self, "-bare"}},
		{"Gondola, reused instances", serve()},
		{"Gondola, an instance for each request", serve("--isolation", "request")},
	}
	if b.wasmtime != "" {
		serve := func(flags ...string) []string {
			args := []string{b.wasmtime, "serve", "-W", "component-model-async=y", "-S", "p3,cli"}
			return append(append(args, flags...), wasm, "--addr")
		}
		all = append(all,
			server{"Wasmtime, reused instances", serve()},
			server{"Wasmtime, an instance for each request", serve("--max-instance-reuse-count", "1")})
	}
	return all, nil
}

func (b *bench) print(out io.Writer, servers []server, results [][]result) {
	fmt.Fprintf(out, "%s, %s/%s, %d processors; wrk with %d connections, medians of %d rounds of %v\n\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), b.connections, b.rounds, b.time)
	fmt.Fprintln(out, "| server | requests/s | of bare | p50 | p99 | errors | memory |")
	fmt.Fprintln(out, "|---|--:|--:|--:|--:|--:|--:|")
	bare := median(results[0], func(r result) float64 { return r.rate })
	for i, s := range servers {
		rs := results[i]
		rate := median(rs, func(r result) float64 { return r.rate })
		fmt.Fprintf(out, "| %s | %.0f | %.2f | %v | %v | %d | %d MiB |\n", s.name, rate, rate/bare,
			median(rs, func(r result) time.Duration { return r.p50 }), median(rs, func(r result) time.Duration { return r.p99 }),
			median(rs, func(r result) int { return r.errors }), median(rs, func(r result) int { return r.memory })>>20)
	}
}

func median[T cmp.Ordered](rs []result, of func(result) T) T {
	var all []T
	for _, r := range rs {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}
