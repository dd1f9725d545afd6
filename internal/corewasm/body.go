package corewasm

import (
	"strconv"

	"github.com/gondola-wasm/gondola/internal/leb128"
)

// LocalGroup declares Count locals of one type.
type LocalGroup struct {
	Count uint32
	Type  ValType
}

// Body is a function body that is being walked: its local declarations and, one
// by one, its instructions. A Body belongs to one goroutine.
type Body struct {
	Locals []LocalGroup
	r      instrReader
	code   int // where the instructions begin
}

// Body starts walking the body of defined function i (an index into
// m.Functions, not a function index).
func (m *Module) Body(i int) (*Body, error) {
	b := new(Body)
	if err := b.reset(m, i); err != nil {
		return nil, err
	}
	return b, nil
}

// reset makes b walk another body and keeps its buffers.
func (b *Body) reset(m *Module, i int) error {
	f := &m.Functions[i]
	b.r.reader = reader{b: f.Body, base: f.Offset}
	b.Locals = b.Locals[:0]
	b.readLocals(paramCount(m, f))
	b.code = b.r.pos
	return b.r.err
}

func whereFunction(m *Module, i int) string {
	return "function " + strconv.Itoa(m.NumImported(KindFunc)+i)
}

func paramCount(m *Module, f *Function) int {
	if int(f.Type) >= len(m.Types) {
		return 0
	}
	return len(m.Types[f.Type].Params)
}

func (b *Body) readLocals(total int) {
	r := &b.r.reader
	for n := r.count("local declarations", MaxLocals, 2); n > 0 && r.err == nil; n-- {
		pos := r.pos
		g := LocalGroup{r.u32(), r.valType()}
		if uint64(total)+uint64(g.Count) > MaxLocals {
			r.fail(pos, "too many locals: at most %d are supported", MaxLocals)
			return
		}
		total += int(g.Count)
		b.Locals = append(b.Locals, g)
	}
}

// Next reads the next instruction into the buffer that it returns, or nil at the
// end and after an error; see Err. The buffer is overwritten by the next call.
func (b *Body) Next() *Instr {
	if !b.r.next() {
		return nil
	}
	return &b.r.Instr
}

// Err is the error that ended the walk, if one did.
func (b *Body) Err() error { return b.r.err }

// appendLocals appends local declarations.
func appendLocals(dst []byte, groups []LocalGroup) []byte {
	return appendVec(dst, groups, func(dst []byte, g *LocalGroup) []byte {
		return g.Type.Append(leb128.AppendU32(dst, g.Count))
	})
}
