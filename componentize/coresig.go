package componentize

import (
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/wittypes"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit"
)

// liftKind says how an exported function is lifted.
type liftKind uint8

const (
	liftSync     liftKind = iota
	liftCallback          // asynchronously, with a callback
	liftStackful          // asynchronously, without one
)

// needs are the canonical options that a definition cannot do without.
//
// By the letter of the specification, a type that contains a string or list needs
// them even if these are what a stream or future carries; its executable model
// and today's tools don't need them there. So such a definition gets the options where
// the module has something to give, which satisfies everybody.
type needs struct {
	memory, realloc, encoding bool
	wantsMemory, wantsRealloc bool // if the module has them
}

func (n needs) or(m needs) needs {
	return needs{
		n.memory || m.memory, n.realloc || m.realloc, n.encoding || m.encoding,
		n.wantsMemory || m.wantsMemory, n.wantsRealloc || m.wantsRealloc,
	}
}

// settle decides about what a definition only wants.
func (n needs) settle(memory, realloc string) needs {
	n.memory = n.memory || n.wantsMemory && memory != ""
	n.realloc = n.realloc || n.wantsRealloc && memory != "" && realloc != ""
	return n
}

// signatures finds core signatures. It looks at each type once, however many functions
// mention it. Not safe for use from several goroutines.
type signatures struct {
	types *wittypes.Types
	lifts map[*wit.TypeDef]needs // see liftNeeds
}

func newSignatures() *signatures {
	return &signatures{wittypes.New(), map[*wit.TypeDef]needs{}}
}

// lowered is the core signature of an imported function, and what lowering it
// needs.
func (s *signatures) lowered(f *wit.Function, async bool) (corewasm.FuncType, needs) {
	ft := s.types.Func(f)
	n := s.liftNeeds(paramTypes(f)...).or(s.lowerNeeds(f.Result))
	if async {
		n.memory = n.memory || f.Result != nil || flatParams(ft) > layout.MaxFlatAsyncParams
		n.wantsMemory = true // by the letter of the specification
	} else {
		n.memory = n.memory || spills(ft)
	}
	return coreSignature(ft, layout.ABI{Direction: layout.Lower, Async: async}), n
}

// lifted is the core signature of an exported function, and what lifting it needs.
func (s *signatures) lifted(f *wit.Function, kind liftKind) (corewasm.FuncType, needs) {
	ft := s.types.Func(f)
	n := s.lowerNeeds(paramTypes(f)...).or(s.liftNeeds(f.Result))
	n.memory = n.memory || spills(ft)
	n.realloc = n.realloc || flatParams(ft) > layout.MaxFlatParams
	return coreSignature(ft, layout.ABI{Async: kind != liftSync, Callback: kind == liftCallback}), n
}

// taskReturn is the core signature of f's task.return, and what it needs: what an
// asynchronous lift of f needs, since the options of both must agree, without
// realloc.
//
// Spec: CanonicalABI.md#-canon-taskreturn.
func (s *signatures) taskReturn(f *wit.Function) (corewasm.FuncType, needs) {
	_, n := s.lifted(f, liftCallback)
	n.realloc, n.wantsRealloc = false, false
	ft := &types.Func{}
	if f.Result != nil {
		ft.Params = []types.Field{{Name: "result", Type: s.types.Type(f.Result)}}
	}
	return coreSignature(ft, layout.ABI{Direction: layout.Lower}), n
}

// postReturn is the core signature of what is called when the result of f was
// read.
func (s *signatures) postReturn(f *wit.Function) corewasm.FuncType {
	sig, _ := s.lifted(f, liftSync)
	return corewasm.FuncType{Params: sig.Results}
}

func coreSignature(ft *types.Func, abi layout.ABI) corewasm.FuncType {
	flat := layout.FlattenFunc(ft, abi)
	return corewasm.FuncType{Params: coreValTypes(flat.Params), Results: coreValTypes(flat.Results)}
}

func coreValTypes(flat []layout.CoreType) []corewasm.ValType {
	ts := make([]corewasm.ValType, len(flat))
	for i, t := range flat {
		ts[i] = corewasm.ValType(t)
	}
	return ts
}

// spills reports whether parameters or result of a synchronous call go through
// memory.
func spills(ft *types.Func) bool {
	return flatParams(ft) > layout.MaxFlatParams ||
		ft.Result != nil && layout.Of(ft.Result, layout.Ptr32).FlatLen > layout.MaxFlatResults
}

func flatParams(ft *types.Func) int { return layout.Types(ft.ParamTypes(), layout.Ptr32).FlatLen }

// transferNeeds is what reading or writing a stream or future needs.
func (s *signatures) transferNeeds(elem wit.Type, read bool) needs {
	n := s.liftNeeds(elem)
	if read {
		n = s.lowerNeeds(elem)
	}
	n.memory = true
	return n
}

func paramTypes(f *wit.Function) []wit.Type {
	ts := make([]wit.Type, len(f.Params))
	for i, p := range f.Params {
		ts[i] = p.Type
	}
	return ts
}

// liftNeeds is what it takes to read values of these types, any of which may be nil.
func (s *signatures) liftNeeds(ts ...wit.Type) needs {
	var n needs
	for _, t := range ts {
		n = n.or(s.liftNeed(t))
	}
	return n
}

func (s *signatures) liftNeed(t wit.Type) needs {
	d, ok := t.(*wit.TypeDef)
	if !ok {
		text := t == wit.String
		return needs{memory: text, encoding: text, wantsMemory: text}
	}
	if n, known := s.lifts[d]; known {
		return n
	}
	pointer := isPointer(d)
	n := needs{memory: pointer, wantsMemory: pointer}
	switch d.Kind.(type) {
	case *wit.Own, *wit.Borrow: // not made of the resource
	case *wit.Future, *wit.Stream:
		n.wantsMemory = s.liftNeeds(parts(d.Kind)...).wantsMemory // for what it carries
	default:
		n = n.or(s.liftNeeds(parts(d.Kind)...))
	}
	s.lifts[d] = n
	return n
}

// lowerNeeds is what it takes to write values of these types, any of which may be nil.
func (s *signatures) lowerNeeds(ts ...wit.Type) needs {
	n := s.liftNeeds(ts...)
	n.realloc, n.wantsRealloc = n.memory, n.wantsMemory
	return n
}

func isPointer(t wit.Type) bool {
	d, ok := t.(*wit.TypeDef)
	if !ok {
		return false
	}
	switch d.Kind.(type) {
	case *wit.List, *wit.Map:
		return true
	}
	return false
}

// maxTransfers bounds the streams and futures that are counted in one function's type: types
// can hold each other in so many places that nobody could.
const maxTransfers = 1 << 16

// streamsAndFutures are the streams and futures in f's type in the order in which
// core names count them, at most maxTransfers. One that stands at several places is
// there several times.
func streamsAndFutures(f *wit.Function) []*wit.TypeDef {
	s := &transferSearch{none: map[*wit.TypeDef]bool{}}
	for _, t := range append(paramTypes(f), f.Result) {
		s.visit(t)
	}
	return s.found
}

type transferSearch struct {
	found []*wit.TypeDef
	none  map[*wit.TypeDef]bool // types in which there is none
}

func (s *transferSearch) visit(t wit.Type) {
	d, ok := t.(*wit.TypeDef)
	if !ok || s.none[d] || len(s.found) == maxTransfers {
		return
	}
	before := len(s.found)
	switch d.Kind.(type) {
	case *wit.Own, *wit.Borrow: // not made of the resource
	default:
		for _, part := range parts(d.Kind) {
			s.visit(part)
		}
	}
	switch d.Kind.(type) {
	case *wit.Stream, *wit.Future:
		if len(s.found) < maxTransfers {
			s.found = append(s.found, d)
		}
	}
	if len(s.found) == before {
		s.none[d] = true
	}
}
