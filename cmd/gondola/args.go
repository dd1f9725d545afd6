package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// needs checks that a command got its first argument, called what, and no more
// than most arguments; most is negative where any number is fine.
func needs(what string, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return fmt.Errorf("%s needs %s: %s", cmd.Name(), what, cmd.UseLine())
		case most >= 0 && len(args) > most:
			return fmt.Errorf("%s takes %d argument, got %d: %s", cmd.Name(), most, len(args), cmd.UseLine())
		}
		return nil
	}
}

// takes checks that a command that needs none got no more than most arguments.
func takes(most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) <= most:
			return nil
		case most == 0:
			return fmt.Errorf("%s takes no argument, got %q: %s", cmd.Name(), args[0], cmd.UseLine())
		}
		return fmt.Errorf("%s takes %d argument at most, got %d: %s", cmd.Name(), most, len(args), cmd.UseLine())
	}
}

// laterFlags adds flags that are planned and not there yet. They say so instead
// of being unknown.
func laterFlags(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		cmd.Flags().Func(name, "not there yet", func(string) error {
			return errors.New("this flag is planned and not there yet")
		})
		// A flag that was just added is there.
		_ = cmd.Flags().MarkHidden(name)
	}
}
