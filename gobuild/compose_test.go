package gobuild

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// compose links components into one, which exports what the last of them does: each may import instances that those before it
// export, and all of them the same WASI instances, which the first imports. See Binary.md for the sections.
func compose(components ...[]byte) ([]byte, error) {
	// instances are the names by which the instance index space is filled.
	prelude, instances, err := importSections(components[0])
	if err != nil {
		return nil, err
	}
	out := append([]byte("\x00asm\x0d\x00\x01\x00"), prelude...)
	for i, component := range components {
		out = appendSection(out, 4, component)
		// (instance (instantiate i (with name (instance n)) …))
		body, count := []byte(nil), 0
		for n, name := range instances {
			if name != "" {
				body = appendUint(append(appendName(body, name), 5), n)
				count++
			}
		}
		body = append(appendUint(appendUint([]byte{1, 0}, i), count), body...)
		out = appendSection(out, 5, body)
		instances = append(instances, "") // the component's own, which has no name to import it by
		self := len(instances) - 1
		for _, name := range []string{"test:guests/things", "test:guests/api", "wasi:cli/run@0.3.0"} {
			if !exports(component, name) {
				continue
			}
			// (alias export self name (instance))
			out = appendSection(out, 6, appendName(appendUint([]byte{1, 5, 0}, self), name))
			instances = append(instances, name)
		}
	}
	// (export "wasi:cli/run@0.3.0" (instance last))
	body := append(appendName([]byte{1, 0}, "wasi:cli/run@0.3.0"), 5)
	return appendSection(out, 11, append(appendUint(body, len(instances)-1), 0)), nil
}

// importSections returns the sections before the first core module, which hold the imports, and the imported instances' names.
func importSections(component []byte) (sections []byte, names []string, err error) {
	start := component[8:]
	for rest := start; len(rest) > 0; {
		id, body, after := nextSection(rest)
		switch id {
		case 1:
			return start[:len(start)-len(rest)], names, nil
		case 10:
			found, err := importNames(body)
			if err != nil {
				return nil, nil, err
			}
			names = append(names, found...)
		}
		rest = after
	}
	return nil, nil, errors.New("no core module")
}

func importNames(body []byte) (names []string, err error) {
	count, body := uvarint(body)
	for range count {
		n, rest := uvarint(body[1:])
		names = append(names, string(rest[:n]))
		if rest[n] != 5 {
			return nil, fmt.Errorf("import %q is no instance", rest[:n])
		}
		_, body = uvarint(rest[n+1:])
	}
	return names, nil
}

// exports reports whether a component has an export of that name.
func exports(component []byte, name string) bool {
	for rest := component[8:]; len(rest) > 0; {
		id, body, after := nextSection(rest)
		if id == 11 && bytes.Contains(body, appendName(nil, name)) {
			return true
		}
		rest = after
	}
	return false
}

func nextSection(b []byte) (id byte, body, rest []byte) {
	n, rest := uvarint(b[1:])
	return b[0], rest[:n], rest[n:]
}

func uvarint(b []byte) (int, []byte) {
	v, n := binary.Uvarint(b)
	return int(v), b[n:]
}

func appendUint(b []byte, v int) []byte { return binary.AppendUvarint(b, uint64(v)) }

func appendName(b []byte, name string) []byte { return append(appendUint(b, len(name)), name...) }

func appendSection(b []byte, id byte, body []byte) []byte {
	return append(appendUint(append(b, id), len(body)), body...)
}
