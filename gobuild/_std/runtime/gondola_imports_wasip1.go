package runtime

import "unsafe"

// The parts of the Component Model that the runtime itself uses. Pointers are addresses in linear memory; what the host writes
// to or reads from lies in global variables or on the heap, never on a goroutine's stack, which moves.

//go:wasmimport wasi:clocks/monotonic-clock@0.3.0 now
func gondolaMonotonicNow() int64

//go:wasmimport wasi:clocks/monotonic-clock@0.3.0 [async-lower]wait-until
func gondolaWaitUntil(when int64) uint32

//go:wasmimport wasi:clocks/system-clock@0.3.0 now
func gondolaSystemNow(ret uint32)

//go:wasmimport wasi:random/random@0.3.0 get-random-u64
func gondolaRandom() uint64

//go:wasmimport wasi:random/insecure-seed@0.3.0 get-insecure-seed
func gondolaInsecureSeed(ret uint32)

//go:wasmimport wasi:cli/exit@0.3.0 exit-with-code
func gondolaExitWithCode(code uint32)

//go:wasmimport wasi:cli/environment@0.3.0 get-arguments
func gondolaGetArguments(ret uint32)

//go:wasmimport wasi:cli/environment@0.3.0 get-environment
func gondolaGetEnvironment(ret uint32)

//go:wasmimport $root [waitable-set-new]
func gondolaSetNew() uint32

//go:wasmimport $root [waitable-set-poll]
func gondolaSetPoll(set, ret uint32) uint32

//go:wasmimport $root [waitable-set-wait]
func gondolaSetWait(set, ret uint32) uint32

//go:wasmimport $root [waitable-join]
func gondolaJoin(waitable, set uint32)

//go:wasmimport $root [subtask-drop]
func gondolaSubtaskDrop(subtask uint32)

//go:wasmimport $root [context-get-0]
func gondolaContextGet() uint32

//go:wasmimport $root [context-set-0]
func gondolaContextSet(v uint32)

//go:wasmimport $root [stream-new-unit]
func gondolaWakeNew() uint64

//go:wasmimport $root [async-lower][stream-read-unit]
func gondolaWakeRead(stream, p, n uint32) uint32

//go:wasmimport $root [async-lower][stream-write-unit]
func gondolaWakeWrite(stream, p, n uint32) uint32

//go:wasmimport $root [stream-cancel-read-unit]
func gondolaWakeCancelRead(stream uint32) uint32

// gondolaBlocked is the canonical BLOCKED.
const gondolaBlocked = 0xffff_ffff

// The codes of the callback ABI and of events (definitions.py: CallbackCode, EventCode).
const (
	gondolaExit  = 0
	gondolaYield = 1
	gondolaWait  = 2

	gondolaEventNone          = 0
	gondolaEventSubtask       = 1
	gondolaEventTaskCancelled = 6
)

// gondolaSubtaskReturned is the first state in which a subtask is resolved (definitions.py: Subtask.State).
const gondolaSubtaskReturned = 2

// The results of a copy (definitions.py: CopyResult).
const gondolaCopyCompleted = 0

// gondolaAddr returns the address of a global variable or heap object.
func gondolaAddr(p unsafe.Pointer) uint32 { return uint32(uintptr(p)) }

// gondolaAt returns the pointer to address p.
func gondolaAt(p uint32) unsafe.Pointer { return unsafe.Pointer(uintptr(p)) }
