package pollio

import (
	"slices"
	"sync"
)

// Signal tells those who wait for something that it may have come. The zero Signal
// is ready for use, and costs nothing while nobody waits.
type Signal struct {
	mu       sync.Mutex
	watchers []chan<- struct{}
}

// Broadcast wakes whoever watches. It does not wait and may be called with locks
// held.
func (s *Signal) Broadcast() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.watchers {
		select {
		case w <- struct{}{}:
		default: // it has not looked since it was woken
		}
	}
}

// Watch implements [Source]: from now on wake gets an element at each Broadcast,
// unless it is full, until stop is called.
func (s *Signal) Watch(wake chan<- struct{}) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers = append(s.watchers, wake)
	return func() { s.unwatch(wake) }
}

func (s *Signal) unwatch(wake chan<- struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.watchers, wake); i >= 0 {
		last := len(s.watchers) - 1
		s.watchers[i], s.watchers[last] = s.watchers[last], nil
		s.watchers = s.watchers[:last]
	}
	if len(s.watchers) == 0 {
		s.watchers = nil
	}
}
