package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/componentize"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

func newWitCheck() *cobra.Command {
	var flags witFlags
	cmd := &cobra.Command{
		Use:                   "check [flags] PATH",
		Short:                 "Check a WIT file or folder, or the WIT of a component",
		Args:                  needs("a component, a WIT file or a folder", 1),
		DisableFlagsInUseLine: true,
		RunE: func(_ *cobra.Command, args []string) error {
			_, _, err := readWIT(args[0], &flags)
			return err
		},
	}
	flags.add(cmd)
	return cmd
}

func newWitFmt() *cobra.Command {
	var features component.Feature
	var list bool
	cmd := &cobra.Command{
		Use:   "fmt [flags] PATH...",
		Short: "Lay out WIT files in the one canonical way",
		Long: `Fmt rewrites the WIT files at the paths, in folders and the folders below them too,
and prints the names of those that it changed.`,
		Args:                  needs("a WIT file or a folder", -1),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := witFiles(args)
			if err != nil {
				return err
			}
			changed := 0
			for _, name := range files {
				differs, err := formatWIT(name, componentize.Gates(features), !list)
				if err != nil {
					return err
				}
				if differs {
					changed++
					fmt.Fprintln(cmd.OutOrStdout(), name)
				}
			}
			if list && changed > 0 {
				return &exitError{code: exitFailure}
			}
			return nil
		},
	}
	featuresFlag(cmd, &features)
	cmd.Flags().BoolVarP(&list, "list", "l", false, "only print the names of files that would change, and fail if there are any")
	return cmd
}

// witFiles are the files at paths, and the *.wit files in folders.
func witFiles(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (name == path || strings.HasSuffix(name, ".wit")) {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, errors.New("there are no WIT files")
	}
	return files, nil
}

// formatWIT reports whether a file is not laid out as it should be, and mends that.
func formatWIT(name string, gates syntax.Gates, write bool) (differs bool, err error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return false, err
	}
	out, fault := syntax.Format(&syntax.File{Name: name, Src: string(src)}, gates)
	switch {
	case fault != nil:
		return false, fault
	case out == string(src):
		return false, nil
	case !write:
		return true, nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return false, err
	}
	return true, os.WriteFile(name, []byte(out), info.Mode().Perm())
}
