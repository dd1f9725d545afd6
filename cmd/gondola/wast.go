package main

import (
	"fmt"
	"math"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/internal/wast"
)

type wastFlags struct {
	seed    uint64
	seeds   uint64
	timeout time.Duration
	invert  bool
	aliases bool
}

func newWast() *cobra.Command {
	var flags wastFlags
	cmd := &cobra.Command{
		Use:   "wast [flags] FILE|DIR…",
		Short: "Run scripts of the specifications' tests",
		Long: `Wast runs scripts in the format of WebAssembly's and the Component Model's tests:
files, and all .wast files in folders. For each file it prints what failed and how
many directives passed and failed; the last line has the sums.

All gates of the Component Model are open but 🪺 (nested-names), unless the header
of a file says otherwise. What is not supported satisfies no assertion.

Tasks go in order, unless --seed or --seeds chooses among the other orders that
the specification permits. A directive passes that passes with every seed.`,
		DisableFlagsInUseLine: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if flags.aliases {
				return cobra.NoArgs(cmd, args)
			}
			return needs("a script or a folder of scripts", -1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runWast(cmd, &flags, args) },
	}
	f := cmd.Flags()
	f.Uint64Var(&flags.seed, "seed", 0, "choose the order of tasks by this `number`")
	f.Uint64Var(&flags.seeds, "seeds", 0, "run each file with the seeds from 1 to this `number`")
	f.DurationVar(&flags.timeout, "timeout", wast.DefaultTimeout, "give up on a directive after this long")
	f.BoolVar(&flags.invert, "invert", false, "a control: judge each outcome against opposites of what is expected, too, which must all fail")
	f.BoolVar(&flags.aliases, "aliases", false, "list the wordings of traps that are taken for ours, and end")
	cmd.MarkFlagsMutuallyExclusive("seed", "seeds")
	return cmd
}

// wastMemory is when the collector hurries. Suites make memories of gigabytes, one
// after the other.
const wastMemory = 3 << 30

func runWast(cmd *cobra.Command, flags *wastFlags, args []string) error {
	out := cmd.OutOrStdout()
	if flags.aliases {
		wast.PrintAliases(out)
		return nil
	}
	files, err := wast.Find(args)
	if err != nil {
		return err
	}
	suite := wast.Suite{
		Files:   files,
		Seeds:   flags.list(cmd.Flags().Changed("seed")),
		Options: wast.Options{Timeout: flags.timeout, Invert: flags.invert},
	}
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(wastMemory)
	}
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	var totals wast.Totals
	suite.Run(ctx, func(r *wast.FileReport) {
		if ctx.Err() == nil {
			totals.Add(r)
			r.Write(out)
		}
	})
	if ctx.Err() != nil {
		return &exitError{code: exitInterrupted}
	}
	totals.Write(out)
	switch {
	case totals.Failed > 0:
		return &exitError{code: exitFailure}
	case totals.Blind > 0:
		return fmt.Errorf("the control found assertions that say nothing")
	}
	return nil
}

// list are the seeds that the flags name.
func (f *wastFlags) list(one bool) []uint64 {
	if one {
		return []uint64{f.seed}
	}
	var seeds []uint64
	for seed := uint64(1); seed <= f.seeds; seed++ {
		seeds = append(seeds, seed)
	}
	return seeds
}
