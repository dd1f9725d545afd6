// Sleepers is an ordinary Go program that becomes a component: goroutines sleep, a ticker ticks and another goroutine reads
// lines from standard input, all at the same time. It imports nothing but the standard library.
//
// Each argument names a sleeper and says how long it sleeps, as in "ann=300ms"; without arguments there are four.
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// A sleeper sleeps once.
type sleeper struct {
	name  string
	sleep time.Duration
}

func main() {
	sleepers, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	greeting := os.Getenv("GREETING")
	if greeting == "" {
		greeting = "good morning"
	}

	lines := &counter{}
	go readLines(lines)
	ticks := &counter{}
	stop := make(chan struct{})
	go tick(ticks, stop)

	var group sync.WaitGroup
	for _, s := range sleepers {
		group.Go(func() {
			time.Sleep(s.sleep)
			fmt.Printf("%s: %s after %v\n", s.name, greeting, s.sleep)
		})
	}
	group.Wait()
	close(stop)
	summarize(sleepers)
	fmt.Fprintf(os.Stderr, "%d ticks, %d lines read\n", ticks.get(), lines.get())
}

// parse reads the arguments.
func parse(args []string) ([]sleeper, error) {
	if len(args) == 0 {
		args = []string{"dan=500ms", "bob=300ms", "cid=400ms", "ann=200ms"}
	}
	var sleepers []sleeper
	for _, arg := range args {
		name, text, _ := strings.Cut(arg, "=")
		sleep, err := time.ParseDuration(text)
		if err != nil {
			return nil, fmt.Errorf("%q isn't NAME=DURATION: %w", arg, err)
		}
		sleepers = append(sleepers, sleeper{name, sleep})
	}
	return sleepers, nil
}

// readLines echoes standard input, line by line, until it ends or main does.
func readLines(lines *counter) {
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		fmt.Printf("line %d: %s\n", lines.add(), input.Text())
	}
}

// tick ticks until stop is closed.
func tick(ticks *counter, stop chan struct{}) {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			fmt.Printf("tick %d\n", ticks.add())
		case <-stop:
			return
		}
	}
}

// summarize prints who slept, shortest first.
func summarize(sleepers []sleeper) {
	slices.SortFunc(sleepers, func(a, b sleeper) int { return cmp.Compare(a.sleep, b.sleep) })
	fmt.Println("summary:")
	for _, s := range sleepers {
		fmt.Printf("  %v %s\n", s.sleep, s.name)
	}
}

// A counter counts what several goroutines do.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

func (c *counter) get() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}
