package httpx

import (
	"maps"
	"slices"
	"strings"
)

// FieldRules say which fields guests may set and see, and how large they may become.
// Nil are the default rules. They are safe for use from several goroutines.
type FieldRules struct {
	limit int
	extra map[string]bool // by the name in lower case
}

// DefaultFieldsLimit is how large fields may become that a guest makes.
const DefaultFieldsLimit = 128 << 10

// NewFieldRules makes rules with a limit on the size of fields, which counts
// something for each name and value beside its bytes; 0 stands for
// [DefaultFieldsLimit]. Names are forbidden beside those that always are.
func NewFieldRules(limit int, names ...string) *FieldRules {
	r := &FieldRules{limit: limit, extra: map[string]bool{}}
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
	return &Fields{fieldSet: new(fieldSet), rules: r, mutable: true}
}

// Received makes fields that can't be changed of what came from outside, without
// what is forbidden to guests or not well-formed. Names are in lower case, which
// is how they travel in HTTP/2: in h they are as Go writes them, whatever they
// were. They are sorted, since h has no order.
func (r *FieldRules) Received(h map[string][]string) *Fields {
	set := &fieldSet{fields: make([]field, 0, len(h)), index: make(map[string]int, len(h))}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		key := strings.ToLower(name)
		if r.check(key) != nil {
			continue
		}
		for _, v := range h[name] {
			if ValidFieldValue(v) {
				set.add(key, key, []byte(v))
			}
		}
	}
	return &Fields{fieldSet: set, rules: r}
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
