package httpx

import (
	"context"
	"net"
	"net/http"
	"testing"
)

// What it costs to look at a connection, which is done once a second while a request is worked on; and what every
// request pays to be watched at all.
func BenchmarkWatch(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	r := (&http.Request{ProtoMajor: 1, ProtoMinor: 1}).WithContext(ConnContext(context.Background(), c))
	b.Run("request", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, stop := WatchClient(r.Context(), r)
			stop()
		}
	})
	b.Run("look", func(b *testing.B) {
		b.ReportAllocs()
		ctx, stop := WatchClient(r.Context(), r)
		defer stop()
		w, ok := ctx.(*watch)
		if !ok {
			b.Skip("there is nothing to look at on this system")
		}
		for b.Loop() {
			w.conn.look()
		}
	})
}
