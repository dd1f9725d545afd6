// Command conformance writes CONFORMANCE.md: what the component model's reference
// tests show of this project, and what they don't.
//
//	go generate ./internal/wast
//
// Without the reference tests at hand the file stays as it is.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gondola-wasm/gondola/internal/wast"
)

func main() {
	root := filepath.Join("..", "..")
	if err := generate(context.Background(), root); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func generate(ctx context.Context, root string) error {
	if dir, ok := wast.ReferenceTests(root); !ok {
		fmt.Fprintf(os.Stderr, "conformance: %s is no folder, so CONFORMANCE.md stays as it is\n", dir)
		return nil
	}
	var b bytes.Buffer
	if err := write(ctx, &b, root); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "CONFORMANCE.md"), b.Bytes(), 0o644)
}
