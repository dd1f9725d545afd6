package main

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// floor is the guest's core module on wazero alone. Its imports do as little as lets the guest run: they move the bytes
// that have to move, and start the goroutines that have to be started.
type floor struct {
	ctx context.Context
	rt  wazero.Runtime
	mod api.Module
	mem api.Memory

	returned uint64     // by task.return
	pending  chan reply // from the goroutine of a host function
	gate     chan struct{}
	context  [2]uint64
	incoming [][]byte // pieces that the guest will read
	outgoing []byte   // where the guest's pieces are copied
}

// reply is what the goroutine of a host function has found out.
type reply struct {
	address, value uint32
}

func newFloor(l *lab) (*floor, error) {
	f := &floor{ctx: l.ctx, pending: make(chan reply), gate: newGate(l), outgoing: make([]byte, pieceSize)}
	f.rt = wazero.NewRuntime(l.ctx)
	l.atEnd(func() error { return f.rt.Close(l.ctx) })
	for module, funcs := range f.imports() {
		b := f.rt.NewHostModuleBuilder(module)
		for name, fn := range funcs {
			b.NewFunctionBuilder().WithGoFunction(fn.run, fn.params, fn.results).Export(name)
		}
		if _, err := b.Instantiate(l.ctx); err != nil {
			return nil, err
		}
	}
	var err error
	if f.mod, err = f.rt.Instantiate(l.ctx, guestCore()); err != nil {
		return nil, err
	}
	f.mem = f.mod.Memory()
	return f, nil
}

// newGate is a channel at which some other goroutine always sends.
func newGate(l *lab) chan struct{} {
	gate, stop := make(chan struct{}), make(chan struct{})
	go func() {
		for {
			select {
			case gate <- struct{}{}:
			case <-stop:
				return
			}
		}
	}()
	l.atEnd(func() error { close(stop); return nil })
	return gate
}

type hostFunc struct {
	params, results []api.ValueType
	run             api.GoFunc
}

// fn makes a host function of run, which has the slots of n parameters in front of it and may put a result into the first
// one.
func fn(params, results []api.ValueType, run func(stack []uint64)) hostFunc {
	return hostFunc{params, results, func(_ context.Context, stack []uint64) { run(stack) }}
}

// handle is what the only subtask, set or stream of a kind is called.
const handle = 1

func (f *floor) imports() map[string]map[string]hostFunc {
	word, long := []api.ValueType{api.ValueTypeI32}, []api.ValueType{api.ValueTypeI64}
	two, three := append(word, word...), append(word, append(word, word...)...)
	returns := fn(word, nil, func(s []uint64) { f.returned = s[0] })
	nothing := func([]uint64) {}
	m := map[string]map[string]hostFunc{
		hostInterface: {
			"add":                  fn(two, word, func(s []uint64) { s[0] = uint64(uint32(s[0]) + uint32(s[1])) }),
			"[async-lower]ready":   fn(three, word, f.ready),
			"[async-lower]spawned": fn(three, word, f.spawned),
			"[async-lower]later":   fn(two, word, f.later),
		},
		"$root": {
			"[waitable-set-new]":  fn(nil, word, func(s []uint64) { s[0] = handle }),
			"[waitable-set-drop]": fn(word, nil, nothing),
			"[waitable-join]":     fn(two, nil, nothing),
			"[subtask-drop]":      fn(word, nil, nothing),
		},
		"[export]$root": {
			"[task-return]drain":                fn(long, nil, func(s []uint64) { f.returned = s[0] }),
			"[async-lower][stream-read-0]drain": fn(three, word, f.streamRead),
			"[stream-drop-readable-0]drain":     fn(word, nil, nothing),
			"[stream-new-0]fill":                fn(nil, long, func(s []uint64) { s[0] = handle<<32 | handle }),
			"[async-lower][stream-write-0]fill": fn(three, word, f.streamWrite),
			"[stream-drop-writable-0]fill":      fn(word, nil, nothing),
		},
	}
	for i, slot := range []string{"0", "1"} {
		m["$root"]["[context-get-"+slot+"]"] = fn(nil, word, func(s []uint64) { s[0] = f.context[i] })
		m["$root"]["[context-set-"+slot+"]"] = fn(word, nil, func(s []uint64) { f.context[i] = s[0] })
	}
	for _, name := range []string{"add-async", "call-ready", "call-spawned", "call-later", "yield", "fill"} {
		m["[export]$root"]["[task-return]"+name] = returns
	}
	return m
}

func (f *floor) ready(s []uint64) {
	f.mem.WriteUint32Le(uint32(s[2]), uint32(s[0])+uint32(s[1]))
	s[0] = subtaskReturned
}

func (f *floor) spawned(s []uint64) {
	r := reply{uint32(s[2]), uint32(s[0]) + uint32(s[1])}
	go func() { f.pending <- r }()
	s[0] = handle<<4 | subtaskStarted
}

func (f *floor) later(s []uint64) {
	r := reply{uint32(s[1]), uint32(s[0])}
	go func() {
		<-f.gate
		f.pending <- r
	}()
	s[0] = handle<<4 | subtaskStarted
}

func (f *floor) streamRead(s []uint64) {
	if len(f.incoming) == 0 {
		s[0] = copyDropped
		return
	}
	piece := f.incoming[0]
	f.incoming = f.incoming[1:]
	f.mem.Write(uint32(s[1]), piece)
	s[0] = uint64(len(piece) << 4)
}

func (f *floor) streamWrite(s []uint64) {
	piece, _ := f.mem.Read(uint32(s[1]), uint32(s[2]))
	copy(f.outgoing, piece)
	s[0] = uint64(len(piece) << 4)
}

// export is an exported function of the guest.
func (f *floor) export(name string) func(args ...uint64) (uint64, error) {
	fn := f.mod.ExportedFunction(name)
	var stack [4]uint64
	return func(args ...uint64) (uint64, error) {
		copy(stack[:], args)
		err := fn.CallWithStack(f.ctx, stack[:max(1, len(args))])
		return stack[0], err
	}
}

// async calls an asynchronous export and its callback until the task is over.
func (f *floor) async(name string) func(args ...uint64) (uint64, error) {
	start, callback := f.export("[async-lift]"+name), f.export("[callback][async-lift]"+name)
	return func(args ...uint64) (uint64, error) {
		code, err := start(args...)
		for err == nil && code != callbackExit {
			switch code & 0xf {
			case callbackYield:
				code, err = callback(0, 0, 0)
			case callbackWait:
				r := <-f.pending
				f.mem.WriteUint32Le(r.address, r.value)
				code, err = callback(eventSubtask, handle, subtaskReturned)
			default:
				err = fmt.Errorf("%s answered %d", name, code)
			}
		}
		return f.returned, err
	}
}
