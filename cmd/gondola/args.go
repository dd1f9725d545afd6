package main

import (
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
