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
