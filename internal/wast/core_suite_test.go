package wast

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// needGarbageCollection are the scripts of core WebAssembly 3.0 whose modules the engine
// refuses because they have structs, arrays, i31, or types that extend others.
var needGarbageCollection = map[string]bool{
	"array.wast": true, "array_copy.wast": true, "array_fill.wast": true, "array_init_data.wast": true, "array_init_elem.wast": true,
	"array_new_data.wast": true, "array_new_elem.wast": true, "br_on_cast.wast": true, "br_on_cast_fail.wast": true, "extern.wast": true,
	"i31.wast": true, "ref_cast.wast": true, "ref_eq.wast": true, "ref_null.wast": true, "ref_test.wast": true, "struct.wast": true,
	"table_init.wast": true, "table_init64.wast": true, "type-rec.wast": true, "type-subtyping.wast": true,
}

// TestNewestCoreSpecification runs the newest of the core specification's scripts, those of the folder
// that GONDOLA_CORE_WAST names: all that need no garbage collection pass, which says of
// the engine and of what stands in front of it that modules behave as they should.
func TestNewestCoreSpecification(t *testing.T) {
	dir := os.Getenv("GONDOLA_CORE_WAST")
	if dir == "" {
		t.Skip("GONDOLA_CORE_WAST names no folder of scripts; see CONTRIBUTING.md")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.wast"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no .wast file in %s (%v)", dir, err)
	}
	var totals, refused Totals
	s := Suite{Files: files}
	s.Run(t.Context(), func(r *FileReport) {
		if needGarbageCollection[filepath.Base(r.Path)] {
			refused.Add(r)
			return
		}
		totals.Add(r)
		if len(r.Failures) > 0 {
			var b bytes.Buffer
			r.Write(&b)
			t.Error(b.String())
		}
	})
	t.Logf("%d directives in %d files; with garbage collection %d of %d in %d files",
		totals.Passed, totals.Files, refused.Passed, refused.Passed+refused.Failed, refused.Files)
}
