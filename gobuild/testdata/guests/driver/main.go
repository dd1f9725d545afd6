// Driver calls the functions of api, composed with it into one component, and prints what went well. Its bindings are written
// by hand, in abi_wasip1.go. Arguments name the tests to run; without arguments all run that don't end the program.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/gondola-wasm/gondola/bindgen/guestrt/rt"
)

var background = context.Background()

// A test returns an error that says what went wrong.
type test struct {
	name string
	run  func() error
}

var tests = []test{
	{"echo", testEcho},
	{"concurrent", testConcurrent},
	{"signal", testSignal},
	{"signal-plain", testSignalPlain},
	{"relay", testRelay},
	{"outlive", testOutlive},
	{"cancel", testCancel},
	{"cancel-race", testCancelRace},
	{"strings", testStrings},
	{"garbage", testGarbage},
	{"large", testLarge},
	{"read-all", testReadAll},
	{"echo-stream", testEchoStream},
	{"stream-cancel", testStreamCancel},
	{"moving-stack", testMovingStack},
	{"echo-strings", testEchoStrings},
	{"future", testFuture},
	{"units", testUnits},
	{"plain", testPlain},
	{"things", testThings},
	{"borrow", testBorrow},
	{"background", testBackground},
	{"spin", testSpin},
	{"barge-in", testBargeIn},
	{"end-in-plain", testEndInPlain},
	{"local", testLocal},
	{"queue", testQueue},
	{"forgotten", testForgotten},
}

// others are run by name only: most end the program.
var others = []test{
	{"sleep", func() error { sleepPlain(10_000); return nil }},
	{"kept", testKept},
	{"speed", testSpeed},
}

func main() {
	selected := tests
	if len(os.Args) > 1 {
		selected = nil
		for _, t := range append(tests, others...) {
			for _, name := range os.Args[1:] {
				if t.name == name {
					selected = append(selected, t)
				}
			}
		}
	}
	for _, t := range selected {
		if err := t.run(); err != nil {
			fmt.Printf("FAIL %s: %v\n", t.name, err)
			os.Exit(1)
		}
		fmt.Println("ok", t.name)
	}
}

func expect[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s: got %v, want %v", what, got, want)
	}
	return nil
}

func testEcho() error {
	for _, delay := range []uint32{0, 5} {
		got, err := echo(background, "hello, wörld", delay)
		if err := errors.Join(err, expect("echo", got, "hello, wörld")); err != nil {
			return err
		}
	}
	return nil
}

// each runs f in n goroutines and joins their errors.
func each(n int, f func(i int) error) error {
	var group sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		group.Go(func() { errs[i] = f(i) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// testConcurrent makes calls that take 12 s one after the other, or longer ones until they take less than that.
func testConcurrent() error {
	for slower := 1; ; slower *= 4 {
		start := time.Now()
		err := each(500, func(i int) error {
			want := strings.Repeat(fmt.Sprint(i), i%20)
			got, err := echo(background, want, uint32(i%50*slower))
			return errors.Join(err, expect("echo", got, want))
		})
		took := time.Since(start)
		if err != nil || took < 5*time.Second*time.Duration(slower) {
			return err
		}
		if slower > 10 {
			return fmt.Errorf("500 concurrent calls of up to %d ms took %v", 49*slower, took)
		}
	}
}

func testSignal() error {
	waited := make(chan error)
	go func() { waited <- waitSignal(background) }()
	time.Sleep(10 * time.Millisecond)
	return errors.Join(signal(background), <-waited)
}

func testSignalPlain() error {
	waited := make(chan error)
	go func() { waited <- waitSignal(background) }()
	time.Sleep(10 * time.Millisecond)
	signalPlain()
	return <-waited
}

// testRelay ends a task whose waitable set has the timer that another task's goroutine sleeps on.
func testRelay() error {
	sleeper, relay := make(chan error), make(chan error)
	go func() { sleeper <- waitThenSleep(background, 50) }()
	time.Sleep(10 * time.Millisecond)
	go func() { relay <- signalThenWait(background) }()
	time.Sleep(10 * time.Millisecond)
	return errors.Join(signal(background), <-relay, <-sleeper)
}

// testOutlive has a goroutine work on after its task's return, for longer and longer until that can be seen.
func testOutlive() error {
	for delay := 30 * time.Millisecond; ; delay *= 4 {
		before := outlived()
		if err := outlive(background, uint32(delay/time.Millisecond)); err != nil {
			return err
		}
		late := outlived() != before
		for end := time.Now().Add(delay + 30*time.Second); outlived() == before; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				return errors.New("the goroutine didn't go on after the task's return")
			}
		}
		if err := expect("outlived", outlived(), before+1); err != nil || !late {
			return err
		} else if delay > 5*time.Second {
			return errors.New("the task returned as late as its goroutine")
		}
	}
}

func testCancel() error {
	for _, delay := range []uint32{0, 20} {
		before := cancelled()
		ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
		defer cancel()
		err := untilCancelled(ctx, delay)
		if !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("cancelled call returned %v", err)
		}
		for end := time.Now().Add(30 * time.Second); cancelled() == before && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		if err := expect("cancelled", cancelled(), before+1); err != nil {
			return err
		}
		ctx, cancel = context.WithCancel(background)
		cancel()
		if _, err := echo(ctx, "x", 1000); !errors.Is(err, context.Canceled) {
			return fmt.Errorf("call cancelled from the start returned %v", err)
		}
	}
	return nil
}

// testCancelRace cancels calls about when they return.
func testCancelRace() error {
	return each(200, func(i int) error {
		ctx, cancel := context.WithTimeout(background, time.Duration(i%7)*time.Millisecond)
		defer cancel()
		got, err := echo(ctx, "race", 3)
		if err == nil {
			return expect("echo", got, "race")
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return nil
	})
}

func testStrings() error {
	got, err := manyStrings(background, 2000)
	if err != nil {
		return err
	}
	for i, s := range got {
		if err := expect("string", s, strings.Repeat(fmt.Sprint(i, " "), i%50)); err != nil {
			return err
		}
	}
	return nil
}

// testGarbage takes large results while garbage is collected and buffers are lent.
func testGarbage() error {
	stop := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
				runtime.Gosched()
			}
		}
	})
	var garbage [][]byte
	err := each(20, func(i int) error {
		for range 5 {
			garbage = append(garbage[:min(len(garbage), 50)], make([]byte, 1<<16))
			var err error
			if i%2 == 0 {
				err = testStrings()
			} else {
				err = testReadAll()
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	close(stop)
	group.Wait()
	return err
}

// testLarge lets the host ask for so much memory, in the middle of plain calls, that garbage collections fall due, while other
// goroutines are eager to call the host: none may run before the call is over.
func testLarge() error {
	stop := false
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for !stop {
				_, _ = time.Now(), outlived() // both leave the component, and allocate nothing
				runtime.Gosched()
			}
		})
	}
	kept := map[int][]byte{}
	for i := range 1000 {
		kept[i%20] = large(100_000)
		if i%10 == 0 {
			runtime.Gosched()
		}
	}
	stop = true
	group.Wait()
	return expect("buffers", len(kept), 20)
}

func testReadAll() error {
	w, r := rt.NewByteStream(&byteStream)
	want := bytes.Repeat([]byte("0123456789"), 30000)
	go func() {
		defer w.Close()
		for rest := want; len(rest) > 0; {
			n := min(len(rest), 7001)
			w.Write(rest[:n])
			rest = rest[n:]
		}
	}()
	got, err := readAll(background, r)
	return errors.Join(err, expect("read-all", bytes.Equal(got, want), true))
}

func testEchoStream() error {
	w, r := rt.NewByteStream(&byteStream)
	back, err := echoStream(background, r)
	if err != nil {
		return err
	}
	defer back.Close()
	buf := make([]byte, 100)
	for i := range 100 {
		if _, err := fmt.Fprint(w, "piece ", i); err != nil {
			return err
		}
		n, err := back.Read(buf)
		if err := errors.Join(err, expect("piece", string(buf[:n]), fmt.Sprint("piece ", i))); err != nil {
			return err
		}
	}
	w.Close()
	_, err = back.Read(buf)
	return expect("end", err, io.EOF)
}

// testMovingStack reads into and writes from local variables while the garbage collector moves the goroutine's stack.
func testMovingStack() error {
	w, r := rt.NewByteStream(&byteStream)
	back, err := echoStream(background, r)
	if err != nil {
		return err
	}
	defer back.Close()
	defer w.Close()
	read := make(chan string)
	go func() {
		grow(1000)
		var buf [10]byte
		n, _ := back.Read(buf[:])
		read <- string(buf[:n])
	}()
	time.Sleep(5 * time.Millisecond)
	for range 3 {
		runtime.GC()
	}
	if _, err := fmt.Fprint(w, "moved"); err != nil {
		return err
	}
	return expect("bytes", <-read, "moved")
}

// grow makes the goroutine's stack large, so that the next collections shrink it.
//
//go:noinline
func grow(depth int) (sum byte) {
	var frame [64]byte
	if depth > 0 {
		frame[depth%64] = grow(depth - 1)
	}
	for _, b := range frame {
		sum += b
	}
	return sum
}

// testStreamCancel cancels a read and a write half-way and goes on with both.
func testStreamCancel() error {
	w, r := rt.NewByteStream(&byteStream)
	back, err := echoStream(background, r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(background, 10*time.Millisecond)
	defer cancel()
	buf := make([]byte, 10)
	if n, err := back.ReadContext(ctx, buf); n != 0 || !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("cancelled read returned %d, %v", n, err)
	}
	ctx, cancel = context.WithTimeout(background, 10*time.Millisecond)
	defer cancel()
	sent := bytes.Repeat([]byte("x"), 200000)
	n, err := w.WriteContext(ctx, sent)
	if n == 0 || n == len(sent) || !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("cancelled write returned %d, %v", n, err)
	}
	go func() {
		w.Write([]byte("y"))
		w.Close()
	}()
	got, err := io.ReadAll(back)
	if err := errors.Join(err, expect("bytes", len(got), n+1), back.Close()); err != nil {
		return err
	}

	// A close from elsewhere ends a read.
	w, r = rt.NewByteStream(&byteStream)
	back, err = echoStream(background, r)
	if err != nil {
		return err
	}
	go func() {
		time.Sleep(5 * time.Millisecond)
		back.Close()
	}()
	_, err = back.Read(buf)
	return errors.Join(expect("read of a closed reader", err, io.ErrClosedPipe), w.Close())
}

func testEchoStrings() error {
	w, r := rt.NewStream(&stringStream)
	back, err := echoStrings(background, r)
	if err != nil {
		return err
	}
	defer back.Close()
	go func() {
		defer w.Close()
		w.Write(background, strings.Fields("one two three four five"))
	}()
	var got []string
	for s, err := range back.All(background) {
		if err != nil {
			return err
		}
		got = append(got, s)
	}
	return expect("strings", strings.Join(got, " "), "one two three four five")
}

func testFuture() error {
	w, r := rt.NewFuture(&stringFuture)
	back, err := echoFuture(background, r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(background, 5*time.Millisecond)
	defer cancel()
	if _, err := back.Await(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("cancelled await returned %v", err)
	}
	if err := w.Write(background, "value"); err != nil {
		return err
	}
	got, err := back.Await(background)
	if err := errors.Join(err, expect("future", got, "value"), back.Close()); err != nil {
		return err
	}

	w, r = rt.NewFuture(&stringFuture)
	w.CloseWith("closed")
	if back, err = echoFuture(background, r); err != nil {
		return err
	}
	got, err = back.Await(background)
	if err := errors.Join(err, expect("future", got, "closed"), back.Close()); err != nil {
		return err
	}

	// A reader that goes ends the write.
	w, r = rt.NewFuture(&stringFuture)
	go func() {
		time.Sleep(5 * time.Millisecond)
		r.Close()
	}()
	return expect("write without reader", w.Write(background, "nobody"), io.ErrClosedPipe)
}

func testUnits() error {
	s, err := units(background, 5)
	if err != nil {
		return err
	}
	defer s.Close()
	n := 0
	for _, err := range s.All(background) {
		if err != nil {
			return err
		}
		n++
	}
	return expect("units", n, 5)
}

func testPlain() error {
	printPlain("from a plain function")
	if err := expect("helped", helped(10), 45); err != nil {
		return err
	}
	// The same beside live tasks.
	return each(20, func(i int) error {
		if i%2 == 0 {
			_, err := echo(background, "x", uint32(i))
			return err
		}
		time.Sleep(time.Duration(i) * time.Millisecond)
		return expect("helped", helped(uint32(i)), uint32(i*(i-1)/2))
	})
}

func testThings() error {
	one, two := newThing("one"), newThing("two")
	err := errors.Join(expect("name", one.name(), "one"), expect("name", two.name(), "two"), expect("things", things(), 2))
	if err != nil {
		return err
	}
	one.Close()
	two.Close()
	for range 3 {
		newThing("forgotten")
		runtime.GC()
	}
	return waitClosed()
}

// waitClosed waits until all things are closed: a destructor only queues the Close, and a task does it.
func waitClosed() error {
	for range 100 {
		if err := tick(background); err != nil {
			return err
		}
		runtime.GC()
		if things() == 0 {
			return nil
		}
	}
	return fmt.Errorf("%d things are left", things())
}

// testBorrow lends a thing to calls, gives it away, and cancels a call that has it.
func testBorrow() error {
	t := newThing("lent")
	err := each(10, func(i int) error {
		name, err := keep(background, t, uint32(i))
		return errors.Join(err, expect("name", name, "lent"), expect("name", look(t), "lent"))
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(background, 5*time.Millisecond)
	defer cancel()
	name, err := keep(ctx, t, 20)
	if errors.Is(err, context.DeadlineExceeded) {
		time.Sleep(50 * time.Millisecond) // built so that a cancel doesn't wait: the call goes on, and has the thing
		for range 20 {                    // what is due over there is done when others are called
			if err := tick(background); err != nil {
				return err
			}
		}
	} else if err := errors.Join(err, expect("name in spite of a cancel", name, "lent")); err != nil {
		return err
	}
	name, err = take(background, t)
	if err := errors.Join(err, expect("name", name, "lent"), waitClosed()); err != nil {
		return err
	}
	defer func() {
		if recover() == nil {
			panic("a thing that was given away could be used")
		}
	}()
	t.name()
	return nil
}

// testKept makes a callee use a borrow after it has returned.
func testKept() error {
	t := newThing("kept")
	if _, err := keep(background, t, 1); err != nil {
		return err
	}
	return kept(background)
}

// testBackground waits for what package initialization started, which goes on only while a task lives.
func testBackground() error {
	for range 1000 {
		if _, err := echo(background, "x", 1); err != nil {
			return err
		}
		if initialized() == 2 {
			return nil
		}
	}
	return fmt.Errorf("only %d goroutines and timers of the initialization have done their work", initialized())
}

// testSpin keeps both schedulers busy while calls go on, for longer and longer until one ends before that.
func testSpin() error {
	for busy := 700 * time.Millisecond; ; busy *= 4 {
		spinning := make(chan error)
		start := time.Now()
		go func() { spinning <- spin(background, uint32(busy/time.Millisecond)) }()
		for time.Since(start) < 100*time.Millisecond {
			runtime.Gosched()
		}
		_, err := echo(background, "x", 5)
		took := time.Since(start)
		if err := errors.Join(err, <-spinning); err != nil || took < busy-100*time.Millisecond {
			return err
		}
		if busy > 10*time.Second {
			return fmt.Errorf("a call beside a busy scheduler took %v, about as long as that was busy", took)
		}
	}
}

// testBargeIn calls plain functions of a component that is blocked, for longer and longer until they end before that. (Where a cancelled
// call blocks nothing, see rt.Scope.Await, it does not matter for how long.)
func testBargeIn() error {
	for delay := time.Second; ; delay *= 4 {
		start := time.Now()
		slow := make(chan error, 1)
		go func() { slow <- cancelSlowly(background, uint32(delay/time.Millisecond)) }()
		time.Sleep(20 * time.Millisecond)
		err := expect("helped", helped(5000), 5000*4999/2) // longer than a turn's budget
		printPlain("while blocked")
		if late := time.Since(start) >= delay; err != nil || late && delay > 30*time.Second {
			return errors.Join(err, expect("plain calls waited for the blocked one", late, false))
		} else if err := <-slow; err != nil || !late {
			return err
		}
	}
}

// testEndInPlain has the context of a call end while a plain function runs, in which nothing may block.
func testEndInPlain() error {
	for range 3 {
		slow := make(chan error, 1)
		go func() { slow <- cancelSlowly(background, 20) }()
		for len(slow) == 0 {
			if err := expect("helped", helped(500), 500*499/2); err != nil {
				return err
			}
			runtime.Gosched()
		}
		if err := <-slow; err != nil {
			return err
		}
	}
	return nil
}

// testSpeed prints what calls take; it is run by hand.
func testSpeed() error {
	measure := func(name string, n int, f func() error) error {
		start := time.Now()
		for range n {
			if err := f(); err != nil {
				return err
			}
		}
		fmt.Println(name, time.Since(start)/time.Duration(n))
		return nil
	}
	w, r := rt.NewByteStream(&byteStream)
	back, err := echoStream(background, r)
	if err != nil {
		return err
	}
	defer back.Close()
	defer w.Close()
	piece, got := make([]byte, 64<<10), make([]byte, 64<<10)
	return errors.Join(
		measure("plain call", 20000, func() error { helped(0); return nil }),
		measure("async call that returns at once", 20000, func() error { return tick(background) }),
		measure("async call that waits for a goroutine", 20000, func() error { _, err := echo(background, "x", 0); return err }),
		measure("1000 concurrent calls", 5, func() error {
			return each(1000, func(int) error { _, err := echo(background, "x", 1); return err })
		}),
		measure("64 KiB there and back", 2000, func() error {
			wrote := make(chan error)
			go func() {
				_, err := w.Write(piece)
				wrote <- err
			}()
			_, err := io.ReadFull(back, got)
			return errors.Join(err, <-wrote)
		}),
	)
}

// testLocal keeps both ends of streams in this component.
func testLocal() error {
	w, r := rt.NewByteStream(&byteStream)
	go func() {
		defer w.Close()
		for i := range 1000 {
			fmt.Fprintln(w, i)
		}
	}()
	all, err := io.ReadAll(r)
	return errors.Join(err, expect("bytes", len(all), 3890), r.Close())
}

// testQueue has several goroutines use one end at a time, and give up.
func testQueue() error {
	w, r := rt.NewByteStream(&byteStream)
	wrote := make(chan error)
	for i := range 5 {
		go func() {
			ctx, cancel := background, func() {}
			if i == 2 {
				ctx, cancel = context.WithTimeout(background, time.Millisecond)
			}
			defer cancel()
			n, err := w.WriteContext(ctx, []byte{'0' + byte(i)})
			switch {
			case i == 2 && n == 0 && errors.Is(err, context.DeadlineExceeded):
				err = nil
			case i == 2:
				err = fmt.Errorf("a write that gave up its place in the queue wrote %d: %v", n, err)
			}
			wrote <- err
		}()
		runtime.Gosched() // they queue in this order
	}
	if err := <-wrote; err != nil { // of the one that gave up
		return err
	}
	got := make([]byte, 4)
	if _, err := io.ReadFull(r, got); err != nil {
		return err
	}
	if err := errors.Join(<-wrote, <-wrote, <-wrote, <-wrote, expect("writes", string(got), "0134")); err != nil {
		return err
	}

	// A close ends those that wait for their turn, too.
	for range 3 {
		go func() {
			_, err := r.Read(make([]byte, 1))
			wrote <- expect("read of a closed reader", err, io.ErrClosedPipe)
		}()
	}
	runtime.Gosched()
	return errors.Join(r.Close(), <-wrote, <-wrote, <-wrote, w.Close())
}

// testForgotten has the garbage collector close the writers of streams.
func testForgotten() error {
	for range 5 {
		r := readerWithoutWriter()
		read := make(chan error)
		go func() {
			_, err := r.Read(make([]byte, 1))
			read <- err
		}()
		if err := expect("read without a writer", collectUntil(read), io.EOF); err != nil {
			return err
		}
		if err := r.Close(); err != nil {
			return err
		}
	}
	return nil
}

//go:noinline
func readerWithoutWriter() *rt.ByteReader {
	_, r := rt.NewByteStream(&byteStream)
	return r
}

// collectUntil collects garbage until something comes through c.
func collectUntil(c chan error) error {
	for range 100 {
		runtime.GC()
		select {
		case err := <-c:
			return err
		case <-time.After(time.Millisecond):
		}
	}
	return errors.New("the garbage collector did nothing")
}
