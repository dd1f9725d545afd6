package pollio

import "sync"

// Queue does one piece of work after the other, in the order in which they were
// added, beside those who add them. It costs a goroutine only while there is
// something to do. The zero Queue is ready for use.
type Queue struct {
	mu      sync.Mutex
	work    []func()
	working bool
	tail    *piece // the last of the work, where it is a piece that has not begun
}

// piece is what one stream has written in a row.
type piece struct {
	stream *OutputStream
	bytes  []byte
}

// Add adds a piece of work, to be done after all that was added before. It does not
// wait.
func (q *Queue) Add(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.add(f)
}

func (q *Queue) add(f func()) {
	q.tail = nil
	q.work = append(q.work, f)
	if !q.working {
		q.working = true
		go q.run()
	}
}

// write adds a write of a stream's. One that only continues the last is one with it,
// so that many small writes cost neither memory nor time; write reports whether that
// was so.
func (q *Queue) write(o *OutputStream, p []byte) (joined bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.tail != nil && q.tail.stream == o {
		q.tail.bytes = append(q.tail.bytes, p...)
		return true
	}
	t := &piece{o, p[:len(p):len(p)]}
	q.add(func() {
		o.write(t.bytes)
		o.count(-1)
	})
	q.tail = t
	return false
}

func (q *Queue) run() {
	for f := q.next(); f != nil; f = q.next() {
		f()
	}
}

func (q *Queue) next() func() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.work) == 0 {
		q.working, q.work = false, nil
		return nil
	}
	f := q.work[0]
	q.work[0] = nil
	q.work = q.work[1:]
	if len(q.work) == 0 {
		q.tail = nil
	}
	return f
}

// Idle reports whether there is nothing to do.
func (q *Queue) Idle() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !q.working
}
