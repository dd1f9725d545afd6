package plan

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/types"
)

// String is the plan as text, a line for each import, instance, step and export.
// It is meant for people and golden tests.
func (p *Plan) String() string {
	t := text{plan: p}
	for i := range p.Modules {
		t.line("module %d: %s, %d bytes", i, p.Modules[i].Name, len(p.Modules[i].Bytes))
	}
	for i := range p.Imports {
		t.line("import %d: %s", i, t.importText(&p.Imports[i]))
	}
	for _, a := range p.Aliases {
		t.line("import again: %sresource %s", pathText(a.Path), resourceText(a.Resource))
	}
	for _, path := range p.Empty {
		t.line("import nothing: %s", strings.TrimSpace(pathText(path)))
	}
	for i, inst := range p.Instances {
		t.line("instance %d: %s%s%s", i, inst.Name, ifText(inst.Parent >= 0, fmt.Sprintf(" in %d", inst.Parent)), ifText(inst.MayBlock, ", may block"))
	}
	for _, s := range p.Steps {
		t.line("%s", t.step(s))
	}
	t.exports("export ", p.Exports)
	return t.b.String()
}

type text struct {
	b    strings.Builder
	plan *Plan
}

func (t *text) line(format string, args ...any) { fmt.Fprintf(&t.b, format+"\n", args...) }

func ifText(cond bool, s string) string {
	if cond {
		return s
	}
	return ""
}

func (t *text) importText(i *Import) string {
	path := pathText(i.Path)
	switch {
	case i.Func != nil:
		return path + i.Func.String()
	case i.Resource != nil:
		return path + "resource " + resourceText(i.Resource)
	}
	return fmt.Sprintf("%score module, %d imports, %d exports", path, len(i.Module.Imports), len(i.Module.Exports))
}

func pathText(path []string) string { return `"` + strings.Join(path, `" "`) + `" ` }

func resourceText(r *types.Resource) string { return fmt.Sprintf("%d (%s)", r.Index(), r.Name()) }

func (t *text) step(s Step) string {
	switch s := s.(type) {
	case *InstantiateModule:
		return fmt.Sprintf("core instance %d in %d = instantiate %s%s", s.Number, s.Instance, s.Module, t.args(s))
	case *ExtractFunc:
		return fmt.Sprintf("core func %d = %s %s", s.Number, s.From, coreText(s.Type))
	case *ExtractMemory:
		return fmt.Sprintf("memory %d = %s", s.Number, s.From)
	case *ExtractTable:
		return fmt.Sprintf("table %d = %s", s.Number, s.From)
	case *Resource:
		return fmt.Sprintf("resource %s in %d%s", resourceText(s.Resource), s.Instance, number(" dtor=", s.Dtor))
	case *Lift:
		return fmt.Sprintf("func %d = lift core func %d as %s%s", s.Number, s.Callee, s.Type, s.Options)
	case *Lower:
		return fmt.Sprintf("trampoline %d = lower %s as %s%s: %s", s.Number, s.Func, s.Type, s.Options, coreText(s.Core))
	case *Builtin:
		return fmt.Sprintf("trampoline %d = %s%s: %s", s.Number, s.text(), s.Options, coreText(s.Core))
	}
	return ""
}

func coreText(f corewasm.FuncType) string {
	if len(f.Params)+len(f.Results) == 0 {
		return "()"
	}
	return f.String()
}

func (t *text) args(s *InstantiateModule) string {
	var b strings.Builder
	for i, a := range s.Args {
		im := t.plan.Modules[s.Module.Index].Decoded.Imports[i]
		fmt.Fprintf(&b, "\n  %q %q = %s", im.Module, im.Name, a)
	}
	for _, a := range s.NamedArgs {
		fmt.Fprintf(&b, "\n  %q %q = %s", a.Module, a.Name, a.Def)
	}
	return b.String()
}

func (s *Builtin) text() string {
	var b strings.Builder
	b.WriteString(s.Op.String())
	if s.Resource != nil {
		b.WriteString(" " + resourceText(s.Resource))
	}
	if s.Type != nil {
		b.WriteString(" " + s.Type.String())
	}
	if s.Op == component.CanonContextGet || s.Op == component.CanonContextSet {
		fmt.Fprintf(&b, " %d", s.Slot)
	}
	b.WriteString(ifText(s.Async, " async") + ifText(s.Cancellable, " cancellable") + number(" table=", s.Table))
	return b.String()
}

// String is the reference as the text of plans writes it.
func (r ModuleRef) String() string {
	return ifText(r.Imported, "imported ") + fmt.Sprintf("module %d", r.Index)
}

// String is the reference as the text of plans writes it.
func (r FuncRef) String() string {
	if r.Imported {
		return fmt.Sprintf("import %d", r.Index)
	}
	return fmt.Sprintf("func %d", r.Index)
}

// String is the reference as the text of plans writes it.
func (d CoreDef) String() string {
	if d.IsTrampoline() {
		return fmt.Sprintf("trampoline %d", d.Trampoline)
	}
	return fmt.Sprintf("core instance %d %q", d.Instance, d.Name)
}

// String is the options as the text of plans writes them.
func (o Options) String() string {
	return fmt.Sprintf(" in %d%s%s%s%s%s%s", o.Instance, ifText(o.Async, " async"), ifText(o.Encoding != UTF8, " "+o.Encoding.String()),
		number(" memory=", o.Memory), number(" realloc=", o.Realloc), number(" callback=", o.Callback), number(" post-return=", o.PostReturn))
}

func number(label string, n int) string { return ifText(n >= 0, fmt.Sprintf("%s%d", label, n)) }

func (t *text) exports(prefix string, xs []Export) {
	for _, x := range xs {
		name := fmt.Sprintf("%s%q", prefix, x.Name)
		switch it := x.Item.(type) {
		case *FuncItem:
			t.line("%s = %s: %s", name, it.Func, it.Type)
		case *InstanceItem:
			t.line("%s = instance", name)
			t.exports("  "+prefix, it.Exports)
		case *TypeItem:
			t.line("%s = %s", name, it)
		case *ModuleItem:
			t.line("%s = %s", name, it.Module)
		default:
			t.line("%s = component", name)
		}
	}
}

// String is the type as the text of plans writes it.
func (i *TypeItem) String() string {
	switch {
	case i.Resource != nil:
		return "resource " + resourceText(i.Resource)
	case i.Value != nil:
		return "type " + i.Value.String()
	}
	return "type"
}
