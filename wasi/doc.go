// Package wasi gives components the interfaces of WASI.
//
//	linker := rt.NewLinker()
//	host := wasi.AddTo(linker, wasi.Config{Args: []string{"hello"}, Stdout: os.Stdout})
//	inst, err := linker.Instantiate(ctx, comp)
//	…
//	host.Flush(ctx)
//
// One implementation under wasi/internal serves every version of WASI; wasi/p3
// is its face for 0.3. A guest gets nothing that its [Config] does not name, but
// the clocks and randomness.
//
// The package uses the public API of gondola alone, so that everything it does an
// embedder can do as well.
package wasi
