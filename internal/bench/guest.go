package main

import (
	"github.com/gondola-wasm/gondola/componentize"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit"
)

// guestWorld is the world of the guest that most rows run. It is written by hand, so that what is measured is the
// boundary and not a language's run-time.
const guestWorld = `package bench:guest;

interface host {
  add: func(a: u32, b: u32) -> u32;
  ready: async func(a: u32, b: u32) -> u32;
  spawned: async func(a: u32, b: u32) -> u32;
  later: async func(id: u32) -> u32;
}

world guest {
  import host;

  export add: func(a: u32, b: u32) -> u32;
  export echo: func(s: string) -> string;
  export add-async: async func(a: u32, b: u32) -> u32;

  // These call the host's function of that name n times, each time with the last result and 1.
  export call-add: func(n: u32) -> u32;
  export call-ready: async func(n: u32) -> u32;
  export call-spawned: async func(n: u32) -> u32;

  // Calls later once, and waits.
  export call-later: async func(id: u32) -> u32;
  // Yields n times.
  export yield: async func(n: u32) -> u32;
  // Reads to the end. Answers the number of bytes, plus 1<<40 times the sum of the first bytes of all pieces.
  export drain: async func(s: stream<u8>) -> u64;
  // Gives a stream of n bytes.
  export fill: async func(n: u64) -> stream<u8>;
  // Never returns.
  export spin: func();
}
`

const hostInterface = "bench:guest/host"

// What core code says to the canonical ABI, and hears from it (CanonicalABI.md: canon_lift, canon_lower, Subtask.State,
// EventCode, CopyResult).
const (
	callbackExit  = 0
	callbackYield = 1
	callbackWait  = 2

	subtaskStarted  = 1
	subtaskReturned = 2

	eventSubtask     = 1
	eventStreamRead  = 2
	eventStreamWrite = 3

	copyDropped = 1
	copyBlocked = -1
)

// Where things are in the guest's memory.
const (
	echoArea   = 16      // the result of echo
	resultArea = 32      // the result of ready and spawned
	laterArea  = 0x10000 // the results of later, four bytes for each id
	pieceArea  = 0x40000 // a piece of a stream
	heapStart  = 0x60000
	pages      = 24

	pieceSize = 64 << 10
	pieceByte = 7 // what fill fills pieces with
	maxLater  = (pieceArea - laterArea) / 4
)

// guestCore is the guest's core module. Tasks other than those of call-later keep their state in globals: one of a kind at
// a time.
func guestCore() []byte {
	a := newAssembler()
	a.imports()
	a.memory(pages)
	a.plain()
	a.strings()
	a.immediate()
	a.spawned()
	a.later()
	a.yields()
	a.drain()
	a.fill()
	return a.Encode()
}

// guestComponent is the guest as a component.
func guestComponent() ([]byte, error) { return component(guestCore(), guestWorld) }

// component wraps a core module in the world that is called guest.
func component(core []byte, text string) ([]byte, error) {
	r, err := wit.ParseString("guest.wit", text, wit.Options{})
	if err != nil {
		return nil, err
	}
	world, err := r.SelectWorld(nil, "guest")
	if err != nil {
		return nil, err
	}
	return componentize.Encode(core, world, componentize.Options{})
}

func (a *assembler) imports() {
	one, two, three := valTypes{i32}, valTypes{i32, i32}, valTypes{i32, i32, i32}
	a.needs(hostInterface, "add", two, one)
	a.funcs["host add"] = a.funcs["add"] // an export has the same name
	a.needs(hostInterface, "[async-lower]ready", three, one)
	a.needs(hostInterface, "[async-lower]spawned", three, one)
	a.needs(hostInterface, "[async-lower]later", two, one)
	for _, f := range []string{"add-async", "call-ready", "call-spawned", "call-later", "yield", "fill"} {
		a.needs("[export]$root", "[task-return]"+f, one, nil)
	}
	a.needs("[export]$root", "[task-return]drain", valTypes{i64}, nil)
	a.needs("$root", "[waitable-set-new]", nil, one)
	a.needs("$root", "[waitable-set-drop]", one, nil)
	a.needs("$root", "[waitable-join]", two, nil)
	a.needs("$root", "[subtask-drop]", one, nil)
	for _, slot := range []string{"0", "1"} {
		a.needs("$root", "[context-get-"+slot+"]", nil, one)
		a.needs("$root", "[context-set-"+slot+"]", one, nil)
	}
	a.needs("[export]$root", "[async-lower][stream-read-0]drain", three, one)
	a.needs("[export]$root", "[stream-drop-readable-0]drain", one, nil)
	a.needs("[export]$root", "[stream-new-0]fill", nil, valTypes{i64})
	a.needs("[export]$root", "[async-lower][stream-write-0]fill", three, one)
	a.needs("[export]$root", "[stream-drop-writable-0]fill", one, nil)
}

func (a *assembler) plain() {
	one, two := valTypes{i32}, valTypes{i32, i32}
	a.define("add", two, one, nil, a.body().get(0).get(1).op("i32.add").Code)
	a.define("call-add", one, one, one, a.body().loop().
		get(1).i32(1).call("host add").set(1).
		get(0).i32(1).op("i32.sub").Tee(0).Idx(corewasm.OpBrIf, 0).End().
		Get(1))
	a.define("spin", nil, nil, nil, a.body().loop().br(0).end().Code)
}

// strings adds echo, which gives back the memory that it was given.
func (a *assembler) strings() {
	one := valTypes{i32}
	heap := a.variable(i32) // what is used beyond heapStart
	a.define("cabi_realloc", valTypes{i32, i32, i32, i32}, one, one, a.body().
		read(heap).i32(heapStart).op("i32.add").
		get(2).op("i32.add").i32(1).op("i32.sub").
		i32(0).get(2).op("i32.sub", "i32.and").set(4).
		get(4).get(3).op("i32.add").i32(heapStart).op("i32.sub").write(heap).
		get(4).Code)
	a.define("echo", valTypes{i32, i32}, one, nil, a.body().
		i32(echoArea).get(0).mem("i32.store", 0).
		i32(echoArea).get(1).mem("i32.store", 4).
		i32(echoArea).Code)
	a.define("cabi_post_echo", one, nil, nil, a.body().i32(0).write(heap).Code)
}

// async adds an asynchronous export with its callback.
func (a *assembler) async(name string, params, locals valTypes, start, callback *corewasm.Code) {
	a.define("[async-lift]"+name, params, valTypes{i32}, locals, start)
	a.define("[callback][async-lift]"+name, valTypes{i32, i32, i32}, valTypes{i32}, nil, callback)
}

// immediate adds what returns before it waits for anything.
func (a *assembler) immediate() {
	never := func() *corewasm.Code { return a.body().op("unreachable").Code }
	a.async("add-async", valTypes{i32, i32}, nil, a.body().
		get(0).get(1).op("i32.add").call("[task-return]add-async").i32(callbackExit).Code, never())
	a.async("call-ready", valTypes{i32}, valTypes{i32}, a.body().loop().
		get(1).i32(1).i32(resultArea).call("[async-lower]ready").must(subtaskReturned).
		i32(resultArea).mem("i32.load", 0).set(1).
		get(0).i32(1).op("i32.sub").set(0).get(0).brIf(0).end().
		get(1).call("[task-return]call-ready").i32(callbackExit).Code, never())
}

// wait makes the answer that waits for a set.
func (b body) wait(set uint32) body {
	return b.read(set).i32(4).op("i32.shl").i32(callbackWait).op("i32.or")
}

// spawned adds call-spawned. Its function step makes calls until one has to be waited for, or none is left.
func (a *assembler) spawned() {
	left, acc, set := a.variable(i32), a.variable(i32), a.variable(i32)
	a.define("step-spawned", nil, valTypes{i32}, valTypes{i32}, a.body().loop().
		read(left).op("i32.eqz").when().
		read(set).call("[waitable-set-drop]").
		read(acc).call("[task-return]call-spawned").
		i32(callbackExit).op("return").end().
		read(left).i32(1).op("i32.sub").write(left).
		read(acc).i32(1).i32(resultArea).call("[async-lower]spawned").set(0).
		get(0).i32(15).op("i32.and").i32(subtaskReturned).op("i32.eq").when().
		i32(resultArea).mem("i32.load", 0).write(acc).br(1).end().
		get(0).i32(4).op("i32.shr_u").read(set).call("[waitable-join]").
		wait(set).op("return").end().op("unreachable").Code)
	a.async("call-spawned", valTypes{i32}, nil, a.body().
		get(0).write(left).i32(0).write(acc).
		call("[waitable-set-new]").write(set).call("step-spawned").Code, a.body().
		get(0).must(eventSubtask).get(2).must(subtaskReturned).
		get(1).call("[subtask-drop]").
		i32(resultArea).mem("i32.load", 0).write(acc).call("step-spawned").Code)
}

// later adds call-later. Any number of its tasks may wait: their state is in their context slots.
func (a *assembler) later() {
	place := func(b body) body { return b.i32(4).op("i32.mul").i32(laterArea).op("i32.add") }
	start := place(a.body().
		call("[waitable-set-new]").set(1).
		get(1).call("[context-set-0]").
		get(0).call("[context-set-1]").
		get(0).get(0)).call("[async-lower]later").set(2).
		get(2).i32(15).op("i32.and").must(subtaskStarted).
		get(2).i32(4).op("i32.shr_u").get(1).call("[waitable-join]").
		get(1).i32(4).op("i32.shl").i32(callbackWait).op("i32.or")
	callback := place(a.body().
		get(0).must(eventSubtask).get(2).must(subtaskReturned).
		get(1).call("[subtask-drop]").
		call("[context-get-0]").call("[waitable-set-drop]").
		call("[context-get-1]")).mem("i32.load", 0).call("[task-return]call-later").
		i32(callbackExit)
	a.async("call-later", valTypes{i32}, valTypes{i32, i32}, start.Code, callback.Code)
}

func (a *assembler) yields() {
	left, done := a.variable(i32), a.variable(i32)
	a.async("yield", valTypes{i32}, nil, a.body().
		get(0).write(left).i32(0).write(done).i32(callbackYield).Code, a.body().
		read(done).i32(1).op("i32.add").write(done).
		read(left).i32(1).op("i32.sub").write(left).
		read(left).when().i32(callbackYield).op("return").end().
		read(done).call("[task-return]yield").i32(callbackExit).Code)
}

// drain adds the reader of a stream. Its function took takes what a read has brought and says whether the stream goes on;
// step reads until it must wait.
func (a *assembler) drain() {
	stream, set, total := a.variable(i32), a.variable(i32), a.variable(i64)
	a.define("took-piece", valTypes{i32}, valTypes{i32}, nil, a.body().
		get(0).i32(4).op("i32.shr_u").when().
		read(total).
		get(0).i32(4).op("i32.shr_u", "i64.extend_i32_u", "i64.add").
		i32(pieceArea).mem("i64.load8_u", 0).i64(40).op("i64.shl", "i64.add").
		write(total).end().
		get(0).i32(15).op("i32.and", "i32.eqz").Code)
	a.define("end-drain", nil, valTypes{i32}, nil, a.body().
		read(stream).call("[stream-drop-readable-0]drain").
		read(set).call("[waitable-set-drop]").
		read(total).call("[task-return]drain").i32(callbackExit).Code)
	a.define("step-drain", nil, valTypes{i32}, valTypes{i32}, a.body().loop().
		read(stream).i32(pieceArea).i32(pieceSize).call("[async-lower][stream-read-0]drain").set(0).
		get(0).i32(copyBlocked).op("i32.eq").when().wait(set).op("return").end().
		get(0).call("took-piece").brIf(0).end().
		call("end-drain").Code)
	a.async("drain", valTypes{i32}, nil, a.body().
		get(0).write(stream).i64(0).write(total).
		call("[waitable-set-new]").write(set).
		read(stream).read(set).call("[waitable-join]").call("step-drain").Code, a.body().
		get(0).must(eventStreamRead).
		get(2).call("took-piece").op("i32.eqz").when().call("end-drain").op("return").end().
		call("step-drain").Code)
}

// fill adds the writer of a stream, in the same shape.
func (a *assembler) fill() {
	stream, set, left := a.variable(i32), a.variable(i32), a.variable(i64)
	a.define("wrote-piece", valTypes{i32}, nil, nil, a.body().
		read(left).get(0).i32(4).op("i32.shr_u", "i64.extend_i32_u", "i64.sub").write(left).
		get(0).i32(15).op("i32.and").when().i64(0).write(left).end().Code)
	a.define("step-fill", nil, valTypes{i32}, valTypes{i32}, a.body().loop().
		read(left).op("i64.eqz").when().
		read(stream).call("[stream-drop-writable-0]fill").
		read(set).call("[waitable-set-drop]").i32(callbackExit).op("return").end().
		read(stream).i32(pieceArea).
		read(left).i64(pieceSize).read(left).i64(pieceSize).op("i64.lt_u", "select", "i32.wrap_i64").
		call("[async-lower][stream-write-0]fill").set(0).
		get(0).i32(copyBlocked).op("i32.eq").when().wait(set).op("return").end().
		get(0).call("wrote-piece").br(0).end().op("unreachable").Code)
	ends := a.AddFunc(a.AddType(valTypes{i64}, nil), valTypes{i64}, a.body().
		call("[stream-new-0]fill").set(1).
		get(1).i64(32).op("i64.shr_u", "i32.wrap_i64").write(stream).
		get(0).write(left).
		call("[waitable-set-new]").write(set).
		read(stream).read(set).call("[waitable-join]").
		i32(pieceArea).i32(pieceByte).i32(pieceSize).fillMemory().
		get(1).op("i32.wrap_i64").call("[task-return]fill").Code)
	a.funcs["open-fill"] = ends
	a.async("fill", valTypes{i64}, nil, a.body().get(0).call("open-fill").call("step-fill").Code, a.body().
		get(0).must(eventStreamWrite).
		get(2).call("wrote-piece").call("step-fill").Code)
}
