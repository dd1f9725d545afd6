// Package cabi is the canonical ABI at run time: all of its stateful semantics,
// written after the specification's executable model, under its names and in its
// order, a file per heading.
//
// # One thread of control
//
// A [Store] is used by one goroutine at a time. There is no mutex, no channel and
// no goroutine in here. Guest code that may block runs on coroutines
// (internal/coro), so whoever drives a store with an instance that may block does
// so on goroutines of its own that are never locked to a thread.
//
// The embedder drives: [Store.Invoke] starts a call and runs it until it blocks,
// [Store.Tick] lets one ready thread run, and what the host answers or copies
// ([HostCall.Return], [Stream.Write], …) makes threads ready. When [Store.Ready]
// is false and nothing outside can change that, it is a deadlock:
// [Store.TrapDeadlock].
//
// # Threads without stacks
//
// The specification gives each thread a continuation. Here the implicit thread of
// a task is a state machine, and has a stack of its own only while core code is on
// it that may block ([ComponentInstance.SetMayBlock]). A task that waits to enter,
// or between callbacks, is a few hundred bytes.
//
// The specification polls the predicates of all waiting threads. Here whoever
// makes one true wakes the thread; see run_queue.go. Every choice that the
// specification leaves open goes through one [Chooser], so that a seed replays an
// order. In order means: who waited longest goes first; a blocking built-in whose
// event is there goes on without blocking; a yield always lets others run.
//
// # Three kinds of failure
//
// A trap is a panic with a *trap.Trap that unwinds guest code to where the store
// was entered. It ends the whole tree of component instances of every thread on
// the stack, and whoever waits for a task of them: poison.go. The host's pending
// calls get it through [Caller.OnTrap].
//
// An assertion that fails is a bug of ours: a panic with a [*Bug]. It makes the
// store unusable, and panics on where [Config].PanicOnBug is set.
//
// An error is the embedder's. The specification asserts what its callers do;
// where those are embedders, the assertion is one of these instead:
//
//   - Values of a wrong type: [CheckArgs] before a call (a wrong value that gets
//     past it is taken for a bug), [HostCall.Return], the operations of [Stream]
//     and [Future], results of [HostFunc].Plain (which trap the guest that called).
//   - A second request to cancel, or one that races the end of a call
//     (request_cancellation): [OnCancel.Request] does nothing.
//   - An answer to a call that has ended, or a cancelled one without a request
//     (on_resolve): [HostCall.Return] does nothing, [HostCall.Cancel] says so.
//   - An operation during another one on the same end, or after the last
//     (SharedStreamImpl, SharedFutureImpl): [ErrBusy], [ErrDone], [ErrAway].
//   - A stream or future that the host gives away twice, or goes on using: the
//     operation is cancelled, the second guest gets a dropped end.
//   - A copy between two ends of the host (SharedStreamImpl.read): it works.
//   - A buffer of a wrong length or type (Buffer): an error.
//   - A writable end of a future that is dropped without a value: its reader
//     traps, see [Future.DropWritable].
//   - A function that is not async and does not answer at once (canon_lower): its
//     caller traps.
//   - A call of an instance that is on the stack, that is gone, or of a closed
//     store (Store.invoke): [Caller.OnTrap] with a trap, its error, [ErrClosed].
//   - [Store.Tick] and [Store.Close] while the store runs guest code (tick) are
//     the exception: they stay assertions, since only the driver may call them.
//
// One of its assertions a guest can reach: a sync subtask.cancel while the event
// that the call has started is still pending. The event is dropped then.
//
// # Limits
//
// [Config] has them: handles of an instance, tasks and threads of a store, and
// the host's memory that one lifted value takes. A stream's or list's length is
// limited by the specification.
//
// # What it must not know
//
// No engine: core wasm is three small interfaces ([CoreFunc], [Memory], [Table]),
// so that its tests are Go closures. No binary format, no names of imports, no
// goroutines and contexts of the embedder's.
//
// Spec: CanonicalABI.md (canonical-abi/definitions.py), Concurrency.md.
package cabi
