package gondola

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/val"
)

// Instances that run at the same time share a profile, on coroutines as well as on their
// callers' goroutines.
func TestProfileOfSeveralInstances(t *testing.T) {
	for _, core := range []string{leaveAtOnce, cancelFirst} {
		p := NewProfile()
		rt := testRuntime(t, WithProfile(p), WithGracePeriod(40*time.Millisecond))
		c := compileGuest(t, rt, tourWIT, core)
		l := rt.NewLinker()
		tourHost(l)
		var wg sync.WaitGroup
		for range 4 {
			in := instantiate(t, l, c)
			wg.Go(func() {
				for _, f := range []string{"call-later", "call-soon", "call-now"} {
					if _, err := in.Func("", f).Call(t.Context(), val.U32(1)); err != nil {
						t.Errorf("%s: %v", f, err)
					}
				}
			})
		}
		wg.Wait()
		const asked = "now: call-now"
		found := false
		for _, s := range p.Samples() {
			found = found || s.Stack[0].Module == "host" && s.Stack[0].Name+": "+s.Stack[1].Name == asked
			for _, f := range s.Stack {
				if f.Name == "" || f.Module == "" {
					t.Errorf("a function is called %+v", f)
				}
			}
		}
		if !found {
			t.Errorf("there is no %q in %v", asked, p.Samples())
		}
	}
}

// A guest that is ended in a loop has the loop in its profile.
func TestProfileOfASpinningGuest(t *testing.T) {
	p := NewProfile()
	in := tourOf(t, leaveAtOnce, tourHost, WithProfile(p), WithFuel(1_000_000))
	if _, err := in.Func("", "spin").Call(t.Context()); err == nil || !strings.Contains(err.Error(), "fuel") {
		t.Fatalf("got %v", err)
	}
	steps := int64(0)
	for _, s := range p.Samples() {
		if last := s.Stack[len(s.Stack)-1]; last.Name == "spin" {
			steps += s.Steps
		}
	}
	if steps != 1_000_000 {
		t.Errorf("the loop has %d steps of its million: %v", steps, p.Samples())
	}
}
