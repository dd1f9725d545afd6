package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// withConfigFile gives a command the flag --config.
func withConfigFile(cmd *cobra.Command) *cobra.Command {
	var path string
	cmd.Flags().StringVar(&path, "config", "", "take flags from a TOML `file`: the table ["+cmd.Name()+"] has them by name, with paths that count from the folder of the file; those given here win")
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if path == "" {
			return nil
		}
		return readConfigFile(cmd, path)
	}
	return cmd
}

// readConfigFile sets the flags that a file has for the command and that were not
// given.
func readConfigFile(cmd *cobra.Command, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	flags, err := tableOf(data, cmd.Name())
	if err != nil {
		return configError(path, data, err)
	}
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		if err := setFromFile(cmd.Flags(), name, flags[name], filepath.Dir(path)); err != nil {
			return fmt.Errorf("%s: [%s] %s: %w", path, cmd.Name(), name, err)
		}
	}
	return nil
}

// tableOf is the table of a command.
func tableOf(data []byte, command string) (map[string]any, error) {
	tables := map[string]any{}
	if err := toml.Unmarshal(data, &tables); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		if name != "run" && name != "serve" {
			return nil, fmt.Errorf("%s is neither the table [run] nor [serve]", name)
		}
		if _, ok := tables[name].(map[string]any); !ok {
			return nil, fmt.Errorf("%s is no table: flags stand below the line [%s]", name, name)
		}
	}
	flags, _ := tables[command].(map[string]any)
	return flags, nil
}

// configError shows the place of a mistake of syntax.
func configError(path string, data []byte, err error) error {
	e, ok := errors.AsType[toml.ParseError](err)
	if !ok {
		return fmt.Errorf("%s: %w", path, err)
	}
	lines := strings.Split(string(data), "\n")
	at := syntax.Location{File: path, Line: e.Position.Line, Column: e.Position.Col, Width: 1}
	at.Source = lines[min(at.Line, len(lines))-1]
	return &syntax.Error{At: at, Msg: e.Message}
}

// fromFile reports whether a file may have a flag.
func fromFile(name string) bool { return name != "config" && name != "help" }

// isRepeatable reports whether a flag takes a list.
func isRepeatable(f *pflag.Flag) bool { return strings.Contains(f.Usage, "repeatable") }

// setFromFile sets a flag to what a file in that folder has for it. One that may be
// repeated takes a list.
func setFromFile(flags *pflag.FlagSet, name string, value any, folder string) error {
	f := flags.Lookup(name)
	switch {
	case f != nil && !fromFile(name):
		return errors.New("this flag can't be in a file")
	case f == nil:
		if hint := suggestFlag(flags, name); hint != "" {
			return fmt.Errorf("there is no such flag\n  hint: %s", strings.ReplaceAll(hint, "--", ""))
		}
		return errors.New("there is no such flag")
	}
	if f.Changed {
		return nil
	}
	values, isList := value.([]any)
	if !isList {
		values = []any{value}
	}
	if isList && !isRepeatable(f) {
		return errors.New("want one value, not a list: the flag can't be repeated")
	}
	for _, v := range values {
		text := fmt.Sprint(v)
		switch v := v.(type) {
		case string, int64, bool:
		case float64:
			text = strconv.FormatFloat(v, 'f', -1, 64) // 1e6 is a whole number
		default:
			return fmt.Errorf("want a string, a number, true or false, or a list of them, got %v", v)
		}
		if err := f.Value.Set(fromFolder(name, folder, text)); err != nil {
			return fmt.Errorf("invalid argument %q: %w", text, explainValue(f, err))
		}
		f.Changed = true
	}
	return nil
}
