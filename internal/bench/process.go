package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// processRow is a command, run as a user does.
type processRow struct {
	name string
	run  func(*processes) (time.Duration, error)
}

var processRows = []processRow{
	{"native `sleepers`", (*processes).native},
	{"`gondola run ./examples/sleepers`, nothing cached but Go's own build", (*processes).cold},
	{"`gondola run ./examples/sleepers`, run before", (*processes).warm},
	{"`gondola run sleepers.wasm`, run before", (*processes).warmFile},
}

// processes has the programs, built beforehand.
type processes struct {
	l                  *lab
	root               string
	gondola, exe, wasm string
	cache              string
	colds              int
}

func newProcesses(l *lab) (*processes, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	dir, err := l.dir()
	if err != nil {
		return nil, err
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	p := &processes{l: l, root: root, gondola: in("gondola"), exe: in("sleepers"), wasm: in("sleepers.wasm"), cache: in("cache")}
	for _, args := range [][]string{
		{"go", "build", "-o", p.gondola, "./cmd/gondola"},
		{"go", "build", "-o", p.exe, "./examples/sleepers"},
		{p.gondola, "build", "-o", p.wasm, "./examples/sleepers"},
	} {
		cmd := p.command(p.cache, args...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return p, nil
}

func (p *processes) command(cache string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(p.l.ctx, args[0], args[1:]...)
	cmd.Dir = p.root
	cmd.Env = append(os.Environ(), "GONDOLA_CACHE="+cache)
	return cmd
}

// timed runs a command whose only sleeper hardly sleeps, and checks what it prints.
func (p *processes) timed(cache string, args ...string) (time.Duration, error) {
	cmd := p.command(cache, append(args, "ann=1ns")...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	start := time.Now()
	out, err := cmd.Output()
	took := time.Since(start)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, &stderr)
	case !strings.Contains(string(out), "ann: good morning after 1ns"):
		return 0, wrong(strings.Join(args, " "), string(out), "ann's line")
	}
	return took, nil
}

func (p *processes) native() (time.Duration, error) { return p.timed(p.cache, p.exe) }

func (p *processes) cold() (time.Duration, error) {
	p.colds++
	return p.timed(fmt.Sprint(p.cache, p.colds), p.gondola, "run", "./examples/sleepers")
}

func (p *processes) warm() (time.Duration, error) {
	return p.timed(p.cache, p.gondola, "run", "./examples/sleepers")
}

func (p *processes) warmFile() (time.Duration, error) {
	return p.timed(p.cache, p.gondola, "run", p.wasm)
}

// measure runs every row in turn, after a first time that does not count.
func (p *processes) measure(rounds int) ([]sample, error) {
	samples := make([][]sample, len(processRows))
	for round := range rounds + 1 {
		for i, r := range processRows {
			took, err := r.run(p)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				samples[i] = append(samples[i], sample{ns: float64(took)})
			}
		}
	}
	var result []sample
	for _, ss := range samples {
		result = append(result, summarise(ss))
	}
	return result, nil
}
