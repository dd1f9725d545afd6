package gondola

// MustBuild makes a component of a world's items and a core module, for examples.
func MustBuild(items, core string) []byte {
	wasm, err := buildGuest(items, core)
	if err != nil {
		panic(err)
	}
	return wasm
}

const Realloc = reallocSource

// Live is how many tasks of an instance have not ended.
func Live(in *Instance) int {
	n := make(chan int)
	in.store.post(func() { n <- in.store.core.Live() })
	return <-n
}

// SkipsStart reports whether start functions of the next instance need not run.
func SkipsStart(c *Component) bool { return c.tmpl.Skips() }
