package suite

import (
	"context"
	"slices"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
)

func inTCP(name string, lie func(val.Value) val.Value) damage {
	return functions(lies(socketsID, "[method]tcp-socket."+name, lie))
}

func inUDP(name string, lie func(val.Value) val.Value) damage {
	return functions(lies(socketsID, "[method]udp-socket."+name, lie))
}

// inSockets damages functions that both kinds have.
func inSockets(name string, lie func(val.Value) val.Value) damage {
	return functions(
		lies(socketsID, "[method]tcp-socket."+name, lie),
		lies(socketsID, "[method]udp-socket."+name, lie),
	)
}

// port changes the port of an address.
func port(change func(val.Value) val.Value) func(val.Value) val.Value {
	return func(v val.Value) val.Value {
		name, addr := v.Case()
		return val.Variant(name, field("port", change)(addr))
	}
}

// tcpOptions have a function that sets them and one that gets them.
var tcpOptions = []string{
	"keep-alive-idle-time", "keep-alive-interval", "keep-alive-count", "hop-limit", "receive-buffer-size", "send-buffer-size",
}

// options changes what functions say about the options of TCP sockets.
func options(verb string, lie func(val.Value) val.Value) damage {
	var changes []func(*gondola.Linker)
	for _, option := range tcpOptions {
		changes = append(changes, lies(socketsID, "[method]tcp-socket."+verb+option, lie))
	}
	return functions(changes...)
}

var socketControls = []control{
	{name: "sockets: every address can be bound", fails: []string{"sockets-tcp-bind", "sockets-tcp-connect", "sockets-udp-bind", "sockets-udp-connect"}, damage: inSockets("bind", constant(done))},
	{name: "sockets: no address can be bound", fails: []string{"sockets-echo", "sockets-tcp-bind", "sockets-tcp-connect", "sockets-tcp-listen", "sockets-tcp-receive", "sockets-tcp-send", "sockets-udp-bind", "sockets-udp-connect", "sockets-udp-receive"}, damage: inSockets("bind", constant(val.Err(val.Variant("access-denied", val.Value{}))))},
	{name: "sockets: bound addresses are refused with another code", fails: []string{"sockets-tcp-bind", "sockets-tcp-connect", "sockets-udp-connect"}, damage: inSockets("bind", code("address-in-use", "access-denied"))},
	{name: "sockets: states are refused with another code", fails: []string{"sockets-tcp-bind", "sockets-tcp-connect", "sockets-tcp-listen"}, damage: functions(
		lies(socketsID, "[method]tcp-socket.bind", code("invalid-state", "invalid-argument")),
		lies(socketsID, "[method]tcp-socket.listen", code("invalid-state", "invalid-argument")),
		lies(socketsID, "[method]tcp-socket.connect", code("invalid-state", "invalid-argument")),
	)},
	{name: "sockets: local addresses have another port", fails: []string{"sockets-echo", "sockets-tcp-bind", "sockets-tcp-connect", "sockets-tcp-listen", "sockets-tcp-receive", "sockets-tcp-send", "sockets-udp-connect"}, damage: inSockets("get-local-address", okay(port(plus(1))))},
	{name: "sockets: remote addresses have another port", fails: []string{"sockets-udp-connect"}, damage: inSockets("get-remote-address", okay(port(plus(1))))},
	{name: "sockets: local addresses are never known", fails: []string{"sockets-echo", "sockets-tcp-bind", "sockets-tcp-connect", "sockets-tcp-listen", "sockets-tcp-receive", "sockets-tcp-send", "sockets-udp-bind", "sockets-udp-connect", "sockets-udp-receive", "sockets-udp-send"}, damage: inSockets("get-local-address", constant(val.Err(val.Variant("invalid-state", val.Value{}))))},
	{name: "sockets: all are of IPv4", own: "get-address-family", damage: inSockets("get-address-family", constant(val.Enum("ipv4")))},

	{name: "tcp: every connection works", fails: []string{"sockets-tcp-connect"}, damage: inTCP("connect", constant(done))},
	{name: "tcp: refused connections time out", fails: []string{"sockets-tcp-connect"}, damage: inTCP("connect", code("connection-refused", "timeout"))},
	{name: "tcp: addresses that make no sense are refused with another code", fails: []string{"sockets-tcp-connect"}, damage: inTCP("connect", code("invalid-argument", "access-denied"))},
	{name: "tcp: nobody listens", own: "get-is-listening", damage: inTCP("get-is-listening", constant(val.Bool(false)))},
	{name: "tcp: everybody listens", own: "get-is-listening before listen", damage: inTCP("get-is-listening", constant(val.Bool(true)))},
	{name: "tcp: options are forgotten", fails: []string{"sockets-tcp-properties"}, damage: options("set-", constant(done))},
	{name: "tcp: options are one more", fails: []string{"sockets-tcp-properties"}, damage: options("get-", okay(plus(1)))},
	{name: "tcp: options are set to anything", fails: []string{"sockets-tcp-properties"}, damage: functions(
		says(socketsID, "[method]tcp-socket.set-listen-backlog-size", done),
		says(socketsID, "[method]tcp-socket.set-hop-limit", done),
	)},
	{name: "tcp: keeping alive can't be switched on", fails: []string{"sockets-tcp-properties"}, damage: functions(says(socketsID, "[method]tcp-socket.set-keep-alive-enabled", done))},
	{name: "tcp: nothing is received", fails: []string{"sockets-echo", "sockets-tcp-receive", "sockets-tcp-send"}, damage: functions(calls(socketsID, "[method]tcp-socket.receive", func(context.Context, []val.Value, gondola.HostFunc) (val.Value, error) {
		w, r := gondola.NewStream[byte]()
		w.Close()
		return val.Tuple(r.Value(), future(done)), nil
	}))},
	{name: "tcp: receiving always ends well", fails: []string{"sockets-tcp-receive"}, damage: inTCP("receive", func(v val.Value) val.Value {
		return val.Tuple(v.Elems()[0], future(done))
	})},
	{name: "tcp: receiving always ends badly", fails: []string{"sockets-echo", "sockets-tcp-receive", "sockets-tcp-send"}, damage: inTCP("receive", func(v val.Value) val.Value {
		return val.Tuple(v.Elems()[0], future(val.Err(val.Variant("connection-reset", val.Value{}))))
	})},
	{name: "tcp: sending always ends well", fails: []string{"sockets-tcp-receive", "sockets-tcp-send"}, damage: inTCP("send", func(val.Value) val.Value { return future(done) })},
	{name: "tcp: sending always ends badly", fails: []string{"sockets-echo", "sockets-tcp-bind", "sockets-tcp-receive", "sockets-tcp-send"}, damage: inTCP("send", func(val.Value) val.Value {
		return future(val.Err(val.Variant("connection-reset", val.Value{})))
	})},

	{name: "udp: every connection works", fails: []string{"sockets-udp-connect"}, damage: inUDP("connect", constant(done))},
	{name: "udp: one can't disconnect", fails: []string{"sockets-udp-connect"}, damage: functions(says(socketsID, "[method]udp-socket.disconnect", done))},
	{name: "udp: one can always disconnect", fails: []string{"sockets-udp-connect"}, damage: inUDP("disconnect", constant(done))},
	{name: "udp: nothing is sent", fails: []string{"sockets-udp-send"}, damage: functions(says(socketsID, "[method]udp-socket.send", done))},
	{name: "udp: everything can be sent", fails: []string{"sockets-udp-send"}, damage: inUDP("send", constant(done))},
	{name: "udp: everything goes to where it is connected", fails: []string{"sockets-udp-send"}, damage: functions(calls(socketsID, "[method]udp-socket.send", func(ctx context.Context, args []val.Value, next gondola.HostFunc) (val.Value, error) {
		args = slices.Clone(args)
		args[2] = val.None()
		return next(ctx, args)
	}))},
	{name: "udp: senders have another port", fails: []string{"sockets-udp-receive"}, damage: inUDP("receive", okay(func(v val.Value) val.Value {
		return val.Tuple(v.Elems()[0], port(plus(1))(v.Elems()[1]))
	}))},
	{name: "udp: what comes is cut", fails: []string{"sockets-udp-receive"}, damage: inUDP("receive", okay(func(v val.Value) val.Value {
		return val.Tuple(val.Bytes(v.Elems()[0].Bytes()[:v.Elems()[0].Len()/2]), v.Elems()[1])
	}))},
	{name: "udp: hop limits are forgotten", fails: []string{"sockets-udp-properties"}, damage: functions(says(socketsID, "[method]udp-socket.set-unicast-hop-limit", done))},
	{name: "udp: buffers are of no size", fails: []string{"sockets-udp-properties"}, damage: functions(
		says(socketsID, "[method]udp-socket.get-receive-buffer-size", val.Ok(val.U64(0))),
		says(socketsID, "[method]udp-socket.get-send-buffer-size", val.Ok(val.U64(0))),
	)},
}
