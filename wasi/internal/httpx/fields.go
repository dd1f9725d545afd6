package httpx

import (
	"iter"
	"maps"
	"net/textproto"
	"slices"
	"strings"
)

// HeaderError is why fields could not be made or changed: header-error of
// wasi:http/types.
type HeaderError uint8

const (
	// InvalidSyntax: a name or value is not well-formed.
	InvalidSyntax HeaderError = iota
	// Forbidden: this field is the host's business.
	Forbidden
	// Immutable: these fields can't be changed.
	Immutable
	// SizeExceeded: they would become larger than their limit. WASI 0.2 has no case
	// for it; there the guest traps.
	SizeExceeded
)

var headerErrors = [...]string{
	InvalidSyntax: "the name or value of a header field is not well-formed",
	Forbidden:     "this header field is the host's business",
	Immutable:     "these header fields can't be changed",
	SizeExceeded:  "total size of fields exceeds limit",
}

func (e HeaderError) Error() string { return headerErrors[e] }

// What a name and a value count for towards the limit beside their bytes, so that
// empty ones are not free. It is what they count for in Wasmtime, so that what fits
// there fits here.
const (
	nameOverhead  = 32
	valueOverhead = 40
)

// Fields is the resource fields: names and values, where a name may have several
// values, in the order in which they came. Names mean the same in upper and lower
// case; each is given back as it was written first.
//
// They are made by [FieldRules], and not safe for use from several goroutines.
type Fields struct {
	*fieldSet
	rules   *FieldRules
	mutable bool
	shared  bool // the set is another Fields' too, so it must not be changed
}

// fieldSet is what Fields that are copies of each other have in common.
type fieldSet struct {
	fields []field        // removed ones have no values
	index  map[string]int // by the name in lower case; nil in place of an empty one
	size   int
}

type field struct {
	name   string
	values [][]byte // the bytes are never changed
}

// Freeze makes fields unchangeable.
func (f *Fields) Freeze() { f.mutable = false }

// Clone is a copy that can be changed. What is there already may be more than the
// limit.
func (f *Fields) Clone() *Fields {
	f.shared = true
	return &Fields{fieldSet: f.fieldSet, rules: f.rules, mutable: true, shared: true}
}

// Has reports whether a name has values.
func (f *Fields) Has(name string) bool { return len(f.Get(name)) > 0 }

// Get returns the values of a name, which must not be changed.
func (f *Fields) Get(name string) [][]byte {
	i, ok := f.index[strings.ToLower(name)]
	if !ok {
		return nil
	}
	return f.fields[i].values
}

// All yields every name with each of its values, which must not be changed. A name
// with several values comes several times, one after the other.
func (f *Fields) All() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, field := range f.fields {
			for _, v := range field.values {
				if !yield(field.name, v) {
					return
				}
			}
		}
	}
}

// Header is the fields for Go's client and server, with the names as Go writes
// them.
func (f *Fields) Header() map[string][]string {
	h := make(map[string][]string, len(f.index))
	f.AddTo(h)
	return h
}

// count is the number of values.
func (f *Fields) count() int {
	n := 0
	for i := range f.fields {
		n += len(f.fields[i].values)
	}
	return n
}

// AddTo sets the fields in h, as Header has them.
func (f *Fields) AddTo(h map[string][]string) {
	room := make([]string, f.count())
	for _, field := range f.fields {
		n := len(field.values)
		if n == 0 {
			continue
		}
		values := room[:n:n]
		room = room[n:]
		for i, v := range field.values {
			values[i] = string(v)
		}
		h[textproto.CanonicalMIMEHeaderKey(field.name)] = values
	}
}

// Append adds a value to those of a name. The error is a [HeaderError].
func (f *Fields) Append(name string, value []byte) error {
	if err := f.rules.check(name); err != nil {
		return err
	}
	if err := checkValue(name, value); err != nil {
		return err
	}
	if !f.mutable {
		return Immutable
	}
	key := strings.ToLower(name)
	if _, there := f.index[key]; f.size+cost(name, value, !there) > f.rules.max() {
		return SizeExceeded
	}
	f.own()
	f.add(key, name, value)
	return nil
}

// Set replaces the values of a name, or removes it if there are none. The error is
// a [HeaderError], and nothing has changed then.
func (f *Fields) Set(name string, values [][]byte) error {
	if err := f.rules.check(name); err != nil {
		return err
	}
	size := f.size
	for _, v := range values {
		if err := checkValue(name, v); err != nil {
			return err
		}
		size += cost(name, v, false)
	}
	if !f.mutable {
		return Immutable
	}
	key := strings.ToLower(name)
	if i, there := f.index[key]; there {
		size -= f.fields[i].cost()
	}
	if len(values) > 0 && size+len(name)+nameOverhead > f.rules.max() {
		return SizeExceeded
	}
	f.own()
	f.remove(key)
	for _, v := range values {
		f.add(key, name, v)
	}
	return nil
}

// Delete removes all values of a name and returns them. The error is a
// [HeaderError].
func (f *Fields) Delete(name string) ([][]byte, error) {
	switch {
	case !ValidFieldName(name):
		return nil, InvalidSyntax
	case !f.mutable:
		return nil, Immutable
	}
	key := strings.ToLower(name)
	if _, there := f.index[key]; !there {
		return nil, nil
	}
	f.own()
	return f.remove(key), nil
}

// own makes a copy of a set that others have too.
func (f *Fields) own() {
	if !f.shared {
		return
	}
	set := &fieldSet{fields: slices.Clone(f.fields), index: maps.Clone(f.index), size: f.size}
	for i := range set.fields {
		set.fields[i].values = slices.Clip(set.fields[i].values)
	}
	f.fieldSet, f.shared = set, false
}

func (s *fieldSet) add(key, name string, value []byte) {
	i, there := s.index[key]
	s.size += cost(name, value, !there)
	if !there {
		if s.index == nil {
			s.index = map[string]int{}
		}
		i = len(s.fields)
		s.index[key] = i
		s.fields = append(s.fields, field{name: name})
	}
	s.fields[i].values = append(s.fields[i].values, value)
}

func (s *fieldSet) remove(key string) [][]byte {
	i, there := s.index[key]
	if !there {
		return nil
	}
	values := s.fields[i].values
	s.size -= s.fields[i].cost()
	s.fields[i] = field{}
	delete(s.index, key)
	if len(s.fields) > 2*len(s.index)+8 {
		s.compact()
	}
	return values
}

// compact forgets the places of removed names.
func (s *fieldSet) compact() {
	s.fields = slices.DeleteFunc(s.fields, func(f field) bool { return len(f.values) == 0 })
	for i := range s.fields {
		s.index[strings.ToLower(s.fields[i].name)] = i
	}
}

// cost is what a value adds to the size of fields.
func cost(name string, value []byte, newName bool) int {
	n := len(value) + valueOverhead
	if newName {
		n += len(name) + nameOverhead
	}
	return n
}

// cost is what a field of at least one value adds to the size of fields.
func (f field) cost() int {
	n := len(f.name) + nameOverhead
	for _, v := range f.values {
		n += cost(f.name, v, false)
	}
	return n
}

// checkValue says what is wrong with a value. Of the fields whose values have a
// syntax of their own, only Content-Length is checked: it frames messages.
func checkValue(name string, value []byte) error {
	if !ValidFieldValue(value) {
		return InvalidSyntax
	}
	if strings.EqualFold(name, contentLength) {
		if _, ok := parseContentLength(value); !ok {
			return InvalidSyntax
		}
	}
	return nil
}
