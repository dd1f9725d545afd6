package componentize

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// Error lists all points on which a core module and its world disagree.
type Error struct {
	World    string          // the world's full name
	Missing  []MissingExport // what the module should export and doesn't
	Unknown  []UnknownImport // what the module imports and nobody gives
	Mistyped []MistypedItem  // what is there with another signature
	Other    []string        // anything else
}

// MissingExport is an exported function of the world that the module lacks.
type MissingExport struct {
	Interface string // empty for a function of the world itself
	Function  string // as WIT writes it: `f: func(x: u32) -> string`
	CoreName  string // the name under which the module is to export it
	CoreType  string // its core signature
}

// UnknownImport is an import of the module that has no meaning in its world.
type UnknownImport struct {
	Module, Name string
	Reason       string
}

// MistypedItem is an import or export of the module whose signature isn't the one that
// its name asks for.
type MistypedItem struct {
	Item        string // such as "import `$root` `[waitable-join]`"
	Want, Found string // core signatures
}

func (e *Error) empty() bool {
	return len(e.Missing)+len(e.Unknown)+len(e.Mistyped)+len(e.Other) == 0
}

func (e *Error) otherf(format string, args ...any) {
	e.Other = append(e.Other, fmt.Sprintf(format, args...))
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the core module does not fit world `%s`:", e.World)
	for _, m := range e.Missing {
		where := "the world"
		if m.Interface != "" {
			where = "`" + m.Interface + "`"
		}
		fmt.Fprintf(&b, "\n  missing export: %s of %s, as core function `%s` %s", m.Function, where, m.CoreName, m.CoreType)
	}
	for _, u := range e.Unknown {
		fmt.Fprintf(&b, "\n  import `%s` `%s`: %s", u.Module, u.Name, u.Reason)
	}
	for _, t := range e.Mistyped {
		fmt.Fprintf(&b, "\n  %s: expected %s, found %s", t.Item, t.Want, t.Found)
	}
	for _, o := range e.Other {
		b.WriteString("\n  " + o)
	}
	return b.String()
}

// mismatch is a signature that is not what a name asks for.
type mismatch struct{ want, found corewasm.FuncType }

func (m *mismatch) Error() string {
	return "expected " + coreText(m.want) + ", found " + coreText(m.found)
}

// coreText writes a core function type, also one without parameters and results.
func coreText(t corewasm.FuncType) string {
	return strings.TrimSuffix("(func "+t.String(), " ") + ")"
}

// refusal is what can't be encoded, or what WIT has no words for. It travels as a
// panic inside this package.
type refusal struct{ msg string }

func (e *refusal) Error() string { return e.msg }

func refuse(format string, args ...any) { panic(&refusal{fmt.Sprintf(format, args...)}) }

// catch runs f and returns the errors that this package panics with, too.
func catch(f func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *refusal:
			err = p
		default:
			panic(p)
		}
	}()
	return f()
}
