package component

// Builder builds a component and keeps count of its index spaces. The zero
// Builder is ready to use. It must not be used from several goroutines at once.
type Builder struct {
	c      Component
	counts spaces
}

// Add appends a definition and returns the index that it got in its index space,
// the first one where it got several, 0 where it has none.
func (b *Builder) Add(d Definition) uint32 {
	b.c.Append(d)
	if start, ok := d.(*Start); ok {
		b.counts[SortValue] += start.Results
		return 0
	}
	return b.counts.next(d)
}

// Len is the number of definitions of a sort so far: the index that the next one
// will get.
func (b *Builder) Len(s Sort) uint32 { return b.counts[s] }

// Component is the component so far. It goes on changing with the builder.
func (b *Builder) Component() *Component { return &b.c }

// Decls builds the declarators of a component or instance type and keeps count
// of their index spaces. The zero Decls is ready to use. It must not be used from
// several goroutines at once.
type Decls struct {
	list   []Declarator
	counts spaces
}

// Add appends a declarator and returns the index that it got in its index space.
func (b *Decls) Add(d Declarator) uint32 {
	b.list = append(b.list, d)
	return b.counts.next(d)
}

// Len is the number of declarators of a sort so far.
func (b *Decls) Len(s Sort) uint32 { return b.counts[s] }

// ComponentType is the component type that has these declarators.
func (b *Decls) ComponentType() ComponentType { return b.list }

// InstanceType is the instance type that has these declarators.
func (b *Decls) InstanceType() InstanceType { return b.list }

// spaces counts what index spaces hold.
type spaces [NumSorts]uint32

// next is the first index that a definition gets, 0 where it has none.
func (n *spaces) next(d interface{ Defines() (Sort, bool) }) uint32 {
	s, ok := d.Defines()
	if !ok {
		return 0
	}
	i := n[s]
	if t, ok := d.(*CoreType); ok {
		n[s] += t.Indices()
	} else {
		n[s]++
	}
	return i
}
