// Command gondola builds and runs WebAssembly components.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

func main() { os.Exit(run(context.Background(), os.Args[1:])) }

// run is the whole command, for main and for tests. It returns the exit status.
func run(ctx context.Context, args []string) int {
	root := newRoot()
	args = withRun(args)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var exit *exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		if exit.err != nil {
			complain(exit.err)
		}
		return exit.code
	}
	if _, _, unknown := root.Find(args); unknown != nil {
		err = unknownCommand(root, args)
	}
	complain(err)
	return 1
}

// complain says why the command has failed.
func complain(err error) { fmt.Fprintln(os.Stderr, "gondola:", printable(err.Error())) }

// withRun puts "run" in front of the name of a file that stands where a command should, and
// of flags before such a name: gondola --env A=b hello.wasm runs hello.wasm.
func withRun(args []string) []string {
	isFile := func(arg string) bool { return slices.Contains([]string{".wasm", ".wat"}, filepath.Ext(arg)) }
	if len(args) == 0 || !isFile(args[0]) && !(isForCommand(args[0]) && slices.ContainsFunc(args, isFile)) {
		return args
	}
	return append([]string{"run"}, args...)
}

// isForCommand reports whether an argument is a flag that a command has, if anybody.
func isForCommand(arg string) bool {
	return strings.HasPrefix(arg, "-") && !slices.Contains([]string{"-h", "--help", "-v", "--version"}, arg)
}

// exitError ends the command with a status of its own. err, if any, is printed.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "gondola",
		Short: "Build and run WebAssembly components",
		Long: `Gondola builds Go packages into WebAssembly components and runs components
from any language.

  gondola run ./hello           build the Go package in ./hello and run it
  gondola run hello.wasm a b    run a component with arguments; run can be left out
  gondola serve ./hello-http    answer HTTP requests with it
  gondola build -o x.wasm PKG   build only`,
		Version:       moduleVersion(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate(versionText())
	root.SetFlagErrorFunc(explainFlag)
	root.AddCommand(commands()...)
	return root
}

// unknownCommand says that there is no such command, and what could be meant.
func unknownCommand(root *cobra.Command, args []string) error {
	name := args[0]
	if strings.HasPrefix(name, "-") {
		return fmt.Errorf("there is no command in front of %s\n  hint: flags stand behind the command, as in \"gondola run %s …\"", name, name)
	}
	if _, err := os.Stat(name); err == nil {
		return fmt.Errorf("there is no command %q\n  hint: \"gondola run %s\" runs a file or a Go package", name, name)
	}
	var known []string
	for _, cmd := range root.Commands() {
		if !cmd.Hidden {
			known = append(known, cmd.Name())
		}
	}
	hint := syntax.Suggest(name, known)
	if hint == "" {
		hint = `"gondola --help" lists those that there are`
	}
	return fmt.Errorf("there is no command %q\n  hint: %s", name, hint)
}

func commands() []*cobra.Command {
	return append([]*cobra.Command{
		newBindgen(),
		newBuild(),
		completeChoices(withFlagGroups(withConfigFile(newRun()))),
		completeChoices(withFlagGroups(withConfigFile(newServe()))),
		newConfig(),
		newWit(),
		newValidate(),
		newWast(),
		newParse(),
		newPrint(),
		newVersion(),
	}, later()...)
}

// later are the commands that are planned and not there yet. They say so
// instead of being unknown.
func later() []*cobra.Command {
	var cmds []*cobra.Command
	for _, name := range []string{
		"compose", "componentize", "inspect", "init", "test", "transpile", "push", "pull",
	} {
		cmds = append(cmds, &cobra.Command{
			Use:                name,
			Hidden:             true,
			DisableFlagParsing: true,
			RunE: func(*cobra.Command, []string) error {
				return fmt.Errorf("%s is planned and not there yet", name)
			},
		})
	}
	return cmds
}
