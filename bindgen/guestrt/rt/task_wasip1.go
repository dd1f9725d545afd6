package rt

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// A Task is one call of an export.
type Task struct {
	name      string
	ctx       taskContext
	body      func(t *Task)
	borrows   []*Handle
	scope     *Scope
	requested bool // the caller asked for cancellation
}

// Lift starts a task for the async export called name, runs f in a goroutine of the task, and returns the callback code when
// nothing is runnable. f resolves the task by [Task.Return], [Task.Cancel] or [Task.Fail].
func Lift(name string, f func(t *Task)) uint32 {
	t := &Task{name: name, body: f}
	return taskStart(t.run, t.cancelled)
}

// run is the task's first goroutine.
func (t *Task) run() {
	t.body(t)
	t.ctx.end()
	if t.scope != nil {
		t.scope.Free()
	}
}

// Callback hands an event to the task that it is for and returns the next callback code.
func Callback(event, index, payload uint32) uint32 { return taskCallback(event, index, payload) }

// cancelled notes the caller's request for cancellation.
func (t *Task) cancelled() {
	t.requested = true
	t.ctx.end()
}

// Context returns the task's context. It ends when the caller asks for cancellation, and when the export's Go function
// has returned.
func (t *Task) Context() context.Context { return &t.ctx }

// Scope returns the scope that the result is lowered into. It lives until the task has resolved.
func (t *Task) Scope() *Scope {
	if t.scope == nil {
		t.scope = NewScope()
	}
	return t.scope
}

// Return waits until the task has its turn, drops its borrows and makes them invalid. The caller must call the task.return
// import next, with nothing in between.
func (t *Task) Return() {
	t.dropBorrows()
	taskResolve()
}

// Cancel resolves the task as cancelled if that was requested and err is the context's error; it reports whether it did.
func (t *Task) Cancel(err error) bool {
	if !t.requested || !isContextError(&t.ctx, err) {
		return false
	}
	t.dropBorrows()
	taskResolve()
	taskCancel()
	return true
}

// Fail resolves a task whose WIT function has no result but whose Go function returned err: as cancelled if that was
// requested and err is the context's error. Anything else is a bug in the component, and a panic.
func (t *Task) Fail(err error) {
	if !t.Cancel(err) {
		panic(fmt.Sprintf("%s returned the error %q, but its WIT type has no result to carry it (a context error counts only after the caller asked for cancellation)", t.name, err))
	}
}

// isContextError reports whether err is what the end of ctx looks like.
func isContextError(ctx context.Context, err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Cause(ctx))
}

// AsErr returns the WIT error value in err: E itself or an *Err[E]. Another error is a bug in the component, and a panic.
func AsErr[E any](t *Task, err error) E {
	e, found := FindErr[E](err)
	if !found {
		panic(fmt.Sprintf("%s returned the error %q, which holds no %T, the error type of its WIT result", t.name, err, e))
	}
	return e
}

// dropBorrows drops the handles that were lent to the task and makes their Go values invalid.
func (t *Task) dropBorrows() {
	for _, h := range t.borrows {
		h.endBorrow(t.name)
	}
	t.borrows = nil
}

// LiftSync enters the plain export called name. It must be followed by [Task.ReturnSync] on the same goroutine.
// Between the two, what would have to wait for the host ends the program with a text that names the export.
func LiftSync(name string) *Task {
	syncEnter(name)
	plainExports++
	return &Task{name: name, ctx: taskContext{whole: context.Background()}}
}

// ReturnSync leaves a plain export. The result that was lowered into the task's scope stays alive until the next plain export
// returns.
func (t *Task) ReturnSync() {
	t.dropBorrows()
	if lastResult != nil {
		lastResult.Free()
	}
	lastResult = t.scope
	plainExports--
	syncLeave()
}

// plainExports counts the plain exports that run.
var plainExports int

// awaitTurn waits while plain exports run. It comes before what blocks the component, which is a trap in a plain export, even
// when a goroutine of a task does it there.
func awaitTurn() {
	for plainExports > 0 {
		turn := make(chan struct{})
		inTask(func() { close(turn) })
		<-turn
	}
}

// lastResult keeps what the newest plain export returned: the host reads it after the core function has returned.
var lastResult *Scope

// Destroy is the body of an exported resource's destructor: it removes rep from the table and hands the value's Close, where
// it has one, to a task. An unknown rep, such as that of a value that Go took back, is ignored.
func Destroy[T any](table *Table[T], rep uint32) {
	pin()
	defer unpin()
	v, found := table.remove(rep)
	if !found {
		return
	}
	switch v := any(v).(type) {
	case io.Closer:
		inTask(func() { v.Close() })
	case interface{ Close() }:
		inTask(v.Close)
	}
}
