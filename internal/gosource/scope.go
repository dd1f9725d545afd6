package gosource

import (
	"go/token"
	"go/types"
)

// Scope hands out identifiers. A name that is taken, here or in an enclosing scope, gets underscores at its end, so that names
// which are asked for later rename none of the earlier ones.
type Scope struct {
	parent *Scope
	taken  map[string]bool
}

// NewScope returns a scope inside parent, or the outermost one where parent is nil. The outermost scope holds Go's keywords and
// predeclared identifiers: what is generated must be able to use those.
func NewScope(parent *Scope) *Scope {
	s := &Scope{parent: parent, taken: make(map[string]bool)}
	if parent == nil {
		s.parent = universe
	}
	return s
}

var universe = func() *Scope {
	s := &Scope{taken: map[string]bool{"_": true, "init": true, "main": true}}
	for t := token.BREAK; t <= token.VAR; t++ {
		s.taken[t.String()] = true
	}
	for _, name := range types.Universe.Names() {
		s.taken[name] = true
	}
	return s
}()

// Name takes want, or what it becomes where want is taken, and returns it.
func (s *Scope) Name(want string) string {
	for s.Taken(want) {
		want += "_"
	}
	s.taken[want] = true
	return want
}

// Reserve takes names whether or not they are taken already.
func (s *Scope) Reserve(names ...string) {
	for _, n := range names {
		s.taken[n] = true
	}
}

// Taken reports whether name is taken in s or a scope around it.
func (s *Scope) Taken(name string) bool {
	for ; s != nil; s = s.parent {
		if s.taken[name] {
			return true
		}
	}
	return false
}
