package rt

// An ErrorContext is a message for people that travels with a failure: WIT's error-context. To pass one on is to share it, and
// each side closes its own. Not safe for use after Close, like a closed file: its methods panic then.
type ErrorContext struct{ handle Handle }

// NewErrorContext makes an error context.
func NewErrorContext(message string) *ErrorContext {
	c := NewScope()
	defer c.Free()
	p, n := c.String(message)
	return LiftErrorContext(errorContextNew(p, n))
}

// LiftErrorContext is for generated code.
func LiftErrorContext(index uint32) *ErrorContext {
	e := new(ErrorContext)
	e.handle.Own(index, errorContextDrop)
	return e
}

// Lower is for generated code.
func (e *ErrorContext) Lower(c *Scope) uint32 {
	if e == nil {
		panic("a nil error context was passed: WIT has no null handle, only option<…>")
	}
	return e.handle.Lend(c)
}

// DebugMessage returns the message. A host may have cut it short or left it out.
func (e *ErrorContext) DebugMessage() string {
	c := NewScope()
	defer c.Free()
	ret := c.Block(8, 4)
	errorContextDebugMessage(e.handle.Lend(c), ret)
	return TakeString(Load[uint32](ret), Load[uint32](ret+4))
}

// Close gives the error context up. Calls that it was passed to keep theirs.
func (e *ErrorContext) Close() error { return e.handle.Close() }

//go:wasmimport $root [error-context-new-utf8]
func errorContextNew(p, n uint32) uint32

//go:wasmimport $root [error-context-debug-message-utf8]
func errorContextDebugMessage(index, ret uint32)

//go:wasmimport $root [error-context-drop]
func errorContextDrop(index uint32)
