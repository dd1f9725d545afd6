package wazero

import (
	"encoding/binary"
	"math"
	"time"
)

// Subscriptions and events, and where their fields are.
const (
	subscriptionSize    = 48
	subscriptionType    = 8
	subscriptionFD      = 16
	subscriptionClock   = 16
	subscriptionTimeout = 24
	subscriptionFlags   = 40

	eventSize  = 32
	eventErrno = 8
	eventType  = 10

	eventClock   = 0
	eventFDRead  = 1
	eventFDWrite = 2

	clockAbsolute = 1
)

// subscription is one that a guest polls.
type subscription struct {
	bytes   []byte
	ready   bool
	errno   uint16
	stdin   bool
	timeout time.Duration // of a clock
}

func (s *subscription) typ() byte { return s.bytes[subscriptionType] }

// poll is poll_oneoff. wazero's only waits for a time, and for the standard input, and
// can't tell which of two times has come.
func (c *preview1Call) poll() uint64 {
	n := c.param(2)
	in, ok := c.mod.Memory().Read(c.param(0), n*subscriptionSize)
	out, ok2 := c.mod.Memory().Read(c.param(1), n*eventSize)
	switch {
	case n == 0:
		return errnoInval
	case !ok || !ok2:
		return errnoFault
	}
	in = append([]byte(nil), in...) // the events may overlap them
	subs := make([]subscription, n)
	for i := range subs {
		subs[i].bytes = in[i*subscriptionSize:][:subscriptionSize]
		if errno := c.look(&subs[i]); errno != 0 {
			return errno
		}
	}
	if errno := c.wait(subs); errno != 0 {
		return errno
	}
	return c.report(subs, out)
}

// look sees what a subscription is about, and whether it is ready at once.
func (c *preview1Call) look(s *subscription) uint64 {
	le := binary.LittleEndian
	switch s.typ() {
	case eventClock:
		return c.lookAtClock(s)
	case eventFDRead, eventFDWrite:
		d, ok := c.guest.fds.open[le.Uint32(s.bytes[subscriptionFD:])]
		switch {
		case !ok:
			s.ready, s.errno = true, errnoBadf
		case s.typ() == eventFDRead && d.theirs == 0:
			s.stdin = true
		default:
			s.ready = true
		}
		return 0
	}
	return errnoInval
}

func (c *preview1Call) lookAtClock(s *subscription) uint64 {
	le := binary.LittleEndian
	timeout := le.Uint64(s.bytes[subscriptionTimeout:])
	switch flags := le.Uint16(s.bytes[subscriptionFlags:]); flags {
	case 0:
	case clockAbsolute:
		var now uint64
		errno := c.scratch(8, func(b []byte) uint64 {
			errno := c.call("clock_time_get", uint64(le.Uint32(s.bytes[subscriptionClock:])), 0, 0)
			now = le.Uint64(b)
			return errno
		})
		if errno != 0 {
			return errno
		}
		timeout -= min(now, timeout)
	default:
		return errnoInval
	}
	s.timeout = time.Duration(min(timeout, math.MaxInt64))
	s.ready = timeout == 0
	return 0
}

// wait waits until one is ready.
func (c *preview1Call) wait(subs []subscription) uint64 {
	ready, stdin, timeout := false, false, time.Duration(math.MaxInt64)
	for i := range subs {
		s := &subs[i]
		ready = ready || s.ready
		stdin = stdin || s.stdin
		if s.typ() == eventClock {
			timeout = min(timeout, s.timeout)
		}
	}
	come := false
	switch {
	case ready:
		return 0
	case stdin:
		var errno uint64
		if come, errno = c.awaitStdin(timeout); errno != 0 {
			return errno
		}
	default:
		c.guest.sleep(timeout)
	}
	for i := range subs {
		s := &subs[i]
		s.ready = s.stdin && come || !come && s.typ() == eventClock && s.timeout <= timeout
	}
	return 0
}

// maxStdinWait is what wazero can wait for the standard input: it counts milliseconds.
const maxStdinWait = math.MaxInt32 * time.Millisecond

// awaitStdin waits for the standard input, as wazero's poll_oneoff does.
func (c *preview1Call) awaitStdin(timeout time.Duration) (come bool, errno uint64) {
	const room = 2*subscriptionSize + 2*eventSize + 4
	timeout = min(timeout, maxStdinWait).Truncate(time.Millisecond)
	start := time.Now()
	errno = c.scratch(room, func(b []byte) uint64 {
		clear(b)
		le := binary.LittleEndian
		b[subscriptionType] = eventFDRead
		b[subscriptionSize+subscriptionType] = eventClock
		le.PutUint64(b[subscriptionSize+subscriptionTimeout:], uint64(timeout))
		const out, count = 2 * subscriptionSize, room - 4
		errno := c.call("poll_oneoff", 0, out, 2, count)
		for i := range le.Uint32(b[count:]) {
			come = come || b[out+i*eventSize+eventType] == eventFDRead
		}
		return errno
	})
	// It can't be waited for where wazero has not waited: then a read does.
	return come || time.Since(start) < timeout, errno
}

// report tells the guest of what is ready.
func (c *preview1Call) report(subs []subscription, out []byte) uint64 {
	clear(out)
	n := uint32(0)
	for i := range subs {
		s := &subs[i]
		if !s.ready {
			continue
		}
		e := out[n*eventSize:]
		copy(e, s.bytes[:subscriptionType])
		binary.LittleEndian.PutUint16(e[eventErrno:], s.errno)
		e[eventType] = s.typ()
		n++
	}
	if !c.mod.Memory().WriteUint32Le(c.param(3), n) {
		return errnoFault
	}
	return 0
}
