// Package sockets is TCP and UDP for guests of any version of WASI, on sockets of the
// system. What a guest may reach is asked of package netpolicy.
//
// WASI shows the steps of a socket one by one (create, options, bind, connect or
// listen), each with its own errors, and options that can be read back. Package net
// has no such steps, and sets options of its own (keep-alive and TCP_NODELAY, even on
// what is made by net.FileConn). So sockets are made by system calls, without
// blocking, and wait in Go's poller: one that waits costs a parked goroutine and
// no thread, and no buffer either.
//
// # Life of a socket
//
// The socket of the system is shared by what was made of it: the resource, its
// sending half, its receiving half. It is closed with the last of them. A [Host]
// caps how many there are at a time, those that were accepted included; an accept
// that finds none free waits, so that the system's own backlog fills up.
//
// # Systems
//
// Linux has everything. On macOS it is untested, and differs as follows:
//
//   - accepted sockets take idle time, hop limit and buffer sizes over from the
//     listener by being set again, with what was set last;
//   - buffer sizes that the system finds too large are not changed, without an error.
//
// On other systems, Windows among them, sockets can't be made: creating one is
// not-supported. Name lookup and outgoing HTTP work everywhere.
//
// The flow information of IPv6 addresses is taken and not used; it reads back as 0.
package sockets
