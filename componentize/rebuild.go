package componentize

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/wit"
)

// maxInline bounds how much a type without names may spell out to. How much all of them
// may together is bounded by validation.
const maxInline = 1 << 16

// rebuilder makes a world of evaluated imports and exports. An interface that is
// both imported and exported becomes two, which a merger makes one of.
type rebuilder struct {
	world    *wit.World
	packages map[wit.PackageName]*wit.Package
	ifaces   []*wit.Interface
	sizes    map[*wit.TypeDef]int
}

func rebuildWorld(name string, pkg wit.PackageName, s *scope) *wit.World {
	r := &rebuilder{packages: map[wit.PackageName]*wit.Package{}, sizes: map[*wit.TypeDef]int{}}
	r.world = &wit.World{Name: name, Package: r.pkg(pkg)}
	for _, m := range s.imports {
		r.item(&r.world.Imports, m)
	}
	for _, m := range s.exports {
		r.item(&r.world.Exports, m)
	}
	r.settle()
	return r.world
}

func (r *rebuilder) pkg(name wit.PackageName) *wit.Package {
	p, ok := r.packages[name]
	if !ok {
		p = &wit.Package{Name: name}
		r.packages[name] = p
	}
	return p
}

// item adds an import or export to the world.
func (r *rebuilder) item(to *worldItems, m member) {
	switch e := m.entity.(type) {
	case *instance:
		r.interfaceItem(to, m.name, e)
	case *wit.Function:
		f := r.function(m.name, e, func(resource string) *wit.TypeDef {
			d, _ := r.world.Imports.Get(wit.NameKey(resource)).(*wit.TypeDef)
			return d
		})
		to.Set(wit.NameKey(m.name.Name), f)
	case *wit.TypeDef:
		if to != &r.world.Imports {
			refuse("it exports the type `%s` on its own; in WIT a type belongs to an interface", m.name.Name)
		}
		to.Set(wit.NameKey(m.name.Name), r.own(m, e, r.world))
	default:
		refuse("`%s` is neither an interface nor a function nor a type", m.name.Name)
	}
}

func attribute(n component.ExternName, kind component.AttributeKind) *string {
	for _, a := range n.Attributes {
		if a.Kind == kind {
			return &a.Value
		}
	}
	return nil
}

func (r *rebuilder) interfaceItem(to *worldItems, name component.ExternName, e *instance) {
	item := &wit.InterfaceItem{ExternalID: attribute(name, component.AttrExternalID)}
	if parsed, err := names.Parse(name.Name, names.AllGates); err == nil && parsed.Kind == names.KindInterface {
		item.Interface = r.iface(interfaceID(name), e)
		to.Set(wit.InterfaceKey(item.Interface), item)
		return
	}
	item.Interface = r.iface(implementedID(name), e)
	to.Set(wit.NameKey(name.Name), item)
}

// iface makes an interface of an instance; without an ID it is an inline one.
func (r *rebuilder) iface(id *names.Interface, e *instance) *wit.Interface {
	i := &wit.Interface{Package: r.world.Package}
	if id != nil {
		i.Name = id.Name
		i.Package = r.pkg(packageName(*id))
	}
	for _, m := range e.members {
		switch x := m.entity.(type) {
		case *wit.TypeDef:
			i.Types.Set(m.name.Name, r.own(m, x, i))
		case *wit.Function:
			i.Functions.Set(m.name.Name, r.function(m.name, x, i.Types.Get))
		default:
			refuse("`%s` in an interface is neither a function nor a type", m.name.Name)
		}
	}
	r.ifaces = append(r.ifaces, i)
	return i
}

// own gives a type its owner, or makes an alias of it if it has one already.
func (r *rebuilder) own(m member, d *wit.TypeDef, owner wit.Owner) *wit.TypeDef {
	if d.Owner != nil {
		d = &wit.TypeDef{Name: m.name.Name, Kind: &wit.Alias{Target: d}}
	}
	d.Owner, d.ExternalID = owner, attribute(m.name, component.AttrExternalID)
	a, ok := d.Kind.(*wit.Alias)
	if !ok {
		return d
	}
	target, ok := behind(a.Target).(*wit.TypeDef)
	if !ok || target.Owner != nil {
		d.Kind = &wit.Alias{Target: behind(a.Target)}
		return d
	}
	d.Kind = target.Kind
	switch target.Kind.(type) {
	case *wit.Record, *wit.Variant, *wit.Enum, *wit.Flags, *wit.Resource:
		target.Kind = &wit.Alias{Target: d} // whoever refers to the bare type means this
	}
	return d
}

// behind follows the aliases that no interface or world owns.
func behind(t wit.Type) wit.Type {
	for {
		d, ok := t.(*wit.TypeDef)
		if !ok || d.Owner != nil {
			return t
		}
		a, ok := d.Kind.(*wit.Alias)
		if !ok {
			return t
		}
		t = a.Target
	}
}

func (r *rebuilder) function(name component.ExternName, sig *wit.Function, resource func(string) *wit.TypeDef) *wit.Function {
	f := *sig
	f.Name = name.Name
	f.ExternalID = attribute(name, component.AttrExternalID)
	f.Params = append([]wit.Param(nil), sig.Params...)
	parsed, err := names.Parse(name.Name, names.AllGates)
	if err != nil {
		refuse("%v", err)
	}
	switch parsed.Kind {
	case names.KindConstructor:
		f.Kind, f.Resource = wit.Constructor, resource(parsed.Resource)
	case names.KindMethod:
		f.Kind, f.Resource = wit.Method, resource(parsed.Resource)
	case names.KindStatic:
		f.Kind, f.Resource = wit.Static, resource(parsed.Resource)
	case names.KindLabel:
	default:
		refuse("`%s` is no name for a function", name.Name)
	}
	if f.Kind != wit.Freestanding && f.Resource == nil {
		refuse("`%s` belongs to no resource", name.Name)
	}
	return &f
}

// settle makes all references lead to types that somebody owns, or that need no
// name.
func (r *rebuilder) settle() {
	for _, i := range r.ifaces {
		for d := range i.Types.Values() {
			r.settleKind(d)
		}
		for f := range i.Functions.Values() {
			r.settleFunction(f)
		}
	}
	for _, items := range []*worldItems{&r.world.Imports, &r.world.Exports} {
		for item := range items.Values() {
			switch item := item.(type) {
			case *wit.TypeDef:
				r.settleKind(item)
			case *wit.Function:
				r.settleFunction(item)
			}
		}
	}
}

func (r *rebuilder) settleFunction(f *wit.Function) {
	for i := range f.Params {
		f.Params[i].Type = r.reference(f.Params[i].Type)
	}
	f.Result = r.reference(f.Result)
}

// reference is what a reference to t is to be.
func (r *rebuilder) reference(t wit.Type) wit.Type {
	t = behind(t)
	d, ok := t.(*wit.TypeDef)
	if !ok || d.Owner != nil {
		return t
	}
	switch k := d.Kind.(type) {
	case *wit.Record, *wit.Variant, *wit.Enum, *wit.Flags, *wit.Resource:
		refuse("it uses the type `%s`, which has no name", kindText(k))
	}
	d.Name = ""
	r.settleKind(d)
	return d
}

func (r *rebuilder) settleKind(d *wit.TypeDef) {
	if _, done := r.sizes[d]; done {
		return
	}
	r.sizes[d] = 0
	d.Kind = withParts(d.Kind, r.reference, func(d *wit.TypeDef) *wit.TypeDef { return behind(d).(*wit.TypeDef) })
	size := 1
	for _, part := range parts(d.Kind) {
		if p, ok := part.(*wit.TypeDef); ok && p.Owner == nil {
			size += r.sizes[p]
		}
	}
	if size > maxInline {
		refuse("one of its types is too large to be written down")
	}
	r.sizes[d] = size
}
