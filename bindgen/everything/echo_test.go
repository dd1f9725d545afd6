package everything_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/gobuild"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi"
)

// rt is the runtime of that component.
var rt = gondola.NewRuntime(context.Background())

// buildEverything builds ../testdata/everything, once, with the code that is generated now.
var buildEverything = sync.OnceValues(func() (*gondola.Component, error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "everything")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, os.DirFS("../testdata/everything")); err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	wasm, err := gobuild.Component(ctx, gobuild.ComponentOptions{WorldName: "everything", Options: gobuild.Options{Dir: dir, Stderr: &stderr, Flags: []string{"-trimpath"}}})
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, stderr.Bytes())
	}
	return rt.Compile(ctx, wasm)
})

func everything(t *testing.T) *gondola.Component {
	t.Helper()
	comp, err := buildEverything()
	if err != nil {
		t.Fatal(err)
	}
	return comp
}

// iface is the name of an interface of the world.
func iface(name string) string { return "test:everything/" + name + "@1.2.3" }

// importOf is the import that an export of the guest hands its arguments to.
func importOf(export gondola.Item) (instance, name string) {
	switch {
	case export.Instance == "outer":
		return "inner", export.Name
	case export.Instance != "":
		return export.Instance, export.Name
	}
	return "", map[string]string{"sum": "host-sum", "locals": "host-local", "pipe": "host-stream"}[export.Name]
}

// echo is a host function that checks its arguments and returns what the test wants.
type echo struct {
	mu   sync.Mutex
	args []val.Value
	want val.Value
}

func (e *echo) call(_ context.Context, args []val.Value) (val.Value, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.args = slices.Clone(args)
	return e.want, nil
}

// linkAll gives the component every import, from f.
func linkAll(t *testing.T, comp *gondola.Component, f func(gondola.Item) any) (*gondola.Instance, *things) {
	t.Helper()
	linker := rt.NewLinker()
	wasi.AddTo(linker, wasi.Config{Stdout: os.Stdout, Stderr: os.Stderr})
	host := linkThings(linker)
	for _, im := range comp.Imports() {
		if im.Type != nil && !strings.HasPrefix(im.Instance, "wasi:") && im.Instance != iface("things") && im.Instance != iface("users") {
			linker.Func(im.Instance, im.Name, f(im))
		}
	}
	inst, err := linker.Instantiate(t.Context(), comp)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { inst.Close(context.Background()) })
	return inst, host
}

// hasHandle reports whether a handle occurs in the type of a function.
func hasHandle(f *types.Func) bool {
	for _, p := range f.Params {
		if p.Type.ContainsHandle() {
			return true
		}
	}
	return f.Result.ContainsHandle()
}

// Every function of the guest hands random arguments to the import of its name, and random results back.
func TestRandomValues(t *testing.T) {
	comp := everything(t)
	r := random{rand.New(rand.NewPCG(testenv.Seed(t), 0))}
	hosts := map[[2]string]*echo{}
	inst, _ := linkAll(t, comp, func(im gondola.Item) any {
		e := &echo{}
		hosts[[2]string{im.Instance, im.Name}] = e
		return gondola.HostFunc(e.call)
	})
	calls := 0
	for _, export := range comp.Exports() {
		if export.Type == nil || hasHandle(export.Type) || strings.HasPrefix(export.Name, "[") {
			continue
		}
		instance, name := importOf(export)
		e := hosts[[2]string{instance, name}]
		if e == nil {
			t.Errorf("%s has no import %s %s", export, instance, name)
			continue
		}
		f := inst.Func(export.Instance, export.Name)
		for range 10 {
			calls++
			if !checkEcho(t, export, f, e, r) {
				break
			}
		}
	}
	t.Log(calls, "calls")
}

func checkEcho(t *testing.T, export gondola.Item, f *gondola.Func, e *echo, r random) bool {
	var args []val.Value
	for _, p := range export.Type.Params {
		args = append(args, r.value(p.Type, 0))
	}
	e.want = val.Value{}
	if export.Type.Result != nil {
		e.want = r.value(export.Type.Result, 0)
	}
	got, err := f.Call(t.Context(), args...)
	if err != nil {
		t.Errorf("%s%v: %v", export, args, err)
		return false
	}
	for i := range args {
		if !val.Equal(args[i], e.args[i]) {
			t.Errorf("%s: the argument %v arrived as %v", export, args[i], e.args[i])
			return false
		}
	}
	if got.IsValid() != e.want.IsValid() || got.IsValid() && !val.Equal(got, e.want) {
		t.Errorf("%s: the result %v arrived as %v", export, e.want, got)
		return false
	}
	return true
}
