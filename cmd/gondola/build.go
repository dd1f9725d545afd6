package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/gobuild"
)

func newBuild() *cobra.Command {
	var wit, world, out string
	var features component.Feature
	cmd := &cobra.Command{
		Use:   "build [flags] [PKG]",
		Short: "Build a Go package into a component",
		Long: `Build compiles a Go main package into a WASI 0.3 component, with the Go toolchain
that is installed. PKG is a directory or an import path, "." if it is left out.

A package without a world runs its main as wasi:cli/run. Its world is that of the
WIT in its folder wit, or where --wit says; bindings for it are in its folder gen.

Flags of "go build" with one dash (-tags, -ldflags, -trimpath, -overlay, ...) are
passed on.`,
		DisableFlagsInUseLine: true,
	}
	f := cmd.Flags()
	f.StringVar(&wit, "wit", "", "the WIT that has the world, a `path` of a file or folder")
	f.StringVar(&world, "world", "", "the `name` of the world; needed where the WIT has several")
	f.StringVarP(&out, "output", "o", "", "write the component to `file`; the default is the package's name with .wasm")
	featuresFlag(cmd, &features)
	// Go's flags have one dash and may take a value without "=", which pflag
	// can't know, so they are taken out first.
	cmd.DisableFlagParsing = true
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ours, gos, err := splitGoFlags(args)
		if err != nil {
			return err
		}
		cmd.DisableFlagParsing = false
		if err := cmd.ParseFlags(ours); err != nil {
			return err
		}
		if help, _ := cmd.Flags().GetBool("help"); help {
			return cmd.Help()
		}
		rest := cmd.Flags().Args()
		if len(rest) > 1 {
			return errors.New("build takes one package; what follows it is not for it")
		}
		pkg := strings.Join(rest, "")
		wasm, err := buildPackage(cmd.Context(), packageOf(pkg), wit, world, features, gos)
		if err != nil {
			return err
		}
		if out == "" {
			out = outputName(pkg)
		}
		return os.WriteFile(out, wasm, 0o644)
	}
	return cmd
}

// buildPackage builds a component; a compile error has been printed as go build
// prints it.
func buildPackage(ctx context.Context, pkg, wit, world string, features component.Feature, flags []string) ([]byte, error) {
	trimCache()
	wasm, err := gobuild.Component(ctx, gobuild.ComponentOptions{
		Options:   gobuild.Options{Pkg: pkg, Flags: flags, Stderr: os.Stderr},
		WIT:       wit,
		WorldName: world,
		Features:  features,
		Version:   moduleVersion(),
	})
	if err == gobuild.ErrCompile { // the compiler has said it all
		return nil, &exitError{code: exitFailure}
	}
	return wasm, err
}

// outputName is the file that go build would name after the package.
func outputName(pkg string) string {
	if pkg == "" {
		pkg = "."
	}
	return guestName(filepath.FromSlash(pkg)) + ".wasm"
}
