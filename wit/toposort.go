package wit

import (
	"container/heap"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// node is a named thing with the names that it refers to.
type node struct {
	name string
	deps []syntax.Name
}

// toposort orders nodes so that each one comes after those that it refers to, and
// otherwise leaves them in their order. Every dependency must be the name of a node.
// Where there is a cycle, cycle is a reference that is part of one.
func toposort(nodes []node) (order []string, cycle *syntax.Name) {
	index := make(map[string]int, len(nodes))
	for i, n := range nodes {
		index[n.name] = i
	}
	waiting := make([]int, len(nodes)) // how many dependencies are not ordered yet
	users := make([][]int, len(nodes))
	for i, n := range nodes {
		waiting[i] = len(n.deps)
		for _, d := range n.deps {
			users[index[d.Text]] = append(users[index[d.Text]], i)
		}
	}
	ready := &intHeap{}
	for i := range nodes {
		if waiting[i] == 0 {
			heap.Push(ready, i)
		}
	}
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int)
		order = append(order, nodes[i].name)
		for _, u := range users[i] {
			if waiting[u]--; waiting[u] == 0 {
				heap.Push(ready, u)
			}
		}
	}
	if len(order) < len(nodes) {
		return nil, findCycle(nodes, index, waiting)
	}
	return order, nil
}

// findCycle walks from one unordered node to the next until it meets one twice.
func findCycle(nodes []node, index map[string]int, waiting []int) *syntax.Name {
	at := 0
	for waiting[at] == 0 {
		at++
	}
	seen := map[int]bool{}
	for {
		seen[at] = true
		for _, d := range nodes[at].deps {
			next := index[d.Text]
			if waiting[next] == 0 {
				continue
			}
			if seen[next] {
				return &d
			}
			at = next
			break
		}
	}
}

type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
