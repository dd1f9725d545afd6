package corewasm

// typeTable finds or adds function types of a module.
type typeTable struct {
	m     *Module
	known map[string]uint32
}

func (t *typeTable) index(f FuncType) uint32 {
	if t.known == nil {
		t.known = map[string]uint32{}
		for i := range t.m.Types {
			if typ := &t.m.Types[i]; typ.Group == 0 && typ.Kind == TypeFunc {
				t.known[string(typ.key())] = uint32(i)
			}
		}
	}
	key := string(f.key())
	i, ok := t.known[key]
	if !ok {
		i = uint32(len(t.m.Types))
		t.m.Types = append(t.m.Types, Type{FuncType: f})
		t.known[key] = i
	}
	return i
}

// groupSelfReferences makes every type that refers to itself and stands alone a group of
// one, which is the same, because the engine finds it in groups only.
func groupSelfReferences(types []Type) {
	for i := range types {
		t := &types[i]
		if t.Group != 0 {
			continue
		}
		for _, ts := range [][]ValType{t.Params, t.Results} {
			for _, v := range ts {
				if v.IsRef() && v.Heap() == HeapType(i) {
					t.Group = 1
				}
			}
		}
	}
}
