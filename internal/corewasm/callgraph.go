package corewasm

// callOrder marks the functions that are in cycles and gives the order in which
// bodies are to be emitted: callees before callers, except within a cycle. It
// is Tarjan's algorithm for strongly connected components with an explicit stack,
// since call chains may be as long as the module has functions.
func (w *rewriter) callOrder() []int {
	g := &callGraph{
		w:     w,
		index: make([]int32, len(w.funcs)),
		low:   make([]int32, len(w.funcs)),
		order: make([]int, 0, len(w.funcs)),
	}
	for v := range w.funcs {
		if g.index[v] == 0 {
			g.visit(v)
		}
	}
	for v := range w.funcs {
		w.funcs[v].decideEntry()
	}
	return g.order
}

// decideEntry gives a check at the entry to every function that may come back to
// itself without one.
func (f *funcInfo) decideEntry() {
	f.cyclic = f.cyclic || f.indirect
	f.entry = f.cyclic && !f.selfPaid
	f.selfPaid = f.selfPaid || f.entry
}

type callGraph struct {
	w          *rewriter
	index, low []int32 // from 1; low is done where the component is complete
	counter    int32
	pending    []int // Tarjan's stack
	path       []callStep
	order      []int
}

// done is a low link above every index: the function is in a complete component.
const done = 1<<31 - 1

type callStep struct{ v, next int }

func (g *callGraph) visit(root int) {
	g.push(root)
	for len(g.path) > 0 {
		s := &g.path[len(g.path)-1]
		if calls := g.w.funcs[s.v].calls; s.next < len(calls) {
			callee := int(calls[s.next] - g.w.first)
			s.next++
			g.edge(s.v, callee)
			continue
		}
		g.pop(s.v)
	}
}

func (g *callGraph) push(v int) {
	g.counter++
	g.index[v], g.low[v] = g.counter, g.counter
	g.pending = append(g.pending, v)
	g.path = append(g.path, callStep{v: v})
}

func (g *callGraph) edge(from, to int) {
	switch {
	case from == to:
		g.w.funcs[from].cyclic = true
	case g.index[to] == 0:
		g.push(to)
	case g.low[to] != done:
		g.low[from] = min(g.low[from], g.index[to])
	}
}

func (g *callGraph) pop(v int) {
	low := g.low[v]
	g.path = g.path[:len(g.path)-1]
	if low == g.index[v] {
		g.component(v)
	} else if n := len(g.path); n > 0 {
		parent := g.path[n-1].v
		g.low[parent] = min(g.low[parent], low)
	}
}

// component takes the component that v was the first of off the stack.
func (g *callGraph) component(v int) {
	k := len(g.pending) - 1
	for g.pending[k] != v {
		k--
	}
	members := g.pending[k:]
	for _, m := range members {
		g.low[m] = done
		if len(members) > 1 {
			g.w.funcs[m].cyclic = true
		}
		g.order = append(g.order, m)
	}
	g.pending = g.pending[:k]
}
