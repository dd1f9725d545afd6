package testenv

import "testing"

func TestSeed(t *testing.T) {
	t.Setenv(seed, "18446744073709551615")
	if n := Seed(t); n != 1<<64-1 {
		t.Errorf("the seed is %d", n)
	}
	t.Setenv(seed, "")
	if a, b := Seed(t), Seed(t); a == b {
		t.Errorf("two seeds are %d", a)
	}
}

func TestNumber(t *testing.T) {
	t.Setenv(Mutants, "7")
	if n := Number(t, Mutants, 300); n != 7 {
		t.Errorf("the number is %d", n)
	}
	t.Setenv(Mutants, "")
	if n := Number(t, Mutants, 300); n != 300 {
		t.Errorf("without the variable the number is %d", n)
	}
}

// Whatever is missing skips; that it can fail instead can't be shown by a test
// that passes.
func TestMissingSkips(t *testing.T) {
	t.Setenv("GONDOLA_REQUIRE", "")
	t.Setenv("PATH", "")
	for _, variable := range []string{WasmTools, Components} {
		t.Setenv(variable, "")
		for name, find := range map[string]func(testing.TB){
			"path": func(t testing.TB) { Path(t, variable) },
			"tool": func(t testing.TB) { Tool(t, variable, "no-such-tool") },
		} {
			skipped := false
			t.Run(variable+" "+name, func(t *testing.T) {
				defer func() { skipped = t.Skipped() }()
				find(t)
			})
			if !skipped {
				t.Errorf("%s of %s doesn't skip", name, variable)
			}
		}
	}
}
