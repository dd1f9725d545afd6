package rt

import (
	"runtime"
	_ "unsafe" // for go:linkname
)

// The functions that the runtime added by "gondola build" gives to bindings, version 1. A build without them, or with another
// version, fails at link time by these names.

// taskStart makes a task, starts run in a goroutine of it, and returns the callback code once nothing is runnable. cancel is
// called at most once, when the caller asks for cancellation; it must not block.
//
//go:linkname taskStart runtime.gondola_v1_taskStart
func taskStart(run, cancel func()) uint32

// taskCallback hands an event to the current task.
//
//go:linkname taskCallback runtime.gondola_v1_taskCallback
func taskCallback(event, index, payload uint32) uint32

// taskResolve parks the calling goroutine until its task has its turn and marks the task as resolved. The goroutine keeps the
// turn until it parks next.
//
//go:linkname taskResolve runtime.gondola_v1_taskResolve
func taskResolve()

// await parks the calling goroutine until waitable handle has an event, and returns its payload; for a subtask, until it is
// resolved. It returns blocked if interrupt came first. Then the handle is in no waitable set.
//
//go:linkname await runtime.gondola_v1_await
func await(handle uint32) uint32

// interrupt ends the await of handle, if there is one.
//
//go:linkname interrupt runtime.gondola_v1_interrupt
func interrupt(handle uint32)

// inTask runs f in a goroutine of a live task: at once if a task has its turn, else of the next task.
//
//go:linkname inTask runtime.gondola_v1_inTask
func inTask(f func())

// syncEnter and syncLeave bracket a plain export.
//
//go:linkname syncEnter runtime.gondola_v1_syncEnter
func syncEnter(name string)

//go:linkname syncLeave runtime.gondola_v1_syncLeave
func syncLeave()

// pin keeps the scheduler on the calling goroutine until unpin: allocations neither start nor assist a garbage collection then.
//
//go:linkname pin runtime.gondola_v1_pin
func pin()

//go:linkname unpin runtime.gondola_v1_unpin
func unpin()

// unroot ends the rooting of a block that cabi_realloc gave out.
//
//go:linkname unroot runtime.gondola_v1_unroot
func unroot(p uint32)

//go:wasmimport [export]$root [task-cancel]
func taskCancel()

//go:wasmimport $root [subtask-drop]
func subtaskDrop(subtask uint32)

// blocked is the canonical BLOCKED.
const blocked = 0xffff_ffff

// The states of a subtask that is resolved (definitions.py: Subtask.State).
const (
	subtaskReturned               = 2
	subtaskCancelledBeforeStarted = 3
)

// pause lets other goroutines run now and then, for the sake of those that do nothing but calls that never wait.
func pause() {
	pauses++
	if pauses%64 == 0 {
		runtime.Gosched()
	}
}

var pauses uint32

// awaitEvent waits for the event of handle, whatever happens to contexts.
func awaitEvent(handle uint32) (payload uint32, done bool) {
	payload = await(handle)
	return payload, payload != blocked
}
