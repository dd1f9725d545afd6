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
	fields []field        // removed ones are zero
	live   int            // those that are not removed
	index  map[string]int // by the key; nil while there are few
	size   int
	held   *holding // nil while that is small
}

type field struct {
	name, key string   // the key is the name in lower case
	values    [][]byte // the bytes are never changed
}

// few is how many fields are found by looking at all of them.
const few = 16

// find returns the place of a field.
func (s *fieldSet) find(key string) (i int, there bool) {
	if s.index != nil {
		i, there = s.index[key]
		return i, there
	}
	i = slices.IndexFunc(s.fields, func(f field) bool { return f.key == key })
	return i, i >= 0 && key != ""
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
	i, there := f.find(strings.ToLower(name))
	if !there {
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
	h := make(map[string][]string, f.live)
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
	_, there := f.find(key)
	size := f.size + cost(name, value, !there)
	if size > f.rules.max() || !f.own(size) {
		return SizeExceeded
	}
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
	if i, there := f.find(key); there {
		size -= f.fields[i].cost()
	}
	if len(values) > 0 {
		size += len(name) + nameOverhead
	}
	if len(values) > 0 && size > f.rules.max() || !f.own(size) {
		return SizeExceeded
	}
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
	if _, there := f.find(key); !there {
		return nil, nil
	}
	if !f.own(f.size) {
		return nil, SizeExceeded
	}
	return f.remove(key), nil
}

// own makes a copy of a set that others have too, and takes room for a set of a size. It
// reports false where there is none.
func (f *Fields) own(size int) bool {
	set := f.fieldSet
	if f.shared {
		set = set.copy()
	}
	if !f.rules.hold(set, size) {
		return false
	}
	f.fieldSet, f.shared = set, false
	return true
}

func (s *fieldSet) copy() *fieldSet {
	c := &fieldSet{fields: slices.Clone(s.fields), live: s.live, index: maps.Clone(s.index), size: s.size}
	for i := range c.fields {
		c.fields[i].values = slices.Clip(c.fields[i].values)
	}
	return c
}

func (s *fieldSet) add(key, name string, value []byte) {
	i, there := s.find(key)
	s.size += cost(name, value, !there)
	if !there {
		i = s.open(key, name)
	}
	s.fields[i].values = append(s.fields[i].values, value)
}

// open makes a place for a field that is not there.
func (s *fieldSet) open(key, name string) int {
	i := len(s.fields)
	s.fields = append(s.fields, field{name: name, key: key})
	s.live++
	switch {
	case s.index != nil:
		s.index[key] = i
	case len(s.fields) > few:
		s.reindex()
	}
	return i
}

func (s *fieldSet) reindex() {
	s.index = make(map[string]int, len(s.fields))
	for i, f := range s.fields {
		if f.key != "" {
			s.index[f.key] = i
		}
	}
}

func (s *fieldSet) remove(key string) [][]byte {
	i, there := s.find(key)
	if !there {
		return nil
	}
	values := s.fields[i].values
	s.size -= s.fields[i].cost()
	s.fields[i] = field{}
	s.live--
	delete(s.index, key)
	if len(s.fields) > 2*s.live+few {
		s.compact()
	}
	return values
}

// compact forgets the places of removed fields.
func (s *fieldSet) compact() {
	s.fields = slices.DeleteFunc(s.fields, func(f field) bool { return f.key == "" })
	s.index = nil
	if len(s.fields) > few {
		s.reindex()
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
