package main

import (
	"crypto/rand"
	"errors"

	"github.com/tetratelabs/wazero"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
)

var instantiateRows = []row{
	{"instantiate and close, add alone", "≤ 1.5 µs", instantiateLeast(0), floorLeast(0)},
	{"instantiate and close, add and 64 KiB of memory", "", instantiateLeast(1), floorLeast(1)},
}

// goInstantiateRows instantiate guests written in Go.
var goInstantiateRows = []row{
	{"instantiate and close, Go guest (sleepers)", "≤ 20 µs", instantiateGo(func(l *lab) (*gondola.Component, error) { return l.sleepers() }), nil},
	{"instantiate and close, Go guest (roundtrip)", "≤ 20 µs", instantiateGo(func(l *lab) (*gondola.Component, error) { return l.roundtrip() }), nil},
}

// leastCore is a core module that adds, with a memory of that many pages.
func leastCore(pages uint32) []byte {
	a := newAssembler()
	if pages > 0 {
		a.memory(pages)
	}
	a.define("add", valTypes{i32, i32}, valTypes{i32}, nil, a.body().get(0).get(1).op("i32.add").Code)
	return a.Encode()
}

func instantiateLeast(pages uint32) func(*lab) (work, error) {
	return func(l *lab) (work, error) {
		comp, err := l.compile(component(leastCore(pages), "package bench:least; world guest { export add: func(a: u32, b: u32) -> u32; }"))
		if err != nil {
			return nil, err
		}
		rt, err := l.rt()
		if err != nil {
			return nil, err
		}
		linker := rt.NewLinker()
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
			return l.checkAdds(linker, comp)
		}, nil
	}
}

// checkAdds makes one instance more, and uses it.
func (l *lab) checkAdds(linker *gondola.Linker, comp *gondola.Component) error {
	in, err := linker.Instantiate(l.ctx, comp)
	if err != nil {
		return err
	}
	v, err := in.Func("", "add").Call(l.ctx, val.U32(1), val.U32(2))
	if err == nil && v.Uint() != 3 {
		err = wrong("add", v, 3)
	}
	return errors.Join(err, in.Close(l.ctx))
}

func floorLeast(pages uint32) func(*lab, *floor) (work, error) {
	return func(l *lab, f *floor) (work, error) {
		compiled, err := f.rt.CompileModule(l.ctx, leastCore(pages))
		if err != nil {
			return nil, err
		}
		// Seeding a random source, which nothing here reads, would be most of it.
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
