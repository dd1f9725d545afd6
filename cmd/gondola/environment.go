package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gondola-wasm/gondola/wasi"
)

// environmentFlags are the variables that a guest gets.
type environmentFlags struct {
	vars    []string
	inherit bool
}

func (e *environmentFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&e.vars, "env", nil, "give the guest a variable, as `NAME=VALUE`, or NAME with the value it has here; repeatable")
	f.BoolVar(&e.inherit, "inherit-env", false, "give the guest all variables that are set here; --env adds to them")
}

func (e *environmentFlags) grant(cfg *wasi.Config) error {
	if e.inherit {
		for _, kv := range os.Environ() {
			// Windows has variables such as "=C:", which are the shell's own.
			if !strings.HasPrefix(kv, "=") {
				cfg.Env = setVariable(cfg.Env, kv)
			}
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
		cfg.Env = setVariable(cfg.Env, kv)
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
