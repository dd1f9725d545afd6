package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/componentize"
	"github.com/gondola-wasm/gondola/wat"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

type witFlags struct {
	features component.Feature
	unstable []string
	wasm     bool
	output   string
}

func newWit() *cobra.Command {
	var flags witFlags
	cmd := &cobra.Command{
		Use:                   "wit [flags] PATH",
		Short:                 "Print the WIT of a component, a file or a folder",
		Args:                  needs("a component, a WIT file or a folder", 1),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			out, err := witOf(args[0], &flags)
			if err != nil {
				return err
			}
			if flags.output != "" {
				return os.WriteFile(flags.output, out, 0o644)
			}
			_, err = cmd.OutOrStdout().Write(out)
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&flags.wasm, "wasm", false, "encode the package as a component instead of printing it")
	cmd.Flags().StringVarP(&flags.output, "output", "o", "", "write to `file` instead of the standard output")
	laterFlags(cmd, "json")
	cmd.AddCommand(newWitFmt(), newWitCheck())
	return cmd
}

// add adds the flags that say what WIT may contain.
func (f *witFlags) add(cmd *cobra.Command) {
	featuresFlag(cmd, &f.features)
	cmd.Flags().StringSliceVar(&f.unstable, "unstable", nil,
		"keep the items that WIT marks @unstable(feature = …): a `list` of names separated by commas, or all")
}

// witOf is the WIT at a path: of a component its world with everything that it
// refers to, else what the text says. It is text or, with --wasm, a component.
func witOf(path string, flags *witFlags) ([]byte, error) {
	pkg, world, err := readWIT(path, flags)
	switch {
	case err != nil:
		return nil, err
	case flags.wasm:
		out, err := componentize.EncodePackage(pkg, componentize.Options{Version: moduleVersion()})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return out, nil
	case world != nil:
		return []byte(wit.PrintWorld(world)), nil
	}
	return []byte(wit.Print(pkg)), nil
}

// readWIT reads the package at a path, or the world of a component with the package
// that stands for it.
func readWIT(path string, flags *witFlags) (*wit.Package, *wit.World, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if !info.IsDir() {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		if filepath.Ext(path) == ".wat" {
			if data, err = wat.Parse(path, data); err != nil {
				return nil, nil, err
			}
		}
		if isWasm(data) {
			return readComponent(path, data, flags.features)
		}
	}
	resolve, err := wit.ParsePath(path, flags.options())
	if err != nil {
		return nil, nil, err
	}
	return resolve.Root, nil, nil
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

func readComponent(path string, data []byte, features component.Feature) (*wit.Package, *wit.World, error) {
	if componentize.IsPackage(data) {
		resolve, err := componentize.DecodePackage(data, features)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		return resolve.Root, nil, nil
	}
	resolve, world, err := componentize.Decode(data, features)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return resolve.Root, world, nil
}
