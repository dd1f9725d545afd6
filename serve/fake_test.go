package serve

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/gondola-wasm/gondola"
)

// fakeGuests are instances without a component. Their code is a function, and in their place a store's thread
// of control is a lock: at most one task of an instance runs.
type fakeGuests struct {
	// handle is the guest's code. It runs while it holds the instance.
	handle func(ctx context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) error
	// born is called for a new instance; its error is why there is none.
	born func(in *fakeInstance) error
	// dying is called when an instance is closed, which takes as long as it does.
	dying func()
	// mute says that a new instance does not say that it rests.
	mute bool

	mu        sync.Mutex
	instances []*fakeInstance
}

func (g *fakeGuests) make(ctx context.Context, id string, rests func(condition)) (instance, error) {
	in := &fakeInstance{guests: g, id: id, rests: rests, admits: true, down: make(chan struct{})}
	if g.born != nil {
		if err := g.born(in); err != nil {
			return nil, err
		}
	}
	g.mu.Lock()
	g.instances = append(g.instances, in)
	g.mu.Unlock()
	if !g.mute {
		in.turn.Lock()
		in.rest()
	}
	return in, nil
}

func (g *fakeGuests) all() []*fakeInstance {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]*fakeInstance(nil), g.instances...)
}

// fakeInstance is an instance.
type fakeInstance struct {
	guests *fakeGuests
	id     string
	rests  func(condition)

	turn   fakeLock    // who holds it runs
	tasks  []*fakeTask // read and written by who holds turn, as what follows
	admits bool
	ended  error

	busy int // tasks that are in handle
	most int // of busy

	once sync.Once
	down chan struct{} // closed by close
}

// fakeLock is a mutex that synctest sees through.
type fakeLock struct {
	once sync.Once
	c    chan struct{}
}

func (l *fakeLock) init() { l.once.Do(func() { l.c = make(chan struct{}, 1) }) }

func (l *fakeLock) Lock() {
	l.init()
	l.c <- struct{}{}
}

func (l *fakeLock) Unlock() { <-l.c }

// rest gives up the turn.
func (in *fakeInstance) rest() {
	c := condition{tasks: len(in.tasks), admits: in.admits, ended: in.ended, callers: func(yield func(context.Context) bool) {
		for _, t := range in.tasks {
			if !yield(t.ctx) {
				return
			}
		}
	}}
	in.rests(c)
	in.turn.Unlock()
}

// fakeTask is a task of an instance.
type fakeTask struct {
	in  *fakeInstance
	ctx context.Context
}

// begin makes a task.
func (in *fakeInstance) begin(ctx context.Context) *fakeTask {
	t := &fakeTask{in, ctx}
	in.tasks = append(in.tasks, t)
	return t
}

// end ends it.
func (t *fakeTask) end() {
	t.in.tasks = slices.DeleteFunc(t.in.tasks, func(o *fakeTask) bool { return o == t })
}

// block lets other tasks run until f returns.
func (t *fakeTask) block(f func()) {
	t.in.rest()
	f()
	t.in.turn.Lock()
}

// trap ends the instance.
func (t *fakeTask) trap() error {
	if t.in.ended == nil {
		t.in.ended = errFakeTrap
	}
	return t.in.ended
}

// later does something after the response.
func (t *fakeTask) later(f func()) {
	after := t.in.begin(t.ctx)
	go func() {
		f()
		t.in.turn.Lock()
		after.end()
		t.in.rest()
	}()
}

var errFakeTrap = &gondola.Trap{}

// errFakeEnded is what comes of calls of an instance that has trapped.
var errFakeEnded = errors.Join(gondola.ErrEndedBefore)

func (in *fakeInstance) serve(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	in.turn.Lock()
	defer in.rest()
	if in.ended != nil {
		return errFakeEnded
	}
	task := in.begin(ctx)
	defer task.end()
	in.busy++
	in.most = max(in.most, in.busy)
	defer func() { in.busy-- }()
	err := in.guests.handle(ctx, task, w, r)
	if err == nil && in.ended != nil { // by another task
		err = in.ended
	}
	return err
}

func (in *fakeInstance) tell() {
	go func() {
		in.turn.Lock()
		in.rest()
	}()
}

func (in *fakeInstance) close() {
	if in.guests.dying != nil {
		in.guests.dying()
	}
	in.once.Do(func() { close(in.down) })
}

func (in *fakeInstance) isClosed() bool {
	select {
	case <-in.down:
		return true
	default:
		return false
	}
}

// fakeHandler makes a handler of guests.
func fakeHandler(t *testing.T, g *fakeGuests, opts Options) *Handler {
	t.Helper()
	if opts.Log == nil {
		opts.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	opts, err := opts.settled(true)
	if err != nil {
		t.Fatal(err)
	}
	return newHandler(g, opts, true)
}

// answer is a response, or that there was none.
type answer struct {
	status  int
	body    string
	aborted bool
}

// get has h answer a request whose body is text.
func get(ctx context.Context, h *Handler, path string) (a answer) {
	w := httptest.NewRecorder()
	defer func() {
		switch p := recover(); p {
		case nil:
			a.status, a.body = w.Code, w.Body.String()
		case http.ErrAbortHandler:
			a.aborted = true
		default:
			panic(p)
		}
	}()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", path, http.NoBody))
	return a
}

// recorder is a request with a body, and its response.
type recorder struct {
	*httptest.ResponseRecorder
	r       *http.Request
	aborted bool
}

func newRecorder(body io.Reader) *recorder {
	return &recorder{ResponseRecorder: httptest.NewRecorder(), r: httptest.NewRequest("POST", "/", body)}
}

func (w *recorder) serve(h *Handler) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			w.aborted = true
		} else if p != nil {
			panic(p)
		}
	}()
	h.ServeHTTP(w, w.r)
}
