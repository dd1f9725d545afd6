package component

// Canon is a canonical definition: a lifted function, a lowered function, or a
// built-in. Op says which of the other fields count; see [CanonOp.Immediates].
//
// Spec: Binary.md#canonical-definitions, production `canon`.
type Canon struct {
	At          Offset
	Op          CanonOp
	Func        uint32 // lift: a core function; lower: a function
	Type        uint32 // lift: a function type; resource, stream and future built-ins: their type
	Options     []CanonOption
	Result      *ValType    // task.return: nil where it takes no value
	Async       bool        // subtask.cancel, {stream,future}.cancel-{read,write}
	Cancellable bool        // waitable-set.{wait,poll}, thread.*
	Shared      bool        // thread.spawn-*, thread.available-parallelism
	Memory      uint32      // waitable-set.{wait,poll}
	Table       uint32      // thread.{new,spawn}-indirect
	CoreType    uint32      // thread.new-indirect, thread.spawn-*: the thread's function type
	Context     CoreValType // context.{get,set}: the slot's type
	Slot        uint32      // context.{get,set}
}

// Section implements [Definition].
func (*Canon) Section() SectionID { return SectionCanon }

// Defines implements [Definition].
func (c *Canon) Defines() (Sort, bool) {
	if c.Op == CanonLift {
		return SortFunc, true
	}
	return SortCoreFunc, true
}

// Option returns the first option of a kind.
func (c *Canon) Option(k OptionKind) (o CanonOption, ok bool) {
	for _, o := range c.Options {
		if o.Kind == k {
			return o, true
		}
	}
	return CanonOption{}, false
}

// CanonOp tells canonical definitions apart. Its value is the opcode.
type CanonOp uint8

// The canonical definitions of Binary.md.
const (
	CanonLift                       CanonOp = 0x00
	CanonLower                      CanonOp = 0x01
	CanonResourceNew                CanonOp = 0x02
	CanonResourceDrop               CanonOp = 0x03
	CanonResourceRep                CanonOp = 0x04
	CanonTaskCancel                 CanonOp = 0x05
	CanonSubtaskCancel              CanonOp = 0x06
	CanonTaskReturn                 CanonOp = 0x09
	CanonContextGet                 CanonOp = 0x0a
	CanonContextSet                 CanonOp = 0x0b
	CanonThreadYield                CanonOp = 0x0c
	CanonSubtaskDrop                CanonOp = 0x0d
	CanonStreamNew                  CanonOp = 0x0e
	CanonStreamRead                 CanonOp = 0x0f
	CanonStreamWrite                CanonOp = 0x10
	CanonStreamCancelRead           CanonOp = 0x11
	CanonStreamCancelWrite          CanonOp = 0x12
	CanonStreamDropReadable         CanonOp = 0x13
	CanonStreamDropWritable         CanonOp = 0x14
	CanonFutureNew                  CanonOp = 0x15
	CanonFutureRead                 CanonOp = 0x16
	CanonFutureWrite                CanonOp = 0x17
	CanonFutureCancelRead           CanonOp = 0x18
	CanonFutureCancelWrite          CanonOp = 0x19
	CanonFutureDropReadable         CanonOp = 0x1a
	CanonFutureDropWritable         CanonOp = 0x1b
	CanonErrorContextNew            CanonOp = 0x1c
	CanonErrorContextDebugMessage   CanonOp = 0x1d
	CanonErrorContextDrop           CanonOp = 0x1e
	CanonWaitableSetNew             CanonOp = 0x1f
	CanonWaitableSetWait            CanonOp = 0x20
	CanonWaitableSetPoll            CanonOp = 0x21
	CanonWaitableSetDrop            CanonOp = 0x22
	CanonWaitableJoin               CanonOp = 0x23
	CanonBackpressureInc            CanonOp = 0x24
	CanonBackpressureDec            CanonOp = 0x25
	CanonThreadIndex                CanonOp = 0x26
	CanonThreadNewIndirect          CanonOp = 0x27
	CanonThreadResumeLater          CanonOp = 0x28
	CanonThreadSuspend              CanonOp = 0x29
	CanonThreadSuspendThenResume    CanonOp = 0x2a
	CanonThreadYieldThenResume      CanonOp = 0x2b
	CanonThreadSuspendThenPromote   CanonOp = 0x2c
	CanonThreadYieldThenPromote     CanonOp = 0x2d
	CanonThreadSpawnRef             CanonOp = 0x40
	CanonThreadSpawnIndirect        CanonOp = 0x41
	CanonThreadAvailableParallelism CanonOp = 0x42
)

// Immediate is a kind of field that follows a canonical definition's opcode.
type Immediate uint8

const (
	ImmFunc        Immediate = iota // Canon.Func, after the byte of the func sort
	ImmType                         // Canon.Type
	ImmOptions                      // Canon.Options
	ImmResult                       // Canon.Result
	ImmAsync                        // Canon.Async
	ImmCancellable                  // Canon.Cancellable
	ImmShared                       // Canon.Shared
	ImmMemory                       // Canon.Memory
	ImmTable                        // Canon.Table
	ImmCoreType                     // Canon.CoreType
	ImmContext                      // Canon.Context
	ImmSlot                         // Canon.Slot
)

type canonInfo struct {
	name       string
	immediates []Immediate
}

var (
	immNone        = []Immediate{}
	immType        = []Immediate{ImmType}
	immTypeOptions = []Immediate{ImmType, ImmOptions}
	immTypeAsync   = []Immediate{ImmType, ImmAsync}
	immOptions     = []Immediate{ImmOptions}
	immCancellable = []Immediate{ImmCancellable}
	immWait        = []Immediate{ImmCancellable, ImmMemory}
	immContext     = []Immediate{ImmContext, ImmSlot}
)

var canonInfos = map[CanonOp]canonInfo{
	CanonLift:                       {"lift", []Immediate{ImmFunc, ImmOptions, ImmType}},
	CanonLower:                      {"lower", []Immediate{ImmFunc, ImmOptions}},
	CanonResourceNew:                {"resource.new", immType},
	CanonResourceDrop:               {"resource.drop", immType},
	CanonResourceRep:                {"resource.rep", immType},
	CanonTaskCancel:                 {"task.cancel", immNone},
	CanonSubtaskCancel:              {"subtask.cancel", []Immediate{ImmAsync}},
	CanonTaskReturn:                 {"task.return", []Immediate{ImmResult, ImmOptions}},
	CanonContextGet:                 {"context.get", immContext},
	CanonContextSet:                 {"context.set", immContext},
	CanonThreadYield:                {"thread.yield", immCancellable},
	CanonSubtaskDrop:                {"subtask.drop", immNone},
	CanonStreamNew:                  {"stream.new", immType},
	CanonStreamRead:                 {"stream.read", immTypeOptions},
	CanonStreamWrite:                {"stream.write", immTypeOptions},
	CanonStreamCancelRead:           {"stream.cancel-read", immTypeAsync},
	CanonStreamCancelWrite:          {"stream.cancel-write", immTypeAsync},
	CanonStreamDropReadable:         {"stream.drop-readable", immType},
	CanonStreamDropWritable:         {"stream.drop-writable", immType},
	CanonFutureNew:                  {"future.new", immType},
	CanonFutureRead:                 {"future.read", immTypeOptions},
	CanonFutureWrite:                {"future.write", immTypeOptions},
	CanonFutureCancelRead:           {"future.cancel-read", immTypeAsync},
	CanonFutureCancelWrite:          {"future.cancel-write", immTypeAsync},
	CanonFutureDropReadable:         {"future.drop-readable", immType},
	CanonFutureDropWritable:         {"future.drop-writable", immType},
	CanonErrorContextNew:            {"error-context.new", immOptions},
	CanonErrorContextDebugMessage:   {"error-context.debug-message", immOptions},
	CanonErrorContextDrop:           {"error-context.drop", immNone},
	CanonWaitableSetNew:             {"waitable-set.new", immNone},
	CanonWaitableSetWait:            {"waitable-set.wait", immWait},
	CanonWaitableSetPoll:            {"waitable-set.poll", immWait},
	CanonWaitableSetDrop:            {"waitable-set.drop", immNone},
	CanonWaitableJoin:               {"waitable.join", immNone},
	CanonBackpressureInc:            {"backpressure.inc", immNone},
	CanonBackpressureDec:            {"backpressure.dec", immNone},
	CanonThreadIndex:                {"thread.index", immNone},
	CanonThreadNewIndirect:          {"thread.new-indirect", []Immediate{ImmCoreType, ImmTable}},
	CanonThreadResumeLater:          {"thread.resume-later", immNone},
	CanonThreadSuspend:              {"thread.suspend", immCancellable},
	CanonThreadSuspendThenResume:    {"thread.suspend-then-resume", immCancellable},
	CanonThreadYieldThenResume:      {"thread.yield-then-resume", immCancellable},
	CanonThreadSuspendThenPromote:   {"thread.suspend-then-promote", immCancellable},
	CanonThreadYieldThenPromote:     {"thread.yield-then-promote", immCancellable},
	CanonThreadSpawnRef:             {"thread.spawn-ref", []Immediate{ImmShared, ImmCoreType}},
	CanonThreadSpawnIndirect:        {"thread.spawn-indirect", []Immediate{ImmShared, ImmCoreType, ImmTable}},
	CanonThreadAvailableParallelism: {"thread.available-parallelism", []Immediate{ImmShared}},
}

// String is the definition's keyword in the text format, without `canon`.
func (op CanonOp) String() string {
	if i, ok := canonInfos[op]; ok {
		return i.name
	}
	return "unknown"
}

// Immediates are the fields of [Canon] that belong to the definition, in the order
// of the binary format. ok is false for an opcode that does not exist. The caller
// must not change them.
func (op CanonOp) Immediates() (imms []Immediate, ok bool) {
	i, ok := canonInfos[op]
	return i.immediates, ok
}

// CanonOption is an option of a canonical definition.
//
// Spec: Binary.md#canonical-definitions, production `canonopt`.
type CanonOption struct {
	At    Offset
	Kind  OptionKind
	Index uint32 // of the memory or core function, where the kind has one
}

// OptionKind tells canonical options apart. Its value is the opcode.
type OptionKind uint8

// The canonical options of Binary.md.
const (
	OptionUTF8        OptionKind = 0x00
	OptionUTF16       OptionKind = 0x01
	OptionLatin1UTF16 OptionKind = 0x02
	OptionMemory      OptionKind = 0x03
	OptionRealloc     OptionKind = 0x04
	OptionPostReturn  OptionKind = 0x05
	OptionAsync       OptionKind = 0x06
	OptionCallback    OptionKind = 0x07
)

var optionNames = [...]string{
	"string-encoding=utf8", "string-encoding=utf16", "string-encoding=latin1+utf16",
	"memory", "realloc", "post-return", "async", "callback",
}

// String is the option's keyword in the text format.
func (k OptionKind) String() string {
	if int(k) < len(optionNames) {
		return optionNames[k]
	}
	return "unknown"
}

// HasIndex reports whether an option of this kind refers to something.
func (k OptionKind) HasIndex() bool {
	switch k {
	case OptionMemory, OptionRealloc, OptionPostReturn, OptionCallback:
		return true
	}
	return false
}
