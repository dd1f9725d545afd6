package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/gondola-wasm/gondola/wasi"
)

// networkFlags are what of the network a guest may use.
type networkFlags struct {
	inherit     bool
	addrs       []string
	names       []string
	deny        []string
	denyPrivate bool
	maxSockets  int
}

func (n *networkFlags) register(f *pflag.FlagSet) {
	f.BoolVar(&n.inherit, "inherit-network", false, "let the guest use the network as this process can")
	f.StringArrayVar(&n.addrs, "allow-addr", nil,
		"let the guest use addresses, as a `rule` [USE,…@]ADDRESS[/BITS][:PORTS] says, such as 10.0.0.0/8:443 or listen@127.0.0.1:8080: USE is connect, bind, listen, udp or udp-bind, and connect,udp if none is given; ADDRESS may be *; repeatable")
	f.StringArrayVar(&n.names, "allow-name", nil,
		"let the guest look up a name and use its addresses, as a `rule` [USE,…@]NAME[:PORTS] says, such as *.example.com:443: USE is connect or udp, and both if none is given; NAME may be *; repeatable")
	f.StringArrayVar(&n.deny, "deny-network", nil, "keep the guest from a `part` of the network, whatever is allowed: tcp, udp or names; repeatable")
	f.BoolVar(&n.denyPrivate, "deny-private", false, "keep the guest from addresses that are not public (loopback, private, link-local), unless --allow-addr names nothing else")
	countVar(f, &n.maxSockets, "max-sockets", 256, "cap the `number` of sockets that guests have at a time")
}

// networkParts are what --deny-network takes.
var networkParts = map[string]wasi.NetworkUse{"tcp": wasi.TCP, "udp": wasi.UDP, "names": wasi.Lookup}

func (n *networkFlags) grant(cfg *wasi.Config) error {
	cfg.Network.All, cfg.Network.DenyPrivate = n.inherit, n.denyPrivate
	for _, text := range n.addrs {
		rules, err := wasi.ParseAddrRule(text)
		if err != nil {
			return fmt.Errorf("--allow-addr %w", err)
		}
		cfg.Network.Addrs = append(cfg.Network.Addrs, rules...)
	}
	for _, text := range n.names {
		rule, err := wasi.ParseNameRule(text)
		if err != nil {
			return fmt.Errorf("--allow-name %w", err)
		}
		cfg.Network.Names = append(cfg.Network.Names, rule)
	}
	for _, part := range n.deny {
		use, ok := networkParts[part]
		if !ok {
			return fmt.Errorf("--deny-network %q: want tcp, udp or names", part)
		}
		cfg.Network.Deny |= use
	}
	cfg.Limits.Sockets = n.maxSockets
	return nil
}
