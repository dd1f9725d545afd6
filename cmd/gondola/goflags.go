package main

import (
	"fmt"
	"slices"
	"strings"
)

// goFlagsWithValue are the build flags of the go command that take their value
// as the next argument where there is no "=".
var goFlagsWithValue = []string{
	"C", "asmflags", "buildmode", "buildvcs", "compiler", "covermode", "coverpkg", "gccgoflags", "gcflags", "installsuffix",
	"ldflags", "mod", "modfile", "overlay", "p", "pgo", "pkgdir", "tags", "toolexec",
}

// ourShortFlags have one dash and are ours.
var ourShortFlags = []string{"-o", "-h"}

// splitGoFlags tells the flags of the go command, which have one dash, from ours.
// What follows "--" is not looked at.
func splitGoFlags(args []string) (ours, gos []string, err error) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		name, _, hasValue := strings.Cut(arg, "=")
		switch {
		case arg == "--":
			return append(ours, args[i:]...), gos, nil
		case len(arg) < 2 || arg[0] != '-' || strings.HasPrefix(arg, "--"):
			ours = append(ours, arg)
		case slices.Contains(ourShortFlags, name):
			ours = append(ours, arg)
			if !hasValue && i+1 < len(args) {
				i++
				ours = append(ours, args[i])
			}
		case !hasValue && slices.Contains(goFlagsWithValue, arg[1:]):
			if i++; i == len(args) {
				return nil, nil, fmt.Errorf("flag needs an argument: %s", arg)
			}
			gos = append(gos, arg+"="+args[i])
		default:
			gos = append(gos, arg)
		}
	}
	return ours, gos, nil
}
