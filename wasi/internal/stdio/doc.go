// Package stdio moves bytes between streams of components and the files of the
// process, for every version of WASI.
//
// An [Input] gives one file to any number of streams, one after the other or at
// once, and loses nothing that it has read when a stream is dropped. [Outputs]
// write what streams carry, at once, unbuffered and in the order in which it came,
// and can say when everything is out that guests think they have written.
package stdio
