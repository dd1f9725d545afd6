package httpx

import "strings"

// Scheme is the variant scheme of wasi:http/types. [SchemeOf] and [SchemeName]
// convert it from and to text.
type Scheme interface{ WITCases(schemeCases) }

type schemeCases struct {
	HTTP  SchemeHTTP
	HTTPS SchemeHTTPS
	Other SchemeOther
}

// schemeCase makes a type that embeds it a case of [Scheme].
type schemeCase struct{}

func (schemeCase) WITCases(schemeCases) {}

// The cases of [Scheme].
type (
	SchemeHTTP  struct{ schemeCase }
	SchemeHTTPS struct{ schemeCase }
	SchemeOther struct {
		schemeCase
		Name string
	}
)

// SchemeOf is the scheme of a name, which is the case for it if there is one.
func SchemeOf(name string) Scheme {
	switch {
	case strings.EqualFold(name, "http"):
		return SchemeHTTP{}
	case strings.EqualFold(name, "https"):
		return SchemeHTTPS{}
	}
	return SchemeOther{Name: name}
}

// SchemeName is a scheme as it is written in a URI, "http" and "https" in lower
// case; ok means that it is well-formed, and has no more than 128 bytes.
//
// Spec: RFC 3986, section 3.1.
func SchemeName(s Scheme) (name string, ok bool) {
	if other, ok := s.(SchemeOther); ok {
		s = SchemeOf(other.Name)
	}
	switch s := s.(type) {
	case SchemeHTTP:
		return "http", true
	case SchemeHTTPS:
		return "https", true
	case SchemeOther:
		return s.Name, s.Name != "" && len(s.Name) <= maxScheme && letterChars.has(s.Name[0]) && schemeChars.all(s.Name)
	}
	return "", false
}
