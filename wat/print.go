package wat

import (
	"bufio"
	"io"
	"strings"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// Print writes a module or component in the text format, with the names of its name
// sections. [Parse] gives the same binary again if that was canonical: shortest
// integers, no empty sections, a data count only where code needs it, the name section
// at the end, and no names that the text format can't attach to anything. From any
// binary, what is printed, parsed, and printed again is the same text.
//
// A malformed binary gives an error, of package corewasm or component/binary.
func Print(w io.Writer, wasm []byte) error {
	pr := newPrinter(w)
	if err := pr.whole(wasm); err != nil {
		return err
	}
	return pr.flush()
}

func (pr *printer) whole(wasm []byte) error {
	if isComponent(wasm) {
		return pr.component(wasm)
	}
	m, err := corewasm.Decode(wasm)
	if err != nil {
		return err
	}
	pr.open("module")
	mp := newModulePrinter(pr, m)
	if canBeID(mp.names.module) {
		pr.word(idText(mp.names.module))
	} else {
		mp.annotateName()
	}
	if err := mp.module(); err != nil {
		return err
	}
	pr.close()
	return nil
}

// isComponent tells components from core modules by the layer in the header.
func isComponent(b []byte) bool {
	return len(b) >= 8 && string(b[:4]) == "\x00asm" && b[6] == 1 && b[7] == 0
}

// printer writes nested forms. A form stays on its line until something in it gets a
// line of its own; then its closing parenthesis does as well.
type printer struct {
	w     *bufio.Writer
	forms []bool // the open ones: whether they take several lines
	begun bool
}

func newPrinter(w io.Writer) *printer { return &printer{w: bufio.NewWriter(w)} }

// flush ends the last line.
func (pr *printer) flush() error {
	if pr.begun {
		pr.w.WriteByte('\n')
	}
	return pr.w.Flush()
}

// maxIndent is the deepest indentation, in levels: what nests deeper must not cost
// more for its depth.
const maxIndent = 50

const indentation = "  "

// line begins a line in the innermost form.
func (pr *printer) line() { pr.lineAt(0) }

// lineAt begins a line in the innermost form, extra levels deeper than it says.
func (pr *printer) lineAt(extra int) {
	if n := len(pr.forms); n > 0 {
		pr.forms[n-1] = true
	}
	pr.indent(extra)
}

// text writes a text as it is.
func (pr *printer) text(s string) { pr.w.WriteString(s) }

// indent begins a line, extra levels deeper than the forms say.
func (pr *printer) indent(extra int) {
	if pr.begun {
		pr.w.WriteByte('\n')
	}
	pr.begun = true
	for range min(len(pr.forms)+extra, maxIndent) {
		pr.w.WriteString(indentation)
	}
}

// open begins a form on a line of its own: `(word`.
func (pr *printer) open(word string) {
	pr.line()
	pr.begin(word)
}

// inline begins a form on the same line: ` (word`.
func (pr *printer) inline(word string) {
	pr.w.WriteByte(' ')
	pr.begin(word)
}

func (pr *printer) begin(word string) {
	pr.w.WriteByte('(')
	pr.w.WriteString(word)
	pr.forms = append(pr.forms, false)
}

// close ends the innermost form.
func (pr *printer) close() {
	n := len(pr.forms) - 1
	broken := pr.forms[n]
	pr.forms = pr.forms[:n]
	if broken {
		pr.indent(0)
	}
	pr.w.WriteByte(')')
}

// word writes words on the same line, with a space in front of each.
func (pr *printer) word(words ...string) {
	for _, s := range words {
		pr.w.WriteByte(' ')
		pr.w.WriteString(s)
	}
}

// str writes a string literal on the same line.
func (pr *printer) str(s string) { pr.word(quote(s)) }

// form writes a whole form on the same line: ` (word arg arg)`.
func (pr *printer) form(word string, args ...string) {
	pr.word("(" + strings.Join(append([]string{word}, args...), " ") + ")")
}
