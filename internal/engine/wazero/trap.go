package wazero

import (
	"errors"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero/sys"

	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/trap"
)

// trapCodes maps what wazero says of a trap to its code. Its errors are
// internal; their texts, which follow the core test suite, are not.
var trapCodes = map[string]trap.Code{
	"unreachable":                   trap.Unreachable,
	"out of bounds memory access":   trap.MemoryOutOfBounds,
	"invalid table access":          trap.TableOutOfBounds,
	"indirect call type mismatch":   trap.IndirectCallTypeMismatch,
	"integer divide by zero":        trap.IntegerDivideByZero,
	"integer overflow":              trap.IntegerOverflow,
	"invalid conversion to integer": trap.InvalidConversionToInteger,
	"stack overflow":                trap.StackExhausted,
	"null reference":                trap.NullReference,
	"uncaught exception":            trap.UncaughtException,
	"unaligned atomic":              trap.UnalignedAtomic,
	"expected shared memory":        trap.UnsharedWait,
}

// asError turns what a call returned into what it was: a trap of the guest, or
// the error that a host function panicked with.
func asError(err error) error {
	if t := err.Error(); strings.HasPrefix(t, "data[") && strings.HasSuffix(t, "]: out of bounds memory access") {
		return trap.New(trap.MemoryOutOfBounds) // an active segment, at instantiation
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if exit, ok := e.(*sys.ExitError); ok {
			return &engine.ExitError{Code: exit.ExitCode()}
		}
		if code, ok := trapCodes[e.Error()]; ok {
			t := trap.New(code)
			t.Frames = frames(err.Error())
			return t
		}
		if t, ok := e.(*trap.Trap); ok {
			t.Frames = append(t.Frames, frames(err.Error())...)
			return t
		}
		if errors.Unwrap(e) == nil && e != err {
			return e
		}
	}
	return err
}

const traceHeader = "wasm stack trace:\n"

// frames reads the wasm backtrace out of the text of wazero's error:
//
//	wasm error: unreachable
//	wasm stack trace:
//		module.function(i32,i32) i32
//			0x1234: /path/file.c:12:3
func frames(text string) []trap.Frame {
	_, trace, ok := strings.Cut(text, traceHeader)
	if !ok {
		return nil
	}
	var fs []trap.Frame
	for line := range strings.Lines(trace) {
		name, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "\t")
		switch {
		case !ok || strings.HasPrefix(name, "..."):
			return fs
		case strings.HasPrefix(name, "\t"):
			addSource(fs, strings.TrimSpace(name))
		case strings.HasPrefix(name, hostModule+"."+tickField+"("): // of ours, which no guest has called
		default:
			fs = append(fs, frame(name))
		}
	}
	return fs
}

// frame reads a line of the trace. Names of Go functions contain parentheses
// and dots, so the signature is what starts at the last "(" that core value
// types, or nothing, fill up to a ")".
func frame(line string) trap.Frame {
	name := line
	if i := strings.LastIndexByte(line, '('); i > 0 {
		name = line[:i]
		if strings.HasSuffix(name, ") ") {
			// Several results: "f(i32) (i32,i64)".
			if j := strings.LastIndexByte(name, '('); j > 0 {
				name = name[:j]
			}
		}
	}
	name = strings.TrimPrefix(name, hostModule+".") // functions of the host, too, are called by their names alone
	name = strings.TrimPrefix(name, ".")
	return trap.Frame{Func: named(name)}
}

// named is a name of which nobody can take the index of a function without one for a
// number of something: m.func[7] for m.$7.
func named(name string) string {
	module, index := "", name
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		module, index = name[:i+1], name[i+1:]
	}
	index, ok := strings.CutPrefix(index, "$")
	if _, err := strconv.ParseUint(index, 10, 32); !ok || err != nil {
		return strings.TrimPrefix(name, "$")
	}
	return module + "func[" + index + "]"
}

// addSource adds a line of debug information to the innermost function that
// has none yet: "0x1234: /path/file.c:12:3 (inlined)".
func addSource(fs []trap.Frame, source string) {
	if len(fs) == 0 || fs[len(fs)-1].File != "" {
		return
	}
	if _, after, ok := strings.Cut(source, ": "); ok {
		source = after
	}
	source, _, _ = strings.Cut(source, " ")
	parts := strings.Split(source, ":")
	if len(parts) < 2 {
		return
	}
	line := 0
	for _, c := range parts[1] {
		if c < '0' || c > '9' {
			return
		}
		line = line*10 + int(c-'0')
	}
	fs[len(fs)-1].File, fs[len(fs)-1].Line = parts[0], line
}
