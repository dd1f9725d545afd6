package wat

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
)

// TestLocate validates components, one a paragraph, and says where they are wrong.
func TestLocate(t *testing.T) {
	goldens(t, "locate-*.txtar", func(name, src string) string {
		var b strings.Builder
		for one := range strings.SplitSeq(strings.TrimSpace(src), "\n\n") {
			wasm, err := Parse(name, []byte(one))
			if err != nil {
				t.Fatal(err)
			}
			m, err := binary.Decode(wasm)
			if err == nil {
				_, err = validate.Validate(m, validate.Options{Features: component.AllFeatures})
			}
			located := Locate(name, []byte(one), err)
			if err != nil && !errors.Is(located, err) {
				t.Errorf("%v doesn't wrap %v", located, err)
			}
			fmt.Fprintf(&b, "%v\n\n", located)
		}
		return b.String()
	})
}

func TestLocateLeavesOtherErrors(t *testing.T) {
	inBinary := &component.Error{At: 10, Msg: "wrong"}
	other := errors.New("other")
	for _, tt := range []struct {
		src string
		err error
	}{
		{"(component)", nil},
		{"(component)", other},
		{"(component)", inBinary},
		{"(component", inBinary},
		{"(module)", inBinary},
		{`(component binary "\00asm\0d\00\01\00\07\01\00")`, inBinary},
		{`(component quote "(type u8)")`, inBinary},
		{"\x00asm\x0d\x00\x01\x00\x07\x02\x01\x7d", inBinary},
	} {
		if got := Locate("t.wat", []byte(tt.src), tt.err); got != tt.err {
			t.Errorf("%s: %v became %v", tt.src, tt.err, got)
		}
	}
}

// Whatever the offset, it lies in something that the text has.
func TestLocateAllOffsets(t *testing.T) {
	const src = `(component $c
  (type $t (record (field "a" (list u8))))
  (import "i" (instance $i (export "f" (func (param "x" $t)))))
  (core type $m (module (import "a" "b" (func))))
  (component $n (export "f" (func $g (export "h"))))
  (func (alias export $i "f"))
  (export "f" (func $i "f"))
)`
	text := strings.Replace(src, `(component $n (export "f" (func $g (export "h"))))`, `(component $n (import "f" (func $g)) (export "h" (func $g)))`, 1)
	wasm, err := Parse("t.wat", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	for offset := 11; offset < len(wasm); offset++ {
		err := Locate("t.wat", []byte(text), &component.Error{At: component.Offset(offset), Msg: "here"})
		var line, column int
		if _, scanErr := fmt.Sscanf(err.Error(), "t.wat:%d:%d: here", &line, &column); scanErr != nil {
			t.Fatalf("offset %#x: %v", offset, err)
		}
		if line < last {
			t.Errorf("offset %#x is in line %d, one before that in line %d", offset, line, last)
		}
		last = line
	}
	if last != 7 {
		t.Errorf("the last byte is in line %d", last)
	}
}
