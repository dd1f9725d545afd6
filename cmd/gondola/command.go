package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi"
)

// runInterfaces are what commands export, the preferred one first.
var runInterfaces = []string{"wasi:cli/run@0.3.", "wasi:cli/run@0.2."}

// command is the call of wasi:cli/run.run.
func (g *guestRun) command(comp *gondola.Component) (action, error) {
	instance := runInstance(comp)
	if instance == "" {
		return nil, fmt.Errorf("%s: %w", g.path, noCommand(comp))
	}
	return func(ctx context.Context, inst *gondola.Instance) (func() error, error) {
		result, err := inst.Func(instance, "run").Call(ctx)
		if err != nil {
			return nil, err
		}
		if _, ok := result.Result(); !ok {
			return nil, &exitError{code: exitFailure}
		}
		return nil, nil
	}, nil
}

// runInstance is the instance whose run function is the command.
func runInstance(comp *gondola.Component) string {
	for _, track := range runInterfaces {
		for _, item := range comp.Exports() {
			if strings.HasPrefix(item.Instance, track) && item.Name == "run" {
				return item.Instance
			}
		}
	}
	return ""
}

// noCommand says why a component can't be run, and what could be done with it.
func noCommand(comp *gondola.Component) error {
	if wasi.HTTPVersion(comp) != wasi.NoHTTP {
		return errors.New(`the component is an HTTP service and no command: "gondola serve" serves it`)
	}
	list := callable(comp.Exports())
	switch {
	case len(comp.Exports()) == 0:
		return errors.New("the component is no command: it exports no function")
	case list == "":
		return errors.New("the component is no command: it does not export wasi:cli/run")
	}
	return fmt.Errorf("the component is no command: it does not export wasi:cli/run\n  hint: --invoke calls one of its functions: %s", list)
}

// explainImports says what to do about imports that are not there.
func explainImports(err error) error {
	var link *gondola.LinkError
	if errors.As(err, &link) && len(link.Missing) > 0 {
		return fmt.Errorf("%w\n  hint: --unknown-imports-trap runs it all the same, until it calls one of them", err)
	}
	return err
}
