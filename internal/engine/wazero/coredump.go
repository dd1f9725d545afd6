package wazero

import (
	"errors"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/gondola-wasm/gondola/internal/coredump"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/leb128"
	"github.com/gondola-wasm/gondola/internal/trap"
)

// A core dump says which functions were on the stack by their indices, and a backtrace
// of wazero's knows names only. So where dumps are wanted the names that wazero gets are
// numbers, "3.$12" for function 12 of instance 3, and backtraces get the real ones
// back. Such code is kept apart from the usual one.

// numbered is what is known of a module whose functions are called by their indices.
type numbered struct {
	names    *corewasm.Names
	memories []int // the parts that its memories are in, or -1: see corewasm.Lowered
	globals  int
}

// realNames are the names of the module's functions, if the engine does not have them.
func (n *numbered) realNames() *corewasm.Names {
	if n == nil {
		return nil
	}
	return n.names
}

// withNumbers is a module with numbers for names.
func withNumbers(m *corewasm.Module, instance int) *corewasm.Module {
	named := *m
	named.Customs = []corewasm.Custom{{Name: "name", Data: numberSection(instance, m.Count(corewasm.KindFunc))}}
	return &named
}

// numberSection is the content of a name section: a subsection with the module's name, and
// one with the functions'.
func numberSection(instance, funcs int) []byte {
	module := appendName(nil, strconv.Itoa(instance))
	names := leb128.AppendU32(nil, uint32(funcs))
	for i := range funcs {
		names = appendName(leb128.AppendU32(names, uint32(i)), "$"+strconv.Itoa(i))
	}
	return appendSubsection(appendSubsection(nil, 0, module), 1, names)
}

func appendSubsection(b []byte, id byte, body []byte) []byte {
	return append(leb128.AppendU32(append(b, id), uint32(len(body))), body...)
}

func appendName(b []byte, name string) []byte {
	return append(leb128.AppendU32(b, uint32(len(name))), name...)
}

// failed is asError, and dumps the space at a trap.
func (s *space) failed(err error) error {
	if s.code.dump == nil {
		return asError(err)
	}
	known := 0 // frames of the calls that the trap has come through
	if t, ok := errors.AsType[*trap.Trap](err); ok {
		known = len(t.Frames)
	}
	err = asError(err)
	t, ok := err.(*trap.Trap)
	if !ok {
		return err
	}
	var stack []coredump.Frame
	for i := known; i < len(t.Frames); i++ {
		if f, ok := s.code.resolve(&t.Frames[i]); ok {
			stack = append(stack, f)
		}
	}
	if known == 0 {
		s.code.dump(t, s.coreDump(stack))
	}
	return err
}

// resolve gives a frame of a backtrace the name of its function, and says which that is,
// unless it is not in a module of the guest's.
func (c *code) resolve(f *trap.Frame) (coredump.Frame, bool) {
	module, name, _ := strings.Cut(f.Func, ".")
	instance, err := strconv.ParseUint(module, 10, 31)
	if err != nil || int(instance) >= len(c.modules) {
		return coredump.Frame{}, false
	}
	names := c.modules[instance].numbered.names
	index, ok := numberOf("$" + strings.TrimSuffix(strings.TrimPrefix(name, "func["), "]")) // see named
	if ok {
		name = names.FuncName(index)
	}
	if f.Func = name; names.Module != "" {
		f.Func = names.Module + "." + name
	}
	return coredump.Frame{Instance: int(instance), Func: index}, ok
}

// numberOf is the index of a function that is called by it.
func numberOf(name string) (uint32, bool) {
	digits, ok := strings.CutPrefix(name, "$")
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), ok && err == nil
}

// coreDump describes the space as it is.
func (s *space) coreDump(stack []coredump.Frame) *coredump.Dump {
	d := &coredump.Dump{Stack: stack}
	memories, globals := map[api.Memory]int{}, map[api.Global]int{}
	for i := range s.code.modules {
		m := &s.code.modules[i]
		dumped := coredump.Instance{Module: i}
		d.Modules = append(d.Modules, m.name)
		if parts := s.set.cores[i].parts; s.instances[i] != nil && len(parts) == len(m.parts) {
			main := parts[len(parts)-1].(experimental.InternalModule)
			for _, part := range m.numbered.memories {
				if part >= 0 {
					dumped.Memories = append(dumped.Memories, indexIn(memories, parts[part].Memory(), func(m api.Memory) {
						bytes, _ := m.Read(0, m.Size())
						d.Memories = append(d.Memories, bytes)
					}))
				}
			}
			for k := range m.numbered.globals {
				dumped.Globals = append(dumped.Globals, indexIn(globals, main.Global(k), func(g api.Global) {
					d.Globals = append(d.Globals, coredump.Global{Type: coredump.Type(g.Type()), Bits: g.Get()})
				}))
			}
		}
		d.Instances = append(d.Instances, dumped)
	}
	return d
}

// indexIn is the number of an item, which several instances may have. add is told of those
// that are new.
func indexIn[T comparable](items map[T]int, item T, add func(T)) int {
	i, ok := items[item]
	if !ok {
		i = len(items)
		items[item] = i
		add(item)
	}
	return i
}
