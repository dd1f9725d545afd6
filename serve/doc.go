// Package serve answers HTTP requests with instances of a component: a pool of them
// behind an [http.Handler].
//
//	linker := rt.NewLinker()
//	host := wasi.AddTo(linker, wasi.Config{Stderr: os.Stderr})
//	handler, err := serve.New(ctx, linker, host, comp, serve.Options{})
//	…
//	srv := serve.NewServer(handler, nil)
//	srv.Addr = "127.0.0.1:8080"
//	err = srv.ListenAndServe()
//
// The component exports wasi:http/handler of WASI 0.3, or wasi:http/incoming-handler of
// 0.2. The handler serves in any [http.Server]; one that is made otherwise than by
// [NewServer] should have [wasi.ConnContext] as its ConnContext, so that clients of HTTP/1
// that go are noticed in any case.
//
// # Instances
//
// An instance is made when a request finds none that takes it. It may answer many
// requests, one after the other and, where it is a component of WASI 0.3, many at once:
// they are tasks that take turns. An instance uses one processor at a time, so one that
// was given a request gets no other before it has come to rest: it may be computing.
// While as many as there are processors have not, requests wait for the first that does,
// in order; only where none does for 5 ms, one of them goes on to another instance.
// Among those that would take a request, the one that was used last does, so that the
// others are closed after a while.
//
//	         rests, and takes more              has had its share, or works on too long
//	serving ◀──────────────────────▶ (busy)  ──────────────────────▶ retired
//	   │                                                                │
//	   │ traps                                 nothing left to do, or   │
//	   ▼                                       out of time              ▼
//	 ended ──────────────────────────────────────────────────────────▶ closed
//
// [Isolation] says how much requests have to do with one another.
//
// # What fails
//
// A trap fails the requests that its instance is working on, and no others: with status
// 500, or, where the header of a response is out, by breaking the connection off. So
// does a guest that runs on and on without a pause. A request that takes too long gets
// 504; one that nobody has room for, 503.
//
// A client that goes away has its request cancelled. A guest that goes on all the same
// costs the requests beside it nothing; it gets no new ones, and after
// [Options.PostReturnTimeout] it is closed.
//
// Work that a guest does after its response goes on to its end, for at most
// [Options.PostReturnTimeout].
//
// # What it must not know
//
// How requests become values of components: that is package wasi's.
package serve
