package main

import (
	"strconv"
	"strings"
	"unicode"
)

// printable is a message whose control characters are spelled out, but for ends of lines
// and tabs. Messages have names in them that guests make up, which must not reach a
// terminal as commands to it.
func printable(message string) string {
	if !strings.ContainsFunc(message, isCommand) {
		return message
	}
	var b strings.Builder
	for _, r := range message {
		if isCommand(r) {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isCommand reports whether a terminal may do something else with a character than to
// print it. Those that change the direction of what stands beside them are among them.
func isCommand(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
}
