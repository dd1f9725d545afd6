package main

import (
	"math"

	"github.com/spf13/pflag"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/preview1"
)

// capFlags are what an instance may take of the host, as far as the runtime is asked. What
// the hosts of WASI give is capped by [limitFlags].
type capFlags struct {
	memory, stack, value                                  size
	elements, tables, memories, handles, tasks, hostCalls int
	instances                                             int // 0 is the default: "serve" has another flag of that name
}

func (c *capFlags) register(f *pflag.FlagSet) {
	c.memory, c.stack, c.value = 1<<30, 256<<20, 128<<20
	f.Var(&c.memory, "max-memory", "cap what the memories of an instance take together, in `bytes`, or with a unit: 64MiB")
	f.Var(&c.stack, "max-wasm-stack", "cap what the call stacks of an instance take together, in `bytes`")
	countVar(f, &c.memories, "max-memories", 1000, "cap the `number` of memories that an instance has")
	countVar(f, &c.tables, "max-tables", 10_000, "cap the `number` of tables that an instance has")
	countVar(f, &c.elements, "max-table-elements", 10_000_000, "cap the `number` of entries that the tables of an instance have together")
	countVar(f, &c.handles, "max-handles", 1_000_000, "cap the `number` of resources, streams and futures that an instance has at a time")
	countVar(f, &c.tasks, "max-tasks", 1_000_000, "cap the `number` of calls that are under way in an instance at a time")
	countVar(f, &c.hostCalls, "max-host-calls", 100_000, "cap the `number` of async calls whose answers from the host an instance waits for at a time")
	f.Var(&c.value, "hostcall-fuel", "cap what the arguments of one call, or its result, take on the way out of a guest, in `bytes`; streams carry any amount")
}

// registerInstances adds the flag for commands that have no other of its name.
func (c *capFlags) registerInstances(f *pflag.FlagSet) {
	countVar(f, &c.instances, "max-instances", 10_000, "cap the `number` of instances of components, and of core modules, that the guest is made of")
}

func (c *capFlags) options() []gondola.Option {
	opts := []gondola.Option{
		gondola.WithMaxMemory(uint64(c.memory)),
		gondola.WithMaxStack(int(min(c.stack, math.MaxInt))),
		gondola.WithMaxMemories(c.memories),
		gondola.WithMaxTables(c.tables),
		gondola.WithMaxTableElements(c.elements),
		gondola.WithMaxHandles(c.handles),
		gondola.WithMaxTasks(c.tasks),
		gondola.WithMaxHostCalls(c.hostCalls),
		gondola.WithMaxValueSize(int(min(c.value, math.MaxInt))),
	}
	if c.instances != 0 {
		opts = append(opts, gondola.WithMaxInstances(c.instances))
	}
	return opts
}

// limit limits core modules in the same way, as far as it has to do with them.
func (c *capFlags) limit(o *preview1.Options) {
	o.MaxMemory, o.MaxMemories = uint64(c.memory), c.memories
	o.MaxStack = int(max(min(c.stack, math.MaxInt), 1))
	o.MaxTables, o.MaxTableElements = c.tables, c.elements
}
