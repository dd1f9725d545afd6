// Command everything is a guest that hands every value it is given to the import of the same name, and returns what comes back.
package main

import (
	"context"

	"example.com/everything/gen/everything"
	"example.com/everything/gen/export/outer"
	"example.com/everything/gen/inner"
	"example.com/everything/gen/rt"
)

func init() {
	everything.Export(everything.Exports{
		Values:      valuesEcho{},
		AsyncValues: asyncEcho{},
		Things:      thingsEcho{},
		Users:       usersEcho{},
		Pipes:       pipesEcho{},
		Outer:       outerEcho{},

		Sum:    everything.HostSum,
		Locals: everything.HostLocal,
		Pipe: func(ctx context.Context, s *rt.StreamReader[everything.Local]) (*rt.FutureReader[everything.Local], error) {
			return everything.HostStream(ctx, s)
		},
	})
}

func main() {}

// outerEcho answers with what the import inner answers.
type outerEcho struct{}

func (outerEcho) Twice(o outer.Own) outer.Own { return outer.Own(inner.Twice(inner.Own(o))) }
