package wat

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// benchText is a module like compilers print them: flat instructions, names, data.
func benchText() string {
	var b strings.Builder
	b.WriteString("(module $bench\n  (memory 1)\n  (global $sp (mut i32) (i32.const 65536))\n")
	for i := range 2000 {
		fmt.Fprintf(&b, `  (func $module::function_%d (param $p i32) (param $q i64) (result i32)
    (local $l i32) (local f64)
    block $out
      loop $again
        local.get $p
        i32.const %d
        i32.add
        local.tee $l
        i32.load offset=%d align=1
        br_if $again
        local.get $q
        i64.const -%d
        i64.mul
        i32.wrap_i64
        call $module::function_%d_
        drop
        f64.const 0x1.8p+%d
        local.set 3
      end
    end
    (i32.store (global.get $sp) (i32.const 1))
    local.get $l)
  (func $module::function_%[5]d_ (param i32) (result i32) local.get 0)
`, i, i*7, i%100, i, i, i%60)
	}
	for i := range 200 {
		fmt.Fprintf(&b, "  (data (i32.const %d) %q)\n", i*100, strings.Repeat("some text, ", 9))
	}
	b.WriteString(")\n")
	return b.String()
}

func BenchmarkParse(b *testing.B) {
	src := []byte(benchText())
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("bench.wat", src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPrint(b *testing.B) {
	wasm, err := Parse("bench.wat", []byte(benchText()))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(wasm)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Print(io.Discard, wasm); err != nil {
			b.Fatal(err)
		}
	}
}
