package httpx

import (
	"net/netip"
	"strconv"
	"strings"
)

// class is a set of ASCII characters.
type class [2]uint64

func classOf(chars string) (c class) {
	for i := range len(chars) {
		c[chars[i]/64] |= 1 << (chars[i] % 64)
	}
	return c
}

func (c class) has(b byte) bool { return b < 128 && c[b/64]>>(b%64)&1 != 0 }

// all reports whether every byte of a text is in the set.
func (c class) all(s string) bool {
	for i := range len(s) {
		if !c.has(s[i]) {
			return false
		}
	}
	return true
}

const (
	digits  = "0123456789"
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

	unreserved = letters + digits + "-._~"
	subDelims  = "!$&'()*+,;="
)

var (
	tokenChars  = classOf(letters + digits + "!#$%&'*+-.^_`|~")
	schemeChars = classOf(letters + digits + "+-.")
	letterChars = classOf(letters)
	hexChars    = classOf(digits + "abcdefABCDEF")
	hostChars   = classOf(unreserved + subDelims + "%")
	userChars   = classOf(unreserved + subDelims + "%:")

	// What browsers leave as it is in a path or query, which is more than RFC 3986
	// allows.
	pathChars  = classOf(unreserved + subDelims + "%:@/" + `"[\]^{|}`)
	queryChars = classOf(unreserved + subDelims + "%:@/?" + `"[\]^{|}` + "`")
)

// ValidFieldName reports whether a text may be the name of a field.
//
// Spec: RFC 9110, section 5.1 (field-name).
func ValidFieldName(name string) bool { return isToken(name) }

// isToken: RFC 9110, section 5.6.2.
func isToken(s string) bool { return s != "" && tokenChars.all(s) }

// ValidFieldValue reports whether bytes may be the value of a field: everything but
// control characters other than tabs. So no value can end its line and start
// another.
//
// Spec: RFC 9110, section 5.5 (field-value), with the whitespace around a value
// that it leaves out.
func ValidFieldValue[T string | []byte](value T) bool {
	for i := range len(value) {
		if b := value[i]; b < ' ' && b != '\t' || b == 0x7f {
			return false
		}
	}
	return true
}

// How long the parts of a request may be: more than anybody has, and little enough for a
// guest to have many.
const (
	maxMethod    = 128
	maxScheme    = 128
	maxAuthority = 1 << 10
	maxPath      = 128 << 10
)

// ParsePathWithQuery checks the path and query of a request. An empty one is "/".
// What browsers and servers let pass is valid, raw UTF-8 included; controls,
// spaces and fragments are not, nor is what is longer than 128 KiB.
func ParsePathWithQuery(s string) (string, bool) {
	switch {
	case s == "":
		return "/", true
	case len(s) > maxPath:
		return "", false
	}
	path, query, _ := strings.Cut(s, "?")
	return s, allowed(path, &pathChars) && allowed(query, &queryChars)
}

func allowed(s string, chars *class) bool {
	for i := range len(s) {
		if s[i] < 0x80 && !chars.has(s[i]) {
			return false
		}
	}
	return true
}

// Authority is the authority of a URI in its parts.
type Authority struct {
	UserInfo string // "user" or "user:password", without the "@"
	Host     string // a name, an IPv4 address, or an IPv6 address without its brackets
	Port     string // "" where there is none
}

// ParseAuthority takes an authority apart, where it is well-formed.
//
// Spec: RFC 3986, section 3.2, without empty hosts and ports, without addresses of
// future versions, and of 1 KiB at most.
func ParseAuthority(s string) (a Authority, ok bool) {
	if len(s) > maxAuthority {
		return Authority{}, false
	}
	user, host, hasUser := strings.Cut(s, "@")
	if !hasUser {
		user, host = "", s
	}
	if hasUser && (user == "" || !userChars.all(user) || !validEscapes(user)) {
		return Authority{}, false
	}
	a.UserInfo = user
	if strings.HasPrefix(host, "[") {
		end := strings.IndexByte(host, ']')
		if end < 0 {
			return Authority{}, false
		}
		a.Host, host = host[1:end], host[end+1:]
		addr, err := netip.ParseAddr(a.Host)
		ok = err == nil && addr.Is6() && addr.Zone() == ""
	} else {
		end := strings.IndexByte(host, ':')
		if end < 0 {
			end = len(host)
		}
		a.Host, host = host[:end], host[end:]
		ok = a.Host != "" && hostChars.all(a.Host) && validEscapes(a.Host)
	}
	if host != "" {
		a.Port = strings.TrimPrefix(host, ":")
		ok = ok && host[0] == ':' && validPort(a.Port)
	}
	if !ok {
		return Authority{}, false
	}
	return a, true
}

// HostPort is the authority without the user, as a URI and the Host field have it.
func (a Authority) HostPort() string {
	host := a.Host
	if strings.IndexByte(host, ':') >= 0 {
		host = "[" + host + "]"
	}
	if a.Port == "" {
		return host
	}
	return host + ":" + a.Port
}

func validPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// validEscapes reports whether two hexadecimal digits follow every percent sign.
func validEscapes(s string) bool {
	for {
		i := strings.IndexByte(s, '%')
		if i < 0 {
			return true
		}
		if len(s) < i+3 || !hexChars.all(s[i+1:i+3]) {
			return false
		}
		s = s[i+3:]
	}
}

// ValidStatus reports whether a number may be the status of a response.
//
// Spec: RFC 9110, section 15.
func ValidStatus(status uint16) bool { return 100 <= status && status <= 599 }

const contentLength = "content-length"

// ContentLength is what the field Content-Length says. Fields that say it more
// than once and differ are not well-formed: the error is [InvalidSyntax].
//
// Spec: RFC 9110, section 8.6.
func (f *Fields) ContentLength() (n uint64, given bool, err error) {
	for i, v := range f.Get(contentLength) {
		m, ok := parseContentLength(v)
		if !ok || i > 0 && m != n {
			return 0, true, InvalidSyntax
		}
		n, given = m, true
	}
	return n, given, nil
}

func parseContentLength(value []byte) (uint64, bool) {
	n, err := strconv.ParseUint(string(value), 10, 64)
	return n, err == nil
}
