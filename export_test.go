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
