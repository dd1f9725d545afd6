package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/wat"
)

func newPrint() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "print [flags] FILE",
		Short: "Print a module or component as text",
		Long: `Print writes a module or component in the text format. FILE may have either format;
text is written anew, with all abbreviations spelled out.`,
		DisableFlagsInUseLine: true,
		Args:                  needs("a file", 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			wasm, err := readWasm(args[0])
			if err != nil {
				return err
			}
			return writeOutput(cmd, out, func(w io.Writer) error {
				if err := wat.Print(w, wasm); err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "-", "write the text to `file`; - is the standard output")
	return cmd
}
