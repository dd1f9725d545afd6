// Api exports functions that show how tasks, goroutines and the host get along. Its bindings are written by hand, in
// abi_wasip1.go.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/gondola-wasm/gondola/bindgen/guestrt/rt"
)

func main() { panic("the main function of a reactor was called") }

var (
	signals             = make(chan struct{})
	outlived, cancelled uint32
)

func init() { fmt.Println("api: initialized") }

func echo(ctx context.Context, s string, delay uint32) (string, error) {
	done := make(chan string)
	go func() {
		time.Sleep(time.Duration(delay) * time.Millisecond)
		done <- s
	}()
	select {
	case s := <-done:
		return s, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func waitSignal(ctx context.Context) error {
	select {
	case <-signals:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func signal(ctx context.Context) error {
	signals <- struct{}{}
	return nil
}

func waitThenSleep(ctx context.Context, delay uint32) error {
	err := waitSignal(ctx)
	time.Sleep(time.Duration(delay) * time.Millisecond)
	return err
}

func signalThenWait(ctx context.Context) error {
	signals <- struct{}{}
	return waitSignal(ctx)
}

func outlive(_ context.Context, delay uint32) error {
	go func() {
		time.Sleep(time.Duration(delay) * time.Millisecond)
		outlived++
	}()
	return nil
}

// untilCancelled waits for the end of ctx in one of the ways there are, and a while more.
func untilCancelled(ctx context.Context, delay uint32) error {
	if delay == 0 {
		w, r := rt.NewByteStream(&byteStream)
		defer w.Close()
		defer r.Close()
		if _, err := r.ReadContext(ctx, make([]byte, 1)); err != context.Canceled {
			return fmt.Errorf("a read of a task that was cancelled returned %v", err)
		}
	} else {
		after := make(chan struct{})
		context.AfterFunc(ctx, func() { close(after) })
		child, stop := context.WithTimeout(ctx, time.Hour)
		defer stop()
		<-child.Done()
		<-after
		time.Sleep(time.Duration(delay) * time.Millisecond)
	}
	<-ctx.Done()
	if err := context.Cause(ctx); err != context.Canceled {
		return fmt.Errorf("the cause of a task's end is %v", err)
	}
	cancelled++
	return ctx.Err()
}

func manyStrings(_ context.Context, n uint32) ([]string, error) {
	all := make([]string, n)
	for i := range all {
		all[i] = strings.Repeat(fmt.Sprint(i, " "), i%50)
	}
	runtime.GC()
	return all, nil
}

func readAll(ctx context.Context, s *rt.ByteReader) ([]byte, error) {
	defer s.Close()
	var all bytes.Buffer
	_, err := io.Copy(&all, s)
	return all.Bytes(), err
}

func echoStream(_ context.Context, s *rt.ByteReader) (*rt.ByteReader, error) {
	w, r := rt.NewByteStream(&byteStream)
	go func() {
		defer s.Close()
		defer w.Close()
		io.Copy(w, s)
	}()
	return r, nil
}

func echoStrings(ctx context.Context, s *rt.StreamReader[string]) (*rt.StreamReader[string], error) {
	w, r := rt.NewStream(&stringStream)
	go func() {
		defer s.Close()
		defer w.Close()
		for v, err := range s.All(context.Background()) {
			if err != nil {
				return
			}
			if _, err := w.Write(context.Background(), []string{v}); err != nil {
				return
			}
		}
	}()
	return r, nil
}

func echoFuture(_ context.Context, f *rt.FutureReader[string]) (*rt.FutureReader[string], error) {
	w, r := rt.NewFuture(&stringFuture)
	go func() {
		v, err := f.Await(context.Background())
		f.Close()
		if err != nil {
			v = err.Error()
		}
		w.Write(context.Background(), v)
	}()
	return r, nil
}

func units(_ context.Context, n uint32) (*rt.StreamReader[rt.Unit], error) {
	w, r := rt.NewStream(&rt.UnitStream)
	go func() {
		defer w.Close()
		w.Write(context.Background(), make([]rt.Unit, n))
	}()
	return r, nil
}

func helped(n uint32) uint32 {
	sum, parts := uint32(0), make(chan uint32)
	for i := range n {
		go func() { parts <- i }()
	}
	for range n {
		sum += <-parts
	}
	return sum
}

func signalPlain() {
	select {
	case signals <- struct{}{}:
	default:
		fmt.Println("api: nobody waits for the signal")
	}
}

// background is what goroutines and timers of package initialization have done.
var background uint32

func init() {
	go func() {
		time.Sleep(3 * time.Millisecond)
		background++
	}()
	time.AfterFunc(4*time.Millisecond, func() { background++ })
	ticker := time.NewTicker(time.Millisecond)
	go func() {
		for range 20 { // keeps no task alive
			<-ticker.C
		}
	}()
}

func spin(ctx context.Context, delay uint32) error {
	for end := time.Now().Add(time.Duration(delay) * time.Millisecond); time.Now().Before(end); {
		runtime.Gosched()
	}
	return nil
}

var kept thing

func keep(_ context.Context, t thing, delay uint32) (string, error) {
	kept = t
	time.Sleep(time.Duration(delay) * time.Millisecond)
	return t.name(), nil
}

func take(_ context.Context, t thing) (string, error) {
	defer t.Close()
	return t.name(), nil
}
