package gobuild

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// valueFlags are the build flags that are followed by a value. What isn't listed here has none, or has it after "=".
var valueFlags = map[string]bool{
	"C": true, "asmflags": true, "buildmode": true, "compiler": true, "coverpkg": true, "covermode": true, "gccgoflags": true,
	"gcflags": true, "installsuffix": true, "ldflags": true, "mod": true, "modfile": true, "o": true, "overlay": true, "p": true,
	"pgo": true, "pkgdir": true, "tags": true, "toolexec": true,
}

// refusedFlags are those that a component leaves no choice about, with what to do instead.
var refusedFlags = map[string]string{
	"o":         "name the output with gondola's own -o",
	"buildmode": "a component is always built with -buildmode=c-shared",
	"C":         "run gondola in that directory",
	"race":      "the race detector doesn't support WebAssembly",
	"msan":      "the memory sanitizer doesn't support WebAssembly",
	"asan":      "the address sanitizer doesn't support WebAssembly",
}

// pathFlags are the flags whose value is a path, which the go command would see from another directory than the user.
var pathFlags = map[string]bool{"modfile": true, "pgo": true, "pkgdir": true}

// splitOverlay checks the user's build flags, which are seen from dir, and takes the user's own overlay out of them: the last one
// given, "" if none.
func splitOverlay(dir string, flags []string) (rest []string, overlay string, err error) {
	for i := 0; i < len(flags); i++ {
		name, value, hasValue := cutFlag(flags[i])
		if name == "" {
			return nil, "", fmt.Errorf("%q is no build flag", flags[i])
		}
		words := flags[i : i+1]
		if !hasValue && valueFlags[name] {
			if i++; i == len(flags) {
				return nil, "", fmt.Errorf("flag -%s needs a value", name)
			}
			words, value = flags[i-1:i+1], flags[i]
		}
		if hint, refused := refusedFlags[name]; refused {
			return nil, "", fmt.Errorf("flag -%s can't be used here: %s", name, hint)
		}
		switch {
		case name == "overlay":
			overlay = value
		case pathFlags[name] && value != "auto" && value != "off":
			rest = append(rest, "-"+name+"="+absIn(dir, value))
		default:
			rest = append(rest, words...)
		}
	}
	return rest, overlay, nil
}

// cutFlag takes a flag such as -tags=x apart. The name of what is no flag is empty.
func cutFlag(word string) (name, value string, hasValue bool) {
	if !strings.HasPrefix(word, "-") {
		return "", "", false
	}
	return cut(strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-"))
}

func cut(flag string) (name, value string, hasValue bool) {
	name, value, hasValue = strings.Cut(flag, "=")
	return name, value, hasValue
}

// flagOverlay returns the overlay that GOFLAGS names, "" if none.
func flagOverlay(goflags string) string {
	overlay := ""
	for _, word := range strings.Fields(goflags) {
		if name, value, _ := cutFlag(word); name == "overlay" {
			overlay = value
		}
	}
	return overlay
}

// mergeOverlay adds the replacements of the user's own overlay to replace. Where both replace a file, that is an error.
func mergeOverlay(replace map[string]string, dir, overlay string) error {
	if overlay == "" {
		return nil
	}
	name := absIn(dir, overlay)
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("-overlay: %w", err)
	}
	var user struct{ Replace map[string]string }
	if err := json.Unmarshal(text, &user); err != nil {
		return fmt.Errorf("-overlay: %s: %w", name, err)
	}
	for from, to := range user.Replace {
		from = absIn(dir, from)
		if _, taken := replace[from]; taken {
			return fmt.Errorf("-overlay: %s replaces %s, which gondola replaces too", name, from)
		}
		if to != "" {
			to = absIn(dir, to)
		}
		replace[from] = to
	}
	return nil
}

// absIn returns name as seen from dir.
func absIn(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}
