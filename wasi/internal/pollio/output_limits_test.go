package pollio

import (
	"errors"
	"testing"
	"testing/synctest"
)

// What a stream was permitted it may write, whatever other streams, perhaps of other
// instances, have written to the same place meanwhile.
func TestPermitIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := stuck{make(chan struct{})}
		all := NewShared(&Queue{}, 1000)
		stream := func() *OutputStream {
			return DefaultLimits.NewOutputStream(ToWriter(sink), OutputOptions{Shared: all, Permit: 900})
		}
		one, two := stream(), stream()
		if n, err := one.CheckWrite(); n != 900 || err != nil {
			t.Fatalf("permit of %d, %v", n, err)
		}
		n, err := two.CheckWrite()
		if n != minPermit || err != nil {
			t.Fatalf("permit of %d, %v", n, err)
		}
		if err := errors.Join(two.Write(make([]byte, n)), one.Write(make([]byte, 900))); err != nil {
			t.Error(err)
		}
		for _, s := range []*OutputStream{one, two} {
			if n, err := s.CheckWrite(); n != 0 || err != nil {
				t.Errorf("permit of %d, %v, although there is no room", n, err)
			}
			if err := s.Write([]byte{1}); err == nil {
				t.Error("what was permitted once was written twice")
			}
		}
		close(sink.free)
		synctest.Wait()
		if n, err := one.CheckWrite(); n != 900 || err != nil || all.used != 0 || all.promised != 900 {
			t.Errorf("permit of %d, %v; %d bytes are in use, %d promised", n, err, all.used, all.promised)
		}
		if one.Drop(); all.promised != 0 {
			t.Errorf("%d bytes are promised to nobody", all.promised)
		}
	})
}

// Nothing that a guest does again and again makes what waits for a sink grow without
// end.
func TestWhatWaitsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := stuck{make(chan struct{})}
		var q Queue
		all := NewShared(&q, DefaultLimits.Permit)
		stream := func() *OutputStream {
			return DefaultLimits.NewOutputStream(ToWriter(sink), OutputOptions{Shared: all, Linger: true})
		}
		one, two := stream(), stream()
		if err := one.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		ended := 0
		for _, again := range []func(i int) error{
			func(i int) error { return []*OutputStream{one, two}[i%2].Write(nil) },
			func(i int) error { return []*OutputStream{one, two}[i%2].WriteZeroes(0) },
			func(int) error { return one.Flush() },
			func(int) error { return two.Flush() },
			func(int) error { return stream().Drop() },
			func(int) error {
				s := stream()
				return errors.Join(s.Flush(), s.Drop())
			},
			func(int) error {
				two.End(func() { ended++ })
				return nil
			},
		} {
			for i := range 100 {
				if err := again(i); err != nil {
					t.Fatal(err)
				}
			}
		}
		q.mu.Lock()
		n := len(q.work)
		q.mu.Unlock()
		if n > 3 {
			t.Errorf("%d things wait", n)
		}
		streams := []*OutputStream{stream(), stream()}
		for i := 0; ; i++ {
			n, err := streams[i%2].CheckWrite()
			if n == 0 || err != nil {
				break
			}
			if i > 2*maxPieces {
				t.Fatal("there is always room for another byte")
			}
			if err := streams[i%2].Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
		}
		close(sink.free)
		synctest.Wait()
		if ended != 1 || all.pieces != 0 || all.used != 0 || !streams[0].Ready() {
			t.Errorf("ended %d times; %d pieces and %d bytes are left", ended, all.pieces, all.used)
		}
	})
}

// A stream whose room others take says what it was permitted.
func TestPromises(t *testing.T) {
	b, promised := &box{}, 0
	o := DefaultLimits.NewOutputStream(b, OutputOptions{Prompt: true, Room: b.room, Promised: func(n int) { promised += n }})
	for _, step := range []struct {
		do   func() error
		want int
	}{
		{func() error { _, err := o.CheckWrite(); return err }, 10},
		{func() error { _, err := o.CheckWrite(); return err }, 10},
		{func() error { _, _ = b.Write(t.Context(), make([]byte, 9)); return o.Write(make([]byte, 10)) }, 0},
		{func() error { b.empty(); _, err := o.CheckWrite(); return err }, 10},
		{o.Flush, 0},
		{func() error { _, err := o.CheckWrite(); return err }, 10},
		{o.Drop, 0},
	} {
		if err := step.do(); err != nil || promised != step.want {
			t.Errorf("%d bytes are promised, %v; want %d", promised, err, step.want)
		}
	}
}
