package componentize

import "github.com/gondola-wasm/gondola/wit"

// parts are the types that a kind is directly made of, nils left out.
func parts(k wit.TypeKind) []wit.Type {
	var all []wit.Type
	add := func(ts ...wit.Type) {
		for _, t := range ts {
			if t != nil {
				all = append(all, t)
			}
		}
	}
	switch k := k.(type) {
	case *wit.Record:
		for _, f := range k.Fields {
			add(f.Type)
		}
	case *wit.Tuple:
		add(k.Types...)
	case *wit.Variant:
		for _, c := range k.Cases {
			add(c.Type)
		}
	case *wit.Option:
		add(k.Type)
	case *wit.Result:
		add(k.OK, k.Err)
	case *wit.List:
		add(k.Elem)
	case *wit.FixedList:
		add(k.Elem)
	case *wit.Map:
		add(k.Key, k.Value)
	case *wit.Future:
		add(k.Elem)
	case *wit.Stream:
		add(k.Elem)
	case *wit.Own:
		add(k.Resource)
	case *wit.Borrow:
		add(k.Resource)
	case *wit.Alias:
		add(k.Target)
	}
	return all
}

// withParts is a copy of k that refers to what typ and def return for the types and
// resources that k refers to. Nil types are given to typ too.
func withParts(k wit.TypeKind, typ func(wit.Type) wit.Type, def func(*wit.TypeDef) *wit.TypeDef) wit.TypeKind {
	switch k := k.(type) {
	case *wit.Record:
		c := &wit.Record{Fields: append([]wit.Field(nil), k.Fields...)}
		for i := range c.Fields {
			c.Fields[i].Type = typ(c.Fields[i].Type)
		}
		return c
	case *wit.Tuple:
		c := &wit.Tuple{Types: append([]wit.Type(nil), k.Types...)}
		for i := range c.Types {
			c.Types[i] = typ(c.Types[i])
		}
		return c
	case *wit.Variant:
		c := &wit.Variant{Cases: append([]wit.Case(nil), k.Cases...)}
		for i := range c.Cases {
			c.Cases[i].Type = typ(c.Cases[i].Type)
		}
		return c
	case *wit.Option:
		return &wit.Option{Type: typ(k.Type)}
	case *wit.Result:
		return &wit.Result{OK: typ(k.OK), Err: typ(k.Err)}
	case *wit.List:
		return &wit.List{Elem: typ(k.Elem)}
	case *wit.FixedList:
		return &wit.FixedList{Elem: typ(k.Elem), Len: k.Len}
	case *wit.Map:
		return &wit.Map{Key: typ(k.Key), Value: typ(k.Value)}
	case *wit.Future:
		return &wit.Future{Elem: typ(k.Elem)}
	case *wit.Stream:
		return &wit.Stream{Elem: typ(k.Elem)}
	case *wit.Own:
		return &wit.Own{Resource: def(k.Resource)}
	case *wit.Borrow:
		return &wit.Borrow{Resource: def(k.Resource)}
	case *wit.Alias:
		return &wit.Alias{Target: typ(k.Target)}
	default: // Flags, Enum and Resource refer to nothing
		return k
	}
}
