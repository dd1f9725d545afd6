//go:build gondola_async_cancel

package rt

// subtaskCancel asks the callee of a subtask to cancel it. It returns blocked if the subtask isn't resolved then.
//
//go:wasmimport $root [async-lower][subtask-cancel]
func subtaskCancel(subtask uint32) uint32
