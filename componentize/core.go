package componentize

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/leb128"
)

const preambleLen = 8

// customPrefix starts the names of custom sections in which other toolchains keep a
// module's world.
const customPrefix = "component-type"

const (
	sectionCustom byte = 0
	sectionImport byte = 2
)

// moduleSection is a section of a core module in binary form.
type moduleSection struct {
	id    byte
	whole []byte // with id and size
	body  []byte
}

// moduleSections splits a core module that was decoded before.
func moduleSections(core []byte) ([]moduleSection, error) {
	var all []moduleSection
	for rest := core[preambleLen:]; len(rest) > 0; {
		size, start, err := leb128.U32(rest, 1)
		if err != nil || uint64(size) > uint64(len(rest)-start) {
			return nil, fmt.Errorf("core module: section %d is cut off", rest[0])
		}
		end := start + int(size)
		all = append(all, moduleSection{rest[0], rest[:end], rest[start:end]})
		rest = rest[end:]
	}
	return all, nil
}

// customName is the name of a custom section, or "" where it has none.
func (s *moduleSection) customName() string {
	if s.id != sectionCustom {
		return ""
	}
	name, _, _ := readString(s.body)
	return name
}

// embeddable is the core module without what has no place in a component: custom
// sections that describe its world, which would be stale, and imports of the same
// name, which components don't allow. m is changed with the bytes. All other bytes stay as
// they are, for the sake of debug information.
func embeddable(core []byte, m *corewasm.Module) ([]byte, error) {
	sections, err := moduleSections(core)
	if err != nil {
		return nil, err
	}
	renamed := renameDuplicates(m)
	out := append([]byte(nil), core[:preambleLen]...)
	for i := range sections {
		s := &sections[i]
		switch {
		case strings.HasPrefix(s.customName(), customPrefix):
		case s.id == sectionImport && renamed:
			section, err := importSection(m)
			if err != nil {
				return nil, err
			}
			out = append(out, section...)
		default:
			out = append(out, s.whole...)
		}
	}
	return out, nil
}

// importSection is the import section of m in binary form.
func importSection(m *corewasm.Module) ([]byte, error) {
	imports := &corewasm.Module{Types: m.Types, Imports: m.Imports}
	sections, err := moduleSections(imports.Encode())
	for i := range sections {
		if sections[i].id == sectionImport {
			return sections[i].whole, err
		}
	}
	return nil, err
}

// duplicateSuffix separates the name of a function that is imported several times
// from a number.
const duplicateSuffix = " [v"

// renameDuplicates gives imports of the same name different ones, which
// [originalName] undoes, and reports whether there were any. The first of several
// keeps its name.
func renameDuplicates(m *corewasm.Module) bool {
	count := map[[2]string]int{}
	for _, im := range m.Imports {
		count[[2]string{im.Module, im.Name}]++
	}
	seen := map[[2]string]bool{}
	renamed := false
	for i := range m.Imports {
		im := &m.Imports[i]
		name := [2]string{im.Module, im.Name}
		for n := 2; seen[name] || name[1] != im.Name && count[name] > 0; n++ {
			name[1] = fmt.Sprintf("%s%s%d]", im.Name, duplicateSuffix, n)
			renamed = true
		}
		seen[name] = true
		im.Name = name[1]
	}
	return renamed
}

// originalName is the name that an import had before [renameDuplicates].
func originalName(name string) string {
	if i := strings.LastIndex(name, duplicateSuffix); i > 0 && strings.HasSuffix(name, "]") {
		return name[:i]
	}
	return name
}

// addNames gives a module of ours and its functions names for backtraces. They
// belong to functions from 0.
func addNames(b *corewasm.Builder, module string, functions []string) {
	moduleName := appendString(nil, module)
	functionNames := leb128.AppendU32(nil, uint32(len(functions)))
	for i, name := range functions {
		functionNames = appendString(leb128.AppendU32(functionNames, uint32(i)), name)
	}
	data := appendBytes([]byte{0}, moduleName)
	data = appendBytes(append(data, 1), functionNames)
	b.AddCustom("name", data)
}

// readString reads a length and as many bytes.
func readString(b []byte) (s string, rest []byte, ok bool) {
	size, start, err := leb128.U32(b, 0)
	if err != nil || uint64(size) > uint64(len(b)-start) {
		return "", nil, false
	}
	end := start + int(size)
	return string(b[start:end]), b[end:], true
}

func appendString(dst []byte, s string) []byte {
	return append(leb128.AppendU32(dst, uint32(len(s))), s...)
}

func appendBytes(dst, b []byte) []byte {
	return append(leb128.AppendU32(dst, uint32(len(b))), b...)
}

// producers is the content of a producers section that says that Gondola was here.
//
// Spec: WebAssembly tool conventions, ProducersSection.md.
func producers(version string) []byte {
	data := []byte{1} // one field
	data = appendString(data, "processed-by")
	data = append(data, 1) // one value
	return appendString(appendString(data, "gondola"), version)
}
