package main

import "github.com/gondola-wasm/gondola/bindgen/guestrt/rt"

func liftString(p uint32) string { return rt.TakeString(rt.Load[uint32](p), rt.Load[uint32](p+4)) }

func lowerString(s *rt.Scope, p uint32, v string) {
	p0, p1 := s.String(v)
	rt.Store(p, p0)
	rt.Store(p+4, p1)
}

var byteStream = rt.StreamType[byte]{
	New: byteStreamNew, Read: byteStreamRead, Write: byteStreamWrite, CancelRead: byteStreamCancelRead, CancelWrite: byteStreamCancelWrite,
	DropReadable: byteStreamDropReadable, DropWritable: byteStreamDropWritable, Size: 1, Align: 1,
}

//go:wasmimport test:guests/api [stream-new-0]echo-stream
func byteStreamNew() uint64

//go:wasmimport test:guests/api [async-lower][stream-read-0]echo-stream
func byteStreamRead(handle, p, n uint32) uint32

//go:wasmimport test:guests/api [async-lower][stream-write-0]echo-stream
func byteStreamWrite(handle, p, n uint32) uint32

//go:wasmimport test:guests/api [stream-cancel-read-0]echo-stream
func byteStreamCancelRead(handle uint32) uint32

//go:wasmimport test:guests/api [stream-cancel-write-0]echo-stream
func byteStreamCancelWrite(handle uint32) uint32

//go:wasmimport test:guests/api [stream-drop-readable-0]echo-stream
func byteStreamDropReadable(handle uint32)

//go:wasmimport test:guests/api [stream-drop-writable-0]echo-stream
func byteStreamDropWritable(handle uint32)

var stringStream = rt.StreamType[string]{
	New: stringStreamNew, Read: stringStreamRead, Write: stringStreamWrite, CancelRead: stringStreamCancelRead, CancelWrite: stringStreamCancelWrite,
	DropReadable: stringStreamDropReadable, DropWritable: stringStreamDropWritable, Size: 8, Align: 4,
	Lift: liftString, Lower: lowerString,
}

//go:wasmimport test:guests/api [stream-new-0]echo-strings
func stringStreamNew() uint64

//go:wasmimport test:guests/api [async-lower][stream-read-0]echo-strings
func stringStreamRead(handle, p, n uint32) uint32

//go:wasmimport test:guests/api [async-lower][stream-write-0]echo-strings
func stringStreamWrite(handle, p, n uint32) uint32

//go:wasmimport test:guests/api [stream-cancel-read-0]echo-strings
func stringStreamCancelRead(handle uint32) uint32

//go:wasmimport test:guests/api [stream-cancel-write-0]echo-strings
func stringStreamCancelWrite(handle uint32) uint32

//go:wasmimport test:guests/api [stream-drop-readable-0]echo-strings
func stringStreamDropReadable(handle uint32)

//go:wasmimport test:guests/api [stream-drop-writable-0]echo-strings
func stringStreamDropWritable(handle uint32)

var stringFuture = rt.FutureType[string]{
	New: stringFutureNew, Read: stringFutureRead, Write: stringFutureWrite, CancelRead: stringFutureCancelRead, CancelWrite: stringFutureCancelWrite,
	DropReadable: stringFutureDropReadable, DropWritable: stringFutureDropWritable, Size: 8, Align: 4,
	Lift: liftString, Lower: lowerString,
}

//go:wasmimport test:guests/api [future-new-0]echo-future
func stringFutureNew() uint64

//go:wasmimport test:guests/api [async-lower][future-read-0]echo-future
func stringFutureRead(handle, p uint32) uint32

//go:wasmimport test:guests/api [async-lower][future-write-0]echo-future
func stringFutureWrite(handle, p uint32) uint32

//go:wasmimport test:guests/api [future-cancel-read-0]echo-future
func stringFutureCancelRead(handle uint32) uint32

//go:wasmimport test:guests/api [future-cancel-write-0]echo-future
func stringFutureCancelWrite(handle uint32) uint32

//go:wasmimport test:guests/api [future-drop-readable-0]echo-future
func stringFutureDropReadable(handle uint32)

//go:wasmimport test:guests/api [future-drop-writable-0]echo-future
func stringFutureDropWritable(handle uint32)
