package wazero

import (
	"bytes"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
)

// image is what the memories and globals of a set were when everything was instantiated.
// It serves all sets of the program: nothing in it is an address of the host's.
type image struct {
	memories []memoryImage
	globals  []uint64
}

// memoryImage is the content of a memory.
type memoryImage struct {
	size   int                     // in bytes
	pieces []corewasm.ImageSegment // what is not zero
}

// grain is the length of the pieces of a memory that are zero or not.
const grain = 4096

// imageOf copies what is in a memory.
func imageOf(b []byte) memoryImage {
	m := memoryImage{size: len(b)}
	zero := make([]byte, grain)
	var piece []byte // what lies behind the last zero
	for at := 0; ; at += grain {
		if at < len(b) && !bytes.Equal(b[at:at+grain], zero) {
			piece = append(piece, b[at:at+grain]...)
			continue
		}
		if len(piece) > 0 {
			m.pieces = append(m.pieces, corewasm.ImageSegment{Offset: uint32(at - len(piece)), Data: bytes.Clone(piece)})
			piece = piece[:0]
		}
		if at >= len(b) {
			return m
		}
	}
}

func (s *space) Save() engine.Image {
	if !s.mayKeep() {
		return nil
	}
	img := &image{}
	for _, m := range s.set.memory.made {
		if most, _ := m.grower.Definition().Max(); len(m.bytes) > m.first.size && len(m.bytes) == int(most)*pageSize {
			return nil // and could not be made smaller again
		}
		img.memories = append(img.memories, imageOf(m.bytes))
	}
	for _, g := range s.set.globals {
		img.globals = append(img.globals, g.global.Get())
	}
	s.code.image.Store(img)
	return img
}

func (s *space) Skip(img engine.Image) { s.skip = img.(*image) }

func (c *code) Forget() { c.image.Store(nil) }
