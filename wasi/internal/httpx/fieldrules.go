package httpx

import (
	"net/textproto"
	"slices"
	"strings"
)

// FieldRules say which fields guests may set and see, and how large they may become.
// Nil are the default rules. They are safe for use from several goroutines.
type FieldRules struct {
	limit int
	extra map[string]bool // by the name in lower case
	held  *holdings
}

// DefaultFieldsLimit is how large fields may become that a guest makes.
const DefaultFieldsLimit = 128 << 10

// NewFieldRules makes rules with a limit on the size of fields, which counts
// something for each name and value beside its bytes; 0 stands for
// [DefaultFieldsLimit]. Names are forbidden beside those that always are.
func NewFieldRules(limit int, names ...string) *FieldRules {
	r := &FieldRules{limit: limit, extra: map[string]bool{}, held: newHoldings(0)}
	for _, name := range names {
		r.extra[strings.ToLower(name)] = true
	}
	return r
}

// max is the limit on the size.
func (r *FieldRules) max() int {
	if r == nil || r.limit <= 0 {
		return DefaultFieldsLimit
	}
	return r.limit
}

// New makes empty fields that can be changed.
func (r *FieldRules) New() *Fields {
	f := new(struct { // they live together until they are copied
		Fields
		set fieldSet
	})
	f.Fields = Fields{fieldSet: &f.set, rules: r, mutable: true}
	return &f.Fields
}

// Received makes fields that can't be changed of what came from outside, without
// what is forbidden to guests or not well-formed. Names are in lower case, which
// is how they travel in HTTP/2: in h they are as Go writes them, whatever they
// were. They are sorted, since h has no order.
func (r *FieldRules) Received(h map[string][]string) *Fields {
	names := make([]string, 0, len(h))
	values, size := 0, 0
	for name, vs := range h {
		names = append(names, name)
		values += len(vs)
		for _, v := range vs {
			size += len(v)
		}
	}
	slices.Sort(names)
	in := intake{&fieldSet{fields: make([]field, 0, len(h))}, make([][]byte, 0, values), make([]byte, 0, size)}
	for _, name := range names {
		if key := lower(name); r.check(key) == nil {
			in.add(key, h[name])
		}
	}
	return &Fields{fieldSet: in.fieldSet, rules: r}
}

// intake makes fields with room for everything.
type intake struct {
	*fieldSet
	values [][]byte
	bytes  []byte
}

func (in *intake) add(key string, values []string) {
	first := len(in.values)
	for _, v := range values {
		if ValidFieldValue(v) {
			begin := len(in.bytes)
			in.bytes = append(in.bytes, v...)
			in.values = append(in.values, in.bytes[begin:len(in.bytes):len(in.bytes)])
		}
	}
	added := in.values[first:len(in.values):len(in.values)]
	if len(added) == 0 {
		return
	}
	if i, there := in.find(key); there { // h has it in upper and in lower case
		f := &in.fields[i]
		in.size -= f.cost()
		f.values = append(f.values, added...)
		in.size += f.cost()
		return
	}
	f := &in.fields[in.open(key, key)]
	f.values = added
	in.size += f.cost()
}

// lower is a name in lower case. The usual ones cost nothing.
func lower(name string) string {
	if l, ok := lowered[name]; ok {
		return l
	}
	return strings.ToLower(name)
}

// lowered are names by how Go writes them.
var lowered = map[string]string{}

func init() {
	for _, name := range []string{
		"accept", "accept-encoding", "accept-language", "accept-ranges", "age", "authorization", "cache-control",
		"content-disposition", "content-encoding", "content-language", "content-length", "content-type", "cookie", "date",
		"etag", "expect", "expires", "forwarded", "if-match", "if-modified-since", "if-none-match", "last-modified", "link",
		"location", "origin", "pragma", "range", "referer", "server", "set-cookie", "strict-transport-security",
		"traceparent", "trailer", "user-agent", "vary", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
		"x-request-id",
	} {
		lowered[textproto.CanonicalMIMEHeaderKey(name)] = name
	}
}

// check says what is wrong with the name of a field that a guest sets.
func (r *FieldRules) check(name string) error {
	if !ValidFieldName(name) {
		return InvalidSyntax
	}
	if key := strings.ToLower(name); forbidden[key] || r != nil && r.extra[key] {
		return Forbidden
	}
	return nil
}

// forbidden are the names of fields that the host alone sets, in lower case: they
// say how messages are framed and where they go. A guest that could set them could
// smuggle requests past others on the way.
var forbidden = map[string]bool{
	"connection":          true,
	"host":                true,
	"http2-settings":      true,
	"keep-alive":          true,
	"proxy-authenticate":  true,
	"proxy-authorization": true,
	"proxy-connection":    true,
	"transfer-encoding":   true,
	"upgrade":             true,
}
