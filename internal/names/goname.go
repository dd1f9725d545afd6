package names

import (
	"go/token"
	"strings"
)

// initialisms are the words that Go writes in a spelling of their own: those
// that Go's linters know, and the two that its standard library writes IPv4 and
// IPv6. Names in generated code depend on this list: a word that is added or
// removed renames what its users wrote.
var initialisms = map[string]string{
	"ipv4": "IPv4",
	"ipv6": "IPv6",
}

func init() {
	for _, w := range []string{
		"acl", "api", "ascii", "cpu", "css", "dns", "eof", "gid", "guid", "html", "http",
		"https", "id", "ip", "json", "lhs", "qps", "ram", "rhs", "rpc", "sla", "smtp", "sql",
		"ssh", "tcp", "tls", "ttl", "udp", "ui", "uid", "uri", "url", "utf8", "uuid", "vm",
		"xml", "xmpp", "xsrf", "xss",
	} {
		initialisms[w] = strings.ToUpper(w)
	}
}

// Go is the exported Go identifier for a label: `http-status` gives HTTPStatus,
// `get-JSON` GetJSON, `user-id` UserID. Different labels may give the same
// identifier; see [GoAll].
func Go(label string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(label, "-") {
		b.WriteString(goWord(word))
	}
	return b.String()
}

// GoLocal is the unexported Go identifier for a label, as parameters have it:
// `http-status` gives httpStatus, `user-id` userID, and `type`, a keyword, type_.
func GoLocal(label string) string {
	first, rest, _ := strings.Cut(label, "-")
	id := strings.ToLower(first) + Go(rest)
	if token.IsKeyword(id) {
		id += "_"
	}
	return id
}

// GoAll gives each label of one scope an exported Go identifier of its own, in
// order. One that an earlier label has taken gets underscores at its end, so
// that labels which are added later rename none of the earlier ones.
func GoAll(labels []string) []string {
	ids := make([]string, len(labels))
	same := make(map[string]int, len(labels)) // how many labels gave an identifier
	for i, l := range labels {
		id := Go(l) // without any underscore, since labels have none
		ids[i] = id + strings.Repeat("_", same[id])
		same[id]++
	}
	return ids
}

func goWord(word string) string {
	if w, ok := initialisms[strings.ToLower(word)]; ok {
		return w
	}
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}
