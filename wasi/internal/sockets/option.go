package sockets

import (
	"math"
	"time"
)

// option is an option of a socket whose value is a number.
type option uint8

const (
	optReceiveBuffer option = iota
	optSendBuffer
	optHopLimit
	optKeepAlive
	optKeepAliveIdle     // in seconds
	optKeepAliveInterval // in seconds
	optKeepAliveCount
)

// Options are the options that sockets of both kinds have.
type options struct {
	*conn

	// set is what was set, by option. On systems where accepted sockets don't have
	// it from the listener they get it from here.
	set *inherited
}

func (o options) get(opt option) (n int, err error) {
	err = o.control(func(fd int) (err error) {
		n, err = getOption(fd, o.family, opt)
		return err
	})
	return n, err
}

func (o options) put(opt option, n int) error {
	err := o.control(func(fd int) error { return setOption(fd, o.family, opt, n) })
	if err == nil {
		o.set.note(opt, n)
	}
	return err
}

// HopLimit is IP_TTL or IPV6_UNICAST_HOPS.
func (o options) HopLimit() (uint8, error) {
	n, err := o.get(optHopLimit)
	return uint8(n), err
}

// SetHopLimit sets what HopLimit returns; 0 is an InvalidArgument.
func (o options) SetHopLimit(n uint8) error {
	if n == 0 {
		return InvalidArgument
	}
	return o.put(optHopLimit, int(n))
}

// ReceiveBufferSize is SO_RCVBUF, as it was set: without what the system adds.
func (o options) ReceiveBufferSize() (uint64, error) { return o.bufferSize(optReceiveBuffer) }

// SetReceiveBufferSize sets what ReceiveBufferSize returns, or as near to it as the
// system allows; 0 is an InvalidArgument.
func (o options) SetReceiveBufferSize(n uint64) error { return o.setBufferSize(optReceiveBuffer, n) }

// SendBufferSize is SO_SNDBUF, as ReceiveBufferSize is SO_RCVBUF.
func (o options) SendBufferSize() (uint64, error) { return o.bufferSize(optSendBuffer) }

// SetSendBufferSize is to SendBufferSize what SetReceiveBufferSize is to
// ReceiveBufferSize.
func (o options) SetSendBufferSize(n uint64) error { return o.setBufferSize(optSendBuffer, n) }

func (o options) bufferSize(opt option) (uint64, error) {
	n, err := o.get(opt)
	return uint64(n), err
}

func (o options) setBufferSize(opt option, n uint64) error {
	if n == 0 {
		return InvalidArgument
	}
	return o.put(opt, int(min(n, math.MaxInt32)))
}

// keepAliveOptions are the options of TCP sockets.
type keepAliveOptions struct{ options }

// KeepAliveEnabled is SO_KEEPALIVE.
func (o keepAliveOptions) KeepAliveEnabled() (bool, error) {
	n, err := o.get(optKeepAlive)
	return n != 0, err
}

// SetKeepAliveEnabled sets what KeepAliveEnabled returns.
func (o keepAliveOptions) SetKeepAliveEnabled(on bool) error {
	n := 0
	if on {
		n = 1
	}
	return o.put(optKeepAlive, n)
}

// KeepAliveIdleTime is TCP_KEEPIDLE, in nanoseconds.
func (o keepAliveOptions) KeepAliveIdleTime() (uint64, error) { return o.seconds(optKeepAliveIdle) }

// SetKeepAliveIdleTime sets what KeepAliveIdleTime returns, in whole seconds from 1
// to the most that Linux knows; 0 is an InvalidArgument.
func (o keepAliveOptions) SetKeepAliveIdleTime(ns uint64) error {
	return o.setSeconds(optKeepAliveIdle, ns)
}

// KeepAliveInterval is TCP_KEEPINTVL, in nanoseconds.
func (o keepAliveOptions) KeepAliveInterval() (uint64, error) {
	return o.seconds(optKeepAliveInterval)
}

// SetKeepAliveInterval is to KeepAliveInterval what SetKeepAliveIdleTime is to
// KeepAliveIdleTime.
func (o keepAliveOptions) SetKeepAliveInterval(ns uint64) error {
	return o.setSeconds(optKeepAliveInterval, ns)
}

func (o keepAliveOptions) seconds(opt option) (uint64, error) {
	n, err := o.get(opt)
	return uint64(n) * uint64(time.Second), err
}

// The limits of Linux, which are the lowest.
const (
	maxKeepAliveSeconds = math.MaxInt16
	maxKeepAliveCount   = math.MaxInt8
)

func (o keepAliveOptions) setSeconds(opt option, ns uint64) error {
	if ns == 0 {
		return InvalidArgument
	}
	return o.put(opt, int(min(max(ns/uint64(time.Second), 1), maxKeepAliveSeconds)))
}

// KeepAliveCount is TCP_KEEPCNT.
func (o keepAliveOptions) KeepAliveCount() (uint32, error) {
	n, err := o.get(optKeepAliveCount)
	return uint32(n), err
}

// SetKeepAliveCount sets what KeepAliveCount returns, up to 127; 0 is an
// InvalidArgument.
func (o keepAliveOptions) SetKeepAliveCount(n uint32) error {
	if n == 0 {
		return InvalidArgument
	}
	return o.put(optKeepAliveCount, int(min(n, maxKeepAliveCount)))
}
