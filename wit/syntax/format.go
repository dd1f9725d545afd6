package syntax

import (
	"strings"
	"unicode/utf8"
)

// lineWidth is how long a line may be before a parameter list is broken up.
const lineWidth = 100

// Format lays out a file in the one canonical way: two spaces of indentation, one item
// a line, lists of parameters on one line if they fit. Comments stay where they are
// relative to the tokens around them, and single blank lines between items stay too. The
// text must parse; if it doesn't, the error says why.
//
// Formatting twice gives what formatting once gives.
func Format(file *File, gates Gates) (string, *Error) {
	if _, err := Parse(file, gates); err != nil {
		return "", err
	}
	tokens, err := Lex(file)
	if err != nil {
		return "", err
	}
	f := &formatter{file: file, tokens: tokens, nexts: nextKinds(tokens)}
	return f.run(), nil
}

// gap is what stands between two pieces of output.
type gap uint8

const (
	noGap gap = iota
	spaceGap
	lineGap
	blankGap // an empty line
)

// group is an open bracket.
type group struct {
	closer Kind
	kind   groupKind
	broken bool // one element a line
}

type groupKind uint8

const (
	itemsGroup    groupKind = iota // the body of an interface, world or resource
	packageGroup                   // the body of a nested package
	elementsGroup                  // the body of a record, variant, enum or flags
	paramsGroup                    // parameters of a function
	namesGroup                     // `.{a, b}`
	withGroup                      // `with { a as b }`
	angleGroup                     // `<…>`
	otherGroup                     // the parentheses of an annotation or case
)

type formatter struct {
	file   *File
	tokens []Token
	nexts  []Kind // see next
	out    strings.Builder
	column int

	groups []group
	head   Kind      // the first token of the item after its annotations; EOF before it
	inGate bool      // inside an annotation
	colons int       // in the item
	prev   Kind      // the last token written, comments aside; EOF at the start
	noted  bool      // a comment was written after prev
	closed groupKind // of the group that closed last
	wanted gap       // before the next piece
	source int       // where the last piece ended in the source
}

func (f *formatter) run() string {
	for i := 0; f.tokens[i].Kind != EOF; i++ {
		if f.tokens[i].Kind == Comment {
			f.comment(i)
		} else {
			i = f.token(i)
		}
	}
	if f.out.Len() > 0 {
		f.out.WriteByte('\n')
	}
	return f.out.String()
}

// newlines counts the line ends in the source before a token.
func (f *formatter) newlines(t Token) int {
	return strings.Count(f.file.Src[f.source:t.Start], "\n")
}

// comment writes the comment at i: at the end of the line where it began, or on its own
// line.
func (f *formatter) comment(i int) {
	t := f.tokens[i]
	text := strings.TrimRight(f.file.Src[t.Start:t.End], " \t\r")
	if f.lacksComma(f.top()) && f.next(i) == f.top().closer {
		f.out.WriteByte(',')
		f.prev = Comma
	}
	after := max(lineGap, f.wanted)
	switch n := f.newlines(t); {
	case f.out.Len() == 0:
		f.wanted = noGap
	case n == 0:
		if strings.HasPrefix(text, "/*") && f.wanted < lineGap {
			after = spaceGap
		}
		f.wanted = spaceGap
	default:
		f.wanted = max(f.wanted, lineGap)
		f.widen(i, f.next(i))
		after = lineGap
	}
	f.write(text)
	f.wanted, f.source, f.noted = after, t.End, true
}

// widen makes a line end an empty line, where the source has one or items differ in
// kind. The piece to come is that at i; the token to come is of kind next.
func (f *formatter) widen(i int, next Kind) {
	opened := !f.noted && (f.prev == LeftBrace || f.prev == LeftParen || f.prev == EOF)
	if f.newlines(f.tokens[i]) > 1 && !opened {
		f.wanted = blankGap
	}
	if f.topLevel() && f.prev == Semicolon && !f.noted && next != KwUse {
		f.wanted = blankGap
	}
	if f.closes(next) && next == RightBrace && f.tokens[i].Kind != Comment {
		f.wanted = lineGap
	}
}

// topLevel reports whether interfaces and worlds stand here.
func (f *formatter) topLevel() bool { return len(f.groups) == 0 || f.top().kind == packageGroup }

// lacksComma reports whether the last element of a broken list has no comma yet.
func (f *formatter) lacksComma(g group) bool {
	return g.broken && g.kind > packageGroup && f.prev != Comma && f.prev != LeftBrace && f.prev != LeftParen
}

// token writes the token at index i, and returns the index of the last one that it took.
func (f *formatter) token(i int) int {
	t := f.tokens[i]
	text, last := f.text(i)
	if f.skips(i) {
		f.source = t.End
		return i
	}
	if f.closes(t.Kind) {
		f.close(t, text)
	} else {
		f.before(i)
		f.write(text)
		f.after(i)
	}
	f.prev, f.source, f.noted = t.Kind, f.tokens[last].End, false
	return last
}

// text returns a token's text. A version is written as a whole, being no sequence of
// tokens with space between them.
func (f *formatter) text(i int) (string, int) {
	t := f.tokens[i]
	if t.Kind != Integer || f.prev != At && f.prev != Equals {
		return f.file.Src[t.Start:t.End], i
	}
	end := t.Start + versionLen(f.file.Src[t.Start:])
	for f.tokens[i+1].Start < end {
		i++
	}
	return f.file.Src[t.Start:end], i
}

// skips reports a token that the canonical layout leaves out: a comma after the last
// element of a list on one line, and the semicolon that some write after `with {…}`.
func (f *formatter) skips(i int) bool {
	switch f.tokens[i].Kind {
	case Comma:
		return !f.top().broken && f.next(i) == f.top().closer
	case Semicolon:
		return f.prev == RightBrace && f.closed == withGroup
	}
	return false
}

// next returns the kind of the token after i that is no comment.
func (f *formatter) next(i int) Kind { return f.nexts[i] }

// nextKinds returns for each token the kind of the next one that is no comment. A file may
// hold many comments in a row, so they are not looked past one by one.
func nextKinds(tokens []Token) []Kind {
	nexts := make([]Kind, len(tokens))
	next := EOF
	for i := len(tokens) - 1; i >= 0; i-- {
		nexts[i] = next
		if tokens[i].Kind != Comment {
			next = tokens[i].Kind
		}
	}
	return nexts
}

func (f *formatter) top() group {
	if len(f.groups) == 0 {
		return group{closer: EOF, broken: true}
	}
	return f.groups[len(f.groups)-1]
}

func (f *formatter) closes(k Kind) bool { return len(f.groups) > 0 && f.top().closer == k }

// before decides what stands before the token at i.
func (f *formatter) before(i int) {
	switch {
	case f.wanted >= lineGap:
		f.widen(i, f.tokens[i].Kind)
	case f.wanted == noGap && f.spaced(i):
		f.wanted = spaceGap
	}
}

// spaced reports whether a space separates the token at i from the one before it.
func (f *formatter) spaced(i int) bool {
	k := f.tokens[i].Kind
	switch k {
	case Comma, Semicolon, Colon, Period, RightParen, GreaterThan, LessThan, Slash, LeftParen, At:
		return false
	case LeftBrace:
		return f.prev != Period
	}
	switch f.prev {
	case EOF, LeftParen, LessThan, Period, At, Slash:
		return false
	case LeftBrace:
		return f.top().kind == withGroup
	case Colon:
		return !f.inPath(i)
	}
	return true
}

// inPath reports whether the colon before the token at i is part of the name of a
// package. In an import or export the first one may come after a label instead; space
// around it makes the difference.
func (f *formatter) inPath(i int) bool {
	switch f.head {
	case KwPackage, KwUse, KwInclude:
		return true
	case KwImport, KwExport:
		return f.top().kind == itemsGroup && (f.colons > 1 || i > 1 && isPackageColon(f.tokens[i-2], f.tokens[i-1], f.tokens[i]))
	}
	return false
}

// after updates the state once the token at i is written.
func (f *formatter) after(i int) {
	t := f.tokens[i]
	f.wanted = noGap
	if f.head == EOF && !f.inGate {
		if t.Kind == At {
			f.inGate = true
		} else {
			f.head = t.Kind
		}
	}
	switch t.Kind {
	case LeftBrace, LeftParen, LessThan:
		f.open(i)
	case Colon:
		f.colons++
	case Comma:
		if f.top().broken {
			f.wanted = lineGap
		}
	case Semicolon:
		f.endItem()
	}
}

// endItem begins a new line after an item, and a paragraph after what is large.
func (f *formatter) endItem() {
	f.wanted = lineGap
	if f.topLevel() && (f.head == KwPackage || f.head == EOF) {
		f.wanted = blankGap
	}
	f.head, f.colons = EOF, 0
}

func (f *formatter) open(i int) {
	g := group{}
	switch f.tokens[i].Kind {
	case LeftBrace:
		g = f.brace()
	case LessThan:
		g = group{closer: GreaterThan, kind: angleGroup}
	case LeftParen:
		g = group{closer: RightParen, kind: otherGroup}
		if !f.inGate && f.top().kind == itemsGroup {
			g.kind = paramsGroup
		}
	}
	if g.kind == paramsGroup || g.kind == namesGroup || g.kind == withGroup {
		g.broken = f.next(i) != g.closer && f.tooLong(i)
	}
	f.groups = append(f.groups, g)
	if g.broken {
		f.wanted = lineGap
	}
	if g.kind <= elementsGroup {
		f.head, f.colons = EOF, 0
	}
}

func (f *formatter) brace() group {
	switch {
	case f.prev == Period:
		return group{closer: RightBrace, kind: namesGroup}
	case f.prev == KwWith:
		return group{closer: RightBrace, kind: withGroup}
	}
	switch f.head {
	case KwRecord, KwVariant, KwEnum, KwFlags:
		return group{closer: RightBrace, kind: elementsGroup, broken: true}
	case KwPackage:
		return group{closer: RightBrace, kind: packageGroup, broken: true}
	}
	return group{closer: RightBrace, kind: itemsGroup, broken: true}
}

// tooLong reports whether a list that opens at i can't stay on one line: because of a
// comment in it, or because the line would become too long.
func (f *formatter) tooLong(open int) bool {
	width, depth := f.column, 0
	for i := open + 1; ; i++ {
		t := f.tokens[i]
		if t.Kind == Comment && depth >= 0 {
			return true
		}
		switch t.Kind {
		case LeftParen, LeftBrace, LessThan:
			depth++
		case RightParen, RightBrace, GreaterThan:
			depth--
		case Comma:
			if n := f.next(i); n == RightParen || n == RightBrace {
				continue
			}
			width++
		case Colon, Arrow, KwAs:
			width++
		}
		width += utf8.RuneCountInString(f.file.Src[t.Start:t.End])
		if t.Kind == Arrow || t.Kind == KwAs {
			width++
		}
		if width > lineWidth {
			return true
		}
		if depth < 0 && (t.Kind == Semicolon || t.Kind == EOF || t.Kind == RightBrace) {
			return false
		}
	}
}

// close writes a closing bracket.
func (f *formatter) close(t Token, text string) {
	g := f.top()
	f.groups = f.groups[:len(f.groups)-1]
	switch {
	case f.prev == LeftBrace && !f.noted:
		f.wanted = noGap
	case g.broken:
		if f.lacksComma(g) {
			f.out.WriteByte(',')
		}
		f.wanted = lineGap
	case f.wanted < lineGap:
		f.wanted = noGap
		if g.kind == withGroup {
			f.wanted = spaceGap
		}
	}
	f.write(text)
	f.wanted, f.closed = noGap, g.kind
	switch {
	case g.kind <= elementsGroup, g.kind == withGroup:
		f.endItem()
	case f.inGate && g.kind == otherGroup:
		f.inGate = false
		f.wanted = lineGap
	}
}

// write puts out a piece after the gap that is wanted.
func (f *formatter) write(text string) {
	switch f.wanted {
	case spaceGap:
		f.out.WriteByte(' ')
		f.column++
	case blankGap:
		f.newline()
		f.out.WriteByte('\n')
	case lineGap:
		f.newline()
	}
	if f.column == 0 {
		f.indent()
	}
	f.out.WriteString(text)
	f.column += utf8.RuneCountInString(text)
}

func (f *formatter) newline() {
	f.out.WriteByte('\n')
	f.column = 0
}

func (f *formatter) indent() {
	for _, g := range f.groups {
		if g.broken {
			f.out.WriteString("  ")
			f.column += 2
		}
	}
}
