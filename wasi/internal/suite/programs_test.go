package suite

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wasi"
)

// program says how Wasmtime's own tests run one of its test programs, and what
// must be seen then. The zero program gets its name and "." as arguments, an empty
// directory as ".", and the network, and must succeed.
type program struct {
	skip string                                             // why it is not run
	own  func(t *testing.T, shared *inProcess, path string) // how it is run, if it is unlike all others

	argv0    string
	args     []string
	env      []string // these alone
	cwd      string
	files    map[string]string // what is in its directory; a name with a slash at the end is a folder
	old      string            // one of them, from long before 1970
	as       string            // what it sees its directory as
	noDir    bool
	ro       bool   // it may only read its directory
	readOnly string // a file in a directory "readonly" that can only be read, which must stay as it is
	network  *wasi.Network
	limits   wasi.Limits
	options  []gondola.Option
	damage   damage
	stdin    string
	server   bool // HTTP_SERVER is a server that echoes bodies

	status int
	stdout *string // all of standard output
	prints string  // the beginning of it
	says   string  // what standard error or the trap must contain
	check  func(dir string) error
}

// programGroups are the prefixes of programs that are run. The others are about
// other things than WASI.
var programGroups = []string{"p1_*.wasm", "p2_*.wasm", "p3_*.wasm"}

// Wasmtime's test programs do here what they do there.
func TestWasmtimePrograms(t *testing.T) {
	dir := testenv.Path(t, testenv.WasmtimePrograms)
	found := map[string]bool{}
	shared := newInProcess(t)
	for _, group := range programGroups {
		paths, err := filepath.Glob(filepath.Join(dir, group))
		if err != nil {
			t.Fatal(err)
		}
		if len(paths) == 0 {
			t.Errorf("%s has no %s", dir, group)
		}
		for _, path := range paths {
			name := strings.TrimSuffix(filepath.Base(path), ".wasm")
			found[name] = true
			for variant, p := range variants(name) {
				t.Run(name+variant, func(t *testing.T) { p.test(t, shared, path) })
			}
		}
	}
	for name := range programs {
		if name, _, _ := strings.Cut(name, "/"); !found[name] {
			t.Errorf("%s has no %s.wasm", dir, name)
		}
	}
}

// variants are the ways in which a program is run: a name with a slash in it is
// one of several.
func variants(name string) map[string]program {
	all := map[string]program{}
	for key, p := range programs {
		if base, _, _ := strings.Cut(key, "/"); base == name {
			all[strings.TrimPrefix(key, name)] = p
		}
	}
	if len(all) == 0 {
		all[""] = program{}
	}
	return all
}

func (p program) test(t *testing.T, shared *inProcess, path string) {
	if p.skip != "" {
		t.Skip(p.skip)
	}
	if p.own != nil {
		p.own(t, shared, path)
		return
	}
	l := shared
	if p.options != nil {
		l = newInProcess(t, p.options...)
	}
	l = l.damagedBy(p.damage)
	launch, dir := p.launch(t, path)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	g, err := l.launch(ctx, launch)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		// A guest that doesn't read it is no failure.
		_, _ = g.stdin.Write([]byte(p.stdin))
		g.stdin.Close()
	}()
	status, err := g.wait()
	if err := p.judge(g, dir, status, err); err != nil {
		t.Errorf("%v\nstdout: %s\nstderr: %s", err, g.stdout, g.stderr)
	}
}

func (p program) launch(t *testing.T, path string) (l launch, dir string) {
	l = launch{
		path:    path,
		args:    p.args,
		cwd:     p.cwd,
		argv0:   p.argv0,
		env:     p.env,
		network: everything(),
		limits:  p.limits,
	}
	if l.args == nil {
		l.args = []string{"."}
	}
	if p.network != nil {
		l.network = *p.network
	}
	if l.env == nil {
		l.env = defaultEnv()
	}
	if p.server {
		l.env = append(l.env, "HTTP_SERVER="+startMirror(t))
	}
	dir = t.TempDir()
	if err := writeFiles(dir, p.files); err != nil {
		t.Fatal(err)
	}
	if p.old != "" {
		long := time.Unix(-1<<62, 0)
		if err := os.Chtimes(filepath.Join(dir, p.old), long, long); err != nil {
			t.Logf("the file system takes no such time: %v", err)
		}
	}
	if !p.noDir {
		l.dirs = append(l.dirs, wasi.Dir{Guest: cmp.Or(p.as, "."), Host: dir, ReadOnly: p.ro})
	}
	if p.readOnly != "" {
		ro := t.TempDir()
		text := "read only test file\n"
		if p.readOnly == "stream-perms.txt" {
			text = "stream permission test\n"
		}
		if err := writeFiles(ro, map[string]string{p.readOnly: text}); err != nil {
			t.Fatal(err)
		}
		l.dirs = append(l.dirs, wasi.Dir{Guest: "readonly", Host: ro, ReadOnly: true})
		t.Cleanup(func() {
			if err := fileIs(p.readOnly, text)(ro); err != nil {
				t.Error(err)
			}
		})
	}
	return l, dir
}

func writeFiles(dir string, files map[string]string) error {
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o755); err != nil {
				return err
			}
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// defaultEnv tells a program what it must expect.
func defaultEnv() []string {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return []string{"ERRNO_MODE_UNIX=1", "DISABLE_IPV6=1"}
	}
	l.Close()
	return []string{"ERRNO_MODE_UNIX=1"}
}

func (p program) judge(g *guest, dir string, status int, err error) error {
	if status != p.status {
		return fmt.Errorf("the exit status is %d (%v), not %d", status, err, p.status)
	}
	if said := fmt.Sprint(g.stderr, err); !strings.Contains(said, p.says) {
		return fmt.Errorf("%q is nowhere in %s", p.says, said)
	}
	if p.stdout != nil && g.stdout.String() != *p.stdout {
		return fmt.Errorf("the output is not %q", *p.stdout)
	}
	if !strings.HasPrefix(g.stdout.String(), p.prints) {
		return fmt.Errorf("the output does not begin with %q", p.prints)
	}
	if p.check != nil {
		return p.check(dir)
	}
	return nil
}

// startMirror answers each request with its own body, and says which method and
// URI it had.
func startMirror(t *testing.T) string {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := serveEndpoints(l, nil)
	e.mirror = true
	t.Cleanup(e.close)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return "localhost:" + port
}

func output(s string) *string { return &s }

// fileIs checks what a program leaves behind.
func fileIs(name, want string) func(dir string) error {
	return func(dir string) error {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if string(got) != want {
			return fmt.Errorf("%s is %q, %v", name, got, err)
		}
		return nil
	}
}

const served = "it is served: TestServed…"

// trapped is the status of a program that trapped.
const trapped = 134

var programs = programTable()

func programTable() map[string]program {
	m := map[string]program{
		"p1_stat_extreme_host_mtime": {files: map[string]string{"extreme.dat": "hello"}, old: "extreme.dat"},
		// Wasmtime refuses the flag; here files are opened with O_SYNC.
		"p1_path_filestat":              {status: trapped, says: "FDFLAGS_SYNC not supported by platform"},
		"p1_stdio_isatty":               {skip: "standard streams are no terminals here"},
		"p1_file_truncation_readonly":   {readOnly: "test.txt"},
		"p1_file_hardlink_across_perms": {readOnly: "test.txt"},
		"p1_file_rename_across_perms":   {readOnly: "test.txt"},
		"p2_file_truncation_readonly":   {readOnly: "test.txt"},
		"p2_file_hardlink_across_perms": {readOnly: "test.txt"},
		"p2_file_rename_across_perms":   {readOnly: "test.txt"},
		"p2_file_stream_not_permitted":  {readOnly: "stream-perms.txt"},
		"p3_file_truncation_readonly":   {readOnly: "test.txt"},
		"p3_file_hardlink_across_perms": {readOnly: "test.txt"},
		"p3_file_rename_across_perms":   {readOnly: "test.txt"},

		// Its preview1 is an adapter here, and 0.2 has traps where preview1 has errors.
		"p1_cli_hostcall_fuel": {options: []gondola.Option{gondola.WithMaxValueSize(1000)}, status: trapped, says: "value too large"},

		"p2_stream_pollable_traps": {status: trapped},
		"p2_pollable_traps":        {status: trapped},
		"p2_udp_send_too_much":     {status: trapped},

		"p2_api_read_only": {as: "/", ro: true, files: map[string]string{"bar.txt": "And stood awhile in thought", "sub/": ""}},
		"p2_api_time":      {damage: damage{linker: fakeClocks}},
		"p2_api_reactor":   {own: reactor},

		"p2_cli_args":        {args: []string{"hello", "this", "", "is an argument", "with \U0001f6a9 emoji"}},
		"p2_cli_argv0":       {args: []string{"p2_cli_argv0.wasm"}},
		"p2_cli_initial_cwd": {cwd: "/sandbox"},
		"p2_cli_env":         {env: []string{"frabjous=day", "callooh=callay"}},
		"p2_cli_stdin":       {stdin: "So rested he by the Tumtum tree"},
		"p2_cli_stdin_empty": {stdin: "not to be read"},
		"p2_cli_splice_stdin": {
			stdin:  "So rested he by the Tumtum tree",
			stdout: output("before splice\nSo rested he by the Tumtum tree\ncompleted splicing 31 bytes\n"),
		},
		"p2_cli_hello_stdout": {stdout: output("hello, world\n")},
		"p2_cli_file_read":    {as: "/", files: map[string]string{"bar.txt": "And stood awhile in thought"}},
		"p2_cli_file_append": {
			as:    "/",
			files: map[string]string{"bar.txt": "'Twas brillig, and the slithy toves.\n"},
			check: fileIs("bar.txt", "'Twas brillig, and the slithy toves.\nDid gyre and gimble in the wabe;\n"+
				"All mimsy were the borogoves,\nAnd the mome raths outgrabe.\n"),
		},
		"p2_cli_file_dir_sync":  {as: "/", files: map[string]string{"bar.txt": "'Twas brillig"}},
		"p2_cli_directory_list": {as: "/", files: map[string]string{"foo.txt": "", "bar.txt": "", "baz.txt": "", "sub/wow.txt": "", "sub/yay.txt": ""}},
		"p2_cli_exit_failure":   {status: 1},
		"p2_cli_exit_with_code": {status: 42},
		"p2_cli_exit_panic":     {status: trapped, says: "Curiouser and curiouser!"},
		"p2_cli_no_tcp":         {network: &wasi.Network{All: true, Deny: wasi.TCP, Resolver: names{}}},
		"p2_cli_no_udp":         {network: &wasi.Network{All: true, Deny: wasi.UDP, Resolver: names{}}},
		"p2_cli_no_ip_name_lookup": {
			network: &wasi.Network{All: true, Deny: wasi.Lookup, Resolver: names{}},
		},
		"p2_cli_large_env":           {env: largeEnv()},
		"p2_cli_many_resources":      {status: trapped, options: []gondola.Option{gondola.WithMaxHandles(100)}},
		"p2_cli_max_resources/50":    {status: trapped, options: []gondola.Option{gondola.WithMaxHandles(50)}},
		"p2_cli_max_resources/200":   {options: []gondola.Option{gondola.WithMaxHandles(200)}},
		"p2_cli_stdio_write_flushes": {stdout: output("> ")},
		"p2_cli_stdout_epipe":        {own: closedOutput},
		"p2_cli_stdin_eisdir":        {own: directoryAsInput},
		"p2_cli_sleep_forever":       {own: sleepForever},
		"p2_cli_multiple_preopens":   {own: manyDirectories},
		"p2_cli_invoke_async":        {own: invokeAsync},

		"p3_cli_hello_stdout": {stdout: output("hello, world\n")},
		// Wasmtime stops where run returns; here the guest may go on until it waits or its
		// instance is closed, so that one more line may come.
		"p3_cli_hello_stdout_post_return": {prints: "hello, world\n"},
		"p3_cli":                          {argv0: "p3_cli.component"},
		// Where there is a route for IPv6 and the kernel keeps the address of a socket that
		// connects again, it fails under Wasmtime too.
		"p3_sockets_udp_connect":               {env: []string{"ERRNO_MODE_UNIX=1", "DISABLE_IPV6=1"}},
		"p3_cli_many_tasks":                    {status: trapped, options: []gondola.Option{gondola.WithMaxHandles(100), gondola.WithMaxTasks(100)}},
		"p3_cli_many_stream":                   {options: []gondola.Option{gondola.WithMaxHandles(100)}},
		"p3_cli_read_stdin":                    {stdin: "hello!"},
		"p3_cli_deny_listen":                   {network: &wasi.Network{}},
		"p3_cli_stdout_flush":                  {stdin: "x", stdout: output("READY")},
		"p3_cli_random_limits/random":          {args: []string{"random", "256"}},
		"p3_cli_random_limits/insecure":        {args: []string{"insecure", "256"}},
		"p3_cli_random_limits/random, fewer":   {args: []string{"random", "256"}, limits: wasi.Limits{RandomBytes: 255}},
		"p3_cli_random_limits/insecure, fewer": {args: []string{"insecure", "256"}, limits: wasi.Limits{RandomBytes: 255}},

		"p2_random":               {},
		"p2_random/p1 over limit": {limits: wasi.Limits{RandomBytes: 255}, status: trapped},
		"p2_random/p2 over limit": {limits: wasi.Limits{RandomBytes: 255}, env: []string{"TEST_P1_RANDOM_LEN=255"}, status: trapped},
		"p2_random/insecure":      {limits: wasi.Limits{RandomBytes: 255}, env: []string{"TEST_P1_RANDOM_LEN=255", "TEST_P2_RANDOM_LEN=255"}, status: trapped},
		"p2_random/all within":    {limits: wasi.Limits{RandomBytes: 255}, env: []string{"TEST_P1_RANDOM_LEN=255", "TEST_P2_RANDOM_LEN=255", "TEST_P2_INSECURE_RANDOM_LEN=255"}},
	}
	for _, name := range []string{
		"p2_api_proxy", "p2_api_proxy_streaming", "p2_api_proxy_forward_request", "p2_cli_serve_authority_and_scheme",
		"p2_cli_serve_config", "p2_cli_serve_echo_env", "p2_cli_serve_hello_world", "p2_cli_serve_keyvalue",
		"p2_cli_serve_return_before_set", "p2_cli_serve_sleep", "p2_cli_serve_trap_before_set", "p2_cli_serve_with_print",
		"p3_api_proxy", "p3_cli_serve_hello_world", "p3_cli_serve_post_return", "p3_cli_serve_sleep", "p3_http_echo",
		"p3_http_forbidden_headers", "p3_http_middleware", "p3_http_middleware_with_chain", "p3_http_proxy",
	} {
		m[name] = program{skip: served}
	}
	m["p2_cli_serve_config"] = program{skip: "wasi:config is a draft"}
	m["p2_cli_serve_keyvalue"] = program{skip: "wasi:keyvalue is a draft"}
	m["p3_http_middleware_with_chain"] = program{skip: "wasm-tools compose can't give an import another name"}
	for _, p := range []string{"p2", "p3"} {
		for _, what := range []string{
			"chunk_size", "content_length", "get", "invalid_dnsname", "invalid_header", "invalid_port", "large_post",
			"missing_path_and_query", "post", "put", "response_build", "unknown_method", "unsupported_scheme",
		} {
			if p == "p3" || what != "chunk_size" {
				m[p+"_http_outbound_request_"+what] = program{server: true, noDir: true, env: []string{}}
			}
		}
		m[p+"_http_outbound_request_timeout"] = program{skip: "it connects to an address outside, and no test may"}
		m[p+"_tls_sample_application"] = program{skip: "wasi:tls is a draft"}
		m[p+"_http_outbound_request_invalid_version"] = program{own: serverOfHTTP2}
	}
	for i := 10; i < 15; i++ {
		text := strings.Repeat("a", 1<<i)
		for _, p := range []string{"p1", "p2", "p3"} {
			m[fmt.Sprintf("%s_cli_much_stdout/%d", p, 1<<i)] = program{
				args:   []string{text, fmt.Sprint(1 << (18 - i))},
				stdout: output(strings.Repeat("a", 1<<18)),
			}
		}
	}
	for arg, status := range map[string]int{
		"poll": trapped, "read": 0, "write": trapped, "mkdir": trapped, "write-stream": trapped,
		"write-stream-blocking": trapped, "resolve": trapped, "udp-send-many": trapped, "udp-send-big": trapped,
		"write-zeroes": trapped, "write-stream-buffer-too-large": trapped, "write-zeroes-buffer-too-large": trapped,
		"read-file-big": 0, "read-tcp-big": 0,
	} {
		m["p2_cli_hostcall_fuel/"+arg] = program{
			options: []gondola.Option{gondola.WithMaxValueSize(5000)},
			args:    []string{arg},
			files:   map[string]string{"1mb": strings.Repeat("\x00", 1<<20)},
			status:  status,
		}
	}
	for _, version := range []string{"p2", "p3"} {
		for _, how := range []string{"append", "append-empty", "append-same", "append-same-empty"} {
			p := program{args: []string{version + "-" + how}, noDir: true}
			if version == "p2" {
				p.status = trapped
			} else {
				p.says = ""
			}
			m["p2_cli_http_headers/"+version+"-"+how] = p
		}
	}
	return m
}

func largeEnv() []string {
	var env []string
	for i := range 512 {
		env = append(env, fmt.Sprintf("KEY%d=%s", i, strings.Repeat("x", 1024)))
	}
	return env
}

// fakeClocks has the wall clock stand still, and the monotonic one go on by 42 s
// each time that somebody looks.
func fakeClocks(l *gondola.Linker) {
	type datetime struct {
		Seconds     uint64
		Nanoseconds uint32
	}
	const wall, monotonic = "wasi:clocks/wall-clock@0.2.12", "wasi:clocks/monotonic-clock@0.2.12"
	l.Func(wall, "now", func(context.Context) datetime { return datetime{1431648000, 100} })
	l.Func(wall, "resolution", func(context.Context) datetime { return datetime{1, 0} })
	now := uint64(0)
	l.Func(monotonic, "resolution", func(context.Context) uint64 { return uint64(time.Second) })
	l.Func(monotonic, "now", func(context.Context) uint64 {
		then := now
		now += 42 * uint64(time.Second)
		return then
	})
}
