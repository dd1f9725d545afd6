package rt

// UnitStream is the type of a WIT stream without payload.
var UnitStream = StreamType[Unit]{
	New: unitStreamNew, Read: unitStreamRead, Write: unitStreamWrite,
	CancelRead: unitStreamCancelRead, CancelWrite: unitStreamCancelWrite,
	DropReadable: unitStreamDropReadable, DropWritable: unitStreamDropWritable, Align: 1,
}

// UnitFuture is the type of a WIT future without payload.
var UnitFuture = FutureType[Unit]{
	New: unitFutureNew, Read: unitFutureRead, Write: unitFutureWrite,
	CancelRead: unitFutureCancelRead, CancelWrite: unitFutureCancelWrite,
	DropReadable: unitFutureDropReadable, DropWritable: unitFutureDropWritable, Align: 1,
}

//go:wasmimport $root [stream-new-unit]
func unitStreamNew() uint64

//go:wasmimport $root [async-lower][stream-read-unit]
func unitStreamRead(handle, p, n uint32) uint32

//go:wasmimport $root [async-lower][stream-write-unit]
func unitStreamWrite(handle, p, n uint32) uint32

//go:wasmimport $root [stream-cancel-read-unit]
func unitStreamCancelRead(handle uint32) uint32

//go:wasmimport $root [stream-cancel-write-unit]
func unitStreamCancelWrite(handle uint32) uint32

//go:wasmimport $root [stream-drop-readable-unit]
func unitStreamDropReadable(handle uint32)

//go:wasmimport $root [stream-drop-writable-unit]
func unitStreamDropWritable(handle uint32)

//go:wasmimport $root [future-new-unit]
func unitFutureNew() uint64

//go:wasmimport $root [async-lower][future-read-unit]
func unitFutureRead(handle, p uint32) uint32

//go:wasmimport $root [async-lower][future-write-unit]
func unitFutureWrite(handle, p uint32) uint32

//go:wasmimport $root [future-cancel-read-unit]
func unitFutureCancelRead(handle uint32) uint32

//go:wasmimport $root [future-cancel-write-unit]
func unitFutureCancelWrite(handle uint32) uint32

//go:wasmimport $root [future-drop-readable-unit]
func unitFutureDropReadable(handle uint32)

//go:wasmimport $root [future-drop-writable-unit]
func unitFutureDropWritable(handle uint32)
