package wat

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// isInteger reports whether s is an integer: a sign that may be missing, and
// decimal or hexadecimal digits.
//
// Spec: WebAssembly core 3.0, section 6.3.1 (integers).
func isInteger(s string) bool {
	_, digits, isDigit := splitNumber(s)
	return isDigits(digits, isDigit)
}

// isFloat reports whether s is a number that isInteger does not take: one with a
// fraction or an exponent, inf or nan.
//
// Spec: WebAssembly core 3.0, section 6.3.2 (floating-point).
func isFloat(s string) bool {
	_, s = cutSign(s)
	if s == "inf" || s == "nan" {
		return true
	}
	if payload, ok := strings.CutPrefix(s, "nan:0x"); ok {
		return isDigits(payload, isHex)
	}
	digits, isHexadecimal := strings.CutPrefix(s, "0x")
	isDigit, exponents := isDecimal, "eE"
	if isHexadecimal {
		isDigit, exponents = isHex, "pP"
	}
	if i := strings.IndexAny(digits, exponents); i >= 0 {
		if _, exp := cutSign(digits[i+1:]); !isDigits(exp, isDecimal) {
			return false
		}
		digits = digits[:i]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	return isDigits(whole, isDigit) && (fraction == "" || isDigits(fraction, isDigit))
}

// splitNumber takes the sign and the 0x off a number.
func splitNumber(s string) (negative bool, digits string, isDigit func(byte) bool) {
	negative, s = cutSign(s)
	if hex, ok := strings.CutPrefix(s, "0x"); ok {
		return negative, hex, isHex
	}
	return negative, s, isDecimal
}

func cutSign(s string) (negative bool, rest string) {
	if strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-") {
		return s[0] == '-', s[1:]
	}
	return false, s
}

// isDigits reports whether s has one or more digits, with single underscores
// between them.
func isDigits(s string, isDigit func(byte) bool) bool {
	for i := 0; i < len(s); i++ {
		underscore := s[i] == '_' && i > 0 && i < len(s)-1 && s[i-1] != '_'
		if !underscore && !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func isDecimal(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool {
	return isDecimal(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// parseUint is the value of an integer token without sign that has so many bits
// at most.
func parseUint(s string, bits int) (v uint64, ok bool) {
	if s[0] == '+' || s[0] == '-' {
		return 0, false
	}
	negative, v, ok := magnitude(s)
	return v, ok && !negative && (bits == 64 || v < 1<<bits)
}

// parseInt is the value of an integer token of so many bits, signed or not, as
// the constant instructions take them: the lower bits of the result.
func parseInt(s string, bits int) (v uint64, ok bool) {
	negative, m, ok := magnitude(s)
	switch {
	case !ok:
		return 0, false
	case negative:
		return -m & (math.MaxUint64 >> (64 - bits)), m <= 1<<(bits-1)
	}
	return m, bits == 64 || m < 1<<bits
}

func magnitude(s string) (negative bool, v uint64, ok bool) {
	base := 10
	negative, digits, _ := splitNumber(s)
	if _, rest := cutSign(s); len(rest) != len(digits) {
		base = 16
	}
	v, err := strconv.ParseUint(strings.ReplaceAll(digits, "_", ""), base, 64)
	return negative, v, err == nil
}

// floatFormat is what tells f32 and f64 apart.
type floatFormat struct {
	bits     int
	mantissa int // bits without the hidden one
}

var (
	formatF32 = floatFormat{32, 23}
	formatF64 = floatFormat{64, 52}
)

func (f floatFormat) infinity() uint64 { return (1<<(f.bits-1-f.mantissa) - 1) << f.mantissa }

// parse is the bits of a number token, rounded to the nearest value. ok is false
// for one that is out of range, or a payload of nan that is.
func (f floatFormat) parse(s string) (bits uint64, ok bool) {
	negative, rest := cutSign(s)
	switch payload, isNaN := strings.CutPrefix(rest, "nan:0x"); {
	case rest == "inf":
		bits, ok = f.infinity(), true
	case rest == "nan":
		bits, ok = f.infinity()|1<<(f.mantissa-1), true
	case isNaN:
		var v uint64
		v, ok = parseUint("0x"+payload, f.mantissa)
		bits, ok = f.infinity()|v, ok && v != 0
	default:
		bits, ok = f.finite(strings.ReplaceAll(rest, "_", ""))
	}
	if negative {
		bits |= 1 << (f.bits - 1)
	}
	return bits, ok
}

func (f floatFormat) finite(s string) (bits uint64, ok bool) {
	if strings.HasPrefix(s, "0x") && !strings.ContainsAny(s, "pP") {
		s += "p0"
	}
	if dot := strings.Index(s, ".p"); dot >= 0 { // which strconv takes, but not without digits
		s = s[:dot] + s[dot+1:]
	}
	v, err := strconv.ParseFloat(s, f.bits)
	if err != nil {
		return 0, false
	}
	if f.bits == 32 {
		return uint64(math.Float32bits(float32(v))), true
	}
	return math.Float64bits(v), true
}

// format is the text of a number with these bits: exact, hexadecimal where it is
// not a small whole number.
func (f floatFormat) format(bits uint64) string {
	sign := ""
	if bits>>(f.bits-1) != 0 {
		sign = "-"
	}
	bits &= 1<<(f.bits-1) - 1
	payload := bits & (1<<f.mantissa - 1)
	switch {
	case bits == f.infinity():
		return sign + "inf"
	case bits == f.infinity()|1<<(f.mantissa-1):
		return sign + "nan"
	case bits > f.infinity():
		return sign + "nan:0x" + strconv.FormatUint(payload, 16)
	}
	v := math.Float64frombits(bits)
	if f.bits == 32 {
		v = float64(math.Float32frombits(uint32(bits)))
	}
	return sign + formatFinite(v, f.bits)
}

func formatFinite(v float64, bits int) string {
	shortest := strconv.FormatFloat(v, 'g', -1, bits)
	exact, ok := new(big.Rat).SetString(shortest)
	if ok && !strings.Contains(shortest, "e") && exact.Cmp(new(big.Rat).SetFloat64(v)) == 0 {
		return shortest
	}
	return strconv.FormatFloat(v, 'x', -1, bits)
}
