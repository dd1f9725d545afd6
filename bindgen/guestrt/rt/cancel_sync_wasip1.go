//go:build !gondola_async_cancel

package rt

// subtaskCancel asks the callee of a subtask that is in no set to cancel it, and waits until it is resolved.
//
//go:wasmimport $root [subtask-cancel]
func subtaskCancel(subtask uint32) uint32
