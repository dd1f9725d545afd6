package componentize

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

// TestEncode compares readable dumps of whole components.
func TestEncode(t *testing.T) {
	goldens(t, "encode-*.txtar", func(t *testing.T, in map[string]string) map[string]string {
		w := parseWorld(t, in["wit"], "")
		b := encode(t, parseCore(t, in["core"], w), w)
		c, err := binary.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{"component": dump(c), "world": wit.PrintWorld(decode(t, b))}
	})
}

// TestErrors compares what is said about modules that don't fit their worlds.
func TestErrors(t *testing.T) {
	goldens(t, "error-*.txtar", func(t *testing.T, in map[string]string) map[string]string {
		w := parseWorld(t, in["wit"], "")
		_, err := Encode(parseCore(t, in["core"], w), w, Options{})
		if err == nil {
			t.Fatal("no error")
		}
		return map[string]string{"error": err.Error() + "\n"}
	})
}

// TestRoundTrip encodes worlds of which everything is used, and finds them again.
func TestRoundTrip(t *testing.T) {
	goldens(t, "world-*.txtar", func(t *testing.T, in map[string]string) map[string]string {
		w := parseWorld(t, in["wit"], "")
		c := encode(t, dummyModule(w), w)
		if again := encode(t, dummyModule(w), w); !bytes.Equal(c, again) {
			t.Error("encoding the same again gave something else")
		}
		if got, want := wit.PrintWorld(decode(t, c)), asRoot(t, w); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		return nil
	})
}

// TestWASI encodes all of WASI. What no function mentions gets lost on the way, so
// what came back must survive the second time.
func TestWASI(t *testing.T) {
	w := parseWorld(t, `package test:all;
		world all {
			include wasi:cli/command@0.3.0;
			include wasi:http/middleware@0.3.0;
		}`, "")
	first := decode(t, encode(t, dummyModule(w), w))
	second := decode(t, encode(t, dummyModule(first), first))
	text := wit.PrintWorld(first)
	if got := wit.PrintWorld(second); got != text {
		t.Errorf("got\n%s\nwant\n%s", got, text)
	}
	missing := 0
	for line := range strings.Lines(asRoot(t, w)) {
		if !strings.Contains(text, strings.TrimSpace(line)) {
			missing++
			t.Log("gone: ", line)
		}
	}
	if missing > 20 {
		t.Errorf("%d lines are gone", missing)
	}
}

// TestLibrary adds interfaces of WASI that only the module speaks of.
func TestLibrary(t *testing.T) {
	w := parseWorld(t, `package a:b; world w { import wasi:clocks/types@0.3.0; export f: func(); }`, "")
	core := parseCore(t, `import wasi:clocks/monotonic-clock@0.3.0 now -> i64
		import wasi:clocks/monotonic-clock@0.3.0 [async-lower]wait-for i64 -> i32
		import [export]wasi:cli/run@0.3.0 [task-return]run i32 ->
		import wasi:cli/stderr@0.3.0 write-via-stream i32 -> i32
		export f ->
		export [async-lift]wasi:cli/run@0.3.0#run -> i32
		export [callback][async-lift]wasi:cli/run@0.3.0#run i32 i32 i32 -> i32
		memory memory`, w)
	got := wit.PrintWorld(decode(t, encode(t, core, w)))
	for _, line := range []string{
		"import wasi:clocks/monotonic-clock@" + wasiwit.Version.String(), "import wasi:cli/stderr@", "export wasi:cli/run@", "export f: func();",
		"write-via-stream: func(data: stream<u8>) -> future<result<_, error-code>>;", "use types.{error-code};",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
	if strings.Contains(got, "get-resolution") || strings.Contains(got, "stdin") {
		t.Errorf("something that nobody uses is imported:\n%s", got)
	}
}

// TestDuplicates imports one function three times, which components don't allow.
func TestDuplicates(t *testing.T) {
	w := parseWorld(t, `package a:b; world w { import f: func(); }`, "")
	c := encode(t, parseCore(t, "import $root f ->\nimport $root f ->\nimport $root f%[v2] ->\nimport $root f ->", w), w)
	if got := wit.PrintWorld(decode(t, c)); strings.Count(got, "import f: func()") != 1 {
		t.Error(got)
	}
}

// TestKeepsBytes checks that a module without anything to take out stays as it is.
func TestKeepsBytes(t *testing.T) {
	w := parseWorld(t, `package a:b; world w { export f: func(); }`, "")
	core := parseCore(t, "export f ->\nmemory memory", w)
	custom := append([]byte{0, 8, 4}, "name\xff\xff\xff"...)
	described := append([]byte{0, 18, 16}, "component-type:x"...)
	described = append(described, 0)
	c, err := Encode(append(append([]byte(nil), core...), custom...), w, Options{})
	if err != nil || !bytes.Contains(c, append(core, custom...)) {
		t.Error("the core module was changed", err)
	}
	c, err = Encode(append(append([]byte(nil), core...), described...), w, Options{})
	if err != nil || bytes.Contains(c, []byte("component-type")) {
		t.Error("a stale section is still there", err)
	}
}

// TestErrorFields checks the parts of an error that programs read.
func TestErrorFields(t *testing.T) {
	w := parseWorld(t, `package a:b; interface i { f: async func(x: string) -> u32; } world w { export i; }`, "")
	_, err := Encode(parseCore(t, "memory memory", w), w, Options{})
	var e *Error
	if !errors.As(err, &e) || len(e.Missing) != 1 {
		t.Fatal(err)
	}
	want := MissingExport{"a:b/i", "f: async func(x: string) -> u32", "[async-lift]a:b/i#f", "(func (param i32 i32) (result i32))"}
	if e.Missing[0] != want || e.World != "a:b/w" {
		t.Errorf("%+v", e)
	}
}

// TestCancellable looks the cancellable variants of built-ins up by name.
func TestCancellable(t *testing.T) {
	for name, want := range map[string]bool{
		"[cancellable][waitable-set-wait]": true, "[cancellable][thread-yield]": true, "[waitable-set-poll]": true,
		"[cancellable][waitable-set-new]": false, "[cancellable][async-lower][subtask-cancel]": false, "[cancellable]": false,
	} {
		b, ok := rootBuiltin(name)
		if ok != want || ok && b.canon.Cancellable != strings.HasPrefix(name, "[c") {
			t.Errorf("%s: %v %+v", name, ok, b)
		}
	}
}

// TestCompatibleVersions imports an interface in another version than the world's.
func TestCompatibleVersions(t *testing.T) {
	w := parseWorld(t, `package a:b@0.1.5; interface i { f: func(); } world w { import i; }`, "")
	c := encode(t, parseCore(t, "import a:b/i@0.1.0 f ->", w), w)
	if got := wit.PrintWorld(decode(t, c)); !strings.Contains(got, "import a:b/i@0.1.5;") {
		t.Error(got)
	}
}

// TestShortenedCopy has a world whose copy of a WASI interface lacks what the module
// uses.
func TestShortenedCopy(t *testing.T) {
	w := parseWorld(t, `package a:b;
		world w { import wasi:cli/stdout@0.3.0; export f: func(); }
		package wasi:cli@0.3.0 {
			interface types { enum error-code { io, illegal-byte-sequence, pipe } }
			interface stdout { use types.{error-code}; }
		}`, "")
	c := encode(t, parseCore(t, "import wasi:cli/stdout@0.3.0 write-via-stream i32 -> i32\nexport f ->\nmemory memory\nexport cabi_realloc i32 i32 i32 i32 -> i32", w), w)
	if got := wit.PrintWorld(decode(t, c)); !strings.Contains(got, "write-via-stream: func(data: stream<u8>)") {
		t.Error(got)
	}
}

// TestSharedWorld encodes one world from several goroutines.
func TestSharedWorld(t *testing.T) {
	w := parseWorld(t, `package a:b; world w { include wasi:cli/command@0.3.0; }`, "")
	core := dummyModule(w)
	want := encode(t, core, w)
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			if got, err := Encode(core, w, Options{Version: "test"}); err != nil || !bytes.Equal(got, want) {
				t.Error("another result", err)
			}
		})
	}
}
