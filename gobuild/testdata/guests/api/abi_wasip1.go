package main

import (
	"context"
	"fmt"
	"time"

	"github.com/gondola-wasm/gondola/bindgen/guestrt/rt"
)

// none lifts an async export without result.
func none(name string, taskReturn func(), f func(ctx context.Context) error) uint32 {
	return rt.Lift(name, func(t *rt.Task) {
		if err := f(t.Context()); err != nil {
			t.Fail(err)
			return
		}
		t.Return()
		taskReturn()
	})
}

//go:wasmexport [async-lift]test:guests/api#echo
func liftEcho(s0, s1, delay uint32) uint32 {
	return rt.Lift("echo", func(t *rt.Task) {
		v, err := echo(t.Context(), rt.TakeString(s0, s1), delay)
		if err != nil {
			t.Fail(err)
			return
		}
		r0, r1 := t.Scope().String(v)
		t.Return()
		returnEcho(r0, r1)
	})
}

//go:wasmexport [callback][async-lift]test:guests/api#echo
func callbackEcho(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }

//go:wasmimport [export]test:guests/api [task-return]echo
func returnEcho(r0, r1 uint32)

//go:wasmexport [async-lift]test:guests/api#wait-signal
func liftWaitSignal() uint32 { return none("wait-signal", returnWaitSignal, waitSignal) }

//go:wasmexport [callback][async-lift]test:guests/api#wait-signal
func callbackWaitSignal(event, index, payload uint32) uint32 {
	return rt.Callback(event, index, payload)
}

//go:wasmimport [export]test:guests/api [task-return]wait-signal
func returnWaitSignal()

//go:wasmexport [async-lift]test:guests/api#signal
func liftSignal() uint32 { return none("signal", returnSignal, signal) }

//go:wasmexport [callback][async-lift]test:guests/api#signal
func callbackSignal(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }

//go:wasmimport [export]test:guests/api [task-return]signal
func returnSignal()

//go:wasmexport [async-lift]test:guests/api#wait-then-sleep
func liftWaitThenSleep(delay uint32) uint32 {
	return none("wait-then-sleep", returnWaitThenSleep, func(ctx context.Context) error { return waitThenSleep(ctx, delay) })
}

//go:wasmexport [callback][async-lift]test:guests/api#wait-then-sleep
func callbackWaitThenSleep(event, index, payload uint32) uint32 {
	return rt.Callback(event, index, payload)
}

//go:wasmimport [export]test:guests/api [task-return]wait-then-sleep
func returnWaitThenSleep()

//go:wasmexport [async-lift]test:guests/api#signal-then-wait
func liftSignalThenWait() uint32 {
	return none("signal-then-wait", returnSignalThenWait, signalThenWait)
}

//go:wasmexport [callback][async-lift]test:guests/api#signal-then-wait
func callbackSignalThenWait(event, index, payload uint32) uint32 {
	return rt.Callback(event, index, payload)
}

//go:wasmimport [export]test:guests/api [task-return]signal-then-wait
func returnSignalThenWait()

//go:wasmexport [async-lift]test:guests/api#outlive
func liftOutlive(delay uint32) uint32 {
	return none("outlive", returnOutlive, func(ctx context.Context) error { return outlive(ctx, delay) })
}

//go:wasmexport [callback][async-lift]test:guests/api#outlive
func callbackOutlive(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }

//go:wasmimport [export]test:guests/api [task-return]outlive
func returnOutlive()

//go:wasmexport [async-lift]test:guests/api#until-cancelled
func liftUntilCancelled(delay uint32) uint32 {
	return none("until-cancelled", returnUntilCancelled, func(ctx context.Context) error { return untilCancelled(ctx, delay) })
}

//go:wasmexport [callback][async-lift]test:guests/api#until-cancelled
func callbackUntilCancelled(event, index, payload uint32) uint32 {
	return rt.Callback(event, index, payload)
}

//go:wasmimport [export]test:guests/api [task-return]until-cancelled
func returnUntilCancelled()

//go:wasmexport [async-lift]test:guests/api#strings
func liftStrings(n uint32) uint32 {
	return rt.Lift("strings", func(t *rt.Task) {
		v, err := manyStrings(t.Context(), n)
		if err != nil {
			t.Fail(err)
			return
		}
		m := t.Scope()
		list := m.Block(uint32(len(v))*8, 4)
		for i, s := range v {
			p, n := m.String(s)
			rt.Store(list+uint32(i)*8, p)
			rt.Store(list+uint32(i)*8+4, n)
		}
		t.Return()
		returnStrings(list, uint32(len(v)))
	})
}

//go:wasmexport [callback][async-lift]test:guests/api#strings
func callbackStrings(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }

//go:wasmimport [export]test:guests/api [task-return]strings
func returnStrings(r0, r1 uint32)

//go:wasmexport [async-lift]test:guests/api#read-all
func liftReadAll(s uint32) uint32 {
	return rt.Lift("read-all", func(t *rt.Task) {
		v, err := readAll(t.Context(), rt.LiftByteStream(&byteStream, s))
		if err != nil {
			t.Fail(err)
			return
		}
		r0, r1 := t.Scope().Bytes(v)
		t.Return()
		returnReadAll(r0, r1)
	})
}

//go:wasmexport [callback][async-lift]test:guests/api#read-all
func callbackReadAll(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }

//go:wasmimport [export]test:guests/api [task-return]read-all
func returnReadAll(r0, r1 uint32)

// handle lifts an async export that returns a stream or future.
func handle(name string, taskReturn func(handle uint32), f func(t *rt.Task) (lower func(*rt.Scope) uint32, err error)) uint32 {
	return rt.Lift(name, func(t *rt.Task) {
		lower, err := f(t)
		if err != nil {
			t.Fail(err)
			return
		}
		r := lower(t.Scope())
		t.Return()
		taskReturn(r)
	})
}

//go:wasmexport [async-lift]test:guests/api#echo-stream
func liftEchoStream(s uint32) uint32 {
	return handle("echo-stream", returnEchoStream, func(t *rt.Task) (func(*rt.Scope) uint32, error) {
		r, err := echoStream(t.Context(), rt.LiftByteStream(&byteStream, s))
		return r.Lower, err
	})
}

//go:wasmexport [callback][async-lift]test:guests/api#echo-stream
func callbackEchoStream(event, index, payload uint32) uint32 {
	return rt.Callback(event, index, payload)
}

//go:wasmimport [export]test:guests/api [task-return]echo-stream
func returnEchoStream(r uint32)

//go:wasmexport [async-lift]test:guests/api#echo-strings
func liftEchoStrings(s uint32) uint32 {
	return handle("echo-strings", returnEchoStrings, func(t *rt.Task) (func(*rt.Scope) uint32, error) {
		r, err := echoStrings(t.Context(), rt.LiftStream(&stringStream, s))
		return r.Lower, err
	})
}

//go:wasmexport [callback][async-lift]test:guests/api#echo-strings
func callbackEchoStrings(event, index, payload uint32) uint32 {
	return rt.Callback(event, index, payload)
}

//go:wasmimport [export]test:guests/api [task-return]echo-strings
func returnEchoStrings(r uint32)

//go:wasmexport [async-lift]test:guests/api#echo-future
func liftEchoFuture(f uint32) uint32 {
	return handle("echo-future", returnEchoFuture, func(t *rt.Task) (func(*rt.Scope) uint32, error) {
		r, err := echoFuture(t.Context(), rt.LiftFuture(&stringFuture, f))
		return r.Lower, err
	})
}

//go:wasmexport [callback][async-lift]test:guests/api#echo-future
func callbackEchoFuture(event, index, payload uint32) uint32 {
	return rt.Callback(event, index, payload)
}

//go:wasmimport [export]test:guests/api [task-return]echo-future
func returnEchoFuture(r uint32)

//go:wasmexport [async-lift]test:guests/api#units
func liftUnits(n uint32) uint32 {
	return handle("units", returnUnits, func(t *rt.Task) (func(*rt.Scope) uint32, error) {
		r, err := units(t.Context(), n)
		return r.Lower, err
	})
}

//go:wasmexport [callback][async-lift]test:guests/api#units
func callbackUnits(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }

//go:wasmimport [export]test:guests/api [task-return]units
func returnUnits(r uint32)

//go:wasmexport test:guests/api#print
func liftPrint(s0, s1 uint32) {
	t := rt.LiftSync("print")
	fmt.Println("api: printing", rt.TakeString(s0, s1))
	t.ReturnSync()
}

//go:wasmexport test:guests/api#sleep
func liftSleep(delay uint32) {
	t := rt.LiftSync("sleep")
	time.Sleep(time.Duration(delay) * time.Millisecond)
	t.ReturnSync()
}

//go:wasmexport test:guests/api#helped
func liftHelped(n uint32) uint32 {
	t := rt.LiftSync("helped")
	v := helped(n)
	t.ReturnSync()
	return v
}

//go:wasmexport test:guests/api#large
func liftLarge(n uint32) uint32 {
	t := rt.LiftSync("large")
	m := t.Scope()
	ret := m.Block(8, 4)
	r0, r1 := m.Bytes(make([]byte, n))
	rt.Store(ret, r0)
	rt.Store(ret+4, r1)
	t.ReturnSync()
	return ret
}

//go:wasmexport test:guests/api#signal-plain
func liftSignalPlain() {
	t := rt.LiftSync("signal-plain")
	signalPlain()
	t.ReturnSync()
}

//go:wasmexport test:guests/api#outlived
func liftOutlived() uint32 { return outlived }

//go:wasmexport test:guests/api#cancelled
func liftCancelled() uint32 { return cancelled }

//go:wasmexport test:guests/api#background
func liftBackground() uint32 { return background }

//go:wasmexport [async-lift]test:guests/api#spin
func liftSpin(delay uint32) uint32 {
	return none("spin", returnSpin, func(ctx context.Context) error { return spin(ctx, delay) })
}

//go:wasmexport [callback][async-lift]test:guests/api#spin
func callbackSpin(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }

//go:wasmimport [export]test:guests/api [task-return]spin
func returnSpin()

// text lifts an async export that returns a string.
func text(name string, taskReturn func(r0, r1 uint32), f func(t *rt.Task) (string, error)) uint32 {
	return rt.Lift(name, func(t *rt.Task) {
		v, err := f(t)
		if err != nil {
			t.Fail(err)
			return
		}
		r0, r1 := t.Scope().String(v)
		t.Return()
		taskReturn(r0, r1)
	})
}

//go:wasmexport [async-lift]test:guests/api#keep
func liftKeep(h, delay uint32) uint32 {
	return text("keep", returnKeep, func(t *rt.Task) (string, error) {
		return keep(t.Context(), lentThing(t, h), delay)
	})
}

//go:wasmexport [callback][async-lift]test:guests/api#keep
func callbackKeep(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }

//go:wasmimport [export]test:guests/api [task-return]keep
func returnKeep(r0, r1 uint32)

//go:wasmexport [async-lift]test:guests/api#kept
func liftKept() uint32 {
	return none("kept", returnKept, func(context.Context) error { kept.name(); return nil })
}

//go:wasmexport [callback][async-lift]test:guests/api#kept
func callbackKept(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }

//go:wasmimport [export]test:guests/api [task-return]kept
func returnKept()

//go:wasmexport [async-lift]test:guests/api#take
func liftTake(h uint32) uint32 {
	return text("take", returnTake, func(t *rt.Task) (string, error) {
		return take(t.Context(), ownThing(h))
	})
}

//go:wasmexport [callback][async-lift]test:guests/api#take
func callbackTake(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }

//go:wasmimport [export]test:guests/api [task-return]take
func returnTake(r0, r1 uint32)

//go:wasmexport [async-lift]test:guests/api#cancel-slowly
func liftCancelSlowly(delay uint32) uint32 {
	return none("cancel-slowly", returnCancelSlowly, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		defer cancel()
		c := rt.NewScope()
		defer c.Free()
		if err := c.Await(ctx, importLinger(delay), nil); err != context.DeadlineExceeded {
			panic(fmt.Sprint("the cancelled call returned ", err))
		}
		return nil
	})
}

//go:wasmexport [callback][async-lift]test:guests/api#cancel-slowly
func callbackCancelSlowly(event, index, payload uint32) uint32 {
	return rt.Callback(event, index, payload)
}

//go:wasmimport [export]test:guests/api [task-return]cancel-slowly
func returnCancelSlowly()

//go:wasmimport test:guests/things [async-lower]linger
func importLinger(delay uint32) uint32

//go:wasmexport test:guests/api#look
func liftLook(h uint32) uint32 {
	t := rt.LiftSync("look")
	m := t.Scope()
	ret := m.Block(8, 4)
	p, n := m.String(lentThing(t, h).name())
	rt.Store(ret, p)
	rt.Store(ret+4, n)
	t.ReturnSync()
	return ret
}

type thing struct{ *rt.Handle }

func ownThing(handle uint32) thing {
	h := new(rt.Handle)
	h.Own(handle, dropThing)
	return thing{h}
}

func lentThing(t *rt.Task, handle uint32) thing {
	h := new(rt.Handle)
	h.Borrow(t, handle, dropThing)
	return thing{h}
}

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
