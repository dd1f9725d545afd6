package suite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/testenv"
)

// testsuiteCount is how many components the folder has at commit 9f80ca35 of
// branch prod/testsuite-base, of 2026-08-18.
const testsuiteCount = 55

// spec says how a component is run and what must be seen then.
type spec struct {
	name string // of the file, without .wasm
	path string

	Operations []operation
	Proposals  []string
	World      string
	Servers    []server

	// The older form: one run, with what it prints and how it ends.
	Args           []string
	Env            map[string]string
	Root           string
	ExitCode       int `json:"exit_code"`
	Stdout, Stderr *string
}

// operation is a step of the runner. Which fields have a meaning depends on
// Type.
type operation struct {
	Type string

	// run
	Args []string
	Env  map[string]string
	Root string

	// wait
	ExitCode int `json:"exit_code"`

	// read, write, connect, send, recv
	ID           string
	Payload      string
	ProtocolType string `json:"protocol_type"`

	// request
	Method, Path, Body string
	Headers            map[string]string
	Response           response

	// kill
	Signal string
}

type response struct {
	Status  int
	Headers map[string]string
	Body    string

	// Of servers only.
	Chunks   []string
	Trailers map[string]string
	echo     bool // the request's headers are the response's
}

// UnmarshalJSON knows the short form too, which is the body alone.
func (r *response) UnmarshalJSON(data []byte) error {
	r.Status = 200
	if json.Unmarshal(data, &r.Body) == nil {
		return nil
	}
	type plain response
	return decodeStrictly(data, (*plain)(r))
}

// server is what the guest may send requests to. The address of one named main
// is HTTP_SERVER_MAIN in the guest's environment.
type server struct {
	Name      string
	Kind      string // closed: nobody listens
	Endpoints []endpoint
}

type endpoint struct {
	Method, Path string
	Mode         string // echo-body, echo-headers, or the response is what it says
	Response     response
}

const (
	worldCommand = "wasi:cli/command"
	worldService = "wasi:http/service"
)

// testsuite reads the specifications of the folder.
func testsuite(t testing.TB) []*spec {
	t.Helper()
	dir := testenv.Path(t, testenv.WASITestsuite)
	paths, err := filepath.Glob(filepath.Join(dir, "*.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != testsuiteCount {
		t.Fatalf("%s=%s has %d components, but at the pinned commit there are %d: see CONTRIBUTING.md",
			testenv.WASITestsuite, dir, len(paths), testsuiteCount)
	}
	var specs []*spec
	for _, path := range paths {
		s, err := readSpec(path)
		if err != nil {
			t.Fatal(err)
		}
		specs = append(specs, s)
	}
	return specs
}

func readSpec(path string) (*spec, error) {
	base := strings.TrimSuffix(path, ".wasm")
	s := &spec{name: filepath.Base(base), path: path, World: worldCommand}
	data, err := os.ReadFile(base + ".json")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		if err := decodeStrictly(data, s); err != nil {
			return nil, fmt.Errorf("%s.json: %w", s.name, err)
		}
	}
	s.modernise()
	return s, s.check()
}

// decodeStrictly refuses keys that this runner would ignore.
func decodeStrictly(data []byte, into any) error {
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// modernise turns the older form into operations.
func (s *spec) modernise() {
	if s.Operations != nil {
		return
	}
	s.Operations = append(s.Operations, operation{Type: "run", Args: s.Args, Env: s.Env, Root: s.Root})
	for id, text := range map[string]*string{"stdout": s.Stdout, "stderr": s.Stderr} {
		if text != nil {
			s.Operations = append(s.Operations, operation{Type: "read", ID: id, Payload: *text})
		}
	}
	s.Operations = append(s.Operations, operation{Type: "wait", ExitCode: s.ExitCode})
}

func (s *spec) check() error {
	if s.World != worldCommand && s.World != worldService {
		return fmt.Errorf("%s.json: the world %q is unknown", s.name, s.World)
	}
	for i := range s.Operations {
		op := &s.Operations[i]
		if _, ok := steps[op.Type]; !ok {
			return fmt.Errorf("%s.json: the operation %q is unknown", s.name, op.Type)
		}
		if op.ProtocolType != "" && op.ProtocolType != "tcp" {
			return fmt.Errorf("%s.json: the protocol %q is unknown", s.name, op.ProtocolType)
		}
	}
	return nil
}
