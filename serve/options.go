package serve

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/gondola-wasm/gondola/wasi"
)

// Isolation is how much requests have to do with one another.
type Isolation uint8

const (
	// IsolationDefault is IsolationConcurrent for a component of WASI 0.3, and
	// IsolationRequest for one of WASI 0.2.
	IsolationDefault Isolation = iota
	// IsolationRequest gives each request an instance of its own.
	IsolationRequest
	// IsolationInstance lets an instance answer requests one after the other: the
	// next begins when nothing is left to do for the one before.
	IsolationInstance
	// IsolationConcurrent lets an instance answer several requests at once. If it
	// traps, it fails all of them.
	IsolationConcurrent
)

var isolationNames = [...]string{"default", "request", "instance", "concurrent"}

// String is the isolation's name: "request", "instance", "concurrent" or "default".
func (i Isolation) String() string {
	if int(i) < len(isolationNames) {
		return isolationNames[i]
	}
	return fmt.Sprintf("Isolation(%d)", i)
}

// MarshalText is String.
func (i Isolation) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText takes what String gives.
func (i *Isolation) UnmarshalText(text []byte) error {
	for k, name := range isolationNames {
		if string(text) == name {
			*i = Isolation(k)
			return nil
		}
	}
	return fmt.Errorf("want request, instance or concurrent, got %q", text)
}

// Options are the choices of a [Handler]. Where a number is 0, the default counts; where
// it is negative, there is no limit.
//
// Where one that begins with Min stands beside a limit of instances and is not 0, the
// limit is a range: each instance draws its own from it, both ends included. So
// instances that were made together do not end together, and what a guest does wrong
// after so many requests does not show in all of them at once.
type Options struct {
	// Isolation is how much requests have to do with one another.
	Isolation Isolation

	// MaxReuse is how many requests an instance answers in its life. The default is
	// 128.
	MaxReuse, MinReuse int
	// MaxConcurrent is how many requests an instance works on at a time. The default
	// is 16.
	MaxConcurrent, MinConcurrent int
	// MaxInstances is how many instances there may be at a time. The default is 64,
	// or 256 where each works on one request at a time, but not less than four times
	// the number of processors.
	MaxInstances int
	// MaxRequests is how many requests may be there at a time, being answered or
	// waiting for an instance. The default is 1000. Others get status 503.
	MaxRequests int
	// MaxBodyBytes is how many bytes the body of a request may have. A longer one gets
	// status 413, or breaks off where its length was not known. The default is no limit.
	MaxBodyBytes int64
	// MaxResponseBytes is how long the body of a response may be. One that is longer
	// breaks off, since its header is out by then. The default is no limit.
	MaxResponseBytes int64

	// QueueTimeout is how long a request waits for an instance before it gets status
	// 503. The default is 10 s.
	QueueTimeout time.Duration
	// RequestTimeout is how long an instance may take until the header of its response
	// is there, and how long it may run without a pause. The default is 30 s.
	RequestTimeout time.Duration
	// ReceiveTimeout is how long a client may send nothing of a request's body while somebody
	// waits for more of it. The guest then finds that the body broke off, with the error code
	// connection-read-timeout; where it fails without a response, the status is 408, and the
	// connection is not used again. It has to be longer than any pause in a stream of
	// requests and responses that goes both ways. It counts where the server's ResponseWriter
	// can set deadlines, as that of net/http can. The default is 5 minutes.
	ReceiveTimeout time.Duration
	// SendTimeout is how long a client may take nothing of a response, at least; after less
	// than twice of that the response breaks off. It counts where the server's
	// ResponseWriter can set deadlines, as that of net/http can. The default is 30 s.
	SendTimeout time.Duration
	// PostReturnTimeout is how long an instance may work on after its response. The
	// default is 30 s.
	PostReturnTimeout time.Duration
	// IdleTimeout is how long an instance is kept that has nothing to do. The default
	// is 1 s.
	IdleTimeout, MinIdleTimeout time.Duration

	// Seed makes what instances draw from ranges the same each time: the n-th instance of
	// any handler with the same options and the same seed gets the same. 0 is another seed
	// each time.
	Seed uint64

	// Log gets what goes wrong. Nil is [slog.Default].
	Log *slog.Logger
	// AccessLog gets a line for each request that has been answered. Nil is none.
	AccessLog *slog.Logger

	// Own is what an instance gets of its own; id names it, and is in its environment
	// as INSTANCE_ID in any case. A writer that has a method Flush() error is flushed
	// when the instance is closed and all that it has written is there. Nil is nothing,
	// and so is what it returns then. It may be called from several goroutines at a time.
	Own func(id string) *wasi.Own
}

// forever stands for no limit of time.
const forever = time.Duration(1<<63 - 1)

// settled are the options with defaults in place. concurrent says whether the guest can
// work on several requests at once.
func (o Options) settled(concurrent bool) (Options, error) {
	if o.Isolation > IsolationConcurrent {
		return o, fmt.Errorf("serve: there is no %v", o.Isolation)
	}
	if o.Isolation == IsolationConcurrent && !concurrent {
		return o, fmt.Errorf("serve: isolation concurrent is for components of WASI 0.3: one of WASI 0.2 works on one request at a time")
	}
	if o.Isolation == IsolationDefault {
		o.Isolation = IsolationRequest
		if concurrent {
			o.Isolation = IsolationConcurrent
		}
	}
	instances := 64
	if o.Isolation != IsolationConcurrent {
		o.MaxConcurrent, o.MinConcurrent, instances = 1, 0, 256
	}
	if o.Isolation == IsolationRequest {
		o.MaxReuse, o.MinReuse = 1, 0
	}
	count(&o.MaxReuse, 128)
	count(&o.MaxConcurrent, 16)
	count(&o.MaxInstances, max(instances, 4*runtime.GOMAXPROCS(0)))
	count(&o.MaxRequests, 1000)
	span(&o.QueueTimeout, 10*time.Second)
	span(&o.RequestTimeout, 30*time.Second)
	span(&o.ReceiveTimeout, 5*time.Minute)
	span(&o.SendTimeout, 30*time.Second)
	span(&o.PostReturnTimeout, 30*time.Second)
	span(&o.IdleTimeout, time.Second)
	err := errors.Join(
		atMost("MinReuse", &o.MinReuse, "MaxReuse", o.MaxReuse),
		atMost("MinConcurrent", &o.MinConcurrent, "MaxConcurrent", o.MaxConcurrent),
		atMost("MinIdleTimeout", &o.MinIdleTimeout, "IdleTimeout", o.IdleTimeout),
	)
	if err != nil {
		return o, err
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64()
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o, nil
}

func count(n *int, d int) {
	switch {
	case *n == 0:
		*n = d
	case *n < 0:
		*n = 1<<31 - 1
	}
}

func span(n *time.Duration, d time.Duration) {
	switch {
	case *n == 0:
		*n = d
	case *n < 0:
		*n = forever
	}
}

// atMost checks the lower end of a range, which is the upper end where there is none.
func atMost[N int | time.Duration](name string, lower *N, upperName string, upper N) error {
	switch {
	case *lower == 0:
		*lower = upper
	case *lower < 0 || *lower > upper:
		return fmt.Errorf("serve: Options.%s is %v: want at most %s, which is %v, and nothing negative", name, *lower, upperName, upper)
	}
	return nil
}
