package syntax

// Kind is the kind of a token.
type Kind uint8

const (
	EOF       Kind = iota
	Comment        // `// …` or `/* … */`; the parser skips them
	Ident          // foo, or %foo
	Integer        // 123
	StringLit      // "…"
	Equals
	Comma
	Colon
	Semicolon
	Period
	LeftParen
	RightParen
	LeftBrace
	RightBrace
	LessThan
	GreaterThan
	Star
	Slash
	At
	Minus
	Plus
	Arrow
	Underscore

	keywordFirst
	KwAs
	KwAsync
	KwBool
	KwBorrow
	KwChar
	KwConstructor
	KwEnum
	KwExport
	KwF32
	KwF64
	KwFlags
	KwFrom
	KwFunc
	KwFuture
	KwImport
	KwInclude
	KwInterface
	KwList
	KwMap
	KwOption
	KwOwn
	KwPackage
	KwRecord
	KwResource
	KwResult
	KwS16
	KwS32
	KwS64
	KwS8
	KwStatic
	KwStream
	KwString
	KwTuple
	KwType
	KwU16
	KwU32
	KwU64
	KwU8
	KwUse
	KwVariant
	KwWith
	KwWorld
	keywordLast
)

// kindText is the fixed text of the kinds that have one.
//
// Spec: WIT.md#operators, WIT.md#keywords.
var kindText = [...]string{
	Equals: "=", Comma: ",", Colon: ":", Semicolon: ";", Period: ".",
	LeftParen: "(", RightParen: ")", LeftBrace: "{", RightBrace: "}", LessThan: "<", GreaterThan: ">",
	Star: "*", Slash: "/", At: "@", Minus: "-", Plus: "+", Arrow: "->", Underscore: "_",
	KwAs: "as", KwAsync: "async", KwBool: "bool", KwBorrow: "borrow", KwChar: "char", KwConstructor: "constructor",
	KwEnum: "enum", KwExport: "export", KwF32: "f32", KwF64: "f64", KwFlags: "flags", KwFrom: "from", KwFunc: "func",
	KwFuture: "future", KwImport: "import", KwInclude: "include", KwInterface: "interface", KwList: "list", KwMap: "map",
	KwOption: "option", KwOwn: "own", KwPackage: "package", KwRecord: "record", KwResource: "resource", KwResult: "result",
	KwS16: "s16", KwS32: "s32", KwS64: "s64", KwS8: "s8", KwStatic: "static", KwStream: "stream", KwString: "string",
	KwTuple: "tuple", KwType: "type", KwU16: "u16", KwU32: "u32", KwU64: "u64", KwU8: "u8", KwUse: "use",
	KwVariant: "variant", KwWith: "with", KwWorld: "world", keywordLast: "",
}

var keywords = func() map[string]Kind {
	m := map[string]Kind{}
	for k := keywordFirst + 1; k < keywordLast; k++ {
		m[kindText[k]] = k
	}
	return m
}()

// IsKeyword reports whether s is reserved, so that as a name it needs a `%`.
func IsKeyword(s string) bool {
	_, ok := keywords[s]
	return ok
}

// String describes the kind for messages: "`{`", "an identifier".
func (k Kind) String() string {
	switch k {
	case EOF:
		return "the end of the file"
	case Comment:
		return "a comment"
	case Ident:
		return "an identifier"
	case Integer:
		return "a number"
	case StringLit:
		return "a string"
	}
	return "`" + kindText[k] + "`"
}

func (k Kind) isKeyword() bool { return keywordFirst < k && k < keywordLast }

func (k Kind) isPrimitive() bool {
	switch k {
	case KwU8, KwU16, KwU32, KwU64, KwS8, KwS16, KwS32, KwS64, KwF32, KwF64, KwChar, KwBool, KwString:
		return true
	}
	return false
}

// Token is a piece of a file's text.
type Token struct {
	Kind       Kind
	Start, End int // byte offsets
}
