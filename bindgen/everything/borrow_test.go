package everything_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi"
)

// session is the resource that the world itself declares.
type session struct{ name string }

// What a host lends is used during the call, and only then; what it gives is the guest's to close.
func TestBorrowedFromTheHost(t *testing.T) {
	wasm, err := os.ReadFile(buildWorld(t, "borrower", nil))
	if err != nil {
		t.Fatal(err)
	}
	rt := gondola.NewRuntime(t.Context())
	defer rt.Close(context.Background())
	comp, err := rt.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	linker := rt.NewLinker()
	wasi.AddTo(linker, wasi.Config{Stdout: os.Stdout, Stderr: os.Stderr})
	host := linkThings(linker)
	var closed atomic.Int64
	linker.Resource("", "session", func(*session) { closed.Add(1) })
	linker.Func("", "[constructor]session", func(_ context.Context, name string) (*session, error) { return &session{name}, nil })
	linker.Func("", "[method]session.greet", func(_ context.Context, s *session, t *thing) (string, error) {
		return s.name + " greets " + t.name, nil
	})
	linker.Func("", "[static]session.count", func(context.Context) (uint32, error) { return 7, nil })
	inst, err := linker.Instantiate(t.Context(), comp)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close(context.Background())

	lend := func(name string) val.Value { return val.Borrow(gondola.NewHostResource(&thing{host, name})) }
	d := driver{t, inst, iface("borrowers")}
	expect := func(got val.Value, want string) {
		t.Helper()
		if got.Str() != want {
			t.Errorf("got %q, want %q", got.Str(), want)
		}
	}
	expect(d.call("names", lend("a"), val.List(lend("b"), lend("c")), val.Some(lend("d"))), "a![b c d]")
	expect(d.call("names", lend("a"), val.List(), val.None()), "a![]")
	if text := d.call("stale").Str(); !strings.Contains(text, "was lent to") || !strings.Contains(text, "names, which has returned") {
		t.Errorf("a borrowed thing was used after the call: %s", text)
	}
	expect(d.call("plain", lend("theirs")), "theirs and ours")
	if text := d.call("stale").Str(); !strings.Contains(text, "plain, which has returned") {
		t.Errorf("a borrowed thing was used after a plain call: %s", text)
	}

	d.in = ""
	s := d.call("open", val.String("I"))
	expect(d.call("greet", val.Borrow(s.Resource()), lend("you")), "I greets you")
	if n := d.call("counted", s); n.Uint() != 7 {
		t.Errorf("got %v", n)
	}
	if closed.Load() != 1 {
		t.Error("the guest did not close the session that it was given")
	}
	if _, err := inst.Func("", "counted").Call(t.Context(), val.Own(gondola.NewHostResource("no session"))); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("a resource of another type was taken: %v", err)
	}
}
