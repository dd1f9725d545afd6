package cabi

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/trap"
)

// Blocked is a thread that waits, for a report on a deadlock.
type Blocked struct {
	Component, Func string // whose task
	Resolved        bool   // the task has returned already
	Waits           string // for what, in words
}

var waitTexts = [numWaitReasons]string{
	waitNothing:    "to be resumed by another thread",
	waitEnter:      "for backpressure to end",
	waitYield:      "for its turn",
	waitYieldGated: "for its turn, while another task runs exclusively",
	waitSet:        "for an event in a waitable set",
	waitSetGated:   "for an event in a waitable set",
	waitEvent:      "for a stream, future or subtask",
	waitSubtask:    "for a call to return",
	waitHost:       "for the host",
}

// Blocked are all threads that wait or are suspended, in the order of their
// instances and calls.
func (s *Store) Blocked() []Blocked {
	var bs []Blocked
	for _, i := range s.instances {
		for k := i.live.head; k != nil; k = k.liveLinks.next {
			if k.threads.len == 0 {
				bs = append(bs, k.implicit.blocked())
			}
			for t := k.threads.head; t != nil; t = t.taskLinks.next {
				bs = append(bs, t.blocked())
			}
		}
	}
	return bs
}

func (t *Thread) blocked() Blocked {
	b := Blocked{
		Component: t.task.inst.name,
		Func:      t.task.lift.name,
		Resolved:  t.task.state == taskResolved,
		Waits:     waitTexts[t.wait],
	}
	switch {
	case t.wait == waitEnter && t.task.inst.backpressure == 0:
		b.Waits = "to enter, while another task runs exclusively"
	case t.set != nil:
		b.Waits += fmt.Sprintf(" of %d", t.set.len)
	case t.on == nil:
	case t.wait == waitSubtask:
		b.Waits = "for a call of " + t.on.source.(*Subtask).callee() + " to return"
	default:
		b.Waits = "for " + t.on.source.(handle).kind()
	}
	return b
}

// callee is what errors call the function that a subtask calls.
func (st *Subtask) callee() string {
	switch f := st.lower.callee.(type) {
	case *lifted:
		return f.name
	case *hostFunc:
		return f.f.Name
	}
	return "a function"
}

// maxBlockedReported bounds the text of a deadlock.
const maxBlockedReported = 20

// TrapDeadlock ends everything in the store by a trap that names the tasks that
// wait and what each waits for. Only the embedder knows that nothing outside can
// wake them any more.
func (s *Store) TrapDeadlock() {
	s.poisonAll(trap.New(trap.Deadlock, reportBlocked(s.Blocked())))
}

func reportBlocked(bs []Blocked) string {
	var b strings.Builder
	for i, t := range bs {
		if i == maxBlockedReported {
			fmt.Fprintf(&b, "\n    and %d more", len(bs)-i)
			break
		}
		fmt.Fprintf(&b, "\n    %s of %s waits %s", t.Func, t.Component, t.Waits)
	}
	return b.String()
}
