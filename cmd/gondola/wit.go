package main

import (
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/componentize"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

type witFlags struct {
	features component.Feature
	unstable []string
}

func newWit() *cobra.Command {
	var flags witFlags
	cmd := &cobra.Command{
		Use:                   "wit [flags] PATH",
		Short:                 "Print the WIT of a component, a file or a folder",
		Args:                  needs("a component, a WIT file or a folder", 1),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := witOf(args[0], &flags)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			return err
		},
	}
	featuresFlag(cmd, &flags.features)
	cmd.Flags().StringSliceVar(&flags.unstable, "unstable", nil,
		"keep the items that WIT marks @unstable(feature = …): a `list` of names separated by commas, or all")
	laterFlags(cmd, "json")
	return cmd
}

// witOf is the WIT at a path: of a component its world with everything that it
// refers to, else what the text says.
func witOf(path string, flags *witFlags) (string, error) {
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
			return witOfComponent(path, data, flags.features)
		}
	}
	resolve, err := wit.ParsePath(path, flags.options())
	if err != nil {
		return "", err
	}
	return wit.Print(resolve.Root), nil
}

func (f *witFlags) options() wit.Options {
	return wit.Options{
		Features:    f.unstable,
		AllFeatures: slices.Contains(f.unstable, "all"),
		Gates:       componentize.Gates(f.features),
		Extra:       []fs.FS{wasiwit.FS()},
		Decode: func(_ string, data []byte) (*wit.Resolve, error) {
			return componentize.DecodePackage(data, f.features)
		},
	}
}

func isWasm(data []byte) bool { return len(data) >= 4 && string(data[:4]) == "\x00asm" }

func witOfComponent(path string, data []byte, features component.Feature) (string, error) {
	if componentize.IsPackage(data) {
		resolve, err := componentize.DecodePackage(data, features)
		if err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		return wit.Print(resolve.Root), nil
	}
	_, world, err := componentize.Decode(data, features)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return wit.PrintWorld(world), nil
}
