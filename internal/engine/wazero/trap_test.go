package wazero

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/gondola-wasm/gondola/internal/trap"
)

func TestFrames(t *testing.T) {
	got := frames(`wasm error: unreachable
wasm stack trace:
	main.(*T).Method(i32,i32) i32
		0x1234: /src/main.go:12:3 (inlined)
		0x1234: /src/main.go:40:3
	.runtime.mcall(i32) (i32,i64)
	host.waitable-set.wait(i32)
	host.foo of local:local/baz()
	host.tick() i32
	$12()
	m.$3(i32)
	runtime.dollar$1()
	... maybe followed by omitted frames
`)
	want := []trap.Frame{
		{Func: "main.(*T).Method", File: "/src/main.go", Line: 12},
		{Func: "runtime.mcall"},
		{Func: "waitable-set.wait"},
		{Func: "foo of local:local/baz"},
		{Func: "func[12]"},
		{Func: "m.func[3]"},
		{Func: "runtime.dollar$1"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := frames("module closed"); got != nil {
		t.Errorf("got %v where there is no trace", got)
	}
}

func TestAsError(t *testing.T) {
	const trace = " (recovered by wazero)\nwasm stack trace:\n\tf()\n"
	host := errors.New("unreachable") // the host's, which happens to be called as a trap is
	hostTrap := trap.Host(host)
	for _, c := range []struct {
		err  error
		code trap.Code
		same error
	}{
		{fmt.Errorf("wasm error: %w"+trace, errors.New("unreachable")), trap.Unreachable, nil},
		{fmt.Errorf("%w"+trace, errors.New("out of bounds memory access")), trap.MemoryOutOfBounds, nil},
		{fmt.Errorf("%w"+trace, hostTrap), trap.HostFailed, hostTrap},
	} {
		got := asError(c.err)
		tr, ok := got.(*trap.Trap)
		if !ok || tr.Code != c.code || len(tr.Frames) != 1 || tr.Frames[0].Func != "f" || c.same != nil && got != c.same {
			t.Errorf("%v became %#v", c.err, got)
		}
	}
	if tr, ok := asError(errors.New("data[3]: out of bounds memory access")).(*trap.Trap); !ok || tr.Code != trap.MemoryOutOfBounds {
		t.Error("a data segment that is out of bounds is no trap")
	}
	other := errors.New("a cause of another sort")
	if got := asError(fmt.Errorf("%w"+trace, other)); got != other {
		t.Errorf("got %v", got)
	}
	if got := asError(other); got != other {
		t.Errorf("got %v", got)
	}
}
