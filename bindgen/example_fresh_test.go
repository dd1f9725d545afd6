package bindgen

import (
	"testing"

	"github.com/gondola-wasm/gondola/wit"
)

// The examples' generated code is committed. It must be what is generated now; -update rewrites it.
func TestExamplesAreFresh(t *testing.T) {
	for _, name := range []string{"roundtrip"} {
		dir := "../examples/" + name
		r, err := wit.ParsePath(dir+"/wit", wit.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w, err := r.SelectWorld(nil, "")
		if err != nil {
			t.Fatal(err)
		}
		opt := Options{ImportPath: "github.com/gondola-wasm/gondola/examples/" + name + "/gen", Command: "go test ./bindgen -update"}
		if *update {
			err = WriteGuest(dir+"/gen", w, opt, Update)
		} else {
			err = fresh(dir+"/gen", w, opt)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// fresh is WriteGuest that writes nothing.
func fresh(dir string, w *wit.World, opt Options) error {
	files, err := Guest(w, opt)
	if err != nil {
		return err
	}
	d, err := compare(dir, files)
	if err != nil || len(d.missing)+len(d.changed)+len(d.extra)+len(d.foreign) == 0 {
		return err
	}
	return &StaleError{dir, opt.Command, d.missing, d.changed, d.edited, d.extra}
}
