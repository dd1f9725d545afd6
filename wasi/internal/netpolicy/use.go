package netpolicy

import "strings"

// Use is what an address or a name is used for; also a set of uses.
type Use uint8

const (
	TCPConnect Use = 1 << iota // connect to a remote address
	TCPBind                    // bind to a local address
	TCPListen                  // accept connections at a local address
	UDPSend                    // exchange datagrams with a remote address
	UDPBind                    // receive datagrams at a local address
	Lookup                     // look a name up
)

const (
	// TCP and UDP are all uses of one protocol.
	TCP = TCPConnect | TCPBind | TCPListen
	UDP = UDPSend | UDPBind

	// Outgoing are the uses of remote addresses, and Local those of local ones.
	Outgoing = TCPConnect | UDPSend
	Local    = TCPBind | TCPListen | UDPBind
)

var useVerbs = [...]string{
	"connect to", "bind a TCP socket to", "listen at", "send datagrams to", "bind a UDP socket to", "look up",
}

// verb says what the first of the uses is about.
func (u Use) verb() string {
	for i, v := range useVerbs {
		if u&(1<<i) != 0 {
			return v
		}
	}
	return "use"
}

// useWords are the uses as rules are written. "listen" means that a socket is bound
// there as well.
var useWords = []struct {
	word string
	use  Use
}{
	{"connect", TCPConnect},
	{"bind", TCPBind},
	{"listen", TCPBind | TCPListen},
	{"udp", UDPSend},
	{"udp-bind", UDPBind},
}

func useOf(word string) (Use, bool) {
	for _, w := range useWords {
		if w.word == word {
			return w.use, true
		}
	}
	return 0, false
}

func allUseWords() string {
	words := make([]string, len(useWords))
	for i, w := range useWords {
		words[i] = w.word
	}
	return strings.Join(words, ", ")
}
