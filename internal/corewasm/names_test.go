package corewasm

import (
	"context"
	"testing"
)

// TestMalformedNames has name sections that are no mistake in a module, whatever is
// wrong with them: the engine must not see it.
func TestMalformedNames(t *testing.T) {
	r := newRuntime(t, false)
	for what, names := range map[string]string{
		"half a module name":            "\x00\x05\x09abc",
		"a module name, and more":       "\x00\x05\x01abcd\x01\x05\x01\x00\x02ok",
		"a module name that isn't text": "\x00\x02\x01\xff",
		"no module name":                "\x00\x00",
		"half a subsection":             "\x01\x09\x01\x00\x02ok",
		"half a function name":          "\x01\x04\x01\x00\x09o",
		"fewer functions than said":     "\x01\x05\x07\x00\x02ok",
		"a count that is no number":     "\x01\x06\xff\xff\xff\xff\xff\xff",
		"half of a function's locals":   "\x02\x06\x01\x00\x02\x00\x09a",
		"more locals than there can be": "\x02\x07\x01\x00\xff\xff\xff\xff\x0f",
		"a subsection nobody knows":     "\x63\x02ab",
		"half of a subsection's id":     "\xff",
	} {
		t.Run(what, func(t *testing.T) {
			b := NewBuilder()
			b.AddExport("f", KindFunc, b.AddFunc(b.AddType(nil, nil), nil, NewCode()))
			b.AddCustom("name", []byte(names))
			rw, err := Rewrite(b.Module(), RewriteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.CompileModule(context.Background(), rw.Wasm); err != nil {
				t.Error(err)
			}
		})
	}
}
