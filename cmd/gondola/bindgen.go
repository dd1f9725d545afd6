package main

import (
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/gobuild"
)

func newBindgen() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bindgen",
		Short: "Generate Go bindings for a world",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newBindgenGuest(), &cobra.Command{
		Use:                "host",
		Short:              "Bindings for a Go program that embeds components (not there yet)",
		DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("bindgen host is planned and not there yet; use dynamic values, package val")
		},
	})
	return cmd
}

func newBindgenGuest() *cobra.Command {
	var wit, world string
	var features component.Feature
	cmd := &cobra.Command{
		Use:   "guest [flags] [PKG]",
		Short: "Bindings for a Go package that becomes a component",
		Long: `Guest writes Go bindings for a world into the folder gen of a package, over what
it wrote there before; files of others are left alone. Commit them like any
generated code.`,
		Args:                  takes(1),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return gobuild.Bindings(cmd.Context(), gobuild.ComponentOptions{
				Options:   gobuild.Options{Pkg: packageOf(strings.Join(args, "")), Stderr: os.Stderr},
				WIT:       wit,
				WorldName: world,
				Features:  features,
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&wit, "wit", "", "the WIT that has the world, a `path` of a file or folder; the default is the folder wit of the package")
	f.StringVar(&world, "world", "", "the `name` of the world; needed where the WIT has several")
	featuresFlag(cmd, &features)
	return cmd
}
