package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagGroups are the headings under which the help of commands that run guests has
// their flags. A flag stands under the first that wants it.
var flagGroups = []struct {
	title string
	wants func(name string) bool
}{
	{"What guests get", gives},
	{"Limits", limits},
	{"Other flags", func(string) bool { return true }},
}

func gives(name string) bool {
	return slices.Contains([]string{
		"argv0", "cwd", "dir", "env", "inherit-env", "header",
		"allow-addr", "allow-name", "deny-network", "deny-private", "inherit-network",
	}, name)
}

func limits(name string) bool {
	return strings.HasPrefix(name, "max-") || strings.HasSuffix(name, "timeout") ||
		slices.Contains([]string{"fuel", "hostcall-fuel", "http-outgoing-body-chunk-size"}, name)
}

// withFlagGroups has a command's help show its flags in groups.
func withFlagGroups(cmd *cobra.Command) *cobra.Command {
	cmd.SetUsageFunc(func(cmd *cobra.Command) error {
		w := cmd.OutOrStderr()
		if _, err := fmt.Fprintf(w, "Usage:\n  %s\n", cmd.UseLine()); err != nil {
			return err
		}
		for title, flags := range grouped(cmd.Flags()) {
			if _, err := fmt.Fprintf(w, "\n%s:\n%s", title, flags.FlagUsagesWrapped(helpWidth)); err != nil {
				return err
			}
		}
		return nil
	})
	return cmd
}

// helpWidth is how long a line of help is.
const helpWidth = 120

// grouped are the flags under each heading.
func grouped(all *pflag.FlagSet) func(yield func(title string, flags *pflag.FlagSet) bool) {
	return func(yield func(string, *pflag.FlagSet) bool) {
		done := map[string]bool{}
		for _, group := range flagGroups {
			flags := pflag.NewFlagSet(group.title, pflag.ContinueOnError)
			all.VisitAll(func(f *pflag.Flag) {
				if !done[f.Name] && group.wants(f.Name) {
					done[f.Name] = true
					flags.AddFlag(f)
				}
			})
			if flags.HasFlags() && !yield(group.title, flags) {
				return
			}
		}
	}
}
