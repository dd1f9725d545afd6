package componentize

import (
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/wit"
)

const (
	rootModule   = "$root"    // the core module name of the world itself
	exportPrefix = "[export]" // of the core module name of an exported interface
)

// container is what the module part of a core import's name, or the first part of a core
// export's name, refers to: an interface or the world itself, on its imported
// or exported side.
type container struct {
	world    *wit.World
	exported bool
	key      wit.WorldKey   // of the interface
	iface    *wit.Interface // nil: the world itself
	sigs     *signatures
}

func (c container) items() *worldItems {
	if c.exported {
		return &c.world.Exports
	}
	return &c.world.Imports
}

// name is the container's core name without the prefix of exports.
func (c container) name() string {
	if c.iface == nil {
		return rootModule
	}
	return c.key.String()
}

// function finds a function by its WIT name.
func (c container) function(name string) *wit.Function {
	if c.iface != nil {
		return c.iface.Functions.Get(name)
	}
	f, _ := c.items().Get(wit.NameKey(name)).(*wit.Function)
	return f
}

// resource finds a resource that is defined here. Those of the world itself are
// always imported.
func (c container) resource(name string) *wit.TypeDef {
	var d *wit.TypeDef
	if c.iface != nil {
		d = c.iface.Types.Get(name)
	} else if !c.exported {
		d, _ = c.world.Imports.Get(wit.NameKey(name)).(*wit.TypeDef)
	}
	if d == nil {
		return nil
	}
	if _, ok := d.Kind.(*wit.Resource); !ok {
		return nil
	}
	return d
}

// worldIndex finds the interfaces of a world by name.
type worldIndex struct {
	world            *wit.World
	imports, exports itemIndex
	sigs             *signatures
}

// itemIndex has the interfaces among imports or exports by their names, and under the key
// of a compatible version the first of each kind.
type itemIndex struct{ names, tracks map[string]wit.WorldKey }

func newWorldIndex(w *wit.World) *worldIndex {
	return &worldIndex{w, indexItems(&w.Imports), indexItems(&w.Exports), newSignatures()}
}

func indexItems(items *worldItems) itemIndex {
	x := itemIndex{map[string]wit.WorldKey{}, map[string]wit.WorldKey{}}
	for key, item := range items.All() {
		if _, ok := item.(*wit.InterfaceItem); !ok {
			continue
		}
		name := key.String()
		x.names[name] = key
		if key.Interface == nil {
			continue
		}
		if track := trackKey(name); track != "" {
			if _, taken := x.tracks[track]; !taken {
				x.tracks[track] = key
			}
		}
	}
	return x
}

// find finds the item that has a name, or the first that is an interface of the same
// name in a compatible version.
func (x itemIndex) find(name string) (wit.WorldKey, bool) {
	key, ok := x.names[name]
	if track := trackKey(name); !ok && track != "" {
		key, ok = x.tracks[track]
	}
	return key, ok
}

// container reads the module part of a core import's name.
func (x *worldIndex) container(module string) (container, bool) {
	c := container{world: x.world, sigs: x.sigs}
	module, c.exported = strings.CutPrefix(module, exportPrefix)
	if module == rootModule {
		return c, true
	}
	items := x.imports
	if c.exported {
		items = x.exports
	}
	key, ok := items.find(module)
	if !ok {
		return c, false
	}
	c.key, c.iface = key, c.items().Get(key).(*wit.InterfaceItem).Interface
	return c, true
}

// trackKey is the same for interface names of compatible versions. It is empty for
// what is no interface name with a version.
func trackKey(name string) string {
	i, err := names.ParseInterface(name, names.AllGates)
	if err != nil || i.Version.IsZero() {
		return ""
	}
	return i.TrackKey()
}

// coreExportName is the core name of an exported function, without prefixes.
func (c container) coreExportName(f *wit.Function) string {
	if c.iface == nil {
		return f.Name
	}
	return c.key.String() + "#" + f.Name
}

// Prefixes of the names of core exports.
const (
	asyncLiftPrefix    = "[async-lift]"
	stackfulLiftPrefix = "[async-lift-stackful]"
	callbackPrefix     = "[callback][async-lift]"
	postReturnPrefix   = "cabi_post_"
	asyncLowerPrefix   = "[async-lower]"
	dtorPrefix         = "[dtor]"
)

// transferBuiltins are the built-ins of streams and futures: what follows the name
// of the type in a core name, and the definitions for streams and for futures.
var transferBuiltins = []struct {
	name           string
	stream, future component.CanonOp
	streamSig      string
	futureSig      string
}{
	{"new", component.CanonStreamNew, component.CanonFutureNew, "-> i64", "-> i64"},
	{"read", component.CanonStreamRead, component.CanonFutureRead, "i32 i32 i32 -> i32", "i32 i32 -> i32"},
	{"write", component.CanonStreamWrite, component.CanonFutureWrite, "i32 i32 i32 -> i32", "i32 i32 -> i32"},
	{"cancel-read", component.CanonStreamCancelRead, component.CanonFutureCancelRead, "i32 -> i32", "i32 -> i32"},
	{"cancel-write", component.CanonStreamCancelWrite, component.CanonFutureCancelWrite, "i32 -> i32", "i32 -> i32"},
	{"drop-readable", component.CanonStreamDropReadable, component.CanonFutureDropReadable, "i32 ->", "i32 ->"},
	{"drop-writable", component.CanonStreamDropWritable, component.CanonFutureDropWritable, "i32 ->", "i32 ->"},
}

// transferName is a core name such as `[async-lower][stream-read-0]f` in parts.
type transferName struct {
	canon    component.Canon
	sig      string
	future   bool
	index    int // of the type in the function's; -1 for `unit`
	function string
}

func parseTransferName(name string) (t transferName, ok bool) {
	name, t.canon.Async = strings.CutPrefix(name, asyncLowerPrefix)
	inner, function, ok := strings.Cut(strings.TrimPrefix(name, "["), "]")
	kind, rest, ok2 := strings.Cut(inner, "-")
	if !ok || !ok2 || name[0] != '[' || kind != "stream" && kind != "future" {
		return t, false
	}
	t.function, t.future = function, kind == "future"
	cut := strings.LastIndexByte(rest, '-')
	if cut < 0 {
		return t, false
	}
	if t.index, ok = parseIndex(rest[cut+1:]); !ok {
		return t, false
	}
	return t, t.find(rest[:cut])
}

func parseIndex(s string) (int, bool) {
	if s == "unit" {
		return -1, true
	}
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err == nil
}

// find looks the built-in up. Those that can't wait have no asynchronous variant.
func (t *transferName) find(operation string) bool {
	for _, b := range transferBuiltins {
		if b.name != operation {
			continue
		}
		t.canon.Op, t.sig = b.stream, b.streamSig
		if t.future {
			t.canon.Op, t.sig = b.future, b.futureSig
		}
		switch operation {
		case "new", "drop-readable", "drop-writable":
			return !t.canon.Async
		}
		return true
	}
	return false
}
