// Package wasi gives components the interfaces of WASI 0.3.0 and 0.2.12.
//
//	linker := rt.NewLinker()
//	host := wasi.AddTo(linker, wasi.Config{Args: []string{"hello"}, Stdout: os.Stdout})
//	inst, err := linker.Instantiate(ctx, comp)
//	…
//	err = inst.Func("wasi:cli/run", "run").CallInto(ctx, nil) // of whatever version
//	host.Flush(ctx)
//
// One implementation under wasi/internal serves both versions; wasi/p3 and wasi/p2 are
// their faces. A component that was built for another patch version of the same track
// (0.2.4, 0.3.1) gets the same, as far as it imports nothing that is newer.
//
// # What is there
//
// Every function and resource of wasi:cli, wasi:clocks, wasi:filesystem, wasi:http,
// wasi:io (of 0.2), wasi:random and wasi:sockets, those behind gates of WASI included.
// What components export is there to be called: wasi:cli/run by [gondola.Instance.Func],
// handlers of HTTP by [Host.HandleHTTP] or by package serve.
//
// What is not: release candidates of 0.3, interfaces that are proposals (wasi:keyvalue,
// wasi:config, wasi:nn and others), and what a middleware imports as its next handler,
// which is up to whoever composes them. [gondola.Linker.Func] gives such things, where
// a program has them.
//
// # What guests get
//
// A guest gets nothing that its [Config] does not name, but the clocks (in UTC) and
// randomness: no arguments, environment, files or network of the process. Instances of
// one linker share what they get, unless [WithOwn] says otherwise.
//
// What a guest can make the host spend is bounded by [Limits], by [HTTP], and by the
// options of the runtime: each of its handles costs some hundred bytes, and each
// function or stream under way a goroutine, which [gondola.WithMaxHandles] caps.
//
// # Replacing and wrapping
//
// A later definition in the linker takes the place of an earlier one, and
// [gondola.Linker.Wrap] puts code around it, so each interface can be replaced, watched or
// cut down in a few lines; the examples do. The package uses the public API of gondola
// alone, so that everything it does an embedder can do as well.
//
// # Standard streams
//
// [Config.Stdin] is read when a guest waits for bytes, for no more than it asks for
// where it says so, and what one stream has not taken is the next one's. What guests
// print goes out piece by piece in the order in which they print it, over all streams,
// files and versions. While a file takes nothing, a guest can print about 1 MiB; then
// its writes wait. A guest that is alone in a function that is not async can't wait, and
// what it prints beyond that is lost.
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
// Nobody waits for a disk that does not answer when the instance is closed where that is a
// [Dir.FS] or, on Linux, something that a program or a network serves (FUSE, NFS and such), but
// for what a guest of 0.2 writes to a stream there, or finds there on its way from another
// file system. What was begun goes on by itself.
//
// # Sockets
//
// Linux is complete; macOS is untested. On other systems sockets can't be made; names
// are looked up, and HTTP works.
//
// # HTTP
//
// Guests send requests by HTTP/1.1, as they make them: no redirect is followed, nothing
// is decompressed, no proxy of the environment is asked, and no field is added but
// those that frame the message. [HTTP.Transport] sends them otherwise. CONNECT and
// upgrades are refused.
//
// Bodies pass in both directions while they come, with their trailers, and what is sent
// is flushed when nothing more is there. Of a body that a guest writes two pieces of at
// most [HTTP.MaxPiece] are held. One that is longer or shorter than its Content-Length
// breaks off, and so does one whose trailers are an error. What a guest has not read of
// a request's body when its response is complete it does not get any more.
//
// A client that goes while nobody reads the body of its request is noticed with
// [ConnContext], on Linux completely; on macOS it is untested, and on other systems it is
// noticed when the body is read.
//
// Guests see the names of received fields in lower case, and not those that are the
// host's business (Connection, Host, Transfer-Encoding and the like). To the responses
// of 0.3 handlers the server adds Date, as it has to, but guesses no Content-Type.
package wasi
