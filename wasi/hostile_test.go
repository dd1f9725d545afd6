package wasi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/componentize"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/internal/wittypes"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wasi"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

// Guests that call everything that WASI has in any order, with arguments that are
// sometimes sensible, get results and traps, and nothing else: no function panics,
// nothing hangs that can't be ended, and when they are gone they have left no
// goroutine, no open file, and no memory behind.
func TestHostileGuests(t *testing.T) {
	seed := testenv.Seed(t)
	for _, e := range everything {
		t.Run(e.version, func(t *testing.T) {
			before := footprintOf()
			h := newHostile(t, seed, e.world)
			for range testenv.Number(t, testenv.HostileCalls, 2000) {
				h.callAnything()
			}
			h.end()
			t.Logf("%d calls, %d functions of %d returned, %d traps, %d calls that waited", h.calls, len(h.returned), len(h.funcs), h.traps, h.waited)
			if len(h.returned) < len(h.funcs)/3 {
				t.Errorf("only %d functions of %d have ever returned: the guests are too dull", len(h.returned), len(h.funcs))
			}
			before.compare(t)
		})
	}
}

// hostileFunc is a function that a hostile guest imports.
type hostileFunc struct {
	name     string
	typ      *types.Func // nil for built-ins
	params   []*types.Type
	sig      layout.CoreFuncType
	drops    *types.Resource // what resource.drop drops
	transfer *types.Type     // the stream or future that a built-in is for
}

// hostile is a guest under the thumb of the test, which says what it calls with what,
// down to the bits.
type hostile struct {
	t     *testing.T
	rand  *rand.Rand
	comp  *gondola.Component
	funcs []*hostileFunc
	host  *wasi.Host
	link  *gondola.Linker

	in       *gondola.Instance
	handles  map[string][]uint32 // by the name of the resource, or the text of the type of an end
	returned map[string]bool

	calls, traps, waited int
}

// The guest's memory.
const (
	hostileArgs   = 0x100  // 8 bytes each
	hostileResult = 0x80   // of the core function
	hostileReturn = 0x400  // what results point to
	hostileData   = 0x1000 // what arguments point to
	hostileHeap   = 0x10000
	hostilePages  = 64
)

func newHostile(t *testing.T, seed uint64, world string) *hostile {
	h := &hostile{t: t, rand: rand.New(rand.NewPCG(seed, 3)), returned: map[string]bool{}}
	h.compile(world)
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/file", []byte("some text"), 0o644); err != nil {
		t.Fatal(err)
	}
	loopback, err := wasi.ParseAddrRule("connect,bind,listen,udp,udp-bind@127.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	h.link = rt.NewLinker()
	h.host = wasi.AddTo(h.link, wasi.Config{
		Args: []string{"hostile"}, Env: []string{"A=b"},
		Stdin:  strings.NewReader(strings.Repeat("line\n", 1000)),
		Stdout: io.Discard, Stderr: io.Discard,
		Dirs: []wasi.Dir{
			{Guest: "/", Host: dir},
			{Guest: "/fs", FS: fstest.MapFS{"a/b": {Data: []byte("x")}}},
		},
		Network: wasi.Network{Addrs: loopback},
		HTTP:    wasi.HTTP{Transport: answers{}},
		Limits:  wasi.Limits{RandomBytes: 1 << 20},
	})
	h.start()
	return h
}

// answers answers every request, without any network.
type answers struct{}

func (answers) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"A": {"b"}}, Body: io.NopCloser(strings.NewReader("body")), Request: r}, nil
}

func (h *hostile) start() {
	in, err := h.link.Instantiate(h.t.Context(), h.comp)
	if err != nil {
		h.t.Fatal(err)
	}
	h.in, h.handles = in, map[string][]uint32{}
}

func (h *hostile) end() {
	if err := h.in.Close(context.Background()); err != nil {
		h.t.Errorf("closing: %v", err)
	}
}

// compile makes the guest: for each import a function that calls it with arguments
// from memory.
func (h *hostile) compile(world string) {
	w := h.imports(world)
	core := corewasm.NewBuilder()
	for _, f := range h.funcs {
		module, name, _ := strings.Cut(f.name, " ")
		core.ImportFunc(module, name, core.AddType(valTypes(f.sig.Params), valTypes(f.sig.Results)))
	}
	core.AddExport("memory", corewasm.KindMemory, core.AddMemory(corewasm.MemoryType{Limits: corewasm.Limits{Min: hostilePages}}))
	core.AddExport("cabi_realloc", corewasm.KindFunc, hostileRealloc(core))
	for i, f := range h.funcs {
		core.AddExport(fmt.Sprint("c", i), corewasm.KindFunc, core.AddFunc(core.AddType(nil, nil), nil, hostileCall(i, f)))
	}
	i32, i64 := corewasm.I32, corewasm.I64
	peek := corewasm.NewCode().Get(0).Mem(opcode("i64.load"), 0, 0)
	core.AddExport("peek", corewasm.KindFunc, core.AddFunc(core.AddType([]corewasm.ValType{i32}, []corewasm.ValType{i64}), nil, peek))
	poke := corewasm.NewCode().Get(0).Get(1).Mem(opcode("i64.store"), 0, 0)
	core.AddExport("poke", corewasm.KindFunc, core.AddFunc(core.AddType([]corewasm.ValType{i32, i64}, nil), nil, poke))
	wasm, err := componentize.Encode(core.Encode(), w, componentize.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	if h.comp, err = rt.Compile(h.t.Context(), wasm); err != nil {
		h.t.Fatal(err)
	}
}

// hostileRealloc gives memory until there is none, and traps then.
func hostileRealloc(core *corewasm.Builder) uint32 {
	i32 := corewasm.I32
	next := core.AddGlobal(corewasm.GlobalType{Type: i32, Mutable: true}, corewasm.ConstI32(hostileHeap))
	c := corewasm.NewCode()
	c.Idx(corewasm.OpGlobalGet, next).Get(2).Op(corewasm.OpI32Add).I32(1).Op(corewasm.OpI32Sub)
	c.I32(0).Get(2).Op(corewasm.OpI32Sub).Op(corewasm.OpI32And).Tee(4)
	c.Get(3).Op(corewasm.OpI32Add).Idx(corewasm.OpGlobalSet, next).Get(4)
	return core.AddFunc(core.AddType(slices.Repeat([]corewasm.ValType{i32}, 4), []corewasm.ValType{i32}), []corewasm.ValType{i32}, c)
}

func hostileCall(i int, f *hostileFunc) *corewasm.Code {
	c := corewasm.NewCode()
	if len(f.sig.Results) > 0 {
		c.I32(hostileResult)
	}
	for j, p := range f.sig.Params {
		c.I32(int32(hostileArgs+8*j)).Mem(opcode(p.String()+".load"), 0, 0)
	}
	c.Call(uint32(i))
	if len(f.sig.Results) > 0 {
		c.Mem(opcode(f.sig.Results[0].String()+".store"), 0, 0)
	}
	return c
}

func opcode(name string) corewasm.Opcode {
	op, ok := corewasm.LookupOpcode(name)
	if !ok {
		panic("no instruction " + name)
	}
	return op
}

// imports finds out what there is to call.
func (h *hostile) imports(world string) *wit.World {
	w := h.parse(world)
	sigs := wittypes.New()
	for key, item := range w.Imports.All() {
		if key.String() == "wasi:http/handler@0.3.0" {
			continue // wasi does not give that
		}
		for f := range item.(*wit.InterfaceItem).Interface.Functions.Values() {
			typ := sigs.Func(f)
			h.add(&hostileFunc{name: key.String() + " " + f.Name, typ: typ, params: typ.ParamTypes(), sig: layout.FlattenFunc(typ, layout.ABI{Direction: layout.Lower})})
			h.addTransfers(key.String(), f.Name, typ)
		}
	}
	for key, item := range w.Imports.All() {
		for def := range item.(*wit.InterfaceItem).Interface.Types.Values() {
			if _, ok := def.Kind.(*wit.Resource); ok {
				r := sigs.Resource(def)
				h.add(&hostileFunc{name: key.String() + " [resource-drop]" + def.Name, params: []*types.Type{types.Own(r)}, drops: r,
					sig: layout.CoreFuncType{Params: []layout.CoreType{layout.I32}}})
			}
		}
	}
	items := []string{"export peek: func(at: u32) -> u64;", "export poke: func(at: u32, v: u64);"}
	for key := range w.Imports.All() {
		if key.String() != "wasi:http/handler@0.3.0" {
			items = append(items, fmt.Sprintf("import %s;", key))
		}
	}
	for i := range h.funcs {
		items = append(items, fmt.Sprintf("export c%d: async func();", i))
	}
	return h.parse(strings.Join(items, "\n"))
}

func (h *hostile) parse(world string) *wit.World {
	r, err := wit.ParseString("hostile.wit", "package test:hostile; world w {"+world+"}",
		wit.Options{AllFeatures: true, Extra: []fs.FS{wasiwit.FS()}})
	if err != nil {
		h.t.Fatal(err)
	}
	w, err := r.SelectWorld(nil, "")
	if err != nil {
		h.t.Fatal(err)
	}
	return w
}

func (h *hostile) add(f *hostileFunc) { h.funcs = append(h.funcs, f) }

// addTransfers adds the built-ins for the streams and futures in a function's type.
func (h *hostile) addTransfers(module, name string, f *types.Func) {
	var all []*types.Type
	for _, p := range f.ParamTypes() {
		all = appendTransfers(all, p)
	}
	all = appendTransfers(all, f.Result)
	i32 := layout.I32
	for n, t := range all {
		what, copies := "stream", []layout.CoreType{i32, i32, i32}
		if t.Kind() == types.KindFuture {
			what, copies = "future", copies[:2]
		}
		for _, b := range []struct {
			name string
			sig  layout.CoreFuncType
		}{
			{"[%s-new-%d]%s", layout.CoreFuncType{Results: []layout.CoreType{layout.I64}}},
			{"[async-lower][%s-read-%d]%s", layout.CoreFuncType{Params: copies, Results: []layout.CoreType{i32}}},
			{"[async-lower][%s-write-%d]%s", layout.CoreFuncType{Params: copies, Results: []layout.CoreType{i32}}},
			{"[%s-cancel-read-%d]%s", layout.CoreFuncType{Params: []layout.CoreType{i32}, Results: []layout.CoreType{i32}}},
			{"[%s-drop-readable-%d]%s", layout.CoreFuncType{Params: []layout.CoreType{i32}}},
			{"[%s-drop-writable-%d]%s", layout.CoreFuncType{Params: []layout.CoreType{i32}}},
		} {
			h.add(&hostileFunc{name: module + " " + fmt.Sprintf(b.name, what, n, name), transfer: t, sig: b.sig})
		}
	}
}

// appendTransfers appends the streams and futures of a type, the inside first.
func appendTransfers(out []*types.Type, t *types.Type) []*types.Type {
	if t == nil {
		return out
	}
	for _, part := range partsOf(t) {
		out = appendTransfers(out, part)
	}
	if t.Kind() == types.KindStream || t.Kind() == types.KindFuture {
		out = append(out, t)
	}
	return out
}

// partsOf are the types that a type is made of; those that are not there are nil.
func partsOf(t *types.Type) (parts []*types.Type) {
	switch t.Kind() {
	case types.KindList, types.KindStream, types.KindFuture:
		return []*types.Type{t.Elem()}
	case types.KindOption:
		return []*types.Type{nil, t.Elem()}
	case types.KindResult:
		return []*types.Type{t.Ok(), t.Err()}
	case types.KindRecord, types.KindTuple:
		for _, f := range t.Fields() {
			parts = append(parts, f.Type)
		}
	case types.KindVariant:
		for _, c := range t.Cases() {
			parts = append(parts, c.Type)
		}
	}
	return parts
}

// callAnything calls one function, of those that there are arguments for.
func (h *hostile) callAnything() {
	var i int
	var f *hostileFunc
	var args []uint64
	for ok := false; !ok; ok = len(args) > 0 || len(f.sig.Params) == 0 {
		i = h.rand.IntN(len(h.funcs))
		f = h.funcs[i]
		args = h.args(f)
	}
	for j, a := range args {
		h.poke(hostileArgs+8*uint32(j), a)
	}
	h.calls++
	ctx, cancel := context.WithTimeout(h.t.Context(), 20*time.Millisecond)
	err := h.in.Func("", fmt.Sprint("c", i)).CallInto(ctx, nil)
	cancel()
	h.judge(f, err)
	switch {
	case err == nil:
		h.returned[f.name] = true
		h.collect(f, args)
	default:
		if errors.Is(err, context.DeadlineExceeded) {
			h.waited++
		} else {
			h.traps++
		}
		h.end()
		h.start()
	}
}

// judge fails for errors that are not the guest's own fault.
func (h *hostile) judge(f *hostileFunc, err error) {
	if err == nil {
		return
	}
	if p, ok := errors.AsType[*gondola.PanicError](err); ok {
		h.t.Fatalf("%s panicked: %v\n%s", f.name, p, p.Stack)
	}
	if s := err.Error(); strings.Contains(s, "runtime error") || strings.Contains(s, "bug in gondola") {
		h.t.Fatalf("%s: %v", f.name, err)
	}
}

func (h *hostile) poke(at uint32, v uint64) {
	if err := h.in.Func("", "poke").CallInto(h.t.Context(), nil, at, v); err != nil {
		h.t.Fatalf("poke: %v", err)
	}
}

func (h *hostile) peek(at uint32) (v uint64) {
	if err := h.in.Func("", "peek").CallInto(h.t.Context(), &v, at); err != nil {
		h.t.Fatalf("peek: %v", err)
	}
	return v
}

// args are the flat arguments of a call.
func (h *hostile) args(f *hostileFunc) []uint64 {
	if f.transfer != nil {
		return h.transferArgs(f)
	}
	data := uint32(hostileData)
	var flat []uint64
	for _, p := range f.params {
		values, ok := h.flat(p, &data)
		if !ok {
			return nil
		}
		flat = append(flat, values...)
	}
	if f.typ != nil && len(flat) > 16 { // they are in memory: any bytes will do
		for i := range 32 {
			h.poke(hostileData+8*uint32(i), h.rand.Uint64N(4))
		}
		flat = []uint64{hostileData}
	}
	if len(flat) < len(f.sig.Params) {
		flat = append(flat, hostileReturn)
	}
	return flat
}

func endKey(t *types.Type, writable bool) string { return fmt.Sprint(t, writable) }

func (h *hostile) transferArgs(f *hostileFunc) []uint64 {
	if len(f.sig.Params) == 0 {
		return []uint64{}
	}
	end, ok := h.handle(endKey(f.transfer, strings.Contains(f.name, "writ")), strings.Contains(f.name, "drop"))
	if !ok {
		return nil
	}
	return []uint64{end, hostileData, h.rand.Uint64N(5000)}[:len(f.sig.Params)]
}

// handle is one of those that are known, mostly. Where it is given away, it is known no
// more.
func (h *hostile) handle(key string, away bool) (uint64, bool) {
	known := h.handles[key]
	switch {
	case h.rand.IntN(300) == 0:
		return h.rand.Uint64N(40), true
	case len(known) == 0:
		return 0, false
	}
	i := h.rand.IntN(len(known))
	v := known[i]
	if away {
		h.handles[key] = slices.Delete(known, i, i+1)
	}
	return uint64(v), true
}

// flat makes the flat values of something of a type. What they point to goes to data.
func (h *hostile) flat(t *types.Type, data *uint32) (values []uint64, ok bool) {
	switch t.Kind() {
	case types.KindOwn, types.KindBorrow:
		v, ok := h.handle(t.Resource().Name(), t.Kind() == types.KindOwn)
		return []uint64{v}, ok
	case types.KindStream, types.KindFuture:
		v, ok := h.handle(endKey(t, false), true)
		return []uint64{v}, ok
	case types.KindString:
		return h.text(data), true
	case types.KindList:
		return h.list(t.Elem(), data), true
	case types.KindRecord, types.KindTuple:
		for _, part := range partsOf(t) {
			v, ok := h.flat(part, data)
			if !ok {
				return nil, false
			}
			values = append(values, v...)
		}
		return values, true
	case types.KindVariant, types.KindOption, types.KindResult:
		return h.variant(t, data)
	case types.KindEnum:
		return []uint64{h.rand.Uint64N(uint64(len(t.Labels())))}, true
	case types.KindFlags:
		return []uint64{h.rand.Uint64N(1 << len(t.Labels()))}, true
	case types.KindBool:
		return []uint64{h.rand.Uint64N(2)}, true
	case types.KindChar:
		return []uint64{h.rand.Uint64N(0xd800)}, true
	}
	return []uint64{h.number()}, true
}

func (h *hostile) number() uint64 {
	switch h.rand.IntN(4) {
	case 0:
		return h.rand.Uint64N(4)
	case 1:
		return h.rand.Uint64N(100_000)
	case 2:
		return h.rand.Uint64()
	}
	return []uint64{0, 1, 1<<8 - 1, 1 << 16, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1<<63 - 1, 1 << 63, 1<<64 - 1}[h.rand.IntN(10)]
}

func (h *hostile) variant(t *types.Type, data *uint32) (values []uint64, ok bool) {
	parts := partsOf(t)
	k := h.rand.IntN(len(parts))
	values = []uint64{uint64(k)}
	if parts[k] != nil {
		v, ok := h.flat(parts[k], data)
		if !ok {
			return nil, false
		}
		values = append(values, v...)
	}
	n := len(layout.Of(t, layout.Ptr32).Flat)
	for len(values) < n {
		values = append(values, 0)
	}
	return values, true
}

var hostileTexts = []string{
	"", "file", ".", "..", "a/b", "/", "./file/", "new", "../../etc/passwd", "link", "x\x00y", strings.Repeat("d/", 300), strings.Repeat("n", 300),
	"GET", "content-length", "Host", "accept", "12", "http", "example.com:80", "[::1]:1", "localhost", "127.0.0.1", "/p?q#f", "a b", "\xff\xfe", "é☃", "\r\nx: y",
}

func (h *hostile) text(data *uint32) []uint64 {
	return h.bytes(hostileTexts[h.rand.IntN(len(hostileTexts))], data)
}

// bytes puts a text into the guest's memory.
func (h *hostile) bytes(s string, data *uint32) []uint64 {
	at := *data
	for i := 0; i < len(s); i += 8 {
		var word uint64
		for j := range min(8, len(s)-i) {
			word |= uint64(s[i+j]) << (8 * j)
		}
		h.poke(at+uint32(i), word)
	}
	*data += uint32(len(s)+15) &^ 7
	n := uint64(len(s))
	if h.rand.IntN(100) == 0 {
		n = h.number()
	}
	return []uint64{uint64(at), n}
}

// list makes a list: of text where it is one of bytes, else of small numbers, that may
// mean anything.
func (h *hostile) list(elem *types.Type, data *uint32) []uint64 {
	if elem.Kind() == types.KindU8 {
		return h.text(data)
	}
	at := *data
	for range 16 {
		h.poke(*data, h.rand.Uint64N(8)|h.rand.Uint64N(8)<<32)
		*data += 8
	}
	return []uint64{uint64(at), h.rand.Uint64N(4)}
}

// collect takes note of the handles in what a function returned.
func (h *hostile) collect(f *hostileFunc, args []uint64) {
	switch {
	case f.transfer != nil && len(f.sig.Params) == 0:
		ends := h.peek(hostileResult)
		h.know(endKey(f.transfer, false), uint32(ends))
		h.know(endKey(f.transfer, true), uint32(ends>>32))
	case f.typ == nil || f.typ.Result == nil || !f.typ.Result.ContainsHandle():
	case len(f.sig.Results) > 0:
		h.find(f.typ.Result, hostileResult)
	default:
		h.find(f.typ.Result, uint32(args[len(args)-1]))
	}
}

func (h *hostile) know(key string, handle uint32) {
	if handle != 0 && len(h.handles[key]) < 50 {
		h.handles[key] = append(h.handles[key], handle)
	}
}

// find looks for handles in something of a type that lies in memory.
func (h *hostile) find(t *types.Type, at uint32) {
	if t == nil || !t.ContainsHandle() {
		return
	}
	switch t.Kind() {
	case types.KindOwn:
		h.know(t.Resource().Name(), uint32(h.peek(at)))
	case types.KindStream, types.KindFuture:
		h.know(endKey(t, false), uint32(h.peek(at)))
	case types.KindRecord, types.KindTuple:
		for i, part := range partsOf(t) {
			h.find(part, at+uint32(layout.Of(t, layout.Ptr32).Offsets[i]))
		}
	case types.KindVariant, types.KindOption, types.KindResult:
		if k, parts := uint8(h.peek(at)), partsOf(t); int(k) < len(parts) {
			h.find(parts[k], at+uint32(layout.Of(t, layout.Ptr32).PayloadOffset))
		}
	case types.KindList:
		l := layout.Of(t.Elem(), layout.Ptr32)
		list := h.peek(at)
		for i := range min(uint32(list>>32), 8) {
			h.find(t.Elem(), uint32(list)+i*uint32(l.Size))
		}
	}
}

// footprint is what the process holds.
type footprint struct {
	goroutines, files int
	heap              uint64
}

func footprintOf() footprint {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	files, _ := os.ReadDir("/proc/self/fd")
	return footprint{runtime.NumGoroutine(), len(files), m.HeapAlloc}
}

// compare fails unless things are soon as they were.
func (before footprint) compare(t *testing.T) {
	t.Helper()
	var now footprint
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		now = footprintOf()
		if now.goroutines <= before.goroutines+2 && now.files <= before.files+8 && now.heap < before.heap+64<<20 {
			return
		}
	}
	buf := make([]byte, 1<<20)
	t.Errorf("before %+v, now %+v\n%s", before, now, buf[:runtime.Stack(buf, true)])
}
