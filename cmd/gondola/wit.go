package main

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/componentize"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

func newWit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "wit PATH",
		Short: "Print the WIT of a component, a file or a folder",
		Args:  needs("a component, a WIT file or a folder", 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := witOf(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			return err
		},
	}
	laterFlags(cmd, "json")
	return cmd
}

// witOf is the WIT at a path: of a component its world with everything that it
// refers to, else what the text says.
func witOf(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		data, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		if isWasm(data) {
			return witOfComponent(path, data)
		}
	}
	resolve, err := wit.ParsePath(path, wit.Options{Extra: []fs.FS{wasiwit.FS()}})
	if err != nil {
		return "", err
	}
	return wit.Print(resolve.Root), nil
}

func isWasm(data []byte) bool { return len(data) >= 4 && string(data[:4]) == "\x00asm" }

func witOfComponent(path string, data []byte) (string, error) {
	if componentize.IsPackage(data) {
		resolve, err := componentize.DecodePackage(data)
		if err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		return wit.Print(resolve.Root), nil
	}
	_, world, err := componentize.Decode(data)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return wit.PrintWorld(world), nil
}
