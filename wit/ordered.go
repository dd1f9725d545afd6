package wit

import "iter"

// Ordered is a map that remembers the order in which its keys were first set.
// The zero Ordered is empty and ready to use. Copies share their content.
type Ordered[K comparable, V any] struct {
	keys   []K
	values map[K]V
}

// Len returns the number of entries.
func (o *Ordered[K, V]) Len() int { return len(o.keys) }

// Get returns the value of k, or the zero V.
func (o *Ordered[K, V]) Get(k K) V { return o.values[k] }

// Lookup returns the value of k and whether there is one.
func (o *Ordered[K, V]) Lookup(k K) (V, bool) {
	v, ok := o.values[k]
	return v, ok
}

// Has reports whether k has a value.
func (o *Ordered[K, V]) Has(k K) bool {
	_, ok := o.values[k]
	return ok
}

// Set gives k the value v. A new key goes to the end, an old one keeps its place.
func (o *Ordered[K, V]) Set(k K, v V) {
	if !o.Has(k) {
		o.keys = append(o.keys, k)
	}
	if o.values == nil {
		o.values = map[K]V{}
	}
	o.values[k] = v
}

// Keys yields the keys in order.
func (o *Ordered[K, V]) Keys() iter.Seq[K] {
	return func(yield func(K) bool) {
		for _, k := range o.keys {
			if !yield(k) {
				return
			}
		}
	}
}

// Values yields the values in order.
func (o *Ordered[K, V]) Values() iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, k := range o.keys {
			if !yield(o.values[k]) {
				return
			}
		}
	}
}

// All yields keys and values in order.
func (o *Ordered[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, k := range o.keys {
			if !yield(k, o.values[k]) {
				return
			}
		}
	}
}
