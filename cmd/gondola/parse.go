package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/wat"
)

// readWasm reads a file in the binary or the text format, and gives the binary.
func readWasm(path string) ([]byte, error) {
	src, err := readSource(path)
	if err != nil {
		return nil, err
	}
	return wat.Binary(path, src)
}

// stdinPath stands for the standard input among files.
const stdinPath = "-"

// readSource reads a file, or the standard input.
func readSource(path string) ([]byte, error) {
	if path == stdinPath {
		return stdinSource()
	}
	return os.ReadFile(path)
}

// stdinSource is the standard input, which can be read once.
var stdinSource = sync.OnceValues(func() ([]byte, error) { return io.ReadAll(os.Stdin) })

// awaitStdin reads the standard input, unless ctx ends before it does.
func awaitStdin(ctx context.Context) error {
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = stdinSource() // who asks for it next is told what went wrong
	}()
	select {
	case <-read:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// inFile says of an error about the component in a file which file that is, and in a
// text where.
func inFile(path string, err error) error {
	if src, readErr := readSource(path); readErr == nil && !wat.IsBinary(src) {
		if located := wat.Locate(path, src, err); located != err {
			return located
		}
	}
	return fmt.Errorf("%s: %w", path, err)
}

func newParse() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "parse [flags] FILE",
		Short: "Turn the text of a module or component into its binary",
		Long: `Parse turns a module or component in the text format (.wat) into the binary format.
Only what it takes to write the binary is checked; "gondola validate" checks the rest.`,
		DisableFlagsInUseLine: true,
		Args:                  needs("a file", 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			wasm, err := readWasm(args[0])
			if err != nil {
				return err
			}
			if out == "" {
				base := filepath.Base(args[0])
				out = strings.TrimSuffix(base, filepath.Ext(base)) + ".wasm"
			}
			return writeOutput(cmd, out, func(w io.Writer) error {
				_, err := w.Write(wasm)
				return err
			})
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the binary to `file`, or to the standard output where it is -; the default is FILE's name with .wasm, here")
	return cmd
}

// writeOutput writes to a file, or to the standard output where that is "-".
func writeOutput(cmd *cobra.Command, path string, write func(io.Writer) error) error {
	if path == "-" {
		return write(cmd.OutOrStdout())
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
