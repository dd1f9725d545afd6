// Package wasiwit embeds the WIT of WASI 0.3.0 and 0.2.12: wasi:cli, wasi:clocks,
// wasi:filesystem, wasi:http, wasi:random and wasi:sockets, and wasi:io of 0.2, so that a
// world may refer to them without network and without a copy in its `deps` folder.
//
// Names, types and gates are those of the released packages; the comments are this
// project's own. It must not know more than the files: no Go value of it depends on
// what they say.
//
// # Specifications
//
//   - https://github.com/WebAssembly/WASI, proposals/*/wit at 640801790 and at v0.2.12
package wasiwit
