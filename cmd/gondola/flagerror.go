package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// explainFlag says of a flag that is wrong what could be meant.
func explainFlag(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if hint := suggestFlag(cmd.Flags(), unknown.GetSpecifiedName()); hint != "" {
			return fmt.Errorf("%w\n  hint: %s", err, hint)
		}
		return fmt.Errorf("%w\n  hint: %q lists those that there are", err, cmd.CommandPath()+" --help")
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		if cause := explainValue(wrong.GetFlag(), wrong.Unwrap()); cause != wrong.Unwrap() {
			return fmt.Errorf("invalid argument %q for \"--%s\" flag: %w", wrong.GetValue(), wrong.GetFlag().Name, cause)
		}
	}
	return err
}

// explainValue says what a flag of one of pflag's own types takes, in place of what
// strconv says.
func explainValue(f *pflag.Flag, err error) error {
	numError, isNum := errors.AsType[*strconv.NumError](err)
	switch {
	case isNum && f.Value.Type() == "bool":
		return errors.New("want true or false")
	case isNum && numError.Err == strconv.ErrRange:
		return errors.New("the number is too large")
	case isNum:
		return errors.New("want a whole number")
	case f.Value.Type() == "duration" && strings.HasPrefix(err.Error(), "time: "):
		return errors.New("want a duration, such as 1.5s or 200ms")
	}
	return err
}

// suggestFlag says which flag a name that is none may stand for.
func suggestFlag(flags *pflag.FlagSet, name string) string {
	var known []string
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			known = append(known, "--"+f.Name)
		}
	})
	return syntax.Suggest("--"+name, known)
}
