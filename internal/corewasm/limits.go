package corewasm

// Limits on what Decode accepts. They are those that the WebAssembly JavaScript API
// lays down ("Implementation-defined limits"), so that a module that runs in a
// browser runs here. A module beyond one of them gets an [*Error] that names it.
const (
	MaxModuleSize   = 1 << 30
	MaxTypes        = 1_000_000
	MaxFunctions    = 1_000_000
	MaxImports      = 1_000_000
	MaxExports      = 1_000_000
	MaxGlobals      = 1_000_000
	MaxTags         = 1_000_000
	MaxDataSegments = 100_000
	MaxElements     = 10_000_000 // entries of all element segments together
	MaxTables       = 100_000
	MaxMemories     = 100
	MaxTableSize    = 10_000_000
	MaxParams       = 1_000
	MaxResults      = 1_000
	MaxFields       = 10_000 // of a struct
	MaxSupers       = 1_000  // declared by one type, of which a valid one has at most one; ours
	MaxLocals       = 50_000 // parameters included
	MaxBodySize     = 7_654_321
	MaxMemoryPages  = 65_536
	MaxCatches      = 10_000
	MaxSegments     = 100_000 // of elements; ours
	MaxCustoms      = 100_000 // ours
	MaxSubtypeDepth = 63
	MaxArrayFixed   = 10_000     // operands of array.new_fixed
	MaxOperands     = 1 << 20    // of a function; ours
	MaxAllLocals    = 20_000_000 // of all functions together; ours, because a few bytes declare 50,000
)
