package main

import (
	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

func newValidate() *cobra.Command {
	var features component.Feature
	cmd := &cobra.Command{
		Use:                   "validate [flags] FILE",
		Short:                 "Check that a file is a valid component or core module",
		DisableFlagsInUseLine: true,
		Args:                  needs("a file", 1),
		RunE: func(_ *cobra.Command, args []string) error {
			wasm, err := readWasm(args[0])
			if err != nil {
				return err
			}
			check := checkComponent
			if binary.IsModule(wasm) {
				check = checkModule
			}
			if err := check(wasm, features); err != nil {
				return inFile(args[0], err)
			}
			return nil
		},
	}
	featuresFlag(cmd, &features)
	return cmd
}

func checkComponent(wasm []byte, features component.Feature) error {
	c, err := binary.Decode(wasm)
	if err != nil {
		return err
	}
	_, err = validate.Validate(c, validate.Options{Features: features})
	return err
}

func checkModule(wasm []byte, features component.Feature) error {
	m, err := corewasm.Decode(wasm)
	if err != nil {
		return err
	}
	return m.ValidateWith(corewasm.Features{SharedThreads: features.Has(component.FeatureSharedThreads)})
}
