package wat

// kind is the kind of a token.
//
// Spec: WebAssembly core 3.0, section 6.2.1 (tokens).
type kind uint8

const (
	tokEOF        kind = iota
	tokLeft            // (
	tokRight           // )
	tokKeyword         // i32.add, string-encoding=utf8
	tokID              // $x, $"any text"
	tokString          // "…"
	tokChar            // '…', a component's character
	tokInteger         // 1_000, -0x1f
	tokFloat           // 1.5, inf, nan:0x1
	tokAnnotation      // (@name, with its parenthesis
	tokReserved        // what could be one of these but is none
)

var kindNames = [...]string{
	tokEOF: "the end of the file", tokLeft: "`(`", tokRight: "`)`", tokKeyword: "a keyword", tokID: "an identifier",
	tokString: "a string", tokChar: "a character", tokInteger: "an integer", tokFloat: "a number", tokAnnotation: "an annotation", tokReserved: "a reserved token",
}

// String describes the kind for messages: "`(`", "an identifier".
func (k kind) String() string { return kindNames[k] }

// token is a piece of a file's text. There may be as many as there are bytes, so
// that it is kept small.
type token struct {
	kind       kind
	start, end int32 // byte offsets
}
