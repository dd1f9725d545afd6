package wazero

import (
	"context"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// preview1Calls are wazero's functions of WASI preview 1, by name.
type preview1Calls map[string]api.GoModuleFunction

// preview1Guest is what is kept for the instances of a space that use preview 1.
type preview1Guest struct {
	check func()              // see engine.Preview1
	sleep func(time.Duration) // likewise
	fds   *descriptors
}

// The errno of preview 1 that are ours to return.
const (
	errnoBadf        = 8
	errnoFault       = 21
	errnoInval       = 28
	errnoNametoolong = 37
	errnoNotsock     = 57
	errnoRange       = 68
	errnoNotcapable  = 76
)

// preview1Rule is what is looked at before a function is called.
type preview1Rule struct {
	fds []fdParam

	// most is what the parameter at count can be. What goes over a list that is as long
	// as the guest says can't be interrupted.
	count int
	most  uint32

	// call does it in place of wazero's function, or around it.
	call func(c *preview1Call) (errno uint64)
}

// fdParam is a parameter that is a descriptor, and the rights that the function needs.
type fdParam struct {
	index  int
	rights uint64
}

// Most pieces of memory that one call can read or write, as most systems have it, and
// most subscriptions.
const (
	maxPieces        = 1024
	maxSubscriptions = 1 << 16
)

// preview1Rules are the rules of all functions that take descriptors.
var preview1Rules map[string]preview1Rule

func init() { // what is called refers to it
	on := func(params ...fdParam) preview1Rule { return preview1Rule{fds: params} }
	first := func(rights uint64) preview1Rule { return on(fdParam{0, rights}) }
	pieces := func(rights uint64) preview1Rule {
		return preview1Rule{fds: []fdParam{{0, rights}}, count: 2, most: maxPieces}
	}
	by := func(r preview1Rule, call func(c *preview1Call) uint64) preview1Rule {
		r.call = call
		return r
	}
	preview1Rules = map[string]preview1Rule{
		"fd_advise":               first(rightAdvise),
		"fd_allocate":             by(first(rightAllocate), (*preview1Call).allocate),
		"fd_close":                by(first(0), (*preview1Call).close),
		"fd_datasync":             first(rightDatasync),
		"fd_fdstat_get":           by(first(0), (*preview1Call).fdstat),
		"fd_fdstat_set_flags":     by(first(rightSetFlags), (*preview1Call).setFlags),
		"fd_fdstat_set_rights":    by(first(0), (*preview1Call).setRights),
		"fd_filestat_get":         first(rightFilestatGet),
		"fd_filestat_set_size":    first(rightFilestatSetSize),
		"fd_filestat_set_times":   first(rightFilestatSetTimes),
		"fd_pread":                pieces(rightRead | rightSeek),
		"fd_prestat_dir_name":     by(first(0), (*preview1Call).prestatName),
		"fd_prestat_get":          first(0),
		"fd_pwrite":               pieces(rightWrite | rightSeek),
		"fd_read":                 pieces(rightRead),
		"fd_readdir":              first(rightReaddir),
		"fd_renumber":             by(on(fdParam{0, 0}, fdParam{1, 0}), (*preview1Call).renumber),
		"fd_seek":                 first(rightSeek),
		"fd_sync":                 first(rightSync),
		"fd_tell":                 first(rightTell),
		"fd_write":                pieces(rightWrite),
		"path_create_directory":   first(rightCreateDirectory),
		"path_filestat_get":       first(rightPathFilestatGet),
		"path_filestat_set_times": first(rightPathFilestatSetTimes),
		"path_link":               by(on(fdParam{0, rightLinkSource}, fdParam{4, rightLinkTarget}), (*preview1Call).link),
		"path_open":               by(first(rightOpen), (*preview1Call).open),
		"path_readlink":           by(first(rightReadlink), (*preview1Call).readlink),
		"path_remove_directory":   first(rightRemoveDirectory),
		"path_rename":             on(fdParam{0, rightRenameSource}, fdParam{3, rightRenameTarget}),
		"path_symlink":            on(fdParam{2, rightSymlink}),
		"path_unlink_file":        first(rightUnlinkFile),
		"poll_oneoff":             {count: 2, most: maxSubscriptions, call: (*preview1Call).poll},
		"sock_accept":             first(0),
		"sock_recv":               pieces(0),
		"sock_send":               pieces(0),
		"sock_shutdown":           by(first(0), (*preview1Call).sockShutdown),
	}
}

// guarded is a function behind its rule. It checks at every call whether the guest may
// go on, since one call may take as long as thousands of iterations.
func (calls preview1Calls) guarded(name string) api.GoModuleFunc {
	f, rule := calls[name], preview1Rules[name]
	return func(ctx context.Context, mod api.Module, stack []uint64) {
		guest := spaceOf(ctx).preview1
		if guest.check != nil {
			guest.check()
		}
		if rule.most > 0 && uint32(stack[rule.count]) > rule.most {
			stack[0] = errnoInval
			return
		}
		on, errno := guest.fds.lookUp(rule.fds, stack)
		switch {
		case errno != 0:
			stack[0] = errno
		case rule.call != nil:
			stack[0] = rule.call(&preview1Call{calls, guest, f, ctx, mod, stack, on})
		default:
			f.Call(ctx, mod, stack)
		}
	}
}

// preview1Call is a call of one of our functions. Descriptors on the stack are wazero's.
type preview1Call struct {
	calls  preview1Calls
	guest  *preview1Guest
	theirs api.GoModuleFunction // of the same name
	ctx    context.Context
	mod    api.Module
	stack  []uint64
	on     [2]guestFD // what it is about
}

// pass calls wazero's function of the same name with the same arguments.
func (c *preview1Call) pass() (errno uint64) {
	args := [9]uint64{}
	return c.run(c.theirs, args[:copy(args[:], c.stack)])
}

// call calls one of wazero's functions.
func (c *preview1Call) call(name string, args ...uint64) (errno uint64) {
	return c.run(c.calls[name], args)
}

func (c *preview1Call) run(f api.GoModuleFunction, args []uint64) (errno uint64) {
	f.Call(c.ctx, c.mod, args)
	return args[0]
}

// param is a parameter of 32 bits.
func (c *preview1Call) param(i int) uint32 { return uint32(c.stack[i]) }

// scratch lets f use the first n bytes of the guest's memory, which are as before
// afterwards: wazero's functions return nothing anywhere else.
func (c *preview1Call) scratch(n uint32, f func(b []byte) (errno uint64)) (errno uint64) {
	b, ok := c.mod.Memory().Read(0, n)
	if !ok {
		return errnoFault
	}
	before := append([]byte(nil), b...)
	defer copy(b, before)
	return f(b)
}
