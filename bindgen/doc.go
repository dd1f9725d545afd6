// Package bindgen generates Go source from a WIT world.
//
// [Guest] generates what a guest, a Go program that becomes a component, imports and exports. It puts each interface into a Go
// package of its own, so that names stay short:
//
//	gen/<world>               Exports and Export, the world's own types and functions
//	gen/<interface>           an imported interface: its types and functions
//	gen/export/<interface>    an exported one: its types, and the interface Exports to implement
//	gen/rt                    support code, from package guestrt
//
// An interface of another package than the world's lies in a folder with that package's name, as in gen/http/types; where two
// packages of that name meet, in one with the namespace or the version too.
//
// # The mapping
//
//	bool, integers, floats, string    the same; char is rune
//	list<T>, list<u8>, map<K, V>      []T, []byte, map[K]V
//	option<T>                         *T; of a handle, stream or future the type itself, where nil is none
//	record, tuple                     a struct; rt.TupleN with fields F0, F1, …
//	enum, flags                       an integer type with constants TypeCase
//	variant                           an interface, and a struct TypeCase for each case
//	result<T, E>                      of a function: (T, error); elsewhere rt.Result[T, E]
//	resource r                        *R owns, RBorrow borrows; constructor NewR, statics RName
//	stream<T>, future<T>              *rt.StreamReader[T], *rt.ByteReader for bytes, *rt.FutureReader[T]
//	async func                        takes a context, returns an error
//
// A record, variant, enum or flags type that is some function's error is an error itself in Go, unless it has a field named
// error; any other E comes as *rt.Err[E]. A function whose result is `result` or `result<T>` may return any error, since WIT
// has nothing to carry it.
//
// Names are those of package names. What WIT names comes first: types, then functions, then what is derived from these
// (TypeCase, NewR, RName, NewStreamT, …). A name that is taken gets a `_`. Exports, Export, Host and SetHost are ours.
//
// The export wasi:cli/run of a command gets no package: the program's main implements it.
//
// # Two platforms
//
// What users see stands in one file per package. Behind it, abi_wasip1.go has the core imports and exports, lifting and
// lowering, and native.go an interface Host that a test sets, so that code over generated packages is built, vetted and tested
// with the go command like any other.
//
// # What it must not know
//
// How components are encoded, how Go programs are built, and what a host is.
//
// Spec: WIT.md, CanonicalABI.md#flattening, #lifting-and-lowering-values.
package bindgen
