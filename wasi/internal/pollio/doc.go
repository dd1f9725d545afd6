// Package pollio is wasi:io for hosts of WASI 0.2: pollables, streams and errors, on
// which everything that can be polled in 0.2 is built. 0.3 has these built into the
// component model.
//
// # Pollables
//
// A [Pollable] asks a [Source] whether it is ready. There are sources for
// what happens once ([Event]), at a time ([Deadline]), and for what can only be
// waited for ([Waiter]); anything else embeds a [Signal]:
//
//	type lookup struct {
//		pollio.Parent
//		done  pollio.Event
//		addrs []netip.Addr
//		err   error
//	}
//
//	func start(ctx context.Context, name string) *lookup {
//		l := &lookup{}
//		go func() {
//			defer l.done.Set()
//			l.addrs, l.err = resolve(ctx, name)
//		}()
//		return l
//	}
//
//	l.Func(id, "[method]resolve-address-stream.subscribe",
//		func(_ context.Context, l *lookup) *pollio.Pollable { return l.Subscribe(&l.done) })
//
// A source must be honest: where it is ready, what the guest does next does not come
// back with nothing.
//
// # Resources and their children
//
// A [Parent] counts the child resources of a resource. Its drop function frees what
// it has to free and returns [Parent.CheckDrop], which traps a guest that has not
// dropped the children first:
//
//	l.Resource(id, "resolve-address-stream", func(l *lookup) error {
//		l.cancel()
//		return l.CheckDrop()
//	})
//
// # Input streams
//
// An [InputStream] reads from an [Origin], of which there are three sorts:
//
//   - One that is always ready, such as a file: Take reads at an offset, in the
//     guest's call; Ready is true; Wait is never called. It costs no goroutine.
//   - One that can be asked without waiting, such as a socket: Take is a nonblocking
//     read, Ready asks the kernel, Wait parks until the socket is readable. It costs
//     a parked goroutine, but no buffer, while the guest waits.
//   - One that can only be read by waiting, such as an HTTP body: [NewBuffered]
//     reads it on a goroutine, only when the guest wants something, and
//     for as much as it wants. Streams that share one such reader and must lose
//     nothing of it have an Origin of their own, which is a Source too and waits for
//     all of them (see wasi/internal/stdio).
//
// None costs anything before the guest reads or subscribes. [InputStream.End] ends a
// stream from the host's side, as shutdown(receive) does.
//
// # Output streams
//
// An [OutputStream] writes to a [Sink], which may wait: then what the guest writes
// goes out on a goroutine, and CheckWrite says how much room is left of the permit
// (64 KiB, or [OutputOptions].Permit: 1 MiB for the bodies of HTTP). A sink that does
// not wait, such as a file, is written in the guest's call ([OutputOptions].Prompt).
// [OutputStream.End] is shutdown(send): the guest can't write any more, and what it
// wrote before still goes out.
//
// # Errors
//
// Operations of streams return [ErrClosed], an [*Error] with what went wrong in it,
// or another error, which is for the guest to be trapped with. A face turns the
// first two into its stream-error. An interface's downcast, such as http-error-code,
// is errors.As on the Error.
//
// # Concurrency
//
// The methods of streams, and of Parent, are called while the instance is held.
// Those that wait (Block, Poll, Blocking…) are for functions that are registered
// with gondola.Blocking. The End methods, Event, Signal and Waiter are safe for use
// from several goroutines.
package pollio
