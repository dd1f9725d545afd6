package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// progress says on standard error what a command is doing before it does what it is for:
// at once to somebody who sits at a terminal; to others, who may wait for the first line
// that counts, only what takes its time.
type progress struct {
	w     io.Writer
	eager bool

	mu    sync.Mutex // held while something is said
	doing string     // "" when nothing is to be said any more
	since time.Time
	timer *time.Timer
}

// slow is what takes its time, and how often that is said again.
const slow, slower = time.Second, 10 * time.Second

func newProgress(w io.Writer) *progress { return &progress{w: w, eager: atTerminal()} }

// whenSlow says only what takes its time, and only to somebody who sits at a terminal:
// for commands whose standard error is the guest's.
func whenSlow() *progress {
	if !atTerminal() {
		return &progress{w: io.Discard}
	}
	return &progress{w: os.Stderr}
}

func atTerminal() bool {
	info, err := os.Stderr.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// gettingGuest is what it takes to have the guest, for [progress.now].
func gettingGuest(path string) string {
	if info, err := os.Stat(path); path == stdinPath || err == nil && !info.IsDir() && filepath.Ext(path) != ".go" {
		return "loading " + path
	}
	return "building " + path
}

// now says what is being done from now on, such as "compiling x.wasm".
func (p *progress) now(doing string) {
	p.stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doing, p.since = doing, time.Now()
	if p.eager {
		fmt.Fprintln(p.w, "gondola:", doing)
	}
	p.timer = time.AfterFunc(slow, p.still)
}

// still says that it takes its time.
func (p *progress) still() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.doing != "" {
		fmt.Fprintf(p.w, "gondola: still %s after %v\n", p.doing, time.Since(p.since).Round(time.Second))
		p.timer.Reset(slower)
	}
}

// stop says nothing any more.
func (p *progress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doing = ""
	if p.timer != nil {
		p.timer.Stop()
	}
}
