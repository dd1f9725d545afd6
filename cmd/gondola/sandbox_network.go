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
	denyPrivate bool
}

func (n *networkFlags) register(f *pflag.FlagSet) {
	f.BoolVar(&n.inherit, "inherit-network", false, "let the guest use the network as this process can")
	f.StringArrayVar(&n.addrs, "allow-addr", nil,
		"let the guest use addresses, as `[USE,…@]ADDRESS[/BITS][:PORTS]`: USE is connect, bind, listen, udp or udp-bind (connect,udp if none is given); ADDRESS may be *; repeatable")
	f.StringArrayVar(&n.names, "allow-name", nil,
		"let the guest look up a name and use its addresses, as `[USE,…@]NAME[:PORTS]`: USE is connect or udp (both if none is given); NAME may be *.example.com, or *; repeatable")
	f.BoolVar(&n.denyPrivate, "deny-private", false, "keep the guest from addresses that are not public (loopback, private, link-local), unless --allow-addr names nothing else")
}

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
	return nil
}
