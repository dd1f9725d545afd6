package componentize

import (
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// builtin is a built-in that has nothing to do with a particular function or type.
type builtin struct {
	canon component.Canon
	sig   corewasm.FuncType
	needs needs
}

// coreFunc reads a core signature such as "i32 i64 -> i32".
func coreFunc(s string) corewasm.FuncType {
	params, results, _ := strings.Cut(s, "->")
	return corewasm.FuncType{Params: coreTypes(params), Results: coreTypes(results)}
}

func coreTypes(s string) []corewasm.ValType {
	var ts []corewasm.ValType
	for _, f := range strings.Fields(s) {
		ts = append(ts, map[string]corewasm.ValType{"i32": corewasm.I32, "i64": corewasm.I64}[f])
	}
	return ts
}

// plainBuiltins are those whose name says everything.
var plainBuiltins = map[string]struct {
	op  component.CanonOp
	sig string
}{
	"[backpressure-inc]":            {component.CanonBackpressureInc, "->"},
	"[backpressure-dec]":            {component.CanonBackpressureDec, "->"},
	"[waitable-set-new]":            {component.CanonWaitableSetNew, "-> i32"},
	"[waitable-set-wait]":           {component.CanonWaitableSetWait, "i32 i32 -> i32"},
	"[waitable-set-poll]":           {component.CanonWaitableSetPoll, "i32 i32 -> i32"},
	"[waitable-set-drop]":           {component.CanonWaitableSetDrop, "i32 ->"},
	"[waitable-join]":               {component.CanonWaitableJoin, "i32 i32 ->"},
	"[subtask-drop]":                {component.CanonSubtaskDrop, "i32 ->"},
	"[subtask-cancel]":              {component.CanonSubtaskCancel, "i32 -> i32"},
	"[thread-yield]":                {component.CanonThreadYield, "-> i32"},
	"[thread-index]":                {component.CanonThreadIndex, "-> i32"},
	"[thread-new-indirect-v0]":      {component.CanonThreadNewIndirect, "i32 i32 -> i32"},
	"[thread-resume-later]":         {component.CanonThreadResumeLater, "i32 ->"},
	"[thread-suspend]":              {component.CanonThreadSuspend, "-> i32"},
	"[thread-suspend-then-resume]":  {component.CanonThreadSuspendThenResume, "i32 -> i32"},
	"[thread-yield-then-resume]":    {component.CanonThreadYieldThenResume, "i32 -> i32"},
	"[thread-suspend-then-promote]": {component.CanonThreadSuspendThenPromote, "i32 -> i32"},
	"[thread-yield-then-promote]":   {component.CanonThreadYieldThenPromote, "i32 -> i32"},
	"[error-context-drop]":          {component.CanonErrorContextDrop, "i32 ->"},
}

// rootBuiltin finds the built-in that has a name in the core module `$root`.
func rootBuiltin(name string) (builtin, bool) {
	var c component.Canon
	plain := name
	if s, ok := strings.CutPrefix(name, "[cancellable]"); ok {
		c.Cancellable, plain = true, s
	} else if s, ok := strings.CutPrefix(name, "[async-lower]"); ok {
		c.Async, plain = true, s
	}
	if b, ok := plainBuiltins[plain]; ok {
		c.Op = b.op
		return builtin{c, coreFunc(b.sig), builtinNeeds(b.op)}, allowed(&c)
	}
	if b, ok := contextBuiltin(name); ok {
		return b, true
	}
	return errorContextBuiltin(name)
}

// allowed reports whether the definition has the fields that a name's prefix set.
func allowed(c *component.Canon) bool {
	imms, _ := c.Op.Immediates()
	var cancellable, async bool
	for _, imm := range imms {
		cancellable = cancellable || imm == component.ImmCancellable
		async = async || imm == component.ImmAsync
	}
	return (cancellable || !c.Cancellable) && (async || !c.Async)
}

func builtinNeeds(op component.CanonOp) needs {
	switch op {
	case component.CanonWaitableSetWait, component.CanonWaitableSetPoll:
		return needs{memory: true}
	}
	return needs{}
}

// contextBuiltin parses `[context-get-0]`, and `[context-set-i64-1]`.
func contextBuiltin(name string) (builtin, bool) {
	c := component.Canon{Op: component.CanonContextGet}
	rest, get := strings.CutPrefix(name, "[context-get-")
	if !get {
		var set bool
		if rest, set = strings.CutPrefix(name, "[context-set-"); !set {
			return builtin{}, false
		}
		c.Op = component.CanonContextSet
	}
	slot, ok := strings.CutSuffix(rest, "]")
	t := corewasm.I32
	if s, wide := strings.CutPrefix(slot, "i64-"); wide {
		slot, t = s, corewasm.I64
	} else {
		slot = strings.TrimPrefix(slot, "i32-")
	}
	n, err := strconv.ParseUint(slot, 10, 32)
	if !ok || err != nil {
		return builtin{}, false
	}
	c.Slot, c.Context = uint32(n), component.CoreValType{Code: component.CoreTypeCode(t)}
	if get {
		return builtin{canon: c, sig: corewasm.FuncType{Results: []corewasm.ValType{t}}}, true
	}
	return builtin{canon: c, sig: corewasm.FuncType{Params: []corewasm.ValType{t}}}, true
}

// errorContextBuiltin finds `[error-context-new-utf8]` and the like.
func errorContextBuiltin(name string) (builtin, bool) {
	for _, encoding := range []component.OptionKind{component.OptionUTF8, component.OptionUTF16, component.OptionLatin1UTF16} {
		c := component.Canon{Options: []component.CanonOption{{Kind: encoding}}}
		suffix := strings.TrimPrefix(encoding.String(), "string-encoding=") + "]"
		switch name {
		case "[error-context-new-" + suffix:
			c.Op = component.CanonErrorContextNew
			return builtin{c, coreFunc("i32 i32 -> i32"), needs{memory: true}}, true
		case "[error-context-debug-message-" + suffix:
			c.Op = component.CanonErrorContextDebugMessage
			return builtin{c, coreFunc("i32 i32 ->"), needs{memory: true, realloc: true}}, true
		}
	}
	return builtin{}, false
}
