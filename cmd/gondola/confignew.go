package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newConfig() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Make a configuration file",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "new",
		Short: "Print a configuration file that names all flags, with their defaults",
		Long: `New prints a TOML file for --config of "gondola run" and "gondola serve". It has all
their flags and what they do, with their defaults, as comments:

  gondola config new > gondola.toml
  gondola serve --config gondola.toml hello.wasm`,
		Args:                  takes(0),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return writeConfig(cmd.OutOrStdout(), configurable())
		},
	})
	return cmd
}

// configurable are the commands that take flags from a file.
func configurable() []*cobra.Command {
	return []*cobra.Command{withConfigFile(newRun()), withConfigFile(newServe())}
}

// writeConfig writes a file that [readConfigFile] reads, and that changes nothing.
func writeConfig(w io.Writer, cmds []*cobra.Command) error {
	var b strings.Builder
	comment(&b, `A file for --config of "gondola run" and "gondola serve": flags under their names, with the values that they have if `+
		`nothing else is said. Take the # off those that you change. Lists are for flags that can be repeated. Paths that are not absolute count from the folder of this file.`)
	for _, cmd := range cmds {
		fmt.Fprintf(&b, "\n[%s]\n", cmd.Name())
		for title, flags := range grouped(cmd.Flags()) {
			fmt.Fprintf(&b, "\n# %s\n", strings.ToUpper(title))
			flags.VisitAll(func(f *pflag.Flag) { writeFlag(&b, f) })
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeFlag(b *strings.Builder, f *pflag.Flag) {
	if f.Hidden || !fromFile(f.Name) {
		return
	}
	what, usage := pflag.UnquoteUsage(f)
	b.WriteByte('\n')
	comment(b, usage)
	fmt.Fprintf(b, "# %s = %s\n", f.Name, tomlDefault(f, what))
}

// comment writes a comment, in lines of some length.
func comment(b *strings.Builder, text string) {
	const width = 100
	line := "#"
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > width {
			b.WriteString(line + "\n")
			line = "#"
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}

// tomlDefault is a flag's default as TOML has it; what it takes, in angle brackets, if
// there is none.
func tomlDefault(f *pflag.Flag, what string) string {
	text := f.DefValue
	switch {
	case isRepeatable(f):
		return "[]"
	case f.Value.Type() == "bool":
		return text
	case text == "":
		return "<" + what + ">"
	}
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return text
	}
	return strconv.Quote(text)
}
