package main

import (
	"time"

	"github.com/gondola-wasm/gondola/bindgen/guestrt/rt"
)

var things rt.Table[*thing]

//go:wasmexport test:guests/things#[constructor]thing
func liftNewThing(s0, s1 uint32) uint32 {
	t := rt.LiftSync("thing.constructor")
	h := newThingHandle(things.Add(newThing(rt.TakeString(s0, s1))))
	t.ReturnSync()
	return h
}

//go:wasmimport [export]test:guests/things [resource-new]thing
func newThingHandle(rep uint32) uint32

//go:wasmexport test:guests/things#[method]thing.name
func liftThingName(rep uint32) uint32 {
	t := rt.LiftSync("thing.name")
	m := t.Scope()
	ret := m.Block(8, 4)
	p, n := m.String(things.Get(rep).name)
	rt.Store(ret, p)
	rt.Store(ret+4, n)
	t.ReturnSync()
	return ret
}

//go:wasmexport test:guests/things#[dtor]thing
func destroyThing(rep uint32) { rt.Destroy(&things, rep) }

//go:wasmexport test:guests/things#count
func liftCount() uint32 { return count }

//go:wasmexport [async-lift]test:guests/things#linger
func liftLinger(delay uint32) uint32 {
	return rt.Lift("linger", func(t *rt.Task) {
		<-t.Context().Done()
		time.Sleep(time.Duration(delay) * time.Millisecond)
		t.Fail(t.Context().Err())
	})
}

//go:wasmexport [callback][async-lift]test:guests/things#linger
func callbackLinger(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }

//go:wasmexport [async-lift]test:guests/things#tick
func liftTick() uint32 {
	return rt.Lift("tick", func(t *rt.Task) {
		t.Return()
		returnTick()
	})
}

//go:wasmexport [callback][async-lift]test:guests/things#tick
func callbackTick(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }

//go:wasmimport [export]test:guests/things [task-return]tick
func returnTick()
