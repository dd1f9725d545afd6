package trap

// Code is the reason of a trap. Each has one text, with verbs for what only the
// place of the trap knows.
type Code uint8

// What core wasm traps for.
const (
	Unreachable Code = iota + 1
	MemoryOutOfBounds
	TableOutOfBounds
	IndirectCallToNull
	IndirectCallTypeMismatch
	IntegerDivideByZero
	IntegerOverflow
	InvalidConversionToInteger
	StackExhausted
	NullReference
	UncaughtException
	UnalignedAtomic
	UnsharedWait
	Interrupted // the embedder's deadline or a closed store; the argument says which
	OutOfFuel
)

// What entering, leaving and blocking trap for.
const (
	CannotEnter Code = iota + 32
	CannotLeave
	CannotBlockSyncTask
	Deadlock
	NoAsyncResult
	UnsupportedCallbackCode
	TaskReturnInvalid
	TaskResolvedTwice
	TaskNotCancelled
	BorrowsRemain
	BackpressureOverflow
	CannotResumeThread
	ThreadStartType
	ThreadStartNull
	HostFailed // a host function returned an error; the argument is its text
	WriterAbandoned
)

// What loading and storing values trap for.
const (
	UnalignedPointer Code = iota + 64
	PointerOutOfBounds
	StringOutOfBounds
	ListOutOfBounds
	StringTooLong
	ListTooLong
	ReallocMisaligned
	ReallocOutOfBoundsString
	ReallocOutOfBoundsList
	InvalidChar
	InvalidDiscriminant
	InvalidUTF8
	IncompleteUTF8
	InvalidUTF16
	ValueTooLarge
	RepTooWide
)

// What handles, waitables, streams and futures trap for.
const (
	UnknownHandle Code = iota + 96
	UnknownThread
	WrongHandleType
	PayloadMismatch
	TableFull
	ResourceLent
	CannotOwnBorrowed
	WaitableSetHasWaiters
	WaitableSetNotEmpty
	WaitableSyncAndAsync
	SubtaskNotResolved
	SubtaskAlreadyResolved
	SubtaskAlreadyCancelled
	ConcurrentCopy
	NoCopyInProgress
	RemoveBusyStream
	DropBusyStream
	RemoveBusyFuture
	DropBusyFuture
	FutureNotWritten
	LiftBusy
	LiftInWaitableSet
	LiftAfterDone
	ReadAfterDropped
	WriteAfterDropped
	ReadAfterRead
	WriteAfterWrite
	CopyTooLong
	IntraComponentCopy
	TooManyTasks
	TooManyThreads
)

var texts = [...]string{
	Unreachable:                "wasm `unreachable` instruction executed",
	MemoryOutOfBounds:          "out of bounds memory access",
	TableOutOfBounds:           "undefined element: out of bounds table access or uninitialized element",
	IndirectCallToNull:         "uninitialized element",
	IndirectCallTypeMismatch:   "indirect call type mismatch",
	IntegerDivideByZero:        "integer divide by zero",
	IntegerOverflow:            "integer overflow",
	InvalidConversionToInteger: "invalid conversion to integer",
	StackExhausted:             "call stack exhausted",
	NullReference:              "null reference",
	UncaughtException:          "thrown Wasm exception: uncaught exception propagated out of component",
	UnalignedAtomic:            "unaligned atomic",
	UnsharedWait:               "expected shared memory: nobody could end a wait in any other",
	Interrupted:                "interrupt: %s",
	OutOfFuel:                  "all fuel consumed by WebAssembly",

	CannotEnter:             "cannot enter component instance",
	CannotLeave:             "cannot leave component instance",
	CannotBlockSyncTask:     "cannot block a synchronous task before returning%s",
	Deadlock:                "deadlock detected: event loop cannot make further progress%s",
	NoAsyncResult:           "async-lifted export failed to produce a result",
	UnsupportedCallbackCode: "unsupported callback code: %d",
	TaskReturnInvalid:       "invalid `task.return` signature and/or options for current task",
	TaskResolvedTwice:       "`task.return` or `task.cancel` called more than once for current task",
	TaskNotCancelled:        "`task.cancel` called by task which has not been cancelled",
	BorrowsRemain:           "borrow handles still remain at the end of the call (%d not dropped)",
	BackpressureOverflow:    "backpressure counter overflow",
	CannotResumeThread:      "cannot resume thread which is not suspended",
	ThreadStartType:         "start function does not match expected type",
	ThreadStartNull:         "the start function index points to an uninitialized function",
	HostFailed:              "host function failed: %s",
	WriterAbandoned:         "the host dropped the write end of a future without writing a value",

	UnalignedPointer:         "unaligned pointer: %#x is not a multiple of %d",
	PointerOutOfBounds:       "pointer out of bounds of memory: %d bytes at %#x, memory has %d",
	StringOutOfBounds:        "string content out-of-bounds: string pointer/length out of bounds of memory (%d bytes at %#x, memory has %d)",
	ListOutOfBounds:          "list content out-of-bounds: list pointer/length out of bounds of memory (%d bytes at %#x, memory has %d)",
	StringTooLong:            "string content out-of-bounds: string of %d bytes is longer than the maximum of %d",
	ListTooLong:              "list content out-of-bounds: list of %d bytes is longer than the maximum of %d",
	ReallocMisaligned:        "unaligned pointer: realloc return: result not aligned (%#x is not a multiple of %d)",
	ReallocOutOfBoundsString: "string content out-of-bounds: realloc return: beyond end of memory (%d bytes at %#x, memory has %d)",
	ReallocOutOfBoundsList:   "list content out-of-bounds: realloc return: beyond end of memory (%d bytes at %#x, memory has %d)",
	InvalidChar:              "invalid `char` bit pattern: %#x",
	InvalidDiscriminant:      "invalid variant discriminant: %d of %d cases",
	InvalidUTF8:              "invalid utf-8 sequence at byte %d of a string",
	IncompleteUTF8:           "incomplete utf-8 byte sequence at byte %d of a string",
	InvalidUTF16:             "invalid utf-16: unpaired surrogate at code unit %d of a string",
	RepTooWide:               "cannot lower a borrowed resource: its representation %#x does not fit an i32",
	ValueTooLarge:            "value too large: it would take more than %d bytes of the host's memory",

	UnknownHandle:           "unknown handle index %d",
	UnknownThread:           "unknown thread index %d",
	WrongHandleType:         "handle index %d used with the wrong type, expected %s but found %s",
	PayloadMismatch:         "handle index %d used with the wrong type, expected a payload of %s but found %s",
	TableFull:               "resource table has no free keys: the limit is %d handles",
	ResourceLent:            "cannot remove owned resource while borrowed",
	CannotOwnBorrowed:       "cannot lift own resource from a borrow",
	WaitableSetHasWaiters:   "cannot drop waitable set with waiters",
	WaitableSetNotEmpty:     "cannot drop a waitable set with elements",
	WaitableSyncAndAsync:    "waitable cannot be used synchronously while added to a waitable set",
	SubtaskNotResolved:      "cannot drop a subtask which has not yet resolved",
	SubtaskAlreadyResolved:  "`subtask.cancel` called after terminal status delivered",
	SubtaskAlreadyCancelled: "`subtask.cancel` called twice for the same subtask",
	ConcurrentCopy:          "cannot have concurrent operations active on a future/stream",
	NoCopyInProgress:        "cannot cancel a %s: no operation of that kind is in progress",
	RemoveBusyStream:        "cannot remove busy stream",
	DropBusyStream:          "cannot drop busy stream",
	RemoveBusyFuture:        "cannot remove busy future",
	DropBusyFuture:          "cannot drop busy future",
	FutureNotWritten:        "cannot drop future write end without first writing a value",
	LiftBusy:                "cannot lift %s while an operation is in progress: cannot remove busy %[1]s",
	LiftInWaitableSet:       "cannot lift %s while it's in a waitable set",
	LiftAfterDone:           "cannot lift %s",
	ReadAfterDropped:        "cannot read from stream after being notified that the writable end dropped",
	WriteAfterDropped:       "cannot write to stream after being notified that the readable end dropped",
	ReadAfterRead:           "cannot read from future after previous read succeeded",
	WriteAfterWrite:         "cannot write to future after previous write succeeded or readable end dropped",
	CopyTooLong:             "stream read/write count too large: %d elements, the maximum is %d",
	IntraComponentCopy:      "cannot read from and write to intra-component %s",
	TooManyTasks:            "too many tasks: the limit is %d in one store",
	TooManyThreads:          "too many threads: the limit is %d in one store",
}

// String is the text of the code, its verbs unfilled.
func (c Code) String() string {
	if int(c) < len(texts) && texts[c] != "" {
		return texts[c]
	}
	return "unknown trap"
}
