// Command conformance writes CONFORMANCE.md: what the component model's reference
// tests show of this project, and what they don't.
//
//	go generate ./internal/wast
//
// Without the reference tests at hand it fails, and the file stays as it is.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := filepath.Join("..", "..")
	if err := generate(context.Background(), root); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func generate(ctx context.Context, root string) error {
	var b bytes.Buffer
	if err := write(ctx, &b, root); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "CONFORMANCE.md"), b.Bytes(), 0o644)
}
