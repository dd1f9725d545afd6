package component

import (
	"slices"
	"strings"
	"testing"
)

func TestAppendGroupsDefinitionsOfOneKind(t *testing.T) {
	var c Component
	for _, d := range []Definition{
		&Type{}, &Type{}, &Canon{}, &CoreModule{}, &CoreModule{}, &Custom{}, &Custom{}, &Type{}, &Component{}, &Component{}, &Export{}, &Export{},
	} {
		c.Append(d)
	}
	var got []int
	n := 0
	for _, s := range c.Sections {
		got = append(got, len(s.Definitions))
		for _, d := range s.Definitions {
			if d.Section() != s.ID {
				t.Errorf("a %s in a %s section", d.Section(), s.ID)
			}
		}
	}
	for range c.Definitions() {
		n++
	}
	if want := []int{2, 1, 1, 1, 1, 1, 1, 1, 1, 2}; !slices.Equal(got, want) || n != 12 {
		t.Errorf("sections of %v definitions (%d in all), want %v", got, n, want)
	}
}

func TestBuilderHandsOutIndices(t *testing.T) {
	var b Builder
	def := func(s Sort) SortIndex { return SortIndex{Sort: s} }
	for i, step := range []struct {
		def  Definition
		want uint32
	}{
		{&Type{}, 0},
		{&Import{Type: &TypeExtern{}}, 1},
		{&Import{Type: &FuncExtern{}}, 0},
		{&Alias{Sort: SortFunc}, 1},
		{&Canon{Op: CanonLift}, 2},
		{&Canon{Op: CanonLower}, 0},
		{&Canon{Op: CanonTaskCancel}, 1},
		{&Export{Def: def(SortType)}, 2},
		{&Export{Def: def(SortFunc)}, 3},
		{&Custom{}, 0},
		{&Start{Results: 3}, 0},
		{&Value{}, 3},
		{&CoreModule{}, 0},
		{&CoreInstance{}, 0},
		{&Instance{}, 0},
		{&Component{}, 0},
		{&CoreType{}, 0},
		{&Alias{Sort: SortCoreMemory}, 0},
	} {
		if got := b.Add(step.def); got != step.want {
			t.Errorf("definition %d, a %T: index %d, want %d", i, step.def, got, step.want)
		}
	}
	if b.Len(SortFunc) != 4 || b.Len(SortType) != 3 || b.Len(SortValue) != 4 {
		t.Error("wrong sizes of index spaces", b.counts)
	}
}

func TestDeclsHandOutIndices(t *testing.T) {
	var d Decls
	for i, step := range []struct {
		decl Declarator
		want uint32
	}{
		{&Type{}, 0},
		{&ExportDecl{Type: &TypeExtern{}}, 1},
		{&Import{Type: &InstanceExtern{}}, 0},
		{&Alias{Sort: SortType}, 2},
		{&CoreType{}, 0},
	} {
		if got := d.Add(step.decl); got != step.want {
			t.Errorf("declarator %d, a %T: index %d, want %d", i, step.decl, got, step.want)
		}
	}
	if len(d.ComponentType()) != 5 || len(d.InstanceType()) != 5 || d.Len(SortType) != 3 {
		t.Error("declarators are lost")
	}
}

func TestPathString(t *testing.T) {
	for want, p := range map[string]Path{
		"":                                       nil,
		`component[2].export["wasi:io/streams"]`: {{Kind: "component", Index: 2}, {Kind: "export", Index: 1, Name: "wasi:io/streams"}},
		"type[0].type[1].type[2].type[3].type[4].type[5].type[6].type[7].….type[92].type[93].type[94].type[95].type[96].type[97].type[98].type[99]": long(100),
	} {
		if got := p.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func long(n int) (p Path) {
	for i := range n {
		p = append(p, Step{Kind: "type", Index: i})
	}
	return p
}

func TestEveryCanonicalDefinitionHasAName(t *testing.T) {
	seen := map[string]bool{}
	for op := range canonInfos {
		if name := op.String(); seen[name] {
			t.Errorf("two canonical definitions are called %s", name)
		} else {
			seen[name] = true
		}
	}
	if _, ok := CanonOp(0x07).Immediates(); ok || CanonOp(0x07).String() != "unknown" {
		t.Error("opcode 0x07 exists")
	}
}

func TestFeatureString(t *testing.T) {
	if got := (FeatureThreads | FeatureValues).String(); got != "values (🪙), threads (🧵)" {
		t.Error(got)
	}
	for bit := range AllFeatures.each() {
		for _, list := range []string{bit.Names()[0], featureNames[bit].mark} {
			if got, err := ParseFeatures(list); list != "" && got != bit {
				t.Errorf("%q is read as %v, %v", list, got, err)
			}
		}
	}
}

func TestParseFeatures(t *testing.T) {
	for list, want := range map[string]Feature{
		"":                                     0,
		"threads":                              FeatureThreads,
		" threads , error-context,":            FeatureThreads | FeatureErrorContext,
		"📝,🧵②":                                 FeatureErrorContext | FeatureSharedThreads,
		"all":                                  AllFeatures,
		strings.Join(AllFeatures.Names(), ","): AllFeatures,
	} {
		if got, err := ParseFeatures(list); got != want || err != nil {
			t.Errorf("%q: %v, %v", list, got, err)
		}
	}
	for _, list := range []string{"thread", "threads error-context", "All"} {
		if got, err := ParseFeatures(list); got != 0 || err == nil || !strings.Contains(err.Error(), "known are values, nested-names") {
			t.Errorf("%q: %v, %v", list, got, err)
		}
	}
}

func TestCoreTypeString(t *testing.T) {
	f := &CoreFuncType{
		Params:  []CoreValType{I32, F64, FuncRef, {CoreRef, CoreHeapType{Index: 3}}},
		Results: []CoreValType{V128, {CoreRefNull, CoreHeapType{Abstract: 0x6e}}},
	}
	if got, want := f.String(), "(func (param i32 f64 funcref (ref 3)) (result v128 (ref null any)))"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRecursiveGroupsTakeSeveralIndices(t *testing.T) {
	var b Builder
	b.Add(&CoreType{Def: &CoreOtherType{Keyword: "rec", Types: 3}})
	if i := b.Add(&CoreType{Def: &CoreFuncType{}}); i != 3 || b.Len(SortCoreType) != 4 {
		t.Errorf("the type behind a group of 3 got index %d", i)
	}
}
