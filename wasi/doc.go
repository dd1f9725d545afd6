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
// # Files
//
// Guests see the directories of [Config.Dirs] and nothing beside them. Linux is
// complete. On macOS and BSD, the times of open files are set to the microsecond and
// advice is ignored. On Windows and others, a guest's handle of a directory is its
// name, so that it does not follow when the directory is renamed; hard links are not
// recognized as the same file, only times of modification are known, nothing can be
// moved from one directory of the Config to another, and names with a backslash or a
// colon are invalid.
//
// The package uses the public API of gondola alone, so that everything it does an
// embedder can do as well.
package wasi
