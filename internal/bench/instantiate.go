package main

import (
	"crypto/rand"

	"github.com/tetratelabs/wazero"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
)

var instantiateRows = []row{
	{"instantiate and close, hand-written guest", "≤ 1.5 µs", instantiateTiny, floorInstantiate},
	{"instantiate and close, Go guest (sleepers)", "≤ 20 µs", instantiateGo(func(l *lab) (*gondola.Component, error) { return l.sleepers() }), nil},
	{"instantiate and close, Go guest (roundtrip)", "≤ 20 µs", instantiateGo(func(l *lab) (*gondola.Component, error) { return l.roundtrip() }), nil},
}

func instantiateTiny(l *lab) (work, error) {
	comp, err := l.tiny()
	if err != nil {
		return nil, err
	}
	linker, err := l.tinyLinker(echoLater)
	if err != nil {
		return nil, err
	}
	return func(n int) error {
		for range n {
			in, err := linker.Instantiate(l.ctx, comp)
			if err != nil {
				return err
			}
			if err := in.Close(l.ctx); err != nil {
				return err
			}
		}
		// One of them is used.
		in, err := linker.Instantiate(l.ctx, comp)
		if err != nil {
			return err
		}
		defer in.Close(l.ctx)
		v, err := in.Func("", "add").Call(l.ctx, val.U32(1), val.U32(2))
		if err == nil && v.Uint() != 3 {
			err = wrong("add", v, 3)
		}
		return err
	}, nil
}

// floorInstantiate instantiates the same core module, with the same size of memory.
func floorInstantiate(l *lab, f *floor) (work, error) {
	compiled, err := f.rt.CompileModule(l.ctx, guestCore())
	if err != nil {
		return nil, err
	}
	config := wazero.NewModuleConfig().WithName("").WithRandSource(rand.Reader)
	return func(n int) error {
		for range n {
			m, err := f.rt.InstantiateModule(l.ctx, compiled, config)
			if err != nil {
				return err
			}
			if err := m.Close(l.ctx); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// instantiateGo includes what a Go program does before main: package initialisation, and the start of its run-time.
func instantiateGo(guest func(*lab) (*gondola.Component, error)) func(*lab) (work, error) {
	return func(l *lab) (work, error) {
		comp, err := guest(l)
		if err != nil {
			return nil, err
		}
		linker, err := l.goLinker()
		if err != nil {
			return nil, err
		}
		return func(n int) error {
			for range n {
				in, err := linker.Instantiate(l.ctx, comp)
				if err != nil {
					return err
				}
				if err := in.Close(l.ctx); err != nil {
					return err
				}
			}
			return nil
		}, nil
	}
}
