package names

import "strconv"

// OnOneLine is a name, which may be any text, for a message: in quotes where it would not be
// seen to be one name otherwise.
func OnOneLine(name string) string {
	if quoted := strconv.Quote(name); quoted[1:len(quoted)-1] != name || name == "" {
		return quoted
	}
	return name
}
