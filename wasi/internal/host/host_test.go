package host

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
)

func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour)
		h := New(Config{})
		if now := h.Clock.Now(); now != 0 {
			t.Errorf("it starts at %d", now)
		}
		if err := h.Clock.WaitUntil(t.Context(), uint64(time.Second)); err != nil || h.Clock.Now() != uint64(time.Second) {
			t.Errorf("at %d: %v", h.Clock.Now(), err)
		}
		for _, when := range []uint64{0, 1, uint64(time.Second)} {
			if err := h.Clock.WaitUntil(t.Context(), when); err != nil || h.Clock.Now() != uint64(time.Second) {
				t.Errorf("%d is past, at %d: %v", when, h.Clock.Now(), err)
			}
		}
		if err := WaitFor(t.Context(), 0); err != nil {
			t.Error(err)
		}
	})
}

// Times that no time.Duration holds are as good as for ever, and never past.
func TestTimesThatNeverCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Config{})
		time.Sleep(time.Hour)
		for _, ns := range []uint64{1 << 60, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64} {
			ctx, cancel := context.WithTimeout(t.Context(), 24*365*time.Hour)
			if err := h.Clock.WaitUntil(ctx, ns); err != context.DeadlineExceeded {
				t.Errorf("until %d: %v", ns, err)
			}
			cancel()
			ctx, cancel = context.WithTimeout(t.Context(), 24*365*time.Hour)
			if err := WaitFor(ctx, ns); err != context.DeadlineExceeded {
				t.Errorf("for %d: %v", ns, err)
			}
			cancel()
			for _, at := range []time.Time{h.Clock.At(ns), After(ns)} {
				if time.Until(at) < 30*365*24*time.Hour {
					t.Errorf("%d ns are over in %v", ns, time.Until(at))
				}
			}
		}
	})
}

func TestTimezone(t *testing.T) {
	for _, seconds := range []int64{0, math.MinInt64, math.MaxInt64, 1 << 40} {
		if z := New(Config{}).Timezone; z.Offset(seconds) != 0 || z.Name() != "UTC" || z.String() != "UTC" {
			t.Errorf("without one: %d, %s, %s", z.Offset(seconds), z.Name(), z)
		}
	}
	prague := time.FixedZone("Europe/Prague", 3600)
	if z := New(Config{Timezone: prague}).Timezone; z.Offset(0) != 3600 || z.Name() != "Europe/Prague" || z.At(0).Hour() != 1 {
		t.Errorf("got %d, %s", z.Offset(0), z.Name())
	}
	if name := New(Config{Timezone: time.Local}).Timezone.Name(); name != "" {
		t.Errorf("the name of the local time is %q", name)
	}
}

func TestRandom(t *testing.T) {
	r := New(Config{}).Random
	if bytes.Equal(r.Secure(32), r.Secure(32)) || bytes.Equal(r.Insecure(32), r.Insecure(32)) || SecureU64() == SecureU64() || r.InsecureU64() == r.InsecureU64() {
		t.Error("something came twice")
	}
	other := New(Config{}).Random
	if r.Seed == other.Seed || bytes.Equal(r.Insecure(32), other.Insecure(32)) {
		t.Error("two hosts have the same numbers")
	}
	if len(r.Secure(0)) != 0 || len(r.Secure(math.MaxUint64)) != 64<<20 {
		t.Error("not as many bytes as were asked for, up to 64 MiB")
	}
	if r.Check(64<<20) != nil || r.Check(64<<20+1) == nil {
		t.Error("the limit is not 64 MiB")
	}
	low := New(Config{Limits: Limits{RandomBytes: 10}}).Random
	if len(low.Secure(11)) != 10 || len(low.Insecure(11)) != 10 || low.Check(11) == nil {
		t.Error("the limit is not 10")
	}
}

func TestEnvironment(t *testing.T) {
	h := New(Config{Args: []string{"name", "a"}, Env: []string{"A=b=c", "B=", "C"}, Cwd: "/x"})
	vars, err := h.Environment(t.Context())
	if err != nil || len(vars) != 3 || vars[0] != (Variable{"A", "b=c"}) || vars[1] != (Variable{"B", ""}) || vars[2] != (Variable{"C", ""}) {
		t.Errorf("got %v, %v", vars, err)
	}
	if args, err := h.Arguments(t.Context()); err != nil || len(args) != 2 {
		t.Errorf("got %v, %v", args, err)
	}
	if cwd := h.Cwd(t.Context()); cwd == nil || *cwd != "/x" {
		t.Errorf("got %v", cwd)
	}
	if cwd := New(Config{}).Cwd(t.Context()); cwd != nil {
		t.Errorf("got %v", cwd)
	}
	h = New(Config{Args: []string{"name", "\xff"}, Env: []string{"A=\xff"}})
	if _, err := h.Environment(t.Context()); err == nil || !strings.Contains(err.Error(), `"A=\xff"`) {
		t.Errorf("got %v", err)
	}
	if _, err := h.Arguments(t.Context()); err == nil || !strings.Contains(err.Error(), `argument 1, "\xff"`) {
		t.Errorf("got %v", err)
	}
}

func TestExit(t *testing.T) {
	for ok, code := range map[bool]int{true: 0, false: 1} {
		if exit, is := errors.AsType[*ExitError](Exit(ok)); !is || exit.Code != code {
			t.Errorf("%v is status %v", ok, exit)
		}
	}
}

func TestSymlinkHops(t *testing.T) {
	dir := t.TempDir()
	for link, target := range map[string]string{"one": ".", "two": "one"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	for limit, want := range map[int]error{0: nil, 1: fsys.Loop, 2: nil, -1: fsys.Loop} {
		h := New(Config{Dirs: []fsys.Dir{{Guest: "/", Host: dir}}, Limits: Limits{SymlinkHops: limit}})
		all, err := h.Files.Preopens()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := all[0].Dir.StatAt(t.Context(), true, "two"); err != want {
			t.Errorf("limit %d: got %v, want %v", limit, err, want)
		}
		all[0].Dir.Drop()
		h.Files.Close()
	}
}
