// Package gondola runs WebAssembly components inside Go programs.
package gondola
