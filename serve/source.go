package serve

import (
	"context"
	"iter"
	"net/http"
)

// source makes instances.
type source interface {
	// make makes an instance. It calls rests each time that it comes to rest, while
	// nobody else can do anything with it; rests is quick and does not call it.
	make(ctx context.Context, id string, rests func(condition)) (instance, error)
}

// instance answers requests. It is for several goroutines.
type instance interface {
	// serve passes on one request and returns when it is answered, or why it is not.
	// The instance may work on after that. An error that is gondola.ErrEndedBefore
	// says that neither the request nor w was touched.
	serve(ctx context.Context, w http.ResponseWriter, r *http.Request) error

	// tell has the instance say that it is at rest, as soon as it is. It does not wait
	// for that, nor say so itself.
	tell()

	// close ends the instance, whatever it is doing.
	close()
}

// condition is what an instance that rests is like.
type condition struct {
	tasks   int   // that have not ended
	handles int   // that it holds
	admits  bool  // it would begin with another request at once
	ended   error // why it takes nothing any more, or nil

	// callers are the contexts under which the tasks were begun. It may be used only
	// while rests is called.
	callers iter.Seq[context.Context]
}
