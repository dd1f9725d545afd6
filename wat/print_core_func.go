package wat

import (
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// function writes a function that the module defines; i counts those.
func (mp *modulePrinter) function(i int) error {
	body, err := mp.m.Body(i)
	if err != nil {
		return err
	}
	locals, err := mp.expand(body.Locals)
	if err != nil {
		return err
	}
	index, typ := mp.next[spaceFunc], mp.m.Functions[i].Type
	mp.open("func")
	mp.define(spaceFunc)
	mp.typeUse(typ)
	ids := mp.localIDs(index, typ, len(locals))
	first := uint32(0)
	if f := mp.funcType(typ); f != nil {
		first = uint32(len(f.Params))
		if mp.spells(typ, len(mp.names.nested[nameLocals][index])) {
			mp.word(mp.signature(f, ids)...)
		}
	}
	if len(locals) > 0 {
		mp.lineAt(0)
		mp.text(strings.Join(mp.namedTypes("local", locals, first, ids), " "))
	}
	mp.body.begin("function "+strconv.FormatUint(uint64(index), 10), ids, mp.names.nested[nameLabels][index])
	if err := mp.body.lines(body); err != nil {
		return err
	}
	mp.close()
	return nil
}

// localIDs are the identifiers of a function's parameters and locals: of those that the
// text gives a chance to have some.
func (mp *modulePrinter) localIDs(function, typ uint32, locals int) idTable {
	names := mp.names.nested[nameLocals][function]
	f := mp.funcType(typ)
	if f == nil || len(names) == 0 {
		return idTable{}
	}
	if !mp.spells(typ, len(names)) {
		names = names.from(uint32(len(f.Params)))
	}
	return newIDTable(names, uint32(len(f.Params)+locals))
}

// from leaves out the names in front of an index.
func (t nameTable) from(first uint32) nameTable {
	rest := nameTable{}
	for i, name := range t {
		if i >= first {
			rest[i] = name
		}
	}
	return rest
}

// expand lists locals one by one. A few bytes can declare very many: what is far more
// than compilers write for code of that length is refused.
func (mp *modulePrinter) expand(groups []corewasm.LocalGroup) ([]corewasm.ValType, error) {
	var locals []corewasm.ValType
	for _, g := range groups {
		if mp.localsLeft -= int(g.Count); mp.localsLeft < 0 {
			return nil, &corewasm.Error{Offset: -1, Msg: "the functions have too many locals to be printed"}
		}
		for range g.Count {
			locals = append(locals, g.Type)
		}
	}
	return locals, nil
}

// printableLocals is how many locals all functions together may have.
func printableLocals(m *corewasm.Module) int {
	n := 10_000
	for i := range m.Functions {
		n += 4 * len(m.Functions[i].Body)
	}
	return n
}
