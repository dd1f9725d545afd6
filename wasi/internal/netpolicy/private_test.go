package netpolicy

import (
	"net/netip"
	"testing"
)

func TestIsPrivate(t *testing.T) {
	for text, want := range map[string]bool{
		"0.0.0.0": true, "0.1.2.3": true, "100.64.0.1": true, "100.127.255.255": true, "100.63.255.255": false, "100.128.0.0": false,
		"169.254.169.254": true, "172.15.255.255": false, "172.31.0.1": true, "172.32.0.0": false, "192.0.0.8": true, "192.0.1.1": false,
		"198.17.255.255": false, "198.19.0.1": true, "223.255.255.255": false, "224.0.0.1": true, "239.1.1.1": true, "255.255.255.255": true,
		"1.1.1.1": false, "::ffff:1.1.1.1": false, "::ffff:10.0.0.1": true,
		"::": true, "::1": true, "::10.0.0.1": true, "::8.8.8.8": true, "::ffff:0:10.0.0.1": true, "::ffff:0:8.8.8.8": true,
		"64:ff9b::a00:1": true, "64:ff9b::808:808": false, "64:ff9b:1::808:808": true, "100::1": true, "1fff::1": true,
		"2000::1": false, "2001::1": true, "2001:1ff::1": true, "2001:200::1": false, "2001:db8::1": true, "2002:808:808::1": true, "2003::1": false,
		"2606:4700::1": false, "3fff:1::1": true, "3fff:1000::1": false, "4000::1": true, "5f00::1": true, "fc00::1": true, "fd12::1": true,
		"fe80::1": true, "fe80::1%eth0": true, "fec0::1": true, "ff02::1": true, "ff0e::1": true,
	} {
		if got := IsPrivate(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
