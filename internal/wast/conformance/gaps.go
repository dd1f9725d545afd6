package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// gapsText has what the reference tests leave out: a topic a line, and behind a bar
// the scripts and tests that cover it, separated by spaces.
//
//go:embed gaps.txt
var gapsText string

func writeGaps(b *bytes.Buffer, root string) error {
	b.WriteString("| topic | covered by |\n|---|---|\n")
	for line := range strings.Lines(gapsText) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		topic, covers, _ := strings.Cut(line, " | ")
		names := strings.Fields(covers)
		for i, name := range names {
			if err := exists(root, name); err != nil {
				return fmt.Errorf("gaps.txt: %s: %w", topic, err)
			}
			names[i] = "`" + name + "`"
		}
		if len(names) == 0 {
			return fmt.Errorf("gaps.txt: %s: nothing covers this", topic)
		}
		fmt.Fprintf(b, "| %s | %s |\n", topic, strings.Join(names, ", "))
	}
	return nil
}

// exists reports whether a script is there, or a test, which is named as
// folder.TestName.
func exists(root, name string) error {
	if strings.HasSuffix(name, ".wast") {
		_, err := os.Stat(filepath.Join(root, name))
		return err
	}
	i := strings.LastIndex(name, ".Test")
	if i < 0 {
		return fmt.Errorf("%s is neither a script nor a test", name)
	}
	folder := strings.TrimPrefix(name[:i], "gondola") // the root package's is the root
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil {
		return err
	}
	declared := regexp.MustCompile(`(?m)^func ` + name[i+1:] + `\(`)
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if declared.Match(src) {
			return nil
		}
	}
	return fmt.Errorf("there is no test %s", name)
}
