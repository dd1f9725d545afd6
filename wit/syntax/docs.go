package syntax

import "strings"

// collectDocs joins the documentation among the comments before an item: those that
// begin with `///` or `/**`. Other comments are skipped.
func collectDocs(file *File, comments []Token) Docs {
	var lines []string
	var at Span
	for _, c := range comments {
		text := file.Src[c.Start:c.End]
		var more []string
		switch {
		case strings.HasPrefix(text, "///"):
			more = []string{trimDocLine(text[3:])}
		case strings.HasPrefix(text, "/**") && len(text) > len("/**/"):
			more = blockDoc(text[3 : len(text)-2])
		default:
			continue
		}
		if at.IsZero() {
			at = Span{file, c.Start, c.End}
		}
		at.End = c.End
		lines = append(lines, more...)
	}
	return Docs{strings.Trim(strings.Join(lines, "\n"), "\n"), at}
}

// trimDocLine removes the space that separates text from comment marks.
func trimDocLine(s string) string {
	return strings.TrimRight(strings.TrimPrefix(s, " "), " \t\r")
}

// blockDoc splits a block comment into lines, without the stars that often stand
// at the left.
func blockDoc(body string) []string {
	lines := strings.Split(body, "\n")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if i > 0 {
			line = strings.TrimPrefix(line, "*")
		}
		lines[i] = trimDocLine(line)
	}
	return lines
}
