package wast

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wat"
)

// source is a module or component of a script, and what has been found out of it.
type source struct {
	*wat.Source
	file *File

	checked outcome // 0 until checked
	wasm    []byte
	typed   *validate.Component // of a component
	core    *corewasm.Module    // of a module

	compiled outcome // 0 until compiled
	comp     *gondola.Component
}

// check parses, decodes and validates it, once.
func (s *source) check() outcome {
	if s.checked.end == 0 {
		s.checked = s.checkNow()
	}
	return s.checked
}

func (s *source) checkNow() outcome {
	var err error
	if s.wasm, err = s.Encode(); err != nil {
		return s.refusal(malformed, err)
	}
	if !s.Component {
		return s.checkModule()
	}
	c, err := binary.Decode(s.wasm)
	if err != nil {
		return s.refusal(malformed, err)
	}
	if s.typed, err = validate.Validate(c, validate.Options{Features: s.file.header.features}); err != nil {
		return s.refusal(invalid, err)
	}
	return outcome{end: done}
}

func (s *source) checkModule() outcome {
	m, err := corewasm.Decode(s.wasm)
	if err != nil {
		return s.refusal(malformed, err)
	}
	if err := m.Validate(); err != nil {
		return s.refusal(invalid, err)
	}
	s.core = m
	return outcome{end: done}
}

func (s *source) refusal(how end, err error) outcome {
	return refusal(how, err, s.file.header.features)
}

// compile makes the code of a component that passed check, once.
func (s *source) compile(ctx context.Context) outcome {
	if s.compiled.end == 0 {
		var err error
		s.compiled = outcome{end: done}
		if s.comp, err = s.file.runtime.Compile(ctx, s.wasm); err != nil {
			s.compiled = outcome{end: unsupported, err: err} // since it is valid
		}
	}
	return s.compiled
}
