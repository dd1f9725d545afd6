package coredump

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/gondola-wasm/gondola/internal/leb128"
	"github.com/gondola-wasm/gondola/internal/testenv"
)

func example() *Dump {
	first, second := make([]byte, 4*pageSize), make([]byte, pageSize)
	first[0], first[pageSize+5], first[4*pageSize-1] = 1, 2, 3
	second[100] = 4
	return &Dump{
		Name:    "guest.wasm",
		Modules: []string{"core module[0]", "übrig"},
		Instances: []Instance{
			{Module: 0, Memories: []int{0}, Globals: []int{0, 1}},
			{Module: 1, Memories: []int{1, 0, 2}, Globals: []int{2, 3, 4, 5, 6}},
			{Module: 1},
		},
		Memories: [][]byte{first, second, nil},
		Globals: []Global{
			{I32, 0xffff_ffff}, {I64, 1 << 63}, {F32, 0x7fc0_0001}, {F64, 0x3ff0_0000_0000_0000},
			{FuncRef, 0}, {ExternRef, 77}, {V128, 5},
		},
		Stack: []Frame{{1, 300}, {0, 2}},
	}
}

func write(t *testing.T, d *Dump) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := d.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("%d bytes were written, it said %d, %v", b.Len(), n, err)
	}
	return b.Bytes()
}

// What is written can be read again.
func TestRoundTrip(t *testing.T) {
	for what, d := range map[string]*Dump{"everything": example(), "nothing": {}} {
		got, err := decode(write(t, d))
		want := *d
		want.Globals = nil
		for _, g := range d.Globals {
			if g.Type == FuncRef || g.Type == ExternRef {
				g.Bits = 0
			}
			want.Globals = append(want.Globals, g)
		}
		for i, m := range want.Memories {
			want.Memories[i] = append([]byte{}, m...)
		}
		if err != nil || !reflect.DeepEqual(got, &want) {
			t.Errorf("%s: got %v, %+v", what, err, got)
		}
	}
}

// Pages of zeros are left out.
func TestZerosTakeNoRoom(t *testing.T) {
	if n := len(write(t, &Dump{Memories: [][]byte{make([]byte, 100*pageSize)}})); n > 200 {
		t.Errorf("a memory of zeros takes %d bytes", n)
	}
	if n := len(write(t, example())); n < 4*pageSize || n > 4*pageSize+1000 {
		t.Errorf("four pages that have something in them take %d bytes", n)
	}
}

// Other tools take it for a module.
func TestWasmTools(t *testing.T) {
	tool := testenv.Tool(t, testenv.WasmTools, "wasm-tools")
	file := filepath.Join(t.TempDir(), "core.wasm")
	for _, d := range []*Dump{example(), {}} {
		if err := os.WriteFile(file, write(t, d), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"validate", "print", "objdump"} {
			if out, err := exec.Command(tool, command, file).CombinedOutput(); err != nil {
				t.Errorf("wasm-tools %s: %v\n%.500s", command, err, out)
			}
		}
	}
}

type failing struct{ left int }

func (f *failing) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errors.New("the disk is full")
	}
	return len(b), nil
}

func TestWriteErrors(t *testing.T) {
	for _, room := range []int{0, 2 * pageSize} {
		if _, err := example().WriteTo(&failing{room}); err == nil || err.Error() != "the disk is full" {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
}

// decode reads a dump. It panics where that ends too early.
func decode(b []byte) (*Dump, error) {
	if !bytes.HasPrefix(b, []byte("\x00asm\x01\x00\x00\x00")) {
		return nil, errors.New("no module")
	}
	d := &Dump{}
	r := &reader{b: b[8:]}
	for len(r.b) > 0 {
		id := r.byte()
		s := &reader{b: r.take(int(r.u32()))}
		if id == sectionCustom {
			id = 0x80 + map[string]byte{"core": 0, "coremodules": 1, "coreinstances": 2, "corestack": 3}[s.name()]
		}
		switch id {
		case 0x80:
			s.zero()
			d.Name = s.name()
		case 0x81:
			for range s.u32() {
				s.zero()
				d.Modules = append(d.Modules, s.name())
			}
		case 0x82:
			for range s.u32() {
				s.zero()
				d.Instances = append(d.Instances, Instance{int(s.u32()), s.indices(), s.indices()})
			}
		case 0x83:
			s.zero()
			if thread := s.name(); thread != "main" {
				return nil, fmt.Errorf("thread %q", thread)
			}
			for range s.u32() {
				s.zero()
				d.Stack = append(d.Stack, Frame{int(s.u32()), s.u32()})
				s.take(3)
			}
		case sectionMemory:
			for range s.u32() {
				s.zero()
				d.Memories = append(d.Memories, make([]byte, s.u32()*pageSize))
			}
		case sectionGlobal:
			for range s.u32() {
				d.Globals = append(d.Globals, s.global())
			}
		case sectionData:
			for range s.u32() {
				memory := uint32(0)
				if s.byte() == 2 {
					memory = s.u32()
				}
				s.byte() // i32.const
				at := s.s64()
				s.byte() // end
				copy(d.Memories[memory][uint32(at):], s.take(int(s.u32())))
			}
		default:
			return nil, fmt.Errorf("section %d", id)
		}
		if len(s.b) > 0 {
			return nil, fmt.Errorf("section %d goes on with %x", id, s.b)
		}
	}
	return d, nil
}

type reader struct{ b []byte }

func (r *reader) take(n int) []byte {
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) byte() byte { return r.take(1)[0] }

func (r *reader) zero() {
	if b := r.byte(); b != 0 {
		panic(fmt.Sprint("a 0 is ", b))
	}
}

func (r *reader) u32() uint32 {
	v, n, err := leb128.U32(r.b, 0)
	if err != nil {
		panic(err)
	}
	r.take(n)
	return v
}

func (r *reader) s64() int64 {
	v, n, err := leb128.S64(r.b, 0)
	if err != nil {
		panic(err)
	}
	r.take(n)
	return v
}

func (r *reader) name() string { return string(r.take(int(r.u32()))) }

func (r *reader) indices() (is []int) {
	for range r.u32() {
		is = append(is, int(r.u32()))
	}
	return is
}

func (r *reader) global() Global {
	g := Global{Type: Type(r.byte())}
	r.zero()
	bits := func(b []byte) {
		for i := range 8 {
			if i < len(b) {
				g.Bits |= uint64(b[i]) << (8 * i)
			}
		}
	}
	switch op := r.byte(); op {
	case opI32Const:
		g.Bits = uint64(uint32(r.s64()))
	case opI64Const:
		g.Bits = uint64(r.s64())
	case opF32Const:
		bits(r.take(4))
	case opF64Const:
		bits(r.take(8))
	case opVector:
		r.byte()
		bits(r.take(16))
	case opRefNull:
		r.byte()
	}
	r.byte() // end
	return g
}
