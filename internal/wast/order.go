package wast

import (
	"hash/maphash"
	"math/rand/v2"
	"sync"

	"github.com/gondola-wasm/gondola"
)

// order decides among the orders of tasks in one run of a script, and remembers what
// it decided.
type order struct {
	seed   *uint64
	fixed  *fixedOrder
	choose func(ways int) int // in place of a seed, or nil
	mu     sync.Mutex
	made   uint64 // instances
	hashes []*maphash.Hash
}

var hashSeed = maphash.MakeSeed()

// option is for the next instance. Instances have choices of their own, since they
// go on side by side.
func (o *order) option() gondola.InstanceOption {
	choose := o.choose
	if choose == nil {
		choose = func(int) int { return 0 }
		if o.seed != nil {
			choose = rand.New(rand.NewPCG(*o.seed, o.made)).IntN
		}
	}
	o.made++
	h := new(maphash.Hash)
	h.SetSeed(hashSeed)
	o.hashes = append(o.hashes, h)
	return gondola.WithOrder(func(c gondola.Choice, ways int) int {
		if !o.fixed.varies(c) {
			return 0
		}
		way := choose(ways)
		if c == gondola.ChoiceValue {
			return way // which is no order
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		maphash.WriteComparable(h, [2]int{ways, way})
		return way
	})
}

// sum stands for everything that was decided.
func (o *order) sum() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	var h maphash.Hash
	h.SetSeed(hashSeed)
	for _, one := range o.hashes {
		maphash.WriteComparable(&h, one.Sum64())
	}
	return h.Sum64()
}
