package wat

import "testing"

// FuzzScript reads scripts and what stands in them. The only panic allowed is none.
func FuzzScript(f *testing.F) {
	for _, src := range []string{
		`(component definition $C (import "f" (func))) (component instance $i $C) (assert_return (invoke $i "f" (u8.const 1)) (str.const "a"))`,
		`(module $M (func (export "f"))) (register "m" $M) (assert_trap (get $M "g") "x")`,
		`(assert_malformed (component quote "(import" "\22x\22)") "") (module binary "\00asm")`,
		`(thread $T (shared (module $M)) (invoke "f" (v128.const f32x4 nan:canonical 1 2 3))) (wait $T)`,
		`(invoke "f" (record.const (field "a" list.const (option.some (option.none)))))`,
		`;;! x = true` + "\n" + `(func (export "f"))`,
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		script, err := ParseScript("fuzz.wast", src)
		if err != nil {
			return
		}
		for _, d := range script.Directives {
			if d.Source != nil {
				_, _ = d.Source.Encode() // whatever it says
			}
		}
	})
}
