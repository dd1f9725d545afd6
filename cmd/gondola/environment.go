package main

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"github.com/gondola-wasm/gondola/wasi"
)

// environmentFlags are the variables that a guest gets, and where it is told to start.
type environmentFlags struct {
	vars    []string
	inherit bool
	cwd     string
}

func (e *environmentFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&e.vars, "env", nil, "give the guest a variable, as `NAME=VALUE`, or NAME with the value it has here; repeatable")
	f.BoolVar(&e.inherit, "inherit-env", false, "give the guest all variables that are set here; --env adds to them")
	f.StringVar(&e.cwd, "cwd", "", "tell the guest that this is its working `directory`, as it knows it from --dir")
}

func (e *environmentFlags) grant(cfg *wasi.Config) error {
	cfg.Cwd = e.cwd
	if e.inherit {
		for _, kv := range os.Environ() {
			// Windows has variables such as "=C:", which are the shell's own.
			if strings.HasPrefix(kv, "=") {
				continue
			}
			if err := checkVariable("--inherit-env", kv); err != nil {
				return err
			}
			cfg.Env = setVariable(cfg.Env, kv)
		}
	}
	for _, kv := range e.vars {
		name, _, given := strings.Cut(kv, "=")
		if name == "" {
			return fmt.Errorf("--env %q: want NAME=VALUE or NAME", kv)
		}
		if !given {
			value, ok := os.LookupEnv(name)
			if !ok {
				continue
			}
			kv = name + "=" + value
		}
		if err := checkVariable("--env", kv); err != nil {
			return err
		}
		cfg.Env = setVariable(cfg.Env, kv)
	}
	return nil
}

// checkVariable says why a guest can't get a variable.
func checkVariable(flag, kv string) error {
	if name, _, _ := strings.Cut(kv, "="); !utf8.ValidString(kv) {
		return fmt.Errorf("%s: the variable %q is not UTF-8, which guests get text in", flag, name)
	}
	return nil
}

// setVariable adds a variable, in the place of an earlier one of its name.
func setVariable(env []string, kv string) []string {
	name, _, _ := strings.Cut(kv, "=")
	for i := range env {
		if strings.HasPrefix(env[i], name+"=") {
			env[i] = kv
			return env
		}
	}
	return append(env, kv)
}
