package val

import "github.com/gondola-wasm/gondola/types"

// Resource is a resource that a value carries. Only the runtime implements it.
type Resource interface{ ValResource() }

// Stream is the readable end of a stream that a value carries. Only the runtime
// implements it.
type Stream interface{ ValStream() }

// Future is the readable end of a future that a value carries. Only the runtime
// implements it.
type Future interface{ ValFuture() }

// ErrorContext is an error context that a value carries. Only the runtime
// implements it.
type ErrorContext interface{ ValErrorContext() }

// Own makes a value that gives r away.
func Own(r Resource) Value { return Value{kind: types.KindOwn, ref: r} }

// Borrow makes a value that lends r for a call.
func Borrow(r Resource) Value { return Value{kind: types.KindBorrow, ref: r} }

// OfStream makes a value that gives s away.
func OfStream(s Stream) Value { return Value{kind: types.KindStream, ref: s} }

// OfFuture makes a value that gives f away.
func OfFuture(f Future) Value { return Value{kind: types.KindFuture, ref: f} }

// OfErrorContext makes a value that shares e.
func OfErrorContext(e ErrorContext) Value {
	return Value{kind: types.KindErrorContext, ref: e}
}

// Resource is the resource of an own or borrow handle.
func (v Value) Resource() Resource {
	if v.kind != types.KindBorrow {
		v.must(types.KindOwn)
	}
	return v.ref.(Resource)
}

// Stream is the stream's readable end.
func (v Value) Stream() Stream { v.must(types.KindStream); return v.ref.(Stream) }

// Future is the future's readable end.
func (v Value) Future() Future { v.must(types.KindFuture); return v.ref.(Future) }

// ErrorContext is the error context.
func (v Value) ErrorContext() ErrorContext {
	v.must(types.KindErrorContext)
	return v.ref.(ErrorContext)
}
