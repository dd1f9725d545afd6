package pollio

import "errors"

// Parent counts the child resources of a resource: those that may not outlive it.
// Embed it in what stands for the resource. It is used while the instance is held,
// and by nobody else.
type Parent struct {
	children int
	parent   *Parent // of the resource itself, or nil
}

// ErrHasChildren traps a guest that drops a resource before its children.
var ErrHasChildren = errors.New("resource has children: it was dropped before a resource that was made from it, such as a pollable")

// Adopt counts a child. release must be called once, when the child is dropped.
func (p *Parent) Adopt() (release func()) {
	p.children++
	return p.release
}

func (p *Parent) release() { p.children-- }

// Subscribe makes a pollable that is the resource's child.
func (p *Parent) Subscribe(s Source) *Pollable {
	p.children++
	return &Pollable{source: s, parent: p}
}

// ChildOf makes the resource itself a child of another one, until it is dropped.
func (p *Parent) ChildOf(parent *Parent) {
	parent.children++
	p.parent = parent
}

// HasChildren reports whether children are left.
func (p *Parent) HasChildren() bool { return p.children > 0 }

// CheckDrop is the error of a drop while children are left. A drop function frees
// what it has to free and returns it. The resource is no child any more then.
func (p *Parent) CheckDrop() error {
	if p.parent != nil {
		p.parent.release()
	}
	if p.children > 0 {
		return ErrHasChildren
	}
	return nil
}
