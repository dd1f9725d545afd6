//go:build linux || darwin

package sockets

import (
	"net"
	"testing"
	"time"
)

func TestOptions(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		tcp, udp := newTCPSocket(t, h, f), newUDPSocket(t, h, f)
		defer tcp.Close()
		defer udp.Close()
		for _, o := range []options{tcp.options, udp.options} {
			for _, opt := range []struct {
				get func() (uint64, error)
				set func(uint64) error
			}{
				{o.ReceiveBufferSize, o.SetReceiveBufferSize},
				{o.SendBufferSize, o.SetSendBufferSize},
			} {
				if n, err := opt.get(); err != nil || n == 0 {
					t.Errorf("by default: %d, %v", n, err)
				}
				wantCode(t, "0", opt.set(0), InvalidArgument)
				for _, n := range []uint64{1, 1<<64 - 1, 1 << 63} {
					noError(t, opt.set(n))
				}
				noError(t, opt.set(0x10000))
				if n, err := opt.get(); err != nil || n != 0x10000 {
					t.Errorf("set to 0x10000, got %#x, %v", n, err)
				}
			}
			if n, err := o.HopLimit(); err != nil || n == 0 {
				t.Errorf("hop limit by default: %d, %v", n, err)
			}
			wantCode(t, "no hops", o.SetHopLimit(0), InvalidArgument)
			for _, n := range []uint8{1, 255, 42} {
				noError(t, o.SetHopLimit(n))
				if got, err := o.HopLimit(); err != nil || got != n {
					t.Errorf("hop limit set to %d, got %d, %v", n, got, err)
				}
			}
		}
	})
}

func TestKeepAlive(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		s := newTCPSocket(t, h, f)
		defer s.Close()
		for _, on := range []bool{true, false} {
			noError(t, s.SetKeepAliveEnabled(on))
			if got, err := s.KeepAliveEnabled(); err != nil || got != on {
				t.Errorf("set to %v, got %v, %v", on, got, err)
			}
		}
		const second = uint64(time.Second)
		for _, opt := range []struct {
			get func() (uint64, error)
			set func(uint64) error
		}{
			{s.KeepAliveIdleTime, s.SetKeepAliveIdleTime},
			{s.KeepAliveInterval, s.SetKeepAliveInterval},
		} {
			wantCode(t, "0", opt.set(0), InvalidArgument)
			for set, want := range map[uint64]uint64{1: second, 42 * second: 42 * second, 1<<64 - 1: 32767 * second} {
				noError(t, opt.set(set))
				if got, err := opt.get(); err != nil || got != want {
					t.Errorf("set to %d, got %d, %v", set, got, err)
				}
			}
		}
		wantCode(t, "0", s.SetKeepAliveCount(0), InvalidArgument)
		for set, want := range map[uint32]uint32{1: 1, 42: 42, 1<<32 - 1: 127} {
			noError(t, s.SetKeepAliveCount(set))
			if got, err := s.KeepAliveCount(); err != nil || got != want {
				t.Errorf("set to %d, got %d, %v", set, got, err)
			}
		}
	})
}

// Accepted sockets have the options that the listener has at that time.
func TestOptionsAreInherited(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		l := newTCPSocket(t, h, f)
		defer l.Close()
		set := func(n int, on bool) {
			noError(t, l.SetKeepAliveEnabled(on))
			noError(t, l.SetKeepAliveIdleTime(uint64(n)*uint64(time.Second)))
			noError(t, l.SetKeepAliveInterval(uint64(n)*uint64(time.Second)))
			noError(t, l.SetKeepAliveCount(uint32(n)))
			noError(t, l.SetHopLimit(uint8(n)))
			noError(t, l.SetReceiveBufferSize(uint64(n)<<10))
			noError(t, l.SetSendBufferSize(uint64(n)<<10))
		}
		check := func(s *TCP, n int, on bool) {
			t.Helper()
			var got [7]any
			got[0], _ = s.KeepAliveEnabled()
			got[1], _ = s.KeepAliveIdleTime()
			got[2], _ = s.KeepAliveInterval()
			got[3], _ = s.KeepAliveCount()
			got[4], _ = s.HopLimit()
			got[5], _ = s.ReceiveBufferSize()
			got[6], _ = s.SendBufferSize()
			second := uint64(time.Second)
			if want := [7]any{on, uint64(n) * second, uint64(n) * second, uint32(n), uint8(n), uint64(n) << 10, uint64(n) << 10}; got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		}
		set(42, true)
		noError(t, l.Bind(loopback(f, 0)))
		listener, err := l.Listen()
		noError(t, err)
		defer listener.Close()
		addr, err := l.LocalAddress()
		noError(t, err)
		accept := func() *TCP {
			c, err := net.Dial("tcp", addr.String())
			noError(t, err)
			t.Cleanup(func() { c.Close() })
			s, err := listener.Accept(t.Context())
			noError(t, err)
			return s
		}
		before := accept()
		defer before.Close()
		check(before, 42, true)
		set(43, false) // while it listens
		check(before, 42, true)
		after := accept()
		defer after.Close()
		check(after, 43, false)
	})
}
