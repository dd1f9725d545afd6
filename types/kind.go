package types

// Kind tells the constructors of value types apart.
type Kind uint8

// The kinds in the order of definitions.py's load and store.
const (
	KindBool Kind = iota + 1
	KindU8
	KindU16
	KindU32
	KindU64
	KindS8
	KindS16
	KindS32
	KindS64
	KindF32
	KindF64
	KindChar
	KindString
	KindErrorContext
	KindList // of any length, or of a fixed one: see [Type.Len]
	KindMap
	KindRecord
	KindTuple
	KindVariant
	KindEnum
	KindOption
	KindResult
	KindFlags
	KindOwn
	KindBorrow
	KindStream
	KindFuture

	numKinds
)

var kindNames = [numKinds]string{
	KindBool:         "bool",
	KindU8:           "u8",
	KindU16:          "u16",
	KindU32:          "u32",
	KindU64:          "u64",
	KindS8:           "s8",
	KindS16:          "s16",
	KindS32:          "s32",
	KindS64:          "s64",
	KindF32:          "f32",
	KindF64:          "f64",
	KindChar:         "char",
	KindString:       "string",
	KindErrorContext: "error-context",
	KindList:         "list",
	KindMap:          "map",
	KindRecord:       "record",
	KindTuple:        "tuple",
	KindVariant:      "variant",
	KindEnum:         "enum",
	KindOption:       "option",
	KindResult:       "result",
	KindFlags:        "flags",
	KindOwn:          "own",
	KindBorrow:       "borrow",
	KindStream:       "stream",
	KindFuture:       "future",
}

// String is the kind's keyword in WIT.
func (k Kind) String() string {
	if k == 0 || k >= numKinds {
		return "invalid"
	}
	return kindNames[k]
}

// IsPrimitive reports whether types of this kind have no parts.
func (k Kind) IsPrimitive() bool { return k >= KindBool && k <= KindErrorContext }

// IsNumber reports whether k is one of the integers and floats, the payloads
// that a stream or future may carry inside one instance.
//
// Spec: definitions.py none_or_number_type.
func (k Kind) IsNumber() bool { return k >= KindU8 && k <= KindF64 }
