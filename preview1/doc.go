// Package preview1 runs core modules: those that were built for WASI preview 1, which
// most toolchains had before there were components, and those that import nothing.
//
//	m, err := preview1.Compile(ctx, wasm, preview1.Options{})
//	…
//	defer m.Close(ctx)
//	err = m.Run(ctx, preview1.Config{Args: []string{"hello"}, Stdout: os.Stdout})
//
// Every run has an instance of its own. A guest gets nothing that the [Config] does not
// name, but the clocks and randomness; no network in any case. It is interrupted when
// the context ends, whatever it does, and its memory, tables and open files have caps.
//
// The functions of preview 1 are those of wazero, behind a table of descriptors, rights and
// polling that it does not have, and around a sandbox that it does not have either:
// directories are an [os.Root], out of which no path and no symbolic link leads. What is
// weaker than in package wasi: a directory has all that os.Root lets through, such as
// devices, FIFOs and other file systems that are mounted in it; a read of a FIFO goes on
// after the context has ended. Rights are kept as far as guests give them up: what they
// did not ask for, but for reading and writing, they have all the same. What is left out:
// sockets, links and moves from one directory of the host to another. All 72 tests for
// preview 1 in wasi-testsuite pass.
//
// # What it must not know
//
// Components, and how core code is run.
//
// Spec: github.com/WebAssembly/WASI, legacy/preview1.
package preview1
