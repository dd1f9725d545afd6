package p3

import (
	"testing"

	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// However much a guest writes at once, the host takes a piece of it; the guest gets a
// short write, and keeps the rest until the piece is written.
func TestGHSA_x84v_gj2h_g759(t *testing.T) {
	f := outflow{pieces: pollio.NewPieces(5000)}
	if n := len(f.Offer(1 << 30)); n != 5000 {
		t.Errorf("%d bytes are taken", n)
	}
	if n := len(f.Offer(1 << 30)); n != 0 {
		t.Errorf("%d more bytes are taken", n)
	}
}
