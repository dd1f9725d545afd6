package types

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestEqualStructureIsOneType(t *testing.T) {
	a := Record(Field{"x", List(String)}, Field{"y", Option(U8)})
	b := Record(Field{"x", List(String)}, Field{"y", Option(U8)})
	if a != b {
		t.Error("two records of the same structure are two types")
	}
	distinct := []*Type{
		a, Record(Field{"x", List(String)}), Record(Field{"z", List(String)}), Tuple(String),
		List(U8), FixedList(U8, 3), FixedList(U8, 4), Option(U8), Stream(U8), Future(U8),
		Stream(nil), Future(nil), Result(nil, nil), Result(U8, nil), Result(nil, U8),
		Map(String, U8), Map(U8, String), Enum("a", "b"), Enum("ab"), Flags("a", "b"),
		Variant(Case{"a", nil}, Case{"b", nil}), Variant(Case{"a", U8}, Case{"b", nil}),
	}
	for i, x := range distinct {
		for _, y := range distinct[:i] {
			if x == y {
				t.Errorf("%v and %v are one type", x, y)
			}
		}
	}
}

func TestResourcesAreIdentities(t *testing.T) {
	r, s := NewResource("r", 0), NewResource("r", 0)
	if Own(r) != Own(r) || Own(r) == Own(s) || Own(r) == Borrow(r) {
		t.Error("handles must be equal exactly when kind and resource are the same")
	}
}

func TestContains(t *testing.T) {
	r := NewResource("r", 0)
	nested := Result(List(Tuple(U8, Option(Borrow(r)))), String)
	if !nested.ContainsBorrow() || !nested.ContainsResource() || !nested.ContainsHandle() || nested.ContainsAsync() {
		t.Errorf("wrong traits for %v", nested)
	}
	if !Record(Field{"s", Stream(nil)}).ContainsAsync() || U8.ContainsHandle() || FixedList(U8, 2).ContainsPointer() {
		t.Error("wrong traits")
	}
	if !List(ErrorContext).ContainsErrorContext() || nested.ContainsErrorContext() {
		t.Error("wrong traits of error contexts")
	}
	if Stream(String).ContainsPointer() || !List(Stream(nil)).ContainsPointer() {
		t.Error("a stream's payload lies in no memory that its handle needs")
	}
	if d := List(Option(U8)).Depth(); d != 3 {
		t.Errorf("depth of list<option<u8>> is %d, want 3", d)
	}
}

func TestString(t *testing.T) {
	r := NewResource("file", 0)
	for want, typ := range map[string]*Type{
		"list<u8>":           List(U8),
		"list<u8, 4>":        FixedList(U8, 4),
		"map<string, u8>":    Map(String, U8),
		"result":             Result(nil, nil),
		"result<u8>":         Result(U8, nil),
		"result<_, string>":  Result(nil, String),
		"result<u8, string>": Result(U8, String),
		"tuple<u8, char>":    Tuple(U8, Char),
		"stream":             Stream(nil),
		"future<bool>":       Future(Bool),
		"own<file>":          Own(r),
		"record { a: f32 }":  Record(Field{"a", F32}),
		"enum { a, b }":      Enum("a", "b"),
	} {
		if typ.String() != want {
			t.Errorf("got %q, want %q", typ, want)
		}
	}
	if got := Variant(Case{"a", S8}, Case{"b", nil}).String(); got != "variant { a(s8), b }" {
		t.Error(got)
	}
	f := &Func{Params: []Field{{"a", U8}, {"b", String}}, Result: Bool, Async: true}
	if got := f.String(); got != "async func(a: u8, b: string) -> bool" {
		t.Error(got)
	}
}

// A type bomb is a small graph; nothing here may spell it out.
func TestBomb(t *testing.T) {
	b := U8
	for range 200 {
		b = Tuple(b, b)
	}
	if s := b.String(); len(s) > 2*maxText || !strings.HasSuffix(s, "…") {
		t.Errorf("text of %d bytes", len(s))
	}
	if b.Depth() != 201 {
		t.Errorf("depth %d", b.Depth())
	}
}

func TestUnusedTypesAreForgotten(t *testing.T) {
	size := func() int {
		pool.Lock()
		defer pool.Unlock()
		return len(pool.types)
	}
	runtime.GC()
	before := size()
	for i := range 1000 {
		FixedList(U8, 1_000_000+i)
	}
	for deadline := time.Now().Add(10 * time.Second); size() > before+10; {
		if time.Now().After(deadline) {
			t.Fatalf("%d types in the pool, %d before", size(), before)
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}

func TestConcurrentInterning(t *testing.T) {
	var wg sync.WaitGroup
	got := make([]*Type, 8)
	for i := range got {
		wg.Go(func() {
			for n := range 200 {
				got[i] = FixedList(Option(S64), n+1)
			}
		})
	}
	wg.Wait()
	for _, g := range got {
		if g != got[0] {
			t.Fatal("one structure, two types")
		}
	}
}
