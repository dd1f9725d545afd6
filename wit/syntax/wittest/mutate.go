package wittest

import (
	"math/rand/v2"
	"strings"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// Mutate changes a few tokens of a text: one goes, comes twice, or becomes another one of the text. Often enough the result still
// says something.
func Mutate(r *rand.Rand, src string) string {
	tokens, err := syntax.Lex(&syntax.File{Src: src})
	if err != nil || len(tokens) < 2 {
		return src
	}
	tokens = tokens[:len(tokens)-1] // the end
	text := func(i int) string { return src[tokens[i].Start:tokens[i].End] }
	words := make([]string, len(tokens))
	for i := range tokens {
		words[i] = text(i)
	}
	for range 1 + r.IntN(3) {
		i, other := r.IntN(len(tokens)), r.IntN(len(tokens))
		switch r.IntN(4) {
		case 0:
			words[i] = ""
		case 1:
			words[i] += " " + text(i)
		default:
			for tokens[other].Kind != tokens[i].Kind && r.IntN(20) > 0 { // mostly one of the same kind
				other = r.IntN(len(tokens))
			}
			words[i] = text(other)
		}
	}
	var b strings.Builder
	end := 0
	for i, t := range tokens {
		b.WriteString(src[end:t.Start])
		b.WriteString(words[i])
		end = t.End
	}
	b.WriteString(src[end:])
	return b.String()
}
