package cabi

// links are an element's neighbours in a list.
type links[E any] struct{ next, prev *E }

// list is a doubly linked list whose links lie in its elements. The zero list is
// empty.
type list[E any] struct {
	head, tail *E
	len        int
}

// push adds e, whose links are at l, to the end. at finds an element's links.
func (q *list[E]) push(e *E, at func(*E) *links[E]) {
	l := at(e)
	l.prev, l.next = q.tail, nil
	if q.tail == nil {
		q.head = e
	} else {
		at(q.tail).next = e
	}
	q.tail = e
	q.len++
}

// remove takes e, which must be in the list, out of it.
func (q *list[E]) remove(e *E, at func(*E) *links[E]) {
	l := at(e)
	if l.prev == nil {
		q.head = l.next
	} else {
		at(l.prev).next = l.next
	}
	if l.next == nil {
		q.tail = l.prev
	} else {
		at(l.next).prev = l.prev
	}
	l.next, l.prev = nil, nil
	q.len--
}

// nth is the element with index n.
func (q *list[E]) nth(n int, at func(*E) *links[E]) *E {
	e := q.head
	for range n {
		e = at(e).next
	}
	return e
}
