package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// result is what wrk says of a server.
type result struct {
	rate     float64 // requests a second
	p50, p99 time.Duration
	errors   int // of sockets, and responses that are not 2xx or 3xx
	memory   int // the most that the server had resident, in bytes; 0 where that is not known
}

// measure starts a server and has wrk send requests.
func (b *bench) measure(ctx context.Context, s server) (result, error) {
	addr, err := freeAddr()
	if err != nil {
		return result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, b.time+time.Minute)
	defer cancel()
	cmd := on(ctx, 0, append(s.args, addr)...)
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		return result{}, err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	if err := waitFor(ctx, addr); err != nil {
		return result{}, fmt.Errorf("%w\n%s", err, log.String())
	}
	url := "http://" + addr + "/"
	if _, err := b.wrk(ctx, url, time.Second); err != nil { // to warm up
		return result{}, err
	}
	text, err := b.wrk(ctx, url, b.time)
	if err != nil {
		return result{}, err
	}
	r, err := parse(text)
	r.memory = peak(cmd.Process.Pid)
	return r, err
}

func (b *bench) wrk(ctx context.Context, url string, d time.Duration) (string, error) {
	cmd := on(ctx, 1, "wrk", "--latency", "-t1", "-c"+strconv.Itoa(b.connections), "-d"+d.String(), url)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("wrk: %w\n%s", err, out)
	}
	return string(out), nil
}

// on is a command that has a processor of its own where taskset can give it one.
func on(ctx context.Context, processor int, args ...string) *exec.Cmd {
	if _, err := exec.LookPath("taskset"); err == nil {
		args = append([]string{"taskset", "-c", strconv.Itoa(processor)}, args...)
	}
	return exec.CommandContext(ctx, args[0], args[1:]...)
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func waitFor(ctx context.Context, addr string) error {
	for {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

var (
	rateLine    = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	percentLine = regexp.MustCompile(`(?m)^\s+(50|99)%\s+(\S+)$`)
	socketLine  = regexp.MustCompile(`Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)`)
	statusLine  = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
)

// parse reads what wrk prints.
func parse(text string) (r result, err error) {
	m := rateLine.FindStringSubmatch(text)
	if m == nil {
		return r, fmt.Errorf("wrk said\n%s", text)
	}
	if r.rate, err = strconv.ParseFloat(m[1], 64); err != nil {
		return r, err
	}
	for _, m := range percentLine.FindAllStringSubmatch(text, -1) {
		d, err := time.ParseDuration(m[2])
		if err != nil {
			return r, err
		}
		if m[1] == "50" {
			r.p50 = d
		} else {
			r.p99 = d
		}
	}
	for _, line := range []*regexp.Regexp{socketLine, statusLine} {
		for _, n := range line.FindStringSubmatch(text) {
			if n, err := strconv.Atoi(n); err == nil {
				r.errors += n
			}
		}
	}
	return r, nil
}

// peak is how much memory a process has had at most, as Linux tells.
func peak(pid int) int {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kib, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			return kib << 10
		}
	}
	return 0
}
