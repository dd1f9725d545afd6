package wat

import (
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// coreTypeDef parses the definition of a type: `(func …)`, `(struct …)`, `(array …)`,
// `(cont …)`, or one of them in `(shared …)`, or that in `(sub …)`.
//
// Spec: WebAssembly core 3.0, section 6.4.8 (recursive types).
func (p *parser) coreTypeDef(types indexOf) corewasm.Type {
	return p.typeDef(types, typeParts{func(binding) {}, func(binding) {}})
}

// typeParts are functions that get to know how each parameter or field of a type is
// called.
type typeParts struct{ param, field func(binding) }

// typeDef is coreTypeDef, with functions that learn names.
func (p *parser) typeDef(types indexOf, parts typeParts) (t corewasm.Type) {
	if !p.gotOpen("sub") {
		p.sharedType(&t, types, parts)
		return t
	}
	t.Open = !p.gotKeyword("final")
	for p.atIndex() {
		t.Supers = append(t.Supers, types(p))
	}
	p.sharedType(&t, types, parts)
	p.close()
	return t
}

func (p *parser) sharedType(t *corewasm.Type, types indexOf, parts typeParts) {
	if t.Shared = p.gotOpen("shared"); !t.Shared {
		p.compositeType(t, types, parts)
		return
	}
	p.compositeType(t, types, parts)
	p.close()
}

func (p *parser) compositeType(t *corewasm.Type, types indexOf, parts typeParts) {
	switch {
	case p.gotOpen("func"):
		t.Kind = corewasm.TypeFunc
		t.FuncType = p.signature(types, parts.param)
	case p.gotOpen("struct"):
		t.Kind = corewasm.TypeStruct
		for p.gotOpen("field") {
			p.structFields(t, types, parts)
		}
	case p.gotOpen("array"):
		t.Kind = corewasm.TypeArray
		t.Fields = []corewasm.FieldType{p.coreFieldType(types)}
	case p.gotOpen("cont"):
		t.Kind = corewasm.TypeCont
		t.Cont = p.coreHeapType(types)
	default:
		p.unexpected("`(func`", "`(struct`", "`(array`", "`(cont`", "`(sub`", "`(shared`")
	}
	p.close()
}

// structFields parses what stands behind `(field`: one type that may have a name, or
// any number without.
func (p *parser) structFields(t *corewasm.Type, types indexOf, parts typeParts) {
	b := p.binding()
	if b.named {
		parts.field(b)
		t.Fields = append(t.Fields, p.coreFieldType(types))
		p.close()
		return
	}
	for !p.got(tokRight) {
		parts.field(b)
		t.Fields = append(t.Fields, p.coreFieldType(types))
	}
}

// coreRecIDs looks ahead at the identifiers of the types in `(rec (type $id? …)*)`,
// behind whose `rec` the parser stands.
func (p *parser) coreRecIDs() (ids []ident) {
	ahead := *p
	for ahead.atOpen("type") {
		end := ahead.matching(ahead.pos)
		ahead.gotOpen("type")
		ids = append(ids, ahead.id())
		ahead.seek(end + 1)
	}
	return ids
}

// coreRec parses the types of a recursion group, up to its closing parenthesis.
func (p *parser) coreRec(types indexOf) (group []corewasm.Type) {
	for p.gotOpen("type") {
		p.binding()
		group = append(group, p.coreTypeDef(types))
		p.close()
	}
	numberGroup(group)
	return group
}

// numberGroup marks types as the members of one recursion group.
func numberGroup(group []corewasm.Type) {
	for i := range group {
		group[i].Group = -1
	}
	if len(group) > 0 {
		group[0].Group = len(group)
	}
}
