package corewasm

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// generator writes random, valid, terminating modules: every loop iteration and
// every activation takes one from a budget (global 0), and returns when it is used
// up. Floats never reach memory and are not taken apart, since the bits of a NaN are
// not determined.
type generator struct {
	*rand.Rand
	b      *Builder
	types  []FuncType // of functions
	fn     int        // function that is being written
	locals []ValType
	blocks []genBlock
	nest   int
	genSpace
}

// genBlock is an open block: what a branch to it has to leave on the stack.
type genBlock struct {
	arity []ValType
}

var genTypes = []ValType{I32, I32, I32, I64, I64, F32, F64}

func (g *generator) valType() ValType { return genTypes[g.IntN(len(genTypes))] }

func (g *generator) valTypes(max int) []ValType {
	ts := make([]ValType, g.IntN(max+1))
	for i := range ts {
		ts[i] = g.valType()
	}
	return ts
}

const (
	genBudget  = 0
	genGlobals = 5 // one of each type behind the budget
)

// module generates a module that exports functions f0 and so on, memory and
// global budget.
func (g *generator) module() []byte {
	g.b = NewBuilder()
	g.b.AddGlobal(GlobalType{Type: I32, Mutable: true}, ConstI32(0))
	g.b.AddExport("budget", KindGlobal, genBudget)
	g.b.AddTag(g.b.AddType(nil, nil))
	for _, t := range []ValType{I32, I64, I32, I64} {
		init := ConstI32(g.Int32())
		if t == I64 {
			init = ConstI64(g.Int64())
		}
		g.b.AddGlobal(GlobalType{Type: t, Mutable: true}, init)
	}
	g.addMemories()
	return g.functions()
}

func (g *generator) functions() []byte {
	n := 2 + g.IntN(4)
	var all []uint32
	for range n {
		t := FuncType{g.valTypes(3), g.valTypes(2)}
		g.types = append(g.types, t)
		all = append(all, g.b.DeclareFunc(g.b.AddType(t.Params, t.Results)))
	}
	g.addTables(all)
	for i, t := range g.types {
		g.fn = i
		extra := g.valTypes(5)
		g.locals = append(append([]ValType(nil), t.Params...), extra...)
		g.blocks = []genBlock{{arity: t.Results}}
		c := NewCode()
		early := g.readGlobal(c)
		g.pay(c)
		g.statements(c)
		early()
		g.exprs(c, t.Results)
		g.b.SetBody(all[i], extra, c)
		g.b.AddExport(fmt.Sprint("f", i), KindFunc, all[i])
	}
	return g.b.Encode()
}

// readGlobal compares a global at the very beginning of a function; what it gives
// back branches on that, some statements later.
func (g *generator) readGlobal(c *Code) (branch func()) {
	i := 1 + g.IntN(genGlobals-1)
	t := [...]ValType{I32, I64, I32, I64}[i-1]
	for l, lt := range g.locals {
		if lt != I32 || l < len(g.types[g.fn].Params) || g.IntN(2) == 0 {
			continue
		}
		g.leaf(c, t)
		c.Idx(OpGlobalGet, uint32(i))
		if ops := map[ValType]Opcode{I32: OpI32LtS, I64: OpI64LtS}; g.IntN(2) == 0 {
			c.Op(ops[t] - 2 + Opcode(g.IntN(10)))
		} else {
			c.Named(map[ValType]string{I32: "i32.and", I64: "i64.and"}[t], map[ValType]string{I32: "i32.eqz", I64: "i64.eqz"}[t])
		}
		c.Set(uint32(l))
		return func() {
			c.Block(OpBlock, BlockVoid).Get(uint32(l)).Idx(OpBrIf, 0)
			g.blocks = append(g.blocks, genBlock{})
			g.assign(c)
			g.blocks = g.blocks[:len(g.blocks)-1]
			c.End()
		}
	}
	return func() {}
}

// pay takes one from the budget. When it is used up, the function returns.
func (g *generator) pay(c *Code) {
	c.Idx(OpGlobalGet, genBudget).I32(1).Op(OpI32Sub).Idx(OpGlobalSet, genBudget)
	c.Idx(OpGlobalGet, genBudget).I32(0).Op(OpI32LtS).Block(OpIf, BlockVoid)
	for _, t := range g.types[g.fn].Results {
		zero(c, t)
	}
	c.Op(OpReturn).End()
}

func zero(c *Code, t ValType) {
	switch t {
	case I32:
		c.I32(0)
	case I64:
		c.I64(0)
	case F32:
		c.I32(0).Named("f32.convert_i32_s")
	case F64:
		c.I64(0).Named("f64.convert_i64_s")
	}
}

func (g *generator) statements(c *Code) {
	if g.nest > 4 {
		return
	}
	g.nest++
	defer func() { g.nest-- }()
	for range 1 + g.IntN(4) {
		g.statement(c)
	}
}

func (g *generator) statement(c *Code) {
	switch g.IntN(14 + g.more()) {
	case 0, 1, 2:
		g.assign(c)
	case 3:
		g.store(c)
	case 4:
		i := 1 + g.IntN(genGlobals-1)
		g.expr(c, [...]ValType{I32, I64, I32, I64}[i-1])
		c.Idx(OpGlobalSet, uint32(i))
	case 5:
		g.condition(c)
		g.block(c, OpIf)
	case 6:
		g.block(c, OpBlock)
	case 7, 8:
		g.block(c, OpLoop)
	case 9:
		g.branch(c)
	case 10:
		g.call(c)
	case 11:
		g.bulk(c)
	case 12:
		g.tryTable(c)
	case 13:
		g.leave(c)
	case 14, 15:
		g.segmentOp(c)
	case 16:
		g.tableOp(c)
	}
}

// tryTable catches everything that its statements throw.
func (g *generator) tryTable(c *Code) {
	c.Block(OpBlock, BlockVoid).TryTable(BlockVoid, []Catch{{CatchAll, 0, 0}, {CatchTag, 0, 0}}[g.IntN(2)])
	g.blocks = append(g.blocks, genBlock{}, genBlock{})
	g.statements(c)
	g.blocks = g.blocks[:len(g.blocks)-2]
	c.End().End()
}

// leave throws or makes a tail call under a condition.
func (g *generator) leave(c *Code) {
	g.condition(c)
	c.Block(OpIf, BlockVoid)
	if i := g.IntN(len(g.types)); g.IntN(2) == 0 && (FuncType{Results: g.types[i].Results}).Equal(FuncType{Results: g.types[g.fn].Results}) {
		g.blocks = append(g.blocks, genBlock{})
		g.exprs(c, g.types[i].Params)
		g.blocks = g.blocks[:len(g.blocks)-1]
		c.Idx(OpReturnCall, uint32(i))
	} else {
		c.Idx(OpThrow, 0)
	}
	c.End()
}

func (g *generator) assign(c *Code) {
	if len(g.locals) == 0 {
		return
	}
	i := g.IntN(len(g.locals))
	g.expr(c, g.locals[i])
	c.Set(uint32(i))
}

// block opens, fills and closes a block, loop or if with parameters and results.
func (g *generator) block(c *Code, op Opcode) {
	var params, results []ValType
	if g.IntN(3) == 0 {
		params = g.valTypes(2)
	}
	if g.IntN(2) == 0 {
		results = g.valTypes(2)
	}
	g.typedBlock(c, op, params, results)
	for range results {
		c.Op(OpDrop)
	}
}

func (g *generator) typedBlock(c *Code, op Opcode, params, results []ValType) {
	if op == OpIf && len(params) > 0 { // the condition is already there
		params = nil
	}
	g.exprs(c, params)
	c.Block(op, g.blockType(params, results))
	arity := results
	if op == OpLoop {
		arity = params
	}
	g.blocks = append(g.blocks, genBlock{arity})
	if op == OpLoop {
		g.pay(c)
	}
	for range params {
		g.consume(c)
	}
	g.consumeParams(c, params)
	g.inside(c, op, results)
	if op == OpIf {
		c.Op(OpElse)
		g.inside(c, op, results)
	}
	g.blocks = g.blocks[:len(g.blocks)-1]
	c.End()
}

// consume is a place for statements between parameters; they leave the stack as
// it is.
func (g *generator) consume(c *Code) {
	if g.IntN(3) == 0 {
		g.assign(c)
	}
}

func (g *generator) consumeParams(c *Code, params []ValType) {
	for i := len(params) - 1; i >= 0; i-- {
		done := false
		for l, t := range g.locals {
			if t == params[i] && g.IntN(2) == 0 {
				c.Set(uint32(l))
				done = true
				break
			}
		}
		if !done {
			c.Op(OpDrop)
		}
	}
}

func (g *generator) inside(c *Code, op Opcode, results []ValType) {
	g.statements(c)
	if op == OpLoop && g.IntN(4) > 0 {
		arity := g.blocks[len(g.blocks)-1].arity
		g.exprs(c, arity)
		g.condition(c)
		c.Idx(OpBrIf, 0)
		for range arity {
			c.Op(OpDrop)
		}
	}
	g.exprs(c, results)
}

func (g *generator) blockType(params, results []ValType) BlockType {
	switch {
	case len(params) == 0 && len(results) == 0 && g.IntN(4) > 0:
		return BlockVoid
	case len(params) == 0 && len(results) == 1 && g.IntN(4) > 0:
		return BlockOf(results[0])
	}
	return BlockType(g.b.AddType(params, results))
}

// branch is br_if, br_table or br to any open block.
func (g *generator) branch(c *Code) {
	depth := uint32(g.IntN(len(g.blocks)))
	arity := g.blocks[len(g.blocks)-1-int(depth)].arity
	g.exprs(c, arity)
	g.expr(c, I32)
	if g.IntN(3) > 0 {
		c.Idx(OpBrIf, depth)
		for range arity {
			c.Op(OpDrop)
		}
		return
	}
	// A br_table in a branch of an if, so that what follows can be reached.
	c.I32(3).Op(OpI32And).Block(OpIf, g.blockType(arity, arity))
	g.blocks = append(g.blocks, genBlock{arity: arity})
	g.expr(c, I32)
	c.BrTable(g.sameArity(arity)...)
	g.blocks = g.blocks[:len(g.blocks)-1]
	c.End()
	for range arity {
		c.Op(OpDrop)
	}
}

// sameArity is a list of labels that take the same operands.
func (g *generator) sameArity(arity []ValType) (labels []uint32) {
	for i := range g.blocks {
		if FuncType.Equal(FuncType{Params: g.blocks[len(g.blocks)-1-i].arity}, FuncType{Params: arity}) {
			labels = append(labels, uint32(i))
		}
	}
	g.Shuffle(len(labels), func(i, j int) { labels[i], labels[j] = labels[j], labels[i] })
	return labels
}

// call calls any function, directly or through the table, and drops the results.
func (g *generator) call(c *Code) {
	i := g.IntN(len(g.types))
	g.callTo(c, i)
	for range g.types[i].Results {
		c.Op(OpDrop)
	}
}

func (g *generator) callTo(c *Code, i int) {
	t := g.types[i]
	g.exprs(c, t.Params)
	if g.IntN(2) == 0 {
		c.Call(uint32(i))
		return
	}
	g.index(c, func() {
		c.I32(int32(i))
		if g.IntN(10) == 0 {
			g.expr(c, I32)
			c.I32(7).Op(OpI32And, OpI32Add)
		}
	})
	c.Idx(OpCallIndirect, g.b.AddType(t.Params, t.Results), 0)
}

func (g *generator) exprs(c *Code, ts []ValType) {
	for _, t := range ts {
		g.expr(c, t)
	}
}

// expr writes an expression of a type.
func (g *generator) expr(c *Code, t ValType) {
	if g.nest > 6 {
		g.leaf(c, t)
		return
	}
	g.nest++
	defer func() { g.nest-- }()
	switch g.IntN(12) {
	case 0, 1, 2:
		g.leaf(c, t)
	case 3, 4, 5, 6, 7:
		g.numeric(c, t)
	case 8:
		g.expr(c, t)
		g.expr(c, t)
		g.expr(c, I32)
		c.Op(OpSelect)
	case 9:
		g.condition(c)
		g.typedBlock(c, OpIf, nil, []ValType{t})
	case 10:
		g.typedBlock(c, []Opcode{OpBlock, OpLoop}[g.IntN(2)], g.valTypes(1), []ValType{t})
	case 11:
		g.tee(c, t)
	}
}

// condition is often of the kind that wazero's compiler gets wrong.
func (g *generator) condition(c *Code) {
	if g.IntN(3) > 0 {
		g.expr(c, I32)
		return
	}
	left, right := func() { g.leaf(c, I32) }, func() { g.expr(c, I32); g.expr(c, I32); c.Op(OpI32And) }
	if g.IntN(4) == 0 {
		left, right = right, left
	}
	left()
	right()
	c.Op(OpI32LtS + Opcode(g.IntN(8)))
}

func (g *generator) tee(c *Code, t ValType) {
	g.expr(c, t)
	for i, l := range g.locals {
		if l == t && g.IntN(2) == 0 {
			c.Tee(uint32(i))
			return
		}
	}
}

func (g *generator) leaf(c *Code, t ValType) {
	if g.IntN(3) > 0 {
		for range 4 {
			if len(g.locals) == 0 {
				break
			}
			if i := g.IntN(len(g.locals)); g.locals[i] == t {
				c.Get(uint32(i))
				return
			}
		}
	}
	small := []int64{0, 0, 1, -1, 2, 7, 31, 255, 1 << 31, -1 << 31, 1<<31 - 1}
	v := small[g.IntN(len(small))]
	switch t {
	case I32:
		c.I32(int32(v))
	case I64:
		c.I64(v << (g.IntN(2) * 32))
	case F32:
		c.I32(int32(v)).Named("f32.convert_i32_s")
	case F64:
		c.I64(v).Named("f64.convert_i64_s")
	}
}

var genOps = map[ValType][]struct {
	args []ValType
	ops  []string
}{
	I32: {
		{[]ValType{I32, I32}, []string{
			"i32.add", "i32.sub", "i32.mul", "i32.and", "i32.and", "i32.and", "i32.or", "i32.xor", "i32.shl", "i32.shr_s", "i32.shr_u", "i32.rotl", "i32.rotr",
			"i32.eq", "i32.ne", "i32.lt_s", "i32.lt_u", "i32.gt_s", "i32.gt_u", "i32.le_s", "i32.le_u", "i32.ge_s", "i32.ge_u", "i32.div_s", "i32.rem_u"}},
		{[]ValType{I64, I64}, []string{"i64.eq", "i64.ne", "i64.lt_s", "i64.lt_u", "i64.gt_s", "i64.gt_u", "i64.le_s", "i64.le_u", "i64.ge_s", "i64.ge_u"}},
		{[]ValType{F64, F64}, []string{"f64.lt", "f64.ge", "f64.eq"}},
		{[]ValType{F32, F32}, []string{"f32.gt", "f32.le", "f32.ne"}},
		{[]ValType{I32}, []string{"i32.eqz", "i32.clz", "i32.ctz", "i32.popcnt", "i32.extend8_s", "i32.extend16_s"}},
		{[]ValType{I64}, []string{"i64.eqz", "i32.wrap_i64"}},
		{[]ValType{F64}, []string{"i32.trunc_sat_f64_s", "i32.trunc_sat_f64_u"}},
		{[]ValType{F32}, []string{"i32.trunc_sat_f32_u"}},
	},
	I64: {
		{[]ValType{I64, I64}, []string{"i64.add", "i64.sub", "i64.mul", "i64.and", "i64.and", "i64.or", "i64.xor", "i64.shl", "i64.shr_s", "i64.shr_u", "i64.rotl", "i64.div_u", "i64.rem_s"}},
		{[]ValType{I32}, []string{"i64.extend_i32_s", "i64.extend_i32_u"}},
		{[]ValType{I64}, []string{"i64.clz", "i64.popcnt", "i64.extend32_s"}},
		{[]ValType{F64}, []string{"i64.trunc_sat_f64_s"}},
	},
	F32: {
		{[]ValType{F32, F32}, []string{"f32.add", "f32.sub", "f32.mul", "f32.div", "f32.min", "f32.max"}},
		{[]ValType{F32}, []string{"f32.abs", "f32.sqrt", "f32.floor"}},
		{[]ValType{F64}, []string{"f32.demote_f64"}},
		{[]ValType{I32}, []string{"f32.convert_i32_u"}},
	},
	F64: {
		{[]ValType{F64, F64}, []string{"f64.add", "f64.sub", "f64.mul", "f64.div", "f64.min", "f64.max"}},
		{[]ValType{F64}, []string{"f64.neg", "f64.ceil", "f64.nearest"}},
		{[]ValType{F32}, []string{"f64.promote_f32"}},
		{[]ValType{I64}, []string{"f64.convert_i64_u"}},
	},
}

func (g *generator) numeric(c *Code, t ValType) {
	if (t == I32 || t == I64) && g.IntN(6) == 0 {
		g.load(c, t)
		return
	}
	kind := genOps[t][g.IntN(len(genOps[t]))]
	g.exprs(c, kind.args)
	c.Named(kind.ops[g.IntN(len(kind.ops))])
}

// quickModules is how many modules a plain `go test` tries, from seed 1 on.
const quickModules = 100

// TestRandomModules runs random modules as they came in the interpreter and
// rewritten in both engines, with so little fuel that the slow path is always
// taken. Results, traps and memories must agree. GONDOLA_FUZZ_TIME (a duration)
// makes it go on from a random seed for that long, GONDOLA_SEED repeats one module.
func TestRandomModules(t *testing.T) { eachSeed(t, differential) }

// TestRandomLowered does the same with modules that have several memories, memories
// and tables with 64-bit addresses, atomic and vector accesses, and more bulk
// operations, against a module that does all of that in one memory.
func TestRandomLowered(t *testing.T) { eachSeed(t, differentialLowered) }

func eachSeed(t *testing.T, try func(t *testing.T, seed uint64) RewriteStats) {
	seed, n, end := uint64(1), quickModules, time.Time{}
	if s := os.Getenv("GONDOLA_FUZZ_TIME"); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatal(err)
		}
		seed, n, end = rand.Uint64(), math.MaxInt, time.Now().Add(d)
	}
	if s := os.Getenv("GONDOLA_SEED"); s != "" {
		v, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed, n, end = v, 1, time.Time{}
	}
	done, stats := 0, RewriteStats{}
	for ; done < n && (end.IsZero() || time.Now().Before(end)) && !t.Failed(); seed++ {
		stats.add(try(t, seed))
		done++
	}
	t.Logf("%d modules, %d loops unrolled, %d comparisons fenced, %d try_tables pushed down, %d selects made branches, %d late reads; next seed %d",
		done, stats.Unrolled, stats.Fences, stats.PushedDown, stats.Selects, stats.Late, seed)
}

func differential(t *testing.T, seed uint64) RewriteStats {
	g := newGenerator(seed, true, false)
	bin := g.module()
	m, err := Decode(bin)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	if err := m.Validate(); err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	fuel := fuelled(1)
	run := func(compiler bool, o *RewriteOptions) []string {
		in, err := instantiate(t, compiler, bin, o)
		if err != nil {
			t.Fatalf("seed %d, %s: %v", seed, engineName(compiler), err)
		}
		defer in.Close(context.Background())
		return g.log(seed, in.Module, func(m int) string { return stateOf(in.ExportedMemory(fmt.Sprint("m", m))) })
	}
	reference := run(false, nil)
	for _, compiler := range []bool{false, true} {
		if !sameLogs(t, seed, "rewritten, "+engineName(compiler), run(compiler, &fuel), "as it came, interpreter", reference) {
			return RewriteStats{}
		}
	}
	rw, _ := Rewrite(m, fuel)
	return rw.Stats
}

// differentialLowered runs a module with several memories, lowered and rewritten, in both
// engines against its flat form.
func differentialLowered(t *testing.T, seed uint64) RewriteStats {
	flat, g := newGenerator(seed, false, true), newGenerator(seed, false, false)
	reference := flat.logFlat(t, seed, flat.module())
	bin := g.module()
	stats := RewriteStats{}
	fuel := fuelled(1)
	for _, compiler := range []bool{false, true} {
		e, err := assemble(t, compiler, bin, &fuel, nil)
		if err != nil {
			t.Fatalf("seed %d, %s: %v", seed, engineName(compiler), err)
		}
		got := g.log(seed, e.Module, func(m int) string { return stateOf(e.memory(fmt.Sprint("m", m))) })
		stats = e.stats
		e.close()
		if !sameLogs(t, seed, "lowered, "+engineName(compiler), got, "flat, interpreter", reference) {
			return RewriteStats{}
		}
	}
	return stats
}

func newGenerator(seed uint64, one, flat bool) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	g.genSpace = newSpace(g.Rand, one)
	g.flat = flat
	return g
}

func sameLogs(t *testing.T, seed uint64, name string, got []string, refName string, reference []string) bool {
	for i := range reference {
		if got[i] != reference[i] {
			t.Errorf("seed %d, %s: %s\n%s: %s", seed, name, got[i], refName, reference[i])
			return false
		}
	}
	return true
}

// logFlat is log for the flat form.
func (g *generator) logFlat(t *testing.T, seed uint64, bin []byte) []string {
	in, err := instantiate(t, false, bin, nil)
	if err != nil {
		t.Fatalf("seed %d, flat: %v", seed, err)
	}
	defer in.Close(context.Background())
	return g.log(seed, in.Module, func(m int) string {
		size := uint32(in.ExportedGlobal(fmt.Sprint("size", m)).Get()) * pageSize
		b, _ := in.ExportedMemory("memory").Read(uint32(g.base(m)), size)
		return hashOf(b)
	})
}

// stateOf is what can be seen of a memory.
func stateOf(m api.Memory) string {
	b, _ := m.Read(0, m.Size())
	return hashOf(b)
}

func hashOf(b []byte) string {
	h := fnv.New64a()
	h.Write(b)
	return fmt.Sprintf("%d bytes %x", len(b), h.Sum64())
}

// budget is what every call may use.
func (g *generator) budget() uint64 {
	if g.segments > 0 {
		return 500
	}
	return 200
}

// log calls every function a few times and records what can be seen.
func (g *generator) log(seed uint64, mod api.Module, state func(memory int) string) (log []string) {
	args := rand.New(rand.NewPCG(seed, 2))
	for i, typ := range g.types {
		for range 2 {
			var vs []uint64
			for range typ.Params {
				vs = append(vs, args.Uint64()>>args.IntN(64))
			}
			mod.ExportedGlobal("budget").(api.MutableGlobal).Set(g.budget())
			fn := fmt.Sprint("f", i)
			line := fmt.Sprintf("%s%x = %s;", fn, vs, trapOnly(sansAddress(outcome(mod, fn, vs...))))
			for m := range g.memories {
				line += " " + state(m)
			}
			log = append(log, line)
		}
	}
	return log
}
