package wast

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/wat"
)

// expectation is what a directive expects of an outcome.
type expectation struct {
	kind    expected
	results []*literal
	text    string
}

type expected uint8

const (
	expectDone       expected = iota + 1 // whatever the results
	expectResults                        // these
	expectTrap                           // with this text
	expectExhaustion                     // of the stack
	expectException                      // that nobody caught
	expectRefusal                        // a source that is malformed or invalid
	expectUnlinkable
	expectSuspension // of a stack, which we don't have
)

func expectationOf(d *wat.Directive) expectation {
	switch d.Kind {
	case wat.DirectiveAssertReturn:
		return expectation{kind: expectResults, results: d.Results}
	case wat.DirectiveAssertTrap:
		return expectation{kind: expectTrap, text: d.Text}
	case wat.DirectiveAssertExhaustion:
		return expectation{kind: expectExhaustion, text: d.Text}
	case wat.DirectiveAssertException:
		return expectation{kind: expectException}
	case wat.DirectiveAssertSuspension:
		return expectation{kind: expectSuspension}
	case wat.DirectiveAssertMalformed, wat.DirectiveAssertMalformedCustom, wat.DirectiveAssertInvalid, wat.DirectiveAssertInvalidCustom:
		return expectation{kind: expectRefusal}
	case wat.DirectiveAssertUnlinkable:
		return expectation{kind: expectUnlinkable}
	}
	return expectation{kind: expectDone}
}

// judge says how an outcome is not what was expected, or nil.
func (e expectation) judge(o outcome) error {
	switch {
	case o.end == unsupported:
		return fmt.Errorf("this is not supported: %w", o.err)
	case o.end == failed:
		return o.err
	}
	switch e.kind {
	case expectDone:
		return o.err
	case expectResults:
		return e.judgeResults(o)
	case expectTrap:
		return e.judgeTrap(o)
	case expectExhaustion:
		return e.judgeCode(o, trap.StackExhausted)
	case expectException:
		return e.judgeCode(o, trap.UncaughtException)
	case expectRefusal:
		return judgeEnd(o, "the source to be refused", malformed, invalid)
	case expectUnlinkable:
		return judgeEnd(o, "the linker to refuse it", unlinkable)
	}
	return fmt.Errorf("suspensions are not supported")
}

func (e expectation) judgeResults(o outcome) error {
	switch {
	case o.err != nil:
		return fmt.Errorf("expected %s, got: %w", literalTexts(e.results), o.err)
	case len(o.results) != len(e.results):
		return fmt.Errorf("expected %s, got %s", literalTexts(e.results), resultTexts(o.results))
	}
	for i, want := range e.results {
		if got := o.results[i]; !got.match(want) {
			return fmt.Errorf("expected %s, got %s", want.At.Text(), got)
		}
	}
	return nil
}

func (e expectation) judgeTrap(o outcome) error {
	t, ok := o.err.(*gondola.Trap)
	switch {
	case o.end != trapped || !ok:
		return fmt.Errorf("expected a trap with %q, got %s", e.text, o.describe())
	case !trapHas(t, e.text):
		return fmt.Errorf("expected a trap with %q, got: %w", e.text, o.err)
	}
	return nil
}

func (e expectation) judgeCode(o outcome, code trap.Code) error {
	if t, ok := o.err.(*gondola.Trap); !ok || t.Code != code {
		return fmt.Errorf("expected %q, got %s", code, o.describe())
	}
	return nil
}

func judgeEnd(o outcome, want string, ends ...end) error {
	if slices.Contains(ends, o.end) {
		return nil
	}
	return fmt.Errorf("expected %s, got %s", want, o.describe())
}

// describe says what came of a directive.
func (o outcome) describe() string {
	if o.err != nil {
		return o.err.Error()
	}
	if len(o.results) > 0 {
		return resultTexts(o.results)
	}
	return "no failure"
}

func resultTexts(rs []result) string {
	if len(rs) == 0 {
		return "no result"
	}
	parts := make([]string, len(rs))
	for i, r := range rs {
		parts[i] = r.String()
	}
	return strings.Join(parts, " ")
}

func literalTexts(ls []*literal) string {
	if len(ls) == 0 {
		return "no result"
	}
	parts := make([]string, len(ls))
	for i, l := range ls {
		parts[i] = l.At.Text()
	}
	return strings.Join(parts, " ")
}

// inverted are expectations that an outcome that fits e must not fit.
func (e expectation) inverted() []expectation {
	refusal, unlinked, anyTrap := expectation{kind: expectRefusal}, expectation{kind: expectUnlinkable}, expectation{kind: expectTrap}
	fine := expectation{kind: expectDone}
	switch e.kind {
	case expectDone:
		return []expectation{refusal, unlinked, anyTrap}
	case expectResults:
		all := []expectation{refusal, unlinked, anyTrap, {kind: expectResults, results: append(slices.Clip(e.results), &literal{Kind: "bool"})}}
		for i := range e.results {
			wrong := slices.Clone(e.results)
			wrong[i] = otherThan(wrong[i])
			all = append(all, expectation{kind: expectResults, results: wrong})
		}
		return all
	case expectTrap:
		return []expectation{refusal, unlinked, fine, {kind: expectResults}, {kind: expectTrap, text: "no trap says this"}}
	case expectExhaustion, expectException, expectSuspension:
		return []expectation{refusal, unlinked, fine, {kind: expectResults}}
	case expectRefusal:
		return []expectation{unlinked, anyTrap, fine}
	default:
		return []expectation{refusal, anyTrap, fine}
	}
}

// otherThan is a literal that nothing matches that l does.
func otherThan(l *literal) *literal {
	o := *l
	switch l.Kind {
	case "str", "variant", "enum":
		o.Text += "-other"
	case "list", "tuple", "map":
		o.Elems = append(slices.Clip(l.Elems), &literal{Kind: "bool"}, &literal{Kind: "bool"})
	case "record":
		o.Elems = append(slices.Clip(l.Elems), &literal{Kind: "bool", Field: "other"})
	case "flags":
		o.Labels = append(slices.Clip(l.Labels), "other")
	case "option", "result":
		o.Text = map[string]string{"none": "some", "some": "none", "ok": "error", "error": "ok"}[l.Text]
	case "v128", "either":
		o.Elems = make([]*literal, len(l.Elems))
		for i, e := range l.Elems {
			o.Elems[i] = otherThan(e)
		}
	case "ref.null":
		o = literal{Kind: "ref.extern", Any: true}
	case "f32", "f64":
		o.NaN = wat.NaNNone
		o.Bits ^= 1
	default:
		if strings.HasPrefix(l.Kind, "ref.") {
			return &literal{Kind: "ref.null", Any: true}
		}
		o.Bits ^= 1
	}
	return &o
}
