package validate

import (
	"bytes"
	"errors"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/types"
)

const (
	sortFunc = component.SortFunc
	sortType = component.SortType
	sortInst = component.SortInstance
	sortComp = component.SortComponent
)

func cat(parts ...defs) defs { return slices.Concat(parts...) }

// testCase is a component and what is wrong with it; one with an empty message is
// valid.
type testCase struct {
	defs defs
	err  string
}

var cases = map[string]testCase{
	"empty": {},

	// types
	"no such type":        {defs{typ(list(at(0)))}, `type[0] at offset 0xb: unknown type 0`},
	"not a value type":    {defs{typ(fun(nil)), typ(list(at(0)))}, "type 0 is not a value type: it is a func"},
	"empty record":        {defs{typ(component.RecordType{})}, "must have at least one field"},
	"empty variant":       {defs{typ(component.VariantType{})}, "must have at least one case"},
	"empty tuple":         {defs{typ(component.TupleType{})}, "must have at least one type"},
	"empty enum":          {defs{typ(component.EnumType{})}, "must have at least one enum case"},
	"33 flags":            {defs{typ(flags(33))}, "cannot have more than 32 flags"},
	"32 flags":            {defs{typ(flags(32))}, ""},
	"label":               {defs{typ(record("fooBar", u8))}, "did you mean `foo-bar`?"},
	"same label":          {defs{typ(component.RecordType{{Name: "a-b", Type: u8}, {Name: "a-B", Type: u8}})}, "conflicts with previous name `a-b`"},
	"result with borrow":  {defs{imp("r", sub()), typ(borrow(0)), typ(list(at(1))), typ(fun(ptr(at(2))))}, "function result cannot contain a `borrow`"},
	"param with borrow":   {defs{imp("r", sub()), typ(borrow(0)), typ(fun(nil, at(1)))}, ""},
	"stream of borrow":    {defs{imp("r", sub()), typ(borrow(0)), typ(&component.StreamType{Elem: ptr(at(1))})}, "cannot carry borrow handles"},
	"stream of char":      {defs{typ(&component.StreamType{Elem: &char})}, "`stream<char>` is not valid at this time"},
	"future of char":      {defs{typ(&component.FutureType{Elem: &char})}, ""},
	"float keys":          {defs{typ(&component.MapType{Key: component.Prim(types.KindF32), Value: u8})}, "invalid map key type f32"},
	"string keys":         {defs{typ(&component.MapType{Key: str, Value: u8})}, ""},
	"own of no resource":  {defs{typ(record("a", u8)), typ(own(0))}, "type 0 is not a resource type: it is a record"},
	"empty fixed list":    {defs{typ(&component.ListType{Elem: u8, Length: ptr(uint32(0))})}, "a list of fixed length has 1 to 2^31-1 elements"},
	"too large":           {defs{typ(&component.ListType{Elem: str, Length: ptr(uint32(1 << 24))})}, "less than 2^28 bytes"},
	"just not too large":  {defs{typ(&component.ListType{Elem: u8, Length: ptr(uint32(1<<28 - 1))})}, ""},
	"resource in a type":  {defs{typ(component.ComponentType{typ(resource())})}, "only be defined within a concrete component, not in a component type"},
	"dtor type":           {cat(libc(), defs{typ(&component.ResourceType{Rep: component.I32, Dtor: ptr(uint32(0))})}), "wrong signature for a destructor: expected (func (param i32)), found (func (param i32 i32 i32 i32) (result i32))"},
	"import in instance":  {defs{typ(component.InstanceType{typ(fun(nil)), decl("f", fn(0))})}, ""},
	"too many parameters": {defs{typ(manyParams(MaxParams + 1))}, "at most 1000 parameters"},

	// names
	"bad name":            {defs{imp("1a", sub())}, "import name: `1a` is not in kebab case"},
	"same import":         {defs{imp("a", sub()), imp("A", sub())}, "conflicts with previous name `a`"},
	"import and export":   {defs{imp("a", sub()), exp("a", sortType, 0)}, ""},
	"constructor":         {defs{imp("a", sub()), typ(own(0)), typ(fun(ptr(at(1)))), imp("[constructor]a", fn(2))}, ""},
	"constructs nothing":  {defs{imp("a", sub()), typ(fun(nil)), imp("[constructor]a", fn(1))}, "function should return one value"},
	"method":              {defs{imp("a", sub()), typ(borrow(0)), typ(self(fun(nil, at(1)))), imp("[method]a.b", fn(2))}, ""},
	"method without self": {defs{imp("a", sub()), typ(borrow(0)), typ(fun(nil, at(1))), imp("[method]a.b", fn(2))}, "should have a first argument called `self`"},
	"method of none":      {defs{typ(self(fun(nil, u8))), imp("[method]a.b", fn(0))}, "no resource `a` is imported or exported before it"},
	"static instance":     {defs{imp("a", sub()), typ(component.InstanceType{}), imp("[static]a.b", inst(1))}, "must name a func, not an instance"},
	"same attribute": {defs{&component.Import{Name: component.ExternName{Name: "a", Attributes: []component.Attribute{
		{Kind: component.AttrExternalID, Value: "x"}, {Kind: component.AttrExternalID, Value: "y"},
	}}, Type: sub()}}, "duplicate attribute `external-id`"},
	"implements":              {defs{typ(component.InstanceType{}), attributed("a", component.AttrImplements, "a:b/c", inst(0))}, ""},
	"implements no interface": {defs{typ(component.InstanceType{}), attributed("a", component.AttrImplements, "c", inst(0))}, "must be an interface"},
	"implements a type":       {defs{attributed("a", component.AttrImplements, "a:b/c", sub())}, "only instance names can have an `implements`"},
	"version suffix":          {defs{typ(component.InstanceType{}), attributed("a:b/c@0.2", component.AttrVersionSuffix, ".6-rc.1", inst(0))}, ""},
	"wrong version suffix":    {defs{typ(component.InstanceType{}), attributed("a:b/c@0.2", component.AttrVersionSuffix, ".x", inst(0))}, "not a semantic version"},

	// visibility
	"unnamed record":    {defs{typ(record("a", u8)), typ(fun(nil, at(0))), imp("f", fn(1))}, "func not valid to be used as import"},
	"named record":      {defs{typ(record("a", u8)), imp("r", eq(0)), typ(fun(nil, at(1))), imp("f", fn(2))}, ""},
	"unnamed list":      {defs{typ(list(u8)), typ(fun(nil, at(0))), imp("f", fn(1))}, ""},
	"local resource":    {defs{typ(resource()), typ(own(0)), typ(fun(ptr(at(1)))), imp("f", fn(2))}, "func not valid to be used as import"},
	"exported resource": {defs{typ(resource()), exp("r", sortType, 0), imp("s", eq(1))}, "type not valid to be used as import"},
	"record of unnamed": {defs{typ(record("a", u8)), typ(record("b", at(0))), exp("r", sortType, 1)}, "type not valid to be used as export"},

	// subtyping and instantiation
	"missing argument":     {defs{nest(imp("a", sub())), instantiate(0)}, "instance[0] at offset 0x1d: missing import named `a`"},
	"superfluous argument": {defs{nest(), imp("r", sub()), instantiate(0, with("x", sortType, 0))}, ""},
	"same argument twice":  {defs{nest(), imp("r", sub()), instantiate(0, with("x", sortType, 0), with("x", sortType, 0))}, "is given twice"},
	"wrong sort":           {defs{nest(imp("a", sub())), nest(), instantiate(0, with("a", sortComp, 1))}, "expected type, found component"},
	"eq of the same": {defs{
		nest(imp("a", sub()), imp("b", eq(0))), imp("r", sub()), instantiate(0, with("a", sortType, 0), with("b", sortType, 0)),
	}, ""},
	"eq of another": {defs{
		nest(imp("a", sub()), imp("b", eq(0))), imp("r", sub()), imp("s", sub()), instantiate(0, with("a", sortType, 0), with("b", sortType, 1)),
	}, "resource types are not the same"},
	"function over a resource": {defs{
		nest(imp("t", sub()), typ(own(0)), typ(fun(nil, at(1))), imp("f", fn(2))),
		imp("r", sub()), typ(own(0)), typ(fun(nil, at(1))), imp("g", fn(2)),
		instantiate(0, with("t", sortType, 0), with("f", sortFunc, 0)),
	}, ""},
	"function over another resource": {defs{
		nest(imp("t", sub()), typ(own(0)), typ(fun(nil, at(1))), imp("f", fn(2))),
		imp("r", sub()), imp("s", sub()), typ(own(1)), typ(fun(nil, at(2))), imp("g", fn(3)),
		instantiate(0, with("t", sortType, 0), with("f", sortFunc, 0)),
	}, "type mismatch in function parameter `a`"},
	"sync for async":    {defs{nest(typ(async(fun(nil))), imp("f", fn(0))), typ(fun(nil)), imp("g", fn(0)), instantiate(0, with("f", sortFunc, 0))}, "one is async"},
	"other param names": {defs{nest(typ(self(fun(nil, u8))), imp("f", fn(0))), typ(fun(nil, u8)), imp("g", fn(0)), instantiate(0, with("f", sortFunc, 0))}, "expected parameter named `self`, found `a`"},
	"instance exports more": {defs{
		typ(component.InstanceType{typ(fun(nil)), decl("f", fn(0)), decl("g", fn(0))}), imp("i", inst(0)),
		nest(typ(component.InstanceType{typ(fun(nil)), decl("g", fn(0))}), imp("j", inst(0))),
		instantiate(0, with("j", sortInst, 0)),
	}, ""},
	"instance exports less": {defs{
		typ(component.InstanceType{}), imp("i", inst(0)),
		nest(typ(component.InstanceType{typ(fun(nil)), decl("g", fn(0))}), imp("j", inst(0))),
		instantiate(0, with("j", sortInst, 0)),
	}, "missing expected export `g`"},
	"component imports more": {defs{
		nest(imp("a", sub()), imp("b", sub())),
		nest(typ(component.ComponentType{imp("a", sub())}), imp("c", comp(0))),
		instantiate(1, with("c", sortComp, 0)),
	}, "missing expected import `b`"},
	"component imports less": {defs{
		nest(imp("a", sub())),
		nest(typ(component.ComponentType{imp("a", sub()), imp("b", sub())}), imp("c", comp(0))),
		instantiate(1, with("c", sortComp, 0)),
	}, ""},
	"ascribed to less": {defs{typ(component.InstanceType{decl("r", sub())}), imp("i", inst(0)), typ(component.InstanceType{}), expAs("j", sortInst, 0, inst(1))}, ""},
	"ascribed to more": {defs{typ(component.InstanceType{}), imp("i", inst(0)), typ(component.InstanceType{decl("r", sub())}), expAs("j", sortInst, 0, inst(1))}, "ascribed type of export is not compatible"},
	"two instances, two resources": {defs{
		nest(typ(resource()), exp("r", sortType, 0)), instantiate(0), instantiate(0), alias(sortType, 0, "r"), alias(sortType, 1, "r"),
		nest(imp("a", sub()), imp("b", eq(0))), instantiate(1, with("a", sortType, 0), with("b", sortType, 1)),
	}, "resource types are not the same"},

	// aliases
	"outer resource":      {defs{typ(resource()), nest(outer(sortType, 1, 0))}, "component[0].alias[0]"},
	"outer record":        {defs{typ(record("a", u8)), nest(outer(sortType, 1, 0))}, ""},
	"outer in a type":     {defs{typ(resource()), typ(component.InstanceType{outer(sortType, 1, 0)})}, ""},
	"outer too far":       {defs{outer(sortType, 1, 0)}, "invalid outer alias count 1"},
	"no such export":      {defs{typ(component.InstanceType{}), imp("i", inst(0)), alias(sortFunc, 0, "f")}, "instance 0 has no export named `f`"},
	"export of a sort":    {defs{typ(component.InstanceType{decl("f", sub())}), imp("i", inst(0)), alias(sortFunc, 0, "f")}, "is not a func: it is a type"},
	"export a core func":  {cat(libc(), defs{exp("f", component.SortCoreFunc, 0)}), "can be neither exported nor given"},
	"no such core export": {cat(libc(), defs{coreAlias(component.SortCoreFunc, 0, "x")}), "core instance 0 has no export named `x`"},

	// canonical definitions
	"lift":                        {cat(libc(sig("ii", "i")), defs{typ(fun(&u32, str)), lift(1, 0, memory, realloc)}), ""},
	"lift without memory":         {cat(libc(sig("ii", "i")), defs{typ(fun(&u32, str)), lift(1, 0)}), "canonical option `memory` is required for `canon lift`"},
	"lift without realloc":        {cat(libc(sig("ii", "i")), defs{typ(fun(&u32, str)), lift(1, 0, memory)}), "canonical option `realloc` is required for `canon lift`"},
	"lift of another type":        {cat(libc(sig("i", "i")), defs{typ(fun(&u32, str)), lift(1, 0, memory, realloc)}), "expected (func (param i32 i32) (result i32)), found (func (param i32) (result i32))"},
	"lift a sync type async":      {cat(libc(sig("", "")), defs{typ(fun(nil)), lift(1, 0, asyncly)}), "only allowed when lifting functions of an `async` type"},
	"lift stackful":               {cat(libc(sig("", "")), defs{typ(async(fun(nil))), lift(1, 0, asyncly)}), ""},
	"lift with callback":          {cat(libc(sig("", "i"), sig("iii", "i")), defs{typ(async(fun(nil))), lift(1, 0, asyncly, opt(component.OptionCallback, 2))}), ""},
	"callback of another type":    {cat(libc(sig("", "i")), defs{typ(async(fun(nil))), lift(1, 0, asyncly, opt(component.OptionCallback, 0))}), "`callback` uses a core function with an incorrect signature"},
	"callback alone":              {cat(libc(sig("", ""), sig("iii", "i")), defs{typ(async(fun(nil))), lift(1, 0, opt(component.OptionCallback, 2))}), "cannot be specified without `async`"},
	"post-return":                 {cat(libc(sig("", "i"), sig("i", "")), defs{typ(fun(&str)), lift(1, 0, memory, opt(component.OptionPostReturn, 2))}), ""},
	"post-return of another type": {cat(libc(sig("", "i"), sig("", "")), defs{typ(fun(&str)), lift(1, 0, memory, opt(component.OptionPostReturn, 2))}), "`post-return` uses a core function with an incorrect signature"},
	"post-return of lower":        {cat(libc(sig("", "")), defs{typ(fun(nil)), imp("f", fn(0)), lower(0, opt(component.OptionPostReturn, 1))}), "only for `canon lift`"},
	"memory twice":                {cat(libc(), defs{typ(fun(nil)), imp("f", fn(0)), lower(0, memory, memory)}), "specified more than once"},
	"two encodings":               {cat(libc(), defs{typ(fun(nil)), imp("f", fn(0)), lower(0, opt(component.OptionUTF8, 0), opt(component.OptionUTF16, 0))}), "conflicts with another option"},
	"realloc without memory":      {cat(libc(), defs{typ(fun(nil)), imp("f", fn(0)), lower(0, realloc)}), "`memory` is required with `realloc`"},
	"lower async":                 {cat(libc(), defs{typ(async(fun(&u32))), imp("f", fn(0)), lower(0, asyncly, memory)}), ""},
	"lower async without memory":  {cat(libc(), defs{typ(async(fun(&u32))), imp("f", fn(0)), lower(0, asyncly)}), "`memory` is required"},
	"lower a stream of strings":   {cat(libc(), defs{typ(&component.StreamType{Elem: &str}), typ(fun(ptr(at(0)))), imp("f", fn(1)), lower(0)}), ""},
	"new of an import":            {defs{imp("r", sub()), &component.Canon{Op: component.CanonResourceNew}}, "is not a local resource"},
	"drop of an import":           {defs{imp("r", sub()), &component.Canon{Op: component.CanonResourceDrop}}, ""},
	"read without memory":         {defs{typ(&component.StreamType{Elem: &u8}), &component.Canon{Op: component.CanonStreamRead, Options: []component.CanonOption{asyncly}}}, "`memory` is required"},
	"read of nothing":             {defs{typ(&component.StreamType{}), &component.Canon{Op: component.CanonStreamRead, Options: []component.CanonOption{asyncly}}}, ""},
	"future for stream":           {defs{typ(&component.FutureType{}), &component.Canon{Op: component.CanonStreamNew}}, "requires a stream type, type 0 is a future"},
	"slot 2":                      {defs{&component.Canon{Op: component.CanonContextGet, Context: component.I32, Slot: 2}}, "must be less than 2"},
	"task.return with realloc":    {cat(libc(), defs{&component.Canon{Op: component.CanonTaskReturn, Options: []component.CanonOption{memory, realloc}}}), "cannot be specified for `canon task.return`"},
	"wait without memory":         {defs{canon(component.CanonWaitableSetWait)}, "unknown core memory 0"},

	// core definitions
	"no module":          {defs{&component.CoreModule{Bytes: []byte("\x00asm\x01\x00\x00\x00\xff")}}, "core module[0] at offset 0x13: core module: unexpected end"},
	"missing arg":        {defs{importer(), &component.CoreInstance{Expr: &component.CoreInstantiate{}}}, "missing module instantiation argument named `env`"},
	"wrong arg":          {cat(libc(), defs{importer(), coreBag("m", component.SortCoreMemory), link("env", 1)}), "expected core func, found core memory"},
	"right arg":          {cat(libc(), defs{importer(), coreBag("m", component.SortCoreFunc), link("env", 1)}), ""},
	"nested module type": {defs{&component.CoreType{Def: component.CoreModuleType{&component.CoreAlias{Count: 1, Index: 0}}}}, "unknown core type 0"},
	"same core import": {defs{&component.CoreType{Def: component.CoreModuleType{
		&component.CoreType{Def: &component.CoreFuncType{}},
		&component.CoreImport{Module: "a", Name: "b", Type: component.CoreExternType{Sort: component.SortCoreFunc}},
		&component.CoreImport{Module: "a", Name: "b", Type: component.CoreExternType{Sort: component.SortCoreFunc}},
	}}}, "duplicate import name `a:b`"},
}

func flags(n int) (f component.FlagsType) {
	for i := range n {
		f = append(f, component.Label{Name: "a" + string(rune('a'+i%26)) + strings.Repeat("x", i/26)})
	}
	return f
}

func manyParams(n int) *component.FuncType {
	f := &component.FuncType{}
	for i := range n {
		f.Params = append(f.Params, component.LabelValType{Name: "p" + strings.Repeat("x", i), Type: u8})
	}
	return f
}

func attributed(name string, kind component.AttributeKind, value string, t component.ExternType) *component.Import {
	return &component.Import{Name: component.ExternName{Name: name, Attributes: []component.Attribute{{Kind: kind, Value: value}}}, Type: t}
}

// importer is a core module that imports `env` `m`, a function of the type that
// libc's realloc has.
func importer() *component.CoreModule {
	b := corewasm.NewBuilder()
	f := sig("iiii", "i")
	b.ImportFunc("env", "m", b.AddType(f.Params, f.Results))
	return &component.CoreModule{Bytes: b.Encode()}
}

func coreBag(name string, s component.Sort) *component.CoreInstance {
	return &component.CoreInstance{Expr: component.CoreInlineExports{{Name: name, Def: component.SortIndex{Sort: s}}}}
}

func link(name string, instance uint32) *component.CoreInstance {
	return &component.CoreInstance{Expr: &component.CoreInstantiate{Module: 1, Args: []component.CoreInstantiateArg{{Name: name, Instance: instance}}}}
}

func TestValidate(t *testing.T) { checkCases(t, cases) }

func checkCases(t *testing.T, cases map[string]testCase) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		c := cases[name]
		_, err := Validate(through(c.defs), Options{component.AllFeatures})
		switch {
		case c.err == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.err != "" && err == nil:
			t.Errorf("%s: accepted", name)
		case c.err != "" && !strings.Contains(err.Error(), c.err):
			t.Errorf("%s:\n got %v\nwant %s", name, err, c.err)
		}
	}
}

// disagreements are cases that today's wasm-tools judges otherwise, and why we do
// not.
var disagreements = map[string]string{
	"version suffix": "it is the example of Explainer.md#-canonical-interface-name; wasm-tools does not truncate pre-releases",
}

// Another validator must come to the same verdicts.
func TestSecondOpinion(t *testing.T) {
	tool := testenv.Tool(t, testenv.WasmTools, "wasm-tools")
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		cmd := exec.Command(tool, "validate", "--features", "all", "-")
		cmd.Stdin = bytes.NewReader(binary.Encode(nest(cases[name].defs...)))
		out, err := cmd.CombinedOutput()
		if agree := (err == nil) == (cases[name].err == ""); agree != (disagreements[name] == "") {
			t.Errorf("%s: we say %q, wasm-tools %q %s", name, cases[name].err, out, disagreements[name])
		}
	}
}

func TestGates(t *testing.T) {
	stream := typ(&component.StreamType{})
	for feature, ds := range map[component.Feature]defs{
		component.FeatureValues:            {imp("v", &component.ValueExtern{Type: u8}), exp("w", component.SortValue, 0)},
		component.FeatureNestedNames:       {typ(component.InstanceType{}), imp("a:b:c/d", inst(0))},
		component.FeatureMoreAsyncBuiltins: {stream, canon(component.CanonStreamRead)},
		component.FeatureAsyncStackful:     cat(libc(sig("", "")), defs{typ(async(fun(nil))), lift(1, 0, asyncly)}),
		component.FeatureThreads:           {canon(component.CanonThreadIndex)},
		component.FeatureSharedThreads:     {canon(component.CanonThreadAvailableParallelism)},
		component.FeatureFixedLengthLists:  {typ(&component.ListType{Elem: u8, Length: ptr(uint32(3))})},
		component.FeatureErrorContext:      {typ(component.PrimType(types.KindErrorContext))},
		component.FeatureCanonicalNames:    {typ(component.InstanceType{}), imp("a:b/c@1", inst(0))},
		component.FeatureMemory64:          {typ(&component.ResourceType{Rep: component.I64})},
	} {
		if _, err := Validate(through(ds), Options{}); err == nil {
			t.Errorf("%s: accepted although its gate is closed", feature)
		} else if e := new(component.Error); errors.As(err, &e) && e.Feature != feature && !strings.Contains(err.Error(), feature.String()) {
			t.Errorf("%s: the error does not name the feature: %v", feature, err)
		}
		if _, err := Validate(through(ds), Options{feature}); err != nil {
			t.Errorf("%s with its gate open: %v", feature, err)
		}
	}
}

func TestTypesOfImportsAndExports(t *testing.T) {
	c, err := Validate(through(defs{
		typ(component.InstanceType{decl("r", sub()), typ(own(0)), typ(fun(ptr(at(1)))), decl("[constructor]r", fn(2))}),
		imp("a:b/c@1.2.3", inst(0)),
		alias(sortType, 0, "r"),
		alias(sortFunc, 0, "[constructor]r"),
		exp("s", sortType, 1),
		typ(own(2)), typ(fun(ptr(at(3)))),
		expAs("make", sortFunc, 0, fn(4)),
	}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	in, _ := c.Type.Import("a:b/c@1.2.3")
	r, _ := in.(*InstanceType).Export("r")
	s, _ := c.Type.Export("s")
	res := r.(*TypeDef).Resource
	if res == nil || res.Name() != "r" || s.(*TypeDef).Resource != res {
		t.Errorf("the export is not the imported resource: %v, %v", r, s)
	}
	if of := s.(*TypeDef).Of; of != r.(*TypeDef) {
		t.Error("the export does not know what it is another name for")
	}
	f, _ := c.Type.Export("make")
	if got := f.(*FuncType).Func.Result; got != types.Own(res) {
		t.Errorf("make returns %s of another resource", got)
	}
	if b := c.Type.ImportedResources; len(b) != 1 || b[0].Resource != res || !slices.Equal(b[0].Path, []string{"a:b/c@1.2.3", "r"}) {
		t.Errorf("imported resources: %v", b)
	}
	if len(c.Type.Resources) != 0 {
		t.Errorf("the component binds resources of its own: %v", c.Type.Resources)
	}
	if n := c.Type.Imports[0].Parsed.Interface; n.Package != "b" || n.Version.String() != "1.2.3" {
		t.Errorf("name not parsed: %v", n)
	}
}

func TestEachImportOfAnInstanceTypeHasItsOwnResources(t *testing.T) {
	c, err := Validate(through(defs{
		typ(component.InstanceType{decl("r", sub())}), imp("a", inst(0)), imp("b", inst(0)),
	}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var rs []*types.Resource
	for _, x := range c.Type.Imports {
		r, _ := x.Type.(*InstanceType).Export("r")
		rs = append(rs, r.(*TypeDef).Resource)
	}
	if rs[0] == rs[1] || len(c.Type.ImportedResources) != 2 {
		t.Error("two imports share a resource type")
	}
}

func TestMatch(t *testing.T) {
	c, err := Validate(through(defs{
		typ(component.InstanceType{decl("r", sub()), typ(own(0)), typ(fun(ptr(at(1)))), decl("f", fn(2))}),
		imp("a", inst(0)), imp("b", inst(0)),
	}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, b := c.Type.Imports[0].Type, c.Type.Imports[1].Type
	if err := Match(a, b, nil); err == nil || !strings.Contains(err.Error(), "not the same") {
		t.Error("instances with different resources match:", err)
	}
	m := map[*types.Resource]*types.Resource{c.Type.ImportedResources[1].Resource: c.Type.ImportedResources[0].Resource}
	if err := Match(a, b, m); err != nil {
		t.Error(err)
	}
}

// Models that no decoder makes are refused as well: they may come from anywhere.
func TestModelsThatAreNoComponents(t *testing.T) {
	badType := component.CoreValType{Code: 1}
	for name, d := range map[string]component.Definition{
		"nothing":               nil,
		"empty type":            typ(nil),
		"compound as primitive": typ(component.PrimType(types.KindList)),
		"compound value type":   typ(list(component.Prim(types.KindRecord))),
		"missing declarator":    typ(component.InstanceType{nil}),
		"import of nothing":     imp("a", nil),
		"export decl":           typ(component.InstanceType{decl("a", nil)}),
		"export of no sort":     exp("a", component.NumSorts, 0),
		"alias of nothing":      &component.Alias{Sort: sortType},
		"alias of no sort":      outer(component.NumSorts, 0, 0),
		"outer alias of a func": outer(sortFunc, 0, 0),
		"instance of nothing":   &component.Instance{},
		"core instance":         &component.CoreInstance{},
		"core type":             &component.CoreType{},
		"core value type":       &component.CoreType{Def: &component.CoreFuncType{Params: []component.CoreValType{badType}}},
		"core declarator":       &component.CoreType{Def: component.CoreModuleType{nil}},
		"core import":           &component.CoreType{Def: component.CoreModuleType{&component.CoreImport{Type: component.CoreExternType{Sort: sortFunc}}}},
		"canon":                 canon(0xff),
		"option":                &component.Canon{Op: component.CanonTaskReturn, Options: []component.CanonOption{{Kind: 99}}},
		"attribute":             attributed("a", 77, "", sub()),
		"no module":             &component.CoreModule{},
		"representation":        typ(&component.ResourceType{Rep: badType}),
		"empty component type":  typ(component.ComponentType{&component.Import{}}),
	} {
		_, err := Validate(only(d), Options{component.AllFeatures})
		if e := new(component.Error); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// only makes a component of one definition, which may be nil.
func only(d component.Definition) *component.Component {
	return &component.Component{Sections: []component.Section{{Definitions: []component.Definition{d}}}}
}

// Chains and trees of types that spell out to a lot are refused, quickly.
func TestTypeBombs(t *testing.T) {
	deep := defs{typ(list(u8))}
	for i := range uint32(MaxDepth) {
		deep = append(deep, typ(list(at(i))))
	}
	wide := defs{typ(component.VariantType{{Name: "a"}})}
	for i := range uint32(40) {
		wide = append(wide, typ(component.VariantType{{Name: "a", Type: ptr(at(i))}, {Name: "b", Type: ptr(at(i))}}))
	}
	instances := defs{typ(component.InstanceType{decl("r", sub())})}
	for i := range uint32(40) {
		instances = append(instances, typ(component.InstanceType{outer(sortType, 1, i), decl("a", inst(0)), decl("b", inst(0))}))
	}
	many := defs{nest(slices.Concat(defs{imp("r", sub()), typ(own(0)), typ(fun(nil, at(1))), imp("f", fn(2))}, exports(2000))...)}
	many = append(many, imp("r", sub()), typ(own(0)), typ(fun(nil, at(1))), imp("f", fn(2)))
	for range 2000 {
		many = append(many, instantiate(0, with("r", sortType, 0), with("f", sortFunc, 0)))
	}
	for _, c := range []struct {
		name, want string
		defs       defs
	}{
		{"deep", "nests deeper than 100 levels", deep},
		{"wide", "effective type size exceeds the limit", wide},
		{"instances", "takes more than 5000000 visits", instances},
		{"many", "takes more than 5000000 visits", many},
		{"names", "a name for a name 1000 times over", nameChain(MaxNames + 1)},
	} {
		if _, err := Validate(through(c.defs), Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want %s, got %v", c.name, c.want, err)
		}
	}
}

// A long chain of names is no deep type: WIT's use makes one for every interface.
func TestChainsOfNames(t *testing.T) {
	if _, err := Validate(through(nameChain(MaxNames)), Options{}); err != nil {
		t.Error(err)
	}
}

// nameChain is a type and a chain of n names for it, each of which an instance exports
// and the next imports.
func nameChain(n int) defs {
	out := defs{imp("r0", sub())}
	for i := range uint32(n) {
		out = append(out, imp("r"+strconv.Itoa(int(i)+1), eq(i)))
	}
	return out
}

func exports(n int) (out defs) {
	for i := range n {
		out = append(out, exp("x"+strings.Repeat("x", i%40)+"-y"+strings.Repeat("y", i/40), sortFunc, 0))
	}
	return out
}
