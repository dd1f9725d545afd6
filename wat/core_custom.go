package wat

import (
	"cmp"
	"slices"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// placedCustom is a custom section with its place among the sections.
type placedCustom struct {
	place  int // see customPlace
	custom corewasm.Custom
}

// sectionWord is the word for a section.
type sectionWord struct {
	word string
	id   corewasm.SectionID
}

// sectionWords are in the order in which sections stand.
var sectionWords = []sectionWord{
	{"type", corewasm.SectionType}, {"import", corewasm.SectionImport}, {"func", corewasm.SectionFunction}, {"table", corewasm.SectionTable},
	{"memory", corewasm.SectionMemory}, {"tag", corewasm.SectionTag}, {"global", corewasm.SectionGlobal}, {"export", corewasm.SectionExport},
	{"start", corewasm.SectionStart}, {"elem", corewasm.SectionElement}, {"datacount", corewasm.SectionDataCount},
	{"code", corewasm.SectionCode}, {"data", corewasm.SectionData},
}

// takeCustoms consumes the `(@custom …)` in front of a field.
func (t *moduleText) takeCustoms() {
	for _, in := range t.takeAnnotations("custom") {
		c := corewasm.Custom{Name: in.name()}
		place := lastPlace
		if in.at(tokLeft) {
			place = in.customPlace()
		}
		c.Data = in.strs()
		if !in.at(tokEOF) {
			in.unexpected("a string", "`)`")
		}
		t.customs = append(t.customs, placedCustom{place, c})
	}
}

// Places of custom sections in order: before section i is 2i+1, behind it 2i+2.
const firstPlace = 0

var lastPlace = 2*len(sectionWords) + 1

// before is the place in front of the section with a rank.
func before(rank int) int { return 2*rank + 1 }

// customPlace parses where a custom section goes: `(before func)`, `(after last)`.
//
// Spec: WebAssembly core 3.0, appendix A.6.2 (custom annotations).
func (p *parser) customPlace() (place int) {
	p.expect(tokLeft)
	after := p.gotKeyword("after")
	if !after {
		p.expectKeyword("before")
	}
	switch {
	case after && p.gotKeyword("last"):
		place = lastPlace
	case !after && p.gotKeyword("first"):
		place = firstPlace
	default:
		place = before(p.section())
		if after {
			place++
		}
	}
	p.close()
	return place
}

// section consumes the word for a section, and gives its rank.
func (p *parser) section() int {
	words := make([]string, 0, len(sectionWords))
	for i := range sectionWords {
		if p.gotKeyword(sectionWords[i].word) {
			return i
		}
		words = append(words, "`"+sectionWords[i].word+"`")
	}
	p.unexpected(words...)
	return 0
}

// placeCustoms puts the custom sections into the module, the name section last.
func (t *moduleText) placeCustoms() {
	t.placeHints()
	slices.SortStableFunc(t.customs, func(a, b placedCustom) int { return cmp.Compare(a.place, b.place) })
	for _, c := range t.customs {
		if i := c.place / 2; i < len(sectionWords) {
			c.custom.Before = sectionWords[i].id
		}
		t.m.Customs = append(t.m.Customs, c.custom)
	}
	if names := t.nameSection(); len(names) > 0 {
		t.m.Customs = append(t.m.Customs, corewasm.Custom{Name: "name", Data: names})
	}
}
