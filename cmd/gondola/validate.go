package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
)

func newValidate() *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE",
		Short: "Check that a file is a valid component",
		Args:  needs("a file", 1),
		RunE: func(_ *cobra.Command, args []string) error {
			wasm, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			c, err := binary.Decode(wasm)
			if err == nil {
				_, err = validate.Validate(c, validate.Options{})
			}
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return nil
		},
	}
}
