// Package gondola runs WebAssembly components inside Go programs, without cgo.
//
// A [Runtime] compiles a component; a [Linker] holds what the host gives to it; an
// [Instance] has the functions that it exports, to be called from any goroutine:
//
//	rt := gondola.NewRuntime(ctx)
//	defer rt.Close(ctx)
//	comp, err := rt.Compile(ctx, wasm)
//	…
//	linker := rt.NewLinker()
//	linker.Func("local:local/baz", "foo", func(ctx context.Context, s string) (string, error) { … })
//	inst, err := linker.Instantiate(ctx, comp)
//	…
//	var answer string
//	err = inst.Func("local:local/baz", "foo").CallInto(ctx, &answer, "hello")
//
// Nothing of the machine is there for a guest but what the linker gives; package
// wasi fills one with WASI.
//
// # Calls
//
// [Func.Call] and [Func.CallInto] block their goroutine until the function returns.
// Any number of calls may be under way in one instance, whose tasks take turns: a
// task that waits lets others go on. So an instance uses one processor at a time;
// use several instances for more; [OnRest] tells when one has time for a call. Calls of
// async functions queue while the guest asks for that, first come first served.
//
// When the caller's context ends, the guest is asked to cancel. The call returns the
// context's error once the guest has, or a value if the guest returns one all the
// same. A guest that does neither within the grace period ([WithGracePeriod]) is
// left to itself; what it returns later is closed. Nobody else's calls suffer, but
// a guest that runs without a pause past its caller's context is trapped ([Patient]).
//
// # Host functions
//
// A host function is a Go function whose first parameter is a context. It has the
// values of the context of the call that led to it, and ends when the guest cancels
// the call or the instance closes. There are four kinds ([Linker.Func]):
//
//	WIT function   option     runs                  may block   may call back
//	async          none       on its own goroutine  yes         yes
//	async          Ready      in the guest's turn   no          no
//	plain          none       in the guest's turn   no          no
//	plain          Blocking   in the guest's turn   yes         no
//
// A Ready function may leave some of its calls for [Later].
//
// An async function that goes on for longer than the grace period after its context
// has ended is left to itself; what it returns is closed. While a Blocking function
// blocks, its instance stands still. Calling back where that can't work is an error;
// so it is for an async function that the guest waits for on its stack, where that
// shuts other tasks out.
//
// In a guest written in Go one scheduler runs the goroutines of all tasks. A call
// that a goroutine of one task makes in another's turn counts as the other's, unless
// the guest's run-time sees to it.
//
// [Linker.Wrap] puts a function in front of another, whoever gave that.
//
// A component may also import core modules and whole components, to instantiate
// them itself ([Linker.CoreModule], [Linker.Component]), and what another instance
// exports ([Linker.Instance]).
//
// # Values
//
// Go values stand for WIT's as follows; package [val] has dynamic values for
// programs that don't know the types.
//
//	integers, floats, bool, string, char   the same; char is rune
//	list<T>, list<u8>, map<K, V>           []T, []byte, map[K]V
//	option<T>                              *T
//	record, tuple                          struct; a tuple's fields are F0, F1, …
//	enum, flags                            integer types
//	variant                                a sealed interface: see Variant
//	result<T, E> as a result               (T, error); the error is E, or an Err of E
//	result<T, E> elsewhere                 Result
//	stream<T>, future<T>                   *StreamReader, *FutureReader
//	resources of the host                  the type that Linker.Resource was given
//	resources of a guest                   *Resource
//	error-context                          *ErrorContext
//
// What an argument or result owns is given away with it: streams, futures and owned
// resources can't be used afterwards, and are closed where the guest is gone before
// it has them. Only a call that is refused for its arguments or its context takes
// nothing. What is received must be closed when it isn't needed any more.
//
// # Streams and futures
//
// [NewStream] and [NewFuture] make a pair of ends; the readable one is passed to a
// guest. Ends of bytes are [io.Reader] and [io.Writer]; all have forms that take a
// context and report how far they got. Ends that come from a guest may be passed
// on, to another instance too, unless their elements have handles. A stream ends
// with io.EOF; one that breaks off because its instance trapped or closed, with the
// reason.
//
// # Failure
//
// A fault of a guest is a [*Trap], with the reason and a backtrace. It ends its
// instance, and every call in it; other instances and the host go on. An error of a
// host function that its WIT result can't carry is such a trap too, and so is a
// panic ([PanicError]). A function that ends its goroutine (runtime.Goexit) while
// the guest waits for it takes down its instance, and whichever goroutine drove it.
//
// [Instance.Close] ends what is under way, whatever the guest does, with
// [ErrClosed].
//
// # Limits
//
// Components may come from anybody. Memory, tables, handles, tasks, calls of the host
// and the size of values have caps ([Option]), and running code is interrupted every few thousand
// iterations, so that garbage collection and other goroutines go on. Time is
// bounded by contexts alone: give one to every call of a guest that isn't trusted.
//
// # Concurrency
//
// All types are safe for use from several goroutines, but a Linker only once it is
// filled. A caller may be locked to its thread. Methods of streams, futures and
// resources never run guest code on the calling goroutine, so locks may be held
// around them; calls do.
//
// # What it must not know
//
// No host interface of WASI; and of how core code is run, that there is an
// interpreter beside the compiler.
//
// Spec: CanonicalABI.md#embedding, Concurrency.md.
package gondola
