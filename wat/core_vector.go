package wat

import (
	"strconv"
	"strings"
)

// lane parses the index of a lane. Validation finds what is too large for the shape.
func (p *parser) lane() byte {
	if !p.at(tokInteger) {
		p.unexpected("the index of a lane")
	}
	v, ok := parseUint(p.text(), 8)
	if !ok {
		p.fail(p.span(), "malformed lane index `%s`: it is from 0 to 255", p.text())
	}
	p.advance()
	return byte(v)
}

// shuffle parses the 16 lanes of i8x16.shuffle.
func (p *parser) shuffle() []byte {
	lanes := make([]byte, 0, 16)
	for len(lanes) < 16 {
		if !p.at(tokInteger) {
			p.fail(p.span(), "invalid lane length: 16 lanes are wanted, here are %d", len(lanes))
		}
		lanes = append(lanes, p.lane())
	}
	if p.at(tokInteger) {
		p.fail(p.span(), "invalid lane length: 16 lanes are wanted, here are more")
	}
	return lanes
}

// v128 parses a shape and its lanes, and gives their bytes.
func (p *parser) v128() []byte {
	word := p.text()
	lane, count, _ := strings.Cut(word, "x")
	n, _ := strconv.Atoi(count)
	if numberWidth(lane)*n != 128 {
		p.unexpected(shapes...)
	}
	p.advance()
	v := make([]byte, 0, 16)
	for i := range n {
		if !p.at(tokInteger) && !p.at(tokFloat) {
			p.fail(p.span(), "wrong number of lane literals: %s has %d, here are %d", word, n, i)
		}
		v = p.number(v, lane)
	}
	return v
}

var shapes = []string{"`i8x16`", "`i16x8`", "`i32x4`", "`i64x2`", "`f32x4`", "`f64x2`"}
