package wat

import (
	"fmt"
	"strings"
	"testing"
)

func TestScript(t *testing.T) {
	goldens(t, "script-*.txtar", func(name, src string) string {
		script, err := ParseScript(name, src)
		if err != nil {
			return err.Error() + "\n"
		}
		var b strings.Builder
		for _, line := range script.Header {
			fmt.Fprintf(&b, "header %q\n", line)
		}
		dumpDirectives(&b, "", script.Directives)
		return b.String()
	})
}

// TestScriptErrors reads faulty scripts, one a paragraph.
func TestScriptErrors(t *testing.T) {
	goldens(t, "scripterror-*.txtar", func(name, src string) string {
		var b strings.Builder
		for one := range strings.SplitSeq(strings.TrimSpace(src), "\n\n") {
			if _, err := ParseScript(name, one); err != nil {
				fmt.Fprintf(&b, "%v\n\n", err)
			} else {
				fmt.Fprintf(&b, "%s\nis no error\n\n", one)
			}
		}
		return b.String()
	})
}

func dumpDirectives(b *strings.Builder, indent string, ds []*Directive) {
	for _, d := range ds {
		at := d.At.Location()
		fmt.Fprintf(b, "%s%d:%d %s", indent, at.Line, at.Column, d.Word)
		for _, f := range []struct{ name, text string }{{"id", d.ID}, {"of", d.Of}, {"name", d.Name}, {"text", d.Text}} {
			if f.text != "" {
				fmt.Fprintf(b, " %s=%q", f.name, f.text)
			}
		}
		if s := d.Source; s != nil {
			form := [...]string{"text", "binary", "quote"}[s.Form]
			fmt.Fprintf(b, " source(%s component=%v id=%q tokens=%d bytes=%q)", form, s.Component, s.ID, len(s.tokens), s.bytes)
		}
		if a := d.Action; a != nil {
			fmt.Fprintf(b, " action(get=%v instance=%q name=%q%s)", a.Get, a.Instance, a.Name, dumpLiterals(a.Args))
		}
		if len(d.Results) > 0 {
			fmt.Fprintf(b, " ->%s", dumpLiterals(d.Results))
		}
		b.WriteByte('\n')
		dumpDirectives(b, indent+"\t", d.Body)
	}
}

func dumpLiterals(ls []*Literal) string {
	var b strings.Builder
	for _, l := range ls {
		b.WriteByte(' ')
		if l.Field != "" {
			b.WriteString(l.Field + ":")
		}
		b.WriteString(l.Kind)
		switch {
		case l.NaN != 0:
			b.WriteString([...]string{"", "=canonical", "=arithmetic"}[l.NaN])
		case l.Text != "" || l.Kind == "str":
			fmt.Fprintf(&b, "=%q", l.Text)
		case len(l.Elems) == 0 && len(l.Labels) == 0 && l.Kind != "list":
			fmt.Fprintf(&b, "=%#x", l.Bits)
		}
		if len(l.Labels) > 0 {
			fmt.Fprintf(&b, "%q", l.Labels)
		}
		if l.Any {
			b.WriteString("=any")
		}
		if len(l.Elems) > 0 {
			b.WriteString("(" + strings.TrimSpace(dumpLiterals(l.Elems)) + ")")
		}
	}
	return b.String()
}

// TestSourceEncode reads what has no text in it.
func TestSourceEncode(t *testing.T) {
	script, err := ParseScript("t.wast", `(component binary "\00asm" "\0d\00\01\00")
		(assert_malformed (module quote "(module" "\80)") "malformed UTF-8 encoding")
		(assert_malformed (component quote "(" "frobnicate)") "unexpected token")`)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := script.Directives[0].Source.Encode(); err != nil || string(b) != "\x00asm\x0d\x00\x01\x00" {
		t.Errorf("got %q, %v", b, err)
	}
	if _, err := script.Directives[1].Source.Encode(); err == nil || !strings.Contains(err.Error(), "t.wast:2:21: malformed UTF-8") {
		t.Errorf("got %v", err)
	}
	if _, err := script.Directives[2].Source.Encode(); err == nil || !strings.Contains(err.Error(), "t.wast: quoted text:1:") {
		t.Errorf("got %v", err)
	}
}
