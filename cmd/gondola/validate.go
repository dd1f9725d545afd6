package main

import (
	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
)

func newValidate() *cobra.Command {
	var features component.Feature
	cmd := &cobra.Command{
		Use:                   "validate [flags] FILE",
		Short:                 "Check that a file is a valid component",
		DisableFlagsInUseLine: true,
		Args:                  needs("a file", 1),
		RunE: func(_ *cobra.Command, args []string) error {
			wasm, err := readWasm(args[0])
			if err != nil {
				return err
			}
			c, err := binary.Decode(wasm)
			if err == nil {
				_, err = validate.Validate(c, validate.Options{Features: features})
			}
			if err != nil {
				return inFile(args[0], err)
			}
			return nil
		},
	}
	featuresFlag(cmd, &features)
	return cmd
}
