package gondola

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gondola-wasm/gondola/val"
)

// Here time stands still until everybody waits, so that it can be measured. That
// works for instances without coroutines, which outlive a bubble.

func inBubble(t *testing.T, give func(*Linker), f func(t *testing.T, in *Instance)) {
	t.Helper()
	rt := testRuntime(t)
	c := compileGuest(t, rt, tourWIT, leaveAtOnce)
	l := rt.NewLinker()
	tourHost(l)
	give(l)
	synctest.Test(t, func(t *testing.T) { f(t, instantiate(t, l, c)) })
}

func liveTasks(in *Instance) int {
	live := make(chan int)
	in.store.post(func() { live <- in.store.core.Live() })
	return <-live
}

func TestTimeOfCalls(t *testing.T) {
	inBubble(t, func(l *Linker) {
		l.Func("", "later", func(_ context.Context, x uint32) (uint32, error) {
			time.Sleep(time.Duration(x) * time.Second)
			return x, nil
		})
	}, func(t *testing.T, in *Instance) {
		begin := time.Now()
		var calls sync.WaitGroup
		for i := range uint32(100) {
			calls.Go(func() {
				if _, err := in.Func("", "call-later").Call(t.Context(), val.U32(i)); err != nil {
					t.Error(err)
				}
				if took := time.Since(begin); took != time.Duration(i)*time.Second {
					t.Errorf("call %d took %v", i, took)
				}
			})
		}
		calls.Wait()
	})
}

// A guest that resolves as cancelled at once lets its caller go at once, and waits
// for the host by itself.
func TestTimeOfCancellation(t *testing.T) {
	inBubble(t, func(l *Linker) {
		l.Func("", "later", func(_ context.Context, x uint32) (uint32, error) {
			time.Sleep(time.Hour)
			return x, nil
		})
	}, func(t *testing.T, in *Instance) {
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := in.Func("", "call-later").Call(ctx, val.U32(1)); err != context.DeadlineExceeded {
			t.Error(err)
		}
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("took %v", took)
		}
		if live := liveTasks(in); live != 1 {
			t.Errorf("%d tasks live", live)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if live := liveTasks(in); live != 0 {
			t.Errorf("%d tasks live at the end", live)
		}
	})
}

// Nothing is left running when an instance is closed, whatever was under way.
func TestCloseLeavesNothingBehind(t *testing.T) {
	inBubble(t, func(l *Linker) {
		l.Func("", "later", untilCancelled)
	}, func(t *testing.T, in *Instance) {
		for range 10 {
			go func() {
				if _, err := in.Func("", "call-later").Call(context.Background(), val.U32(1)); err != ErrClosed {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		if err := in.Close(context.Background()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
	})
}

// A relay between two instances ends with either of them.
func TestRelaysEnd(t *testing.T) {
	rt := testRuntime(t)
	c := compileGuest(t, rt, pumpWIT, pumpCore)
	l := rt.NewLinker()
	for _, closeFirst := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			a, b := instantiate(t, l, c), instantiate(t, l, c)
			v, err := a.Func("", "never").Call(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			// b gets what will never come.
			if _, err := b.Func("", "keep").Call(t.Context(), v.Elems()...); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if closeFirst {
				a, b = b, a
			}
			if err := a.Close(t.Context()); err != nil {
				t.Error(err)
			}
			synctest.Wait() // and at the end nobody may be left
		})
	}
}
