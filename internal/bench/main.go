package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	only := flag.String("only", "", "the tables to print, separated by commas: "+strings.Join(tableNames(), ", "))
	var p pace
	flag.IntVar(&p.rounds, "rounds", 9, "how often each piece of work has its turn")
	flag.DurationVar(&p.round, "time", 20*time.Millisecond, "how long one turn takes, about")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *only, p); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// table is a part of the report.
type table struct {
	name  string
	print func(*report) error
}

// The table of collections comes first: what the others leave behind makes collections longer.
var tables = []table{
	{"gc", (*report).gc},
	{"calls", (*report).calls},
	{"instantiate", (*report).instantiate},
	{"tasks", (*report).tasks},
	{"run", (*report).processes},
	{"fuel", (*report).fuel},
	{"memories", (*report).memories},
}

func tableNames() []string {
	var names []string
	for _, t := range tables {
		names = append(names, t.name)
	}
	return names
}

func run(ctx context.Context, out io.Writer, only string, p pace) (err error) {
	chosen := tableNames()
	if only != "" {
		chosen = strings.Split(only, ",")
	}
	for _, name := range chosen {
		if !slices.Contains(tableNames(), name) {
			return fmt.Errorf("there is no table %q; there are %s", name, strings.Join(tableNames(), ", "))
		}
	}
	r := &report{lab: newLab(ctx), out: out, pace: p}
	defer func() {
		if e := r.lab.close(); err == nil {
			err = e
		}
	}()
	r.printf("%s, %s/%s, %d processors; medians of %d rounds of about %v\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), p.rounds, p.round)
	for _, t := range tables {
		if slices.Contains(chosen, t.name) {
			if err := t.print(r); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
		}
	}
	return nil
}
