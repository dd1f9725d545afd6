package types

import (
	"encoding/binary"
	"runtime"
	"sync"
	"sync/atomic"
	"weak"
)

var lastID atomic.Uint64

func nextID() uint64 { return lastID.Add(1) }

// pool maps the structure of every live compound type to the type. It holds
// them weakly, as package unique does, because types of components that are
// long closed must not pile up in a process that loads many.
var pool = struct {
	sync.Mutex
	types map[string]weak.Pointer[Type]
}{types: map[string]weak.Pointer[Type]{}}

// intern returns the one type that has t's structure.
func intern(t *Type) *Type {
	key := t.key()
	pool.Lock()
	defer pool.Unlock()
	if old := pool.types[key].Value(); old != nil {
		return old
	}
	t.id = nextID()
	t.summarize()
	pool.types[key] = weak.Make(t)
	runtime.AddCleanup(t, forget, key)
	return t
}

// forget removes a collected type's entry, unless a new type with the same
// structure has taken the place meanwhile.
func forget(key string) {
	pool.Lock()
	defer pool.Unlock()
	if pool.types[key].Value() == nil {
		delete(pool.types, key)
	}
}

// key spells t's structure out in terms of the identities of its parts, which
// are never used twice.
func (t *Type) key() string {
	b := []byte{byte(t.kind)}
	b = binary.AppendVarint(b, int64(t.length))
	b = appendType(b, t.elem)
	b = appendType(b, t.other)
	if t.res != nil {
		b = binary.AppendUvarint(b, t.res.id)
	}
	for _, f := range t.fields {
		b = appendType(appendName(b, f.Name), f.Type)
	}
	if t.kind == KindVariant {
		for _, c := range t.cases {
			b = appendType(appendName(b, c.Name), c.Type)
		}
	}
	for _, l := range t.labels {
		b = appendName(b, l)
	}
	return string(b)
}

func appendType(b []byte, t *Type) []byte {
	if t == nil {
		return binary.AppendUvarint(b, 0)
	}
	return binary.AppendUvarint(b, t.id)
}

func appendName(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// summarize computes what t knows of all its parts.
func (t *Type) summarize() {
	switch t.kind {
	case KindString:
		t.traits = hasPointer
	case KindList:
		if t.length < 0 {
			t.traits = hasPointer
		}
	case KindMap:
		t.traits = hasPointer
	case KindOwn:
		t.traits = hasResource
	case KindBorrow:
		t.traits = hasResource | hasBorrow
	case KindStream, KindFuture:
		t.traits = hasAsync
	case KindErrorContext:
		t.traits = hasErrorContext
	}
	t.depth = 1
	t.absorb(t.elem)
	t.absorb(t.other)
	for _, f := range t.fields {
		t.absorb(f.Type)
	}
	for _, c := range t.cases {
		t.absorb(c.Type)
	}
}

func (t *Type) absorb(part *Type) {
	if part == nil {
		return
	}
	traits := part.traits
	if t.kind == KindStream || t.kind == KindFuture {
		// What flows through it is no part of a value of its type in memory.
		traits &^= hasPointer
	}
	t.traits |= traits
	t.depth = max(t.depth, part.depth+1)
}
