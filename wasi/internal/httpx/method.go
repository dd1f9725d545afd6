package httpx

// Method is the variant method of wasi:http/types. [MethodOf] and [MethodName]
// convert it from and to the text that is sent.
type Method interface{ WITCases(methodCases) }

type methodCases struct {
	Get     MethodGet
	Head    MethodHead
	Post    MethodPost
	Put     MethodPut
	Delete  MethodDelete
	Connect MethodConnect
	Options MethodOptions
	Trace   MethodTrace
	Patch   MethodPatch
	Other   MethodOther
}

// methodCase makes a type that embeds it a case of [Method].
type methodCase struct{}

func (methodCase) WITCases(methodCases) {}

// The cases of [Method].
type (
	MethodGet     struct{ methodCase }
	MethodHead    struct{ methodCase }
	MethodPost    struct{ methodCase }
	MethodPut     struct{ methodCase }
	MethodDelete  struct{ methodCase }
	MethodConnect struct{ methodCase }
	MethodOptions struct{ methodCase }
	MethodTrace   struct{ methodCase }
	MethodPatch   struct{ methodCase }
	MethodOther   struct {
		methodCase
		Name string
	}
)

// MethodOf is the method of a name, which is the case for it if there is one.
func MethodOf(name string) Method {
	switch name {
	case "GET":
		return MethodGet{}
	case "HEAD":
		return MethodHead{}
	case "POST":
		return MethodPost{}
	case "PUT":
		return MethodPut{}
	case "DELETE":
		return MethodDelete{}
	case "CONNECT":
		return MethodConnect{}
	case "OPTIONS":
		return MethodOptions{}
	case "TRACE":
		return MethodTrace{}
	case "PATCH":
		return MethodPatch{}
	}
	return MethodOther{Name: name}
}

// MethodName is a method as it is sent; ok means that it is well-formed, and has no more
// than 128 bytes.
//
// Spec: RFC 9110, section 9.1.
func MethodName(m Method) (name string, ok bool) {
	switch m := m.(type) {
	case MethodGet:
		return "GET", true
	case MethodHead:
		return "HEAD", true
	case MethodPost:
		return "POST", true
	case MethodPut:
		return "PUT", true
	case MethodDelete:
		return "DELETE", true
	case MethodConnect:
		return "CONNECT", true
	case MethodOptions:
		return "OPTIONS", true
	case MethodTrace:
		return "TRACE", true
	case MethodPatch:
		return "PATCH", true
	case MethodOther:
		return m.Name, len(m.Name) <= maxMethod && isToken(m.Name)
	}
	return "", false
}
