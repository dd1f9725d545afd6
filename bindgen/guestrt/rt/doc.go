// Package rt supports the generated bindings of a component that is written in Go.
//
// What user code sees of it are the types of WIT values that Go has no word for: [StreamReader], [StreamWriter], [ByteReader],
// [ByteWriter], [FutureReader], [FutureWriter], [Err], [Result], [Unit] and the tuples. These build natively too, where
// streams and futures are kept in memory, so that user code can be tested with go test.
//
// The rest is for generated code and exists only for wasip1. It needs the runtime that "gondola build" adds to the Go
// toolchain: the functions it links to are named runtime.gondola_v1_…, and a toolchain without them, or with another version of
// them, fails at link time by that name.
//
// # The contract with generated code
//
// Generated code declares the core imports and exports under the names that wit-component's legacy mangling gives them, and
// lifts and lowers by straight code over [Load], [Store], the Take functions and a [Scope]. A pointer into linear memory is a
// uint32 everywhere.
//
// An async export's entry hands its body to [Lift]; its callback calls [Callback]:
//
//	//go:wasmexport [async-lift]local:local/baz#foo
//	func liftFoo(s0, s1, delay uint32) uint32 {
//		return rt.Lift("local:local/baz#foo", func(t *rt.Task) {
//			s := rt.TakeString(s0, s1)
//			v, err := exports.Foo(t.Context(), s, delay != 0)
//			if err != nil {
//				t.Fail(err) // cancelled, or a panic with a clear text: WIT has no result here
//				return
//			}
//			m := t.Scope()
//			r0, r1 := m.String(v)
//			t.Return() // waits for the task's own turn, drops borrows
//			taskReturnFoo(r0, r1)
//		})
//	}
//
//	//go:wasmexport [callback][async-lift]local:local/baz#foo
//	func callbackFoo(event, index, payload uint32) uint32 { return rt.Callback(event, index, payload) }
//
//	//go:wasmimport [export]local:local/baz [task-return]foo
//	func taskReturnFoo(r0, r1 uint32)
//
// Lifting stands inside the function given to Lift, never before it. Between [Task.Return] and the call of the task.return
// import nothing may stand: lower everything first. Where WIT has a result<T, E>, the body is
//
//	if err != nil && t.Cancel(err) {
//		return
//	}
//	m := t.Scope()
//	... lower Ok(v), or rt.AsErr[E](t, err) where err is not nil …
//
// An exported function of world level has the names "[async-lift]foo", "[export]$root" and "[task-return]foo".
//
// A plain export runs on the caller's stack and can't wait for the host:
//
//	//go:wasmexport local:local/baz#bar
//	func liftBar(s0, s1 uint32) uint32 {
//		t := rt.LiftSync("local:local/baz#bar")
//		v := exports.Bar(rt.TakeString(s0, s1))
//		m := t.Scope()
//		ret := m.Block(8, 4)
//		r0, r1 := m.String(v)
//		rt.Store(ret+0, r0)
//		rt.Store(ret+4, r1)
//		t.ReturnSync()
//		return ret
//	}
//
// What a plain export returned stays in memory until the next plain export ends, so that no post-return function is needed.
// Its body must not be wrapped in recover: a panic ends the program, as everywhere in Go.
//
// An async import is called in a scope of its own:
//
//	func Foo(ctx context.Context, s string, delay bool) (string, error) {
//		c := rt.NewScope()
//		defer c.Free()
//		s0, s1 := c.String(s)
//		ret := c.Block(8, 4)
//		lift := func() string { return rt.TakeString(rt.Load[uint32](ret), rt.Load[uint32](ret+4)) }
//		if err := c.Await(ctx, importFoo(s0, s1, rt.Bool(delay), ret), func() { lift() }); err != nil {
//			return "", err
//		}
//		return lift(), nil
//	}
//
// The function given to [Scope.Await] is called at most once, when the result of a call that was given up arrives after all: it
// lifts and drops it, closing every handle, stream and future in it. It is nil for a result without pointers and handles.
// A plain import is the same without Await.
//
// # Memory
//
// What cabi_realloc gave to the host is rooted, each pointer apart, until a Take function or [Free] is called with that pointer:
// each list and string of a value exactly once, empty ones included, and the block that holds spilled parameters too. A ret
// area that generated code allocated with [Scope.Block] belongs to its scope.
// Strings and slices of scalars are lent to the host without a copy; a scope keeps them alive.
//
// # Handles
//
// [Handle] is an entry of the component's handle table; generated resource types hold one. [Handle.Give] and the Lower methods
// of readers move it into a call (own, stream, future), [Handle.Lend] lends it (borrow). What a scope was given comes back
// to its Go value if the call never started. A [Table] maps the representations of an exported resource to Go values.
//
// # Streams and futures
//
// [StreamType] and [FutureType] hold the intrinsics of one payload type and how one element is lifted and lowered. The index in
// "[stream-new-0]foo" counts the streams and futures of function foo in wit-parser's find_futures_and_streams order:
// parameters then result, each in post-order (the payload of a stream comes before the stream itself), every mention counted,
// through aliases, records and variants but not into resources.
// Any function that mentions the type will do, since types are compared by structure. Read and write carry the prefix
// "[async-lower]"; the cancels, as everything else, don't, because their async form is gated (Explainer.md, 🚝). For streams and futures without payload use [UnitStream] and [UnitFuture].
//
// # Which task a call belongs to
//
// One Go scheduler runs the goroutines of all tasks. A goroutine belongs to the task whose goroutine started it, and what it
// waits for keeps that task alive. But an import that it calls while another task has its turn is, for the host, a call of
// that other task; values that a host attaches to a task can therefore show up in a neighbour's call.
package rt
