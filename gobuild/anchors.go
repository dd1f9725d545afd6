package gobuild

import (
	"fmt"
	"iter"
	"regexp"
	"strings"
)

// An anchor is a place in a file of the standard library that is patched. It must match exactly once.
type anchor struct {
	file    string // relative to GOROOT/src
	name    string // for error messages
	pattern string // a regular expression, multi-line, that begins with ^ and a literal
	replace string // as in regexp.Expand
}

// anchors are all the patches besides the removal of preview1 imports.
var anchors = []anchor{
	{
		file:    "runtime/runtime2.go",
		name:    "field parentGoid of type g",
		pattern: `^\tparentGoid\s+uint64\b.*\n`,
		replace: "${0}\tgondolaTask *gondolaTask // the component task that owns this goroutine\n\tgondolaNext, gondolaPrev *g // its neighbours in the task\n",
	},
	{
		file:    "runtime/runtime2.go",
		name:    "const gTrackingPeriod",
		pattern: `^const gTrackingPeriod = 8\n`,
		replace: "const gTrackingPeriod = 128 // as large as it can be: each look at the clock is a call of the host\n",
	},
	{
		file:    "runtime/proc.go",
		name:    "assignment to parentGoid in newproc1",
		pattern: `^\tnewg\.parentGoid = callergp\.goid\n`,
		replace: "${0}\tgondolaNewG(newg, callergp)\n",
	},
	{
		file:    "runtime/proc.go",
		name:    "clearing of the timer in gdestroy",
		pattern: `^\tgp\.labels = nil\n\tgp\.timer = nil\n`,
		replace: "${0}\tgondolaDeadG(gp)\n",
	},
	{
		file:    "runtime/proc.go",
		name:    "package initialization in runtime.main",
		pattern: `^\t// Run the initializing tasks\. Depending on build mode this\n`,
		replace: "\tgondolaAwaitRun()\n${0}",
	},
	{
		file:    "runtime/proc.go",
		name:    "end of a library's initialization in runtime.main",
		pattern: `^\tif isarchive \|\| islibrary \{\n\t\t// A program compiled`,
		replace: "\tif !gondolaCommand && (isarchive || islibrary) {\n\t\t// A program compiled",
	},
	{
		file:    "runtime/proc.go",
		name:    "exit at the end of runtime.main",
		pattern: `^\texit\(0\)\n\tfor \{\n\t\tvar x \*int32\n`,
		replace: "\tgondolaReturn()\n${0}",
	},
	{
		file:    "runtime/proc.go",
		name:    "func wakep, which looks for another thread",
		pattern: `^func wakep\(\) \{\n`,
		replace: "func wakep() {}\n\nfunc gondolaReplacedWakep() {\n",
	},
	{
		file:    "runtime/proc.go",
		name:    "search of other threads' work in findRunnable",
		pattern: `^\tif mp\.spinning \|\| 2\*sched\.nmspinning\.Load\(\) < gomaxprocs-sched\.npidle\.Load\(\) \{\n`,
		replace: "\tif false {\n",
	},
	{
		file:    "runtime/traceback.go",
		name:    "look-up of the function in isSystemGoroutine",
		pattern: `^\tf := findfunc\(gp\.startpc\)\n\tif !f\.valid\(\) \{\n\t\treturn false\n\t\}\n`,
		replace: "\tif gondolaIsUsers(gp.startpc) {\n\t\treturn false\n\t}\n${0}",
	},
	{
		file:    "runtime/mgc.go",
		name:    "end of a collection, where the stack of new goroutines is chosen",
		pattern: `^\tgcComputeStartingStackSize\(\)\n`,
		replace: "${0}\tstartingStackSize = max(startingStackSize, gondolaStack)\n",
	},
	{
		file:    "runtime/lock_wasip1.go",
		name:    "func beforeIdle",
		pattern: `^func beforeIdle\(int64, int64\) \(\*g, bool\) \{\n\treturn nil, false\n\}\n`,
	},
	{
		file:    "runtime/lock_wasip1.go",
		name:    "func checkTimeouts",
		pattern: `^func checkTimeouts\(\) \{\}\n`,
	},
	{
		file:    "runtime/os_wasip1.go",
		name:    "func goenvs",
		pattern: `^func goenvs\(\) \{\n`,
		replace: "func gondolaReplacedGoenvs() {\n",
	},
	{
		file:    "runtime/runtime.go",
		name:    "func syscall_runtime_envs",
		pattern: `^func syscall_runtime_envs\(\) \[\]string \{ `,
		replace: "${0}gondolaNeedEnviron(); ",
	},
	{
		file:    "runtime/time.go",
		name:    "func time_runtimeNano",
		pattern: `^func time_runtimeNano\(\) int64 \{\n`,
		replace: "${0}\tgondolaSeesTime()\n",
	},
	{
		file:    "runtime/time.go",
		name:    "func timeSleep",
		pattern: `^func timeSleep\(ns int64\) \{\n`,
		replace: "${0}\tgondolaStartClock()\n",
	},
	{
		file:    "math/rand/rand.go",
		name:    "linkname of runtime_rand",
		pattern: `^//go:linkname runtime_rand runtime\.rand\n`,
		replace: "//go:linkname runtime_rand runtime.gondola_v1_rand\n",
	},
	{
		file:    "math/rand/v2/rand.go",
		name:    "linkname of runtime_rand",
		pattern: `^//go:linkname runtime_rand runtime\.rand\n`,
		replace: "//go:linkname runtime_rand runtime.gondola_v1_rand\n",
	},
	{
		file:    "runtime/os_wasm.go",
		name:    "func crash",
		pattern: `^func crash\(\) \{\n\tabort\(\)\n`,
		replace: "func crash() {\n\texit(2) // a component that panics ends like a program, not like a C library\n",
	},
	{
		file:    "net/net.go",
		name:    "errors that newDNSError wraps",
		pattern: `^\tif errors\.Is\(err, context\.DeadlineExceeded\) \|\| errors\.Is\(err, context\.Canceled\) \{\n`,
		replace: "\tif errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, syscall.ENOSYS) {\n",
	},
	{
		file:    "syscall/fs_wasip1.go",
		name:    "call of fd_read in func Read",
		pattern: `^\terrno := fd_read\(int32\(fd\), makeIOVec\(b\), 1, &nread\)\n`,
		replace: "\terrno := gondolaReadFD(int32(fd), b, &nread)\n",
	},
	{
		file:    "syscall/fs_wasip1.go",
		name:    "call of fd_write in func Write",
		pattern: `^\terrno := fd_write\(int32\(fd\), makeIOVec\(b\), 1, &nwritten\)\n`,
		replace: "\terrno := gondolaWriteFD(int32(fd), b, &nwritten)\n",
	},
	{
		file:    "syscall/env_unix.go",
		name:    "variable envs",
		pattern: `^\tenvs \[\]string = runtime_envs\(\)\n`,
		replace: "\tenvs []string\n",
	},
	{
		file:    "syscall/env_unix.go",
		name:    "first line of func copyenv",
		pattern: `^\tenv = make\(map\[string\]int\)\n\tfor i, s := range envs \{\n`,
		replace: "\tenvs = runtime_envs()\n${0}",
	},
	{
		file:    "syscall/fs_wasip1.go",
		name:    "working directory in func init",
		pattern: `^\tif cwd, _ = Getenv\("PWD"\); cwd != "" \{\n`,
		replace: "\tif cwd != \"\" {\n",
	},
	{
		file:    "syscall/fs_wasip1.go",
		name:    "func Getwd",
		pattern: `^func Getwd\(\) \(string, error\) \{\n`,
		replace: "${0}\tif gondolaGetwd(); cwd == \"\" {\n\t\treturn \"\", ENOSYS\n\t}\n",
	},
	{
		file:    "net/net_fake.go",
		name:    "first check of func socket",
		pattern: `^\tif raddr != nil && ctrlCtxFn != nil \{\n`,
		replace: "\tif true {\n\t\treturn nil, os.NewSyscallError(\"socket\", syscall.ENOSYS)\n\t}\n${0}",
	},
}

// preview1Files hold the imports of WASI preview1.
var preview1Files = []string{
	"runtime/lock_wasip1.go",
	"runtime/os_wasip1.go",
	"syscall/fs_wasip1.go",
	"syscall/net_wasip1.go",
	"syscall/os_wasip1.go",
	"syscall/syscall_wasip1.go",
	"internal/syscall/unix/at_wasip1.go",
	"internal/syscall/unix/utimes_wasip1.go",
}

// preview1Import matches the declaration of a preview1 import: its Go name, its parameters, its result.
var preview1Import = regexp.MustCompile(`(?m)^//go:wasmimport wasi_snapshot_preview1 \w+\n(?://go:noescape\n)?func (\w+)\(([^\n]*)\)( [\w.]+)?\n`)

// enosys is WASI preview1's errno for a function that isn't there, which stays package syscall's ENOSYS.
const enosys = "52"

// apply patches source at the anchor.
func (a anchor) apply(source string) (string, error) {
	pattern := regexp.MustCompile(`\A(?m:` + a.pattern + `)`)
	matches, patched := 0, ""
	for i := range a.candidates(source) {
		if m := pattern.FindStringSubmatchIndex(source[i:]); m != nil {
			matches++
			replaced := pattern.ExpandString([]byte(source[:i]), a.replace, source[i:], m)
			patched = string(replaced) + source[i+m[1]:]
		}
	}
	if matches != 1 {
		return "", fmt.Errorf("%s: the anchor %q matches %d times instead of once", a.file, a.name, matches)
	}
	return patched, nil
}

// candidates are the lines that begin as the pattern does, which regular expressions are slow to find.
func (a anchor) candidates(source string) iter.Seq[int] {
	literal, _ := regexp.MustCompile(strings.TrimPrefix(a.pattern, "^")).LiteralPrefix()
	return func(yield func(int) bool) {
		for at := 0; at < len(source); {
			i := strings.Index(source[at:], literal)
			if i < 0 {
				return
			}
			at += i
			if (at == 0 || source[at-1] == '\n') && !yield(at) {
				return
			}
			at += max(len(literal), 1)
		}
	}
}

// replacePreview1 removes the preview1 imports from source. The functions named in bodies have a body elsewhere; the others return
// ENOSYS.
func replacePreview1(file, source string, bodies map[string]bool) (string, error) {
	if !strings.Contains(source, "//go:wasmimport") {
		return source, nil
	}
	source = preview1Import.ReplaceAllStringFunc(source, func(declaration string) string {
		parts := preview1Import.FindStringSubmatch(declaration)
		name, params, result := parts[1], parts[2], parts[3]
		switch {
		case bodies[name]:
			return ""
		case result == "":
			return fmt.Sprintf("func %s(%s) {}\n", name, params)
		}
		return fmt.Sprintf("func %s(%s)%s { return %s }\n", name, params, result, enosys)
	})
	if strings.Contains(source, "//go:wasmimport") {
		return "", fmt.Errorf("%s: an import remains that isn't declared as expected", file)
	}
	return source, nil
}
