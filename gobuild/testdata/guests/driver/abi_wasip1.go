package main

import (
	"context"

	"github.com/gondola-wasm/gondola/bindgen/guestrt/rt"
)

// call makes an async call without result.
func call(ctx context.Context, start func() uint32) error {
	c := rt.NewScope()
	defer c.Free()
	return c.Await(ctx, start(), nil)
}

func echo(ctx context.Context, s string, delay uint32) (string, error) {
	c := rt.NewScope()
	defer c.Free()
	s0, s1 := c.String(s)
	ret := c.Block(8, 4)
	lift := func() string { return rt.TakeString(rt.Load[uint32](ret), rt.Load[uint32](ret+4)) }
	if err := c.Await(ctx, importEcho(s0, s1, delay, ret), func() { lift() }); err != nil {
		return "", err
	}
	return lift(), nil
}

//go:wasmimport test:guests/api [async-lower]echo
func importEcho(s0, s1, delay, ret uint32) uint32

func waitSignal(ctx context.Context) error { return call(ctx, importWaitSignal) }

//go:wasmimport test:guests/api [async-lower]wait-signal
func importWaitSignal() uint32

func signal(ctx context.Context) error { return call(ctx, importSignal) }

//go:wasmimport test:guests/api [async-lower]signal
func importSignal() uint32

func waitThenSleep(ctx context.Context, delay uint32) error {
	return call(ctx, func() uint32 { return importWaitThenSleep(delay) })
}

//go:wasmimport test:guests/api [async-lower]wait-then-sleep
func importWaitThenSleep(delay uint32) uint32

func signalThenWait(ctx context.Context) error { return call(ctx, importSignalThenWait) }

//go:wasmimport test:guests/api [async-lower]signal-then-wait
func importSignalThenWait() uint32

func outlive(ctx context.Context, delay uint32) error {
	return call(ctx, func() uint32 { return importOutlive(delay) })
}

//go:wasmimport test:guests/api [async-lower]outlive
func importOutlive(delay uint32) uint32

func untilCancelled(ctx context.Context, delay uint32) error {
	return call(ctx, func() uint32 { return importUntilCancelled(delay) })
}

//go:wasmimport test:guests/api [async-lower]until-cancelled
func importUntilCancelled(delay uint32) uint32

func manyStrings(ctx context.Context, n uint32) ([]string, error) {
	c := rt.NewScope()
	defer c.Free()
	ret := c.Block(8, 4)
	lift := func() []string {
		p := rt.Load[uint32](ret)
		v := make([]string, rt.Load[uint32](ret+4))
		for i := range v {
			q := p + uint32(i)*8
			v[i] = rt.TakeString(rt.Load[uint32](q), rt.Load[uint32](q+4))
		}
		rt.Free(p)
		return v
	}
	if err := c.Await(ctx, importStrings(n, ret), func() { lift() }); err != nil {
		return nil, err
	}
	return lift(), nil
}

//go:wasmimport test:guests/api [async-lower]strings
func importStrings(n, ret uint32) uint32

func readAll(ctx context.Context, s *rt.ByteReader) ([]byte, error) {
	c := rt.NewScope()
	defer c.Free()
	ret := c.Block(8, 4)
	lift := func() []byte { return rt.TakeBytes(rt.Load[uint32](ret), rt.Load[uint32](ret+4)) }
	if err := c.Await(ctx, importReadAll(s.Lower(c), ret), func() { lift() }); err != nil {
		return nil, err
	}
	return lift(), nil
}

//go:wasmimport test:guests/api [async-lower]read-all
func importReadAll(s, ret uint32) uint32

// exchange makes an async call that takes one handle and returns another.
func exchange[T any](ctx context.Context, start func(c *rt.Scope, ret uint32) uint32, lift func(handle uint32) T) (v T, err error) {
	c := rt.NewScope()
	defer c.Free()
	ret := c.Block(4, 4)
	if err := c.Await(ctx, start(c, ret), nil); err != nil {
		return v, err
	}
	return lift(rt.Load[uint32](ret)), nil
}

func echoStream(ctx context.Context, s *rt.ByteReader) (*rt.ByteReader, error) {
	return exchange(ctx, func(c *rt.Scope, ret uint32) uint32 { return importEchoStream(s.Lower(c), ret) },
		func(h uint32) *rt.ByteReader { return rt.LiftByteStream(&byteStream, h) })
}

//go:wasmimport test:guests/api [async-lower]echo-stream
func importEchoStream(s, ret uint32) uint32

func echoStrings(ctx context.Context, s *rt.StreamReader[string]) (*rt.StreamReader[string], error) {
	return exchange(ctx, func(c *rt.Scope, ret uint32) uint32 { return importEchoStrings(s.Lower(c), ret) },
		func(h uint32) *rt.StreamReader[string] { return rt.LiftStream(&stringStream, h) })
}

//go:wasmimport test:guests/api [async-lower]echo-strings
func importEchoStrings(s, ret uint32) uint32

func echoFuture(ctx context.Context, f *rt.FutureReader[string]) (*rt.FutureReader[string], error) {
	return exchange(ctx, func(c *rt.Scope, ret uint32) uint32 { return importEchoFuture(f.Lower(c), ret) },
		func(h uint32) *rt.FutureReader[string] { return rt.LiftFuture(&stringFuture, h) })
}

//go:wasmimport test:guests/api [async-lower]echo-future
func importEchoFuture(f, ret uint32) uint32

func units(ctx context.Context, n uint32) (*rt.StreamReader[rt.Unit], error) {
	return exchange(ctx, func(c *rt.Scope, ret uint32) uint32 { return importUnits(n, ret) },
		func(h uint32) *rt.StreamReader[rt.Unit] { return rt.LiftStream(&rt.UnitStream, h) })
}

//go:wasmimport test:guests/api [async-lower]units
func importUnits(n, ret uint32) uint32

func printPlain(s string) {
	c := rt.NewScope()
	defer c.Free()
	importPrint(c.String(s))
}

//go:wasmimport test:guests/api print
func importPrint(s0, s1 uint32)

//go:wasmimport test:guests/api sleep
func sleepPlain(delay uint32)

//go:wasmimport test:guests/api helped
func helped(n uint32) uint32

func large(n uint32) []byte {
	c := rt.NewScope()
	defer c.Free()
	ret := c.Block(8, 4)
	importLarge(n, ret)
	return rt.TakeBytes(rt.Load[uint32](ret), rt.Load[uint32](ret+4))
}

//go:wasmimport test:guests/api large
func importLarge(n, ret uint32)

//go:wasmimport test:guests/api signal-plain
func signalPlain()

//go:wasmimport test:guests/api outlived
func outlived() uint32

//go:wasmimport test:guests/api cancelled
func cancelled() uint32

//go:wasmimport test:guests/api background
func initialized() uint32

func spin(ctx context.Context, delay uint32) error {
	return call(ctx, func() uint32 { return importSpin(delay) })
}

//go:wasmimport test:guests/api [async-lower]spin
func importSpin(delay uint32) uint32

//go:wasmimport test:guests/things count
func things() uint32

func tick(ctx context.Context) error { return call(ctx, importTick) }

//go:wasmimport test:guests/things [async-lower]tick
func importTick() uint32

// text makes an async call that returns a string.
func text(ctx context.Context, start func(c *rt.Scope, ret uint32) uint32) (string, error) {
	c := rt.NewScope()
	defer c.Free()
	ret := c.Block(8, 4)
	lift := func() string { return rt.TakeString(rt.Load[uint32](ret), rt.Load[uint32](ret+4)) }
	if err := c.Await(ctx, start(c, ret), func() { lift() }); err != nil {
		return "", err
	}
	return lift(), nil
}

func keep(ctx context.Context, t thing, delay uint32) (string, error) {
	return text(ctx, func(c *rt.Scope, ret uint32) uint32 { return importKeep(t.Lend(c), delay, ret) })
}

//go:wasmimport test:guests/api [async-lower]keep
func importKeep(t, delay, ret uint32) uint32

func kept(ctx context.Context) error { return call(ctx, importKept) }

//go:wasmimport test:guests/api [async-lower]kept
func importKept() uint32

func take(ctx context.Context, t thing) (string, error) {
	return text(ctx, func(c *rt.Scope, ret uint32) uint32 { return importTake(t.Give(c), ret) })
}

//go:wasmimport test:guests/api [async-lower]take
func importTake(t, ret uint32) uint32

func cancelSlowly(ctx context.Context, delay uint32) error {
	return call(ctx, func() uint32 { return importCancelSlowly(delay) })
}

//go:wasmimport test:guests/api [async-lower]cancel-slowly
func importCancelSlowly(delay uint32) uint32

func look(t thing) string {
	c := rt.NewScope()
	defer c.Free()
	ret := c.Block(8, 4)
	importLook(t.Lend(c), ret)
	return rt.TakeString(rt.Load[uint32](ret), rt.Load[uint32](ret+4))
}

//go:wasmimport test:guests/api look
func importLook(t, ret uint32)

type thing struct{ *rt.Handle }

func ownThing(handle uint32) thing {
	h := new(rt.Handle)
	h.Own(handle, dropThing)
	return thing{h}
}

func newThing(name string) thing {
	c := rt.NewScope()
	defer c.Free()
	return ownThing(importNewThing(c.String(name)))
}

//go:wasmimport test:guests/things [constructor]thing
func importNewThing(s0, s1 uint32) uint32

//go:wasmimport test:guests/things [resource-drop]thing
func dropThing(handle uint32)

func (t thing) name() string {
	c := rt.NewScope()
	defer c.Free()
	ret := c.Block(8, 4)
	importThingName(t.Lend(c), ret)
	return rt.TakeString(rt.Load[uint32](ret), rt.Load[uint32](ret+4))
}

//go:wasmimport test:guests/things [method]thing.name
func importThingName(self, ret uint32)
