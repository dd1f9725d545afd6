package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/wasi"
)

type runFlags struct {
	sandbox sandboxFlags
	engine  engineFlags
	argv0   string
	invokes bool
	invoke  string
	timeout time.Duration
	dump    coreDumpFlag
}

func newRun() *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run [flags] X [args]",
		Short: "Run a component, a core module, or a Go package that it builds first",
		Long: `Run runs a command: a component that exports wasi:cli/run, of WASI 0.3 or 0.2, or a
core module built for WASI preview 1. X is a file in the binary or the text format,
- for the standard input, or a Go package, which is built as by "gondola build"
first. Flags stand before X; everything behind X is the guest's, even what looks like
a flag, and even --.

The guest gets its arguments, the standard streams, the clocks and randomness. It
gets no environment variable, no file and no network but what flags give it.

With --invoke, run calls a function and prints its result, both in WAVE:

  gondola run --invoke 'add(1, 2)' calc.wasm
  gondola run --invoke 'greet("Ada", {loud: true})' hello.wasm
  gondola run --invoke 'ns:pkg/interface.f@1.2.3(some(1), [])' x.wasm

Quote the call for the shell, as above, since WAVE has parentheses and double
quotes of its own. A name is looked up in the component itself and in all instances
that it exports, and must be the only one. Options at the end can be left out. Of a
core module, --invoke names an exported function, and its arguments, which are
numbers, follow X:

  gondola run --invoke add calc.wat 1 -2

The exit status is the guest's own; 1 when it fails; 134 when it traps, or goes on for
longer than --timeout; 130 when it is interrupted.`,
		Args:                  needs("a component, a core module or a Go package", -1),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.invokes = cmd.Flags().Changed("invoke")
			return flags.engine.profile.during(func() error { return runGuest(cmd.Context(), &flags, args) })
		},
	}
	f := cmd.Flags()
	f.SetInterspersed(false)
	flags.sandbox.register(f)
	flags.engine.register(cmd)
	flags.engine.caps.registerInstances(f)
	f.StringVar(&flags.argv0, "argv0", "", "the guest's own `name`, its argument 0; the default is the name of the file or package")
	f.StringVar(&flags.invoke, "invoke", "", "call an exported function, a `call` in WAVE, in place of the command, and print the result")
	someSpanVar(f, &flags.timeout, "timeout", -1, "end the guest when it has run for this long, such as 1.5s, or none; compiling does not count")
	f.StringVar(&flags.dump.path, "coredump", "", "write a core dump to this `file` if the guest traps")
	return cmd
}

func runGuest(ctx context.Context, flags *runFlags, args []string) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	cfg := wasi.Config{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if err := flags.sandbox.grant(&cfg); err != nil {
		return err
	}
	say := whenSlow()
	defer say.stop()
	say.now(gettingGuest(args[0]))
	wasm, name, err := loadGuest(ctx, args[0], flags.engine.features)
	if err != nil {
		return unlessInterrupted(ctx, err)
	}
	if flags.argv0 != "" {
		name = flags.argv0
	}
	cfg.Args = append([]string{name}, args[1:]...)
	for i, arg := range cfg.Args {
		if !utf8.ValidString(arg) {
			return fmt.Errorf("argument %d of the guest, %q, is not UTF-8, which guests get text in", i, arg)
		}
	}
	// A guest that writes to a pipe that nobody reads is told so, and goes on.
	signal.Ignore(syscall.SIGPIPE)
	say.now("compiling " + args[0])
	g := &guestRun{flags: flags, path: args[0], wasm: wasm, cfg: cfg, compiled: say.stop}
	if binary.IsModule(wasm) {
		return g.coreModule(ctx)
	}
	return g.component(ctx)
}

// guestRun is what is run, and with what.
type guestRun struct {
	flags *runFlags
	path  string // as it was given
	wasm  []byte
	cfg   wasi.Config

	compiled func() // must be called before it runs
}

// component compiles a component and runs what of it is asked for.
func (g *guestRun) component(ctx context.Context) error {
	rt := gondola.NewRuntime(ctx, append(g.flags.engine.options(), g.flags.dump.options(g.path)...)...)
	defer rt.Close(ctx)
	comp, err := rt.Compile(ctx, g.wasm)
	g.compiled()
	if err != nil {
		return unlessInterrupted(ctx, inFile(g.path, err))
	}
	// What can't be called is said before anything runs.
	call := g.command
	if g.flags.invokes {
		call = g.invoke
	}
	do, err := call(comp)
	if err != nil {
		return err
	}
	timed, cancel := withTimeout(ctx, g.flags.timeout)
	defer cancel()
	linker := g.flags.engine.linker(rt)
	host := wasi.AddTo(linker, g.cfg)
	// What a guest has begun goes no further once the function has returned.
	inst, err := linker.Instantiate(timed, comp, gondola.DetectDeadlock(), gondola.Stepwise())
	var done func() error
	if err != nil {
		err = inFile(g.path, explainImports(err))
	} else {
		done, err = do(timed, inst)
		if cerr := inst.Close(context.WithoutCancel(ctx)); err == nil {
			err = cerr
		}
	}
	over := ctx
	if err != nil && timed.Err() != nil {
		over = timed // the guest was ended before it had come to its end
	}
	if ferr := flush(over, host); err == nil {
		err = ferr
	}
	if err == nil && done != nil {
		err = done()
	}
	return exitOf(ctx, timed, g.flags.timeout, err)
}

// action does something with an instance. What it returns is done when everything that
// the guest has printed is out.
type action func(context.Context, *gondola.Instance) (done func() error, err error)
