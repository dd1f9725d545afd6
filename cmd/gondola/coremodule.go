package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/preview1"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi"
)

// coreModule compiles a core module and runs what of it is asked for.
func (g *guestRun) coreModule(ctx context.Context) error {
	opts := g.flags.engine.coreOptions()
	opts.CoreDump = g.flags.dump.writer(g.path)
	m, err := preview1.Compile(ctx, g.wasm, opts)
	g.compiled()
	if err != nil {
		return unlessInterrupted(ctx, inFile(g.path, explainCoreImports(err)))
	}
	cfg := preview1.Config{Args: g.cfg.Args, Env: g.cfg.Env, Stdin: g.cfg.Stdin, Stdout: g.cfg.Stdout, Stderr: g.cfg.Stderr}
	if g.cfg.Cwd != "" {
		// There is no other way to say it; Go's run-time takes it from here.
		cfg.Env = setVariable(cfg.Env, "PWD="+g.cfg.Cwd)
	}
	if cfg.Dirs, err = coreDirs(g.cfg.Dirs); err != nil {
		return err
	}
	timed, cancel := withTimeout(ctx, g.flags.timeout)
	defer cancel()
	if g.flags.invokes {
		err = g.invokeCore(timed, m, cfg)
	} else if err = m.Run(timed, cfg); err != nil {
		err = fmt.Errorf("%s: %w", g.path, err)
	}
	var exit *preview1.ExitError
	if errors.As(err, &exit) {
		err = &exitError{code: int(exit.Code & 0xff)}
		if exit.Code&0xff == 0 { // which would be taken for success
			err = &exitError{code: exitFailure}
		}
	}
	return exitOf(ctx, timed, g.flags.timeout, err)
}

// coreDirs opens directories for a core module. They are closed with the process.
func coreDirs(dirs []wasi.Dir) ([]preview1.Dir, error) {
	var opened []preview1.Dir
	for _, d := range dirs {
		root, err := os.OpenRoot(d.Host)
		if err != nil {
			return nil, fmt.Errorf("--dir: %w", err)
		}
		opened = append(opened, preview1.Dir{Guest: d.Guest, Root: root, ReadOnly: d.ReadOnly})
	}
	return opened, nil
}

// explainCoreImports says what could be done about imports that are not there.
func explainCoreImports(err error) error {
	var missing *preview1.ImportError
	if !errors.As(err, &missing) {
		return err
	}
	for _, im := range missing.Missing {
		if strings.Contains(im, " of wasi:") || strings.Contains(im, " of cm32p2") {
			return fmt.Errorf("%w\n  hint: it was built to become a component, which componentize or wasm-tools component new make of it", err)
		}
	}
	return fmt.Errorf("%w\n  hint: --unknown-imports-trap lets it import functions that are not there, until it calls one of them", err)
}

// invokeCore calls a function with numbers from the command line, and prints what it
// returns, a line each.
func (g *guestRun) invokeCore(ctx context.Context, m *preview1.Module, cfg preview1.Config) error {
	f, ok := m.Func(g.flags.invoke)
	if !ok {
		return noCoreFunc(m, g.flags.invoke)
	}
	texts := g.cfg.Args[1:]
	if len(texts) != len(f.Params) {
		return fmt.Errorf("%s takes %d arguments, which follow %s; got %d", f, len(f.Params), g.path, len(texts))
	}
	args := make([]uint64, len(texts))
	for i, text := range texts {
		var err error
		if args[i], err = parseCore(f.Params[i], text); err != nil {
			return fmt.Errorf("argument %d of %s: %w", i+1, f, err)
		}
	}
	results, err := m.Call(ctx, cfg, f.Name, args...)
	if err != nil {
		return err
	}
	for i, r := range results {
		if _, err := fmt.Fprintln(cfg.Stdout, printCore(f.Results[i], r)); err != nil {
			return err
		}
	}
	return nil
}

func noCoreFunc(m *preview1.Module, name string) error {
	var have []string
	for _, f := range m.Funcs() {
		have = append(have, names.OnOneLine(f.Name))
	}
	hint := ""
	if called, _, ok := strings.Cut(name, "("); ok {
		hint = fmt.Sprintf("\n  hint: X is a core module: write --invoke %s, and the arguments behind X", called)
	}
	if len(have) == 0 {
		return fmt.Errorf("--invoke: the core module exports no function%s", hint)
	}
	return fmt.Errorf("--invoke: the core module exports no function %q; it exports %s%s", name, strings.Join(have, ", "), hint)
}

// parseCore reads a number, whose bits it gives. Integers may be hexadecimal, and have
// a sign or not.
func parseCore(typ, text string) (uint64, error) {
	switch typ {
	case "i32", "i64":
		bits := 32
		if typ == "i64" {
			bits = 64
		}
		if n, err := strconv.ParseInt(text, 0, bits); err == nil {
			return uint64(n) & (math.MaxUint64 >> (64 - bits)), nil
		}
		n, err := strconv.ParseUint(text, 0, bits)
		if err != nil {
			return 0, fmt.Errorf("%q is no %s, such as 42, -1 or 0x2a", text, typ)
		}
		return n, nil
	case "f32", "f64":
		bits := 32
		if typ == "f64" {
			bits = 64
		}
		f, err := strconv.ParseFloat(text, bits)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return 0, fmt.Errorf("%q is no %s, such as 1.5, -inf or nan", text, typ)
		}
		if bits == 32 {
			return uint64(math.Float32bits(float32(f))), nil
		}
		return math.Float64bits(f), nil
	}
	return 0, fmt.Errorf("no %s can be passed from here", typ)
}

// printCore is a number as the command line has it.
func printCore(typ string, bits uint64) string {
	switch typ {
	case "i32":
		return val.S32(int32(bits)).String()
	case "i64":
		return val.S64(int64(bits)).String()
	case "f32":
		return val.F32(math.Float32frombits(uint32(bits))).String()
	}
	return val.F64(math.Float64frombits(bits)).String()
}
