package bindgen

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit"
)

// goType is a WIT type as generated code sees it, with aliases followed and names resolved to the packages that declare them.
// Equal types are one *goType.
type goType struct {
	key   string // tells types apart
	kind  types.Kind
	wt    *types.Type // for the layout
	decl  *typeDecl   // record, variant, enum, flags; own and borrow: of the resource
	elem  *goType     // list, option, stream, future; a map's value; a result's ok. May be nil for the last three
	other *goType     // a map's key; a result's error, which may be nil
	n     int         // of a list of fixed length: that length
	parts []*goType   // fields of a record or tuple; payloads of a variant, some nil
}

// typeDecl is a named type that gets a Go declaration: record, variant, enum, flags or resource.
type typeDecl struct {
	unit    *unit
	def     *wit.TypeDef
	name    string
	members []string // names of fields, constants or case types
	borrow  string   // of a resource: the name of the borrowed type
	isError bool     // implements error itself
	lift    string   // of a resource: what makes Go values of handles, for all packages
	lend    string   // the same for borrowed ones
	lower   string   // of an exported resource: the way back
	fake    string   // of an imported resource: what makes one natively
	methods string   // of an imported resource: the interface of its methods

	refName, handleName, fakeName string // see ref, handle and makeFake
}

var primitiveKinds = [...]types.Kind{
	wit.Bool: types.KindBool,
	wit.U8:   types.KindU8, wit.U16: types.KindU16, wit.U32: types.KindU32, wit.U64: types.KindU64,
	wit.S8: types.KindS8, wit.S16: types.KindS16, wit.S32: types.KindS32, wit.S64: types.KindS64,
	wit.F32: types.KindF32, wit.F64: types.KindF64,
	wit.Char: types.KindChar, wit.String: types.KindString, wit.ErrorContext: types.KindErrorContext,
}

// typ returns the Go view of t as it stands in u. It is nil for nil.
func (p *plan) typ(u *unit, t wit.Type) *goType {
	switch t := t.(type) {
	case nil:
		return nil
	case wit.Primitive:
		return p.intern(&goType{key: t.String(), kind: primitiveKinds[t]}, t)
	case *wit.TypeDef:
		u = p.owner(u, t)
		if alias, ok := t.Kind.(*wit.Alias); ok {
			return p.typ(u, alias.Target)
		}
		return p.intern(p.compound(u, t), t)
	}
	panic("bindgen: a type of an unknown kind")
}

func (p *plan) intern(t *goType, w wit.Type) *goType {
	if known, ok := p.types[t.key]; ok {
		return known
	}
	t.wt = p.wt.Type(w)
	p.types[t.key] = t
	return t
}

// compound returns the view of a type definition that is no alias.
func (p *plan) compound(u *unit, d *wit.TypeDef) *goType {
	switch k := d.Kind.(type) {
	case *wit.Record:
		return p.record(u, d, k)
	case *wit.Variant:
		return p.variant(u, d, k)
	case *wit.Enum:
		return p.named(types.KindEnum, p.decl(u, d))
	case *wit.Flags:
		return p.named(types.KindFlags, p.decl(u, d))
	case *wit.Tuple:
		return composed(types.KindTuple, p.typs(u, k.Types)...)
	case *wit.Option:
		return composed(types.KindOption, p.typ(u, k.Type))
	case *wit.Result:
		return composed(types.KindResult, p.typ(u, k.OK), p.typ(u, k.Err))
	case *wit.List:
		return composed(types.KindList, p.typ(u, k.Elem))
	case *wit.Map:
		return composed(types.KindMap, p.typ(u, k.Value), p.typ(u, k.Key))
	case *wit.Stream:
		return composed(types.KindStream, p.typ(u, k.Elem))
	case *wit.Future:
		return composed(types.KindFuture, p.typ(u, k.Elem))
	case *wit.Own:
		return p.named(types.KindOwn, p.resource(u, k.Resource))
	case *wit.Borrow:
		return p.named(types.KindBorrow, p.resource(u, k.Resource))
	case *wit.FixedList:
		return p.array(u, d, k)
	}
	panic(fmt.Sprintf("bindgen: %s is no value type", d.Name))
}

// maxArray is the size in linear memory of the largest list of fixed length. A Go array is copied whenever it is passed on.
const maxArray = 1 << 20

// array returns the view of a list of fixed length, which is an array.
func (p *plan) array(u *unit, d *wit.TypeDef, k *wit.FixedList) *goType {
	t := composed(types.KindList, p.typ(u, k.Elem))
	t.key += fmt.Sprintf("[%d]", k.Len)
	t.n = int(k.Len)
	if _, known := p.types[t.key]; known {
		return t
	}
	if size := layout.Of(p.wt.Type(d), layout.Ptr32).Size; size > maxArray {
		p.unsupported(fmt.Sprintf("a list of %d elements takes %d bytes, more than the %d that an array may have; use a list without a fixed length", k.Len, size, maxArray))
	}
	return t
}

// isSlice reports whether t is a list without a fixed length.
func (t *goType) isSlice() bool { return t.kind == types.KindList && t.n == 0 }

// isArray reports whether t is a list of fixed length.
func (t *goType) isArray() bool { return t.kind == types.KindList && t.n > 0 }

func (p *plan) typs(u *unit, ts []wit.Type) []*goType {
	out := make([]*goType, len(ts))
	for i, t := range ts {
		out[i] = p.typ(u, t)
	}
	return out
}

func (p *plan) named(k types.Kind, d *typeDecl) *goType {
	return &goType{key: k.String() + " " + d.unit.dir + "." + d.def.Name, kind: k, decl: d}
}

func (p *plan) record(u *unit, d *wit.TypeDef, k *wit.Record) *goType {
	t := p.named(types.KindRecord, p.decl(u, d))
	if known, ok := p.types[t.key]; ok {
		return known
	}
	for _, f := range k.Fields {
		t.parts = append(t.parts, p.typ(u, f.Type))
	}
	return t
}

func (p *plan) variant(u *unit, d *wit.TypeDef, k *wit.Variant) *goType {
	t := p.named(types.KindVariant, p.decl(u, d))
	if known, ok := p.types[t.key]; ok {
		return known
	}
	for _, c := range k.Cases {
		t.parts = append(t.parts, p.typ(u, c.Type))
	}
	return t
}

// composed returns the view of a type without a name.
func composed(k types.Kind, ts ...*goType) *goType {
	t := &goType{kind: k}
	var key strings.Builder
	key.WriteString(k.String() + "<")
	for i, part := range ts {
		if i > 0 {
			key.WriteByte(',')
		}
		if part != nil {
			key.WriteString(part.key)
		}
	}
	t.key = key.String() + ">"
	switch {
	case k == types.KindTuple:
		t.parts = ts
	case len(ts) == 2:
		t.elem, t.other = ts[0], ts[1]
	default:
		t.elem = ts[0]
	}
	return t
}

// each calls f for every type that t is made of directly.
func (t *goType) each(f func(*goType)) {
	for _, part := range append([]*goType{t.other, t.elem}, t.parts...) {
		if part != nil {
			f(part)
		}
	}
}

func (t *goType) layout() *layout.Layout { return layout.Of(t.wt, layout.Ptr32) }

// isNumber reports whether values lie in linear memory as they do in Go and need no check.
func (t *goType) isNumber() bool {
	return t.kind.IsNumber() || t.kind == types.KindEnum || t.kind == types.KindFlags
}

// isHandle reports whether t's Go type has a nil that is no value, so that an option of it needs no pointer.
func (t *goType) isHandle() bool {
	switch t.kind {
	case types.KindOwn, types.KindBorrow, types.KindStream, types.KindFuture, types.KindErrorContext:
		return true
	}
	return false
}

// isByte reports whether t is what io.Reader and []byte are for.
func (t *goType) isByte() bool { return t != nil && t.kind == types.KindU8 }

// needsScope reports whether a value of t is lowered into a scope.
func (t *goType) needsScope() bool { return t.wt.ContainsPointer() || t.wt.ContainsHandle() }

// needsTask reports whether a value of t is lifted for a task, which borrowed handles belong to.
func (t *goType) needsTask() bool { return t.wt.ContainsBorrow() }

var basicNames = map[types.Kind]string{
	types.KindBool: "bool",
	types.KindU8:   "uint8", types.KindU16: "uint16", types.KindU32: "uint32", types.KindU64: "uint64",
	types.KindS8: "int8", types.KindS16: "int16", types.KindS32: "int32", types.KindS64: "int64",
	types.KindF32: "float32", types.KindF64: "float64",
	types.KindChar: "rune", types.KindString: "string",
}

// mangle is a word for t in the names of helpers and constructors.
func (t *goType) mangle() string {
	if t == nil {
		return "Unit"
	}
	switch t.kind {
	case types.KindOwn:
		return t.decl.name
	case types.KindBorrow:
		return t.decl.borrow
	case types.KindRecord, types.KindVariant, types.KindEnum, types.KindFlags:
		return t.decl.name
	}
	var b strings.Builder
	b.WriteString(names.Go(t.kind.String()))
	switch t.kind {
	case types.KindTuple:
		for _, part := range t.parts {
			b.WriteString(part.mangle())
		}
	case types.KindMap:
		b.WriteString(t.other.mangle() + t.elem.mangle())
	case types.KindResult:
		b.WriteString(t.elem.mangle() + t.other.mangle())
	case types.KindStream, types.KindFuture:
		if t.elem != nil {
			b.WriteString(t.elem.mangle())
		}
	case types.KindList:
		if t.isArray() {
			b.WriteString(fmt.Sprint(t.n))
		}
		b.WriteString(t.elem.mangle())
	case types.KindOption:
		b.WriteString(t.elem.mangle())
	}
	return b.String()
}

// text is t as Go writes it in the file of s.
func (s *source) text(t *goType) string {
	if t == nil {
		return s.rt() + ".Unit"
	}
	switch t.kind {
	case types.KindList:
		return s.list(t)
	case types.KindMap:
		return "map[" + s.text(t.other) + "]" + s.text(t.elem)
	case types.KindRecord, types.KindVariant, types.KindEnum, types.KindFlags:
		return s.qualified(t.decl, t.decl.name)
	case types.KindTuple:
		return s.tuple(t)
	case types.KindOption:
		if t.elem.isHandle() {
			return s.text(t.elem)
		}
		return "*" + s.text(t.elem)
	case types.KindResult:
		return fmt.Sprintf("%s.Result[%s, %s]", s.rt(), s.text(t.elem), s.text(t.other))
	case types.KindOwn:
		if t.decl.unit.exported {
			return s.qualified(t.decl, t.decl.name)
		}
		return "*" + s.qualified(t.decl, t.decl.name)
	case types.KindBorrow:
		return s.qualified(t.decl, t.decl.borrow)
	case types.KindStream:
		if t.elem.isByte() {
			return "*" + s.rt() + ".ByteReader"
		}
		return fmt.Sprintf("*%s.StreamReader[%s]", s.rt(), s.text(t.elem))
	case types.KindFuture:
		return fmt.Sprintf("*%s.FutureReader[%s]", s.rt(), s.text(t.elem))
	case types.KindErrorContext:
		return "*" + s.rt() + ".ErrorContext"
	}
	return basicNames[t.kind]
}

func (s *source) list(t *goType) string {
	length := ""
	if t.isArray() {
		length = fmt.Sprint(t.n)
	}
	if t.elem.isByte() {
		return "[" + length + "]byte"
	}
	return "[" + length + "]" + s.text(t.elem)
}

// maxTuple is the size of the largest tuple type of package rt.
const maxTuple = 16

func (s *source) tuple(t *goType) string {
	var b strings.Builder
	if len(t.parts) <= maxTuple {
		fmt.Fprintf(&b, "%s.Tuple%d[", s.rt(), len(t.parts))
		for i, part := range t.parts {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(s.text(part))
		}
		return b.String() + "]"
	}
	b.WriteString("struct{ ")
	for i, part := range t.parts {
		fmt.Fprintf(&b, "F%d %s; ", i, s.text(part))
	}
	return b.String() + "}"
}

// zero is the zero value of t.
func (s *source) zero(t *goType) string {
	switch t.kind {
	case types.KindBool:
		return "false"
	case types.KindString:
		return `""`
	case types.KindRecord, types.KindTuple, types.KindResult:
		return s.text(t) + "{}"
	case types.KindList:
		if t.isArray() {
			return s.text(t) + "{}"
		}
		return "nil"
	case types.KindErrorContext, types.KindMap, types.KindOption, types.KindVariant, types.KindOwn, types.KindBorrow, types.KindStream, types.KindFuture:
		return "nil"
	}
	return "0"
}

// intType is the unsigned Go type of size bytes.
func intType(size int) string { return fmt.Sprintf("uint%d", 8*size) }
