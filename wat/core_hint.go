package wat

import (
	"slices"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/leb128"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// branchHint names an annotation in front of an instruction, and the custom section
// that it becomes.
//
// Spec: WebAssembly core 3.0, appendix A.6.4 (branch hints).
const branchHint = "metadata.code.branch_hint"

// hint is a branch hint: whether a branch is likely to be taken.
type hint uint8

const (
	noHint hint = iota
	unlikely
	likely
)

// placedHint is a hint with the place of its instruction in the body, in bytes.
type placedHint struct {
	offset uint32
	hint   hint
}

// takeHint consumes the hint in front of an instruction.
func (b *bodyText) takeHint() hint {
	if len(b.t.annotations) == 0 {
		return noHint
	}
	in, ok := b.t.takeAnnotation(branchHint)
	if !ok {
		return noHint
	}
	at := in.span()
	value := in.str()
	if !in.at(tokEOF) {
		in.unexpected("`)`")
	}
	if _, twice := b.t.takeAnnotation(branchHint); twice {
		in.fail(at, "@%s annotation: duplicate annotation", branchHint)
	}
	switch value {
	case "\x00":
		return unlikely
	case "\x01":
		return likely
	}
	b.t.failWith(syntax.Errorf(at, "@%s annotation: invalid value", branchHint).WithHint(`unlikely is "\00", likely is "\01"`))
	return noHint
}

// place notes the hint for the instruction that comes next in the binary.
func (b *bodyText) place(h hint) {
	if h != noHint {
		b.hints = append(b.hints, placedHint{uint32(len(b.dst)), h})
	}
}

// branchHints is the contents of the section behind the number of functions.
type branchHints struct {
	count     uint32
	functions []byte
}

func (t *moduleText) addHints(function uint32, hints []placedHint) {
	if len(hints) == 0 {
		return
	}
	t.hints.count++
	dst := leb128.AppendU32(leb128.AppendU32(t.hints.functions, function), uint32(len(hints)))
	for _, h := range hints {
		dst = append(leb128.AppendU32(dst, h.offset), 1, byte(h.hint-unlikely))
	}
	t.hints.functions = dst
}

// placeHints puts the section in front of the code.
func (t *moduleText) placeHints() {
	if t.hints.count == 0 {
		return
	}
	code := slices.IndexFunc(sectionWords, func(s sectionWord) bool { return s.id == corewasm.SectionCode })
	data := append(leb128.AppendU32(nil, t.hints.count), t.hints.functions...)
	t.customs = append(t.customs, placedCustom{before(code), corewasm.Custom{Name: branchHint, Data: data}})
}
