package serve

// Stats are what a [Handler] has done and is doing.
type Stats struct {
	// Requests have come; Active are being worked on by instances, Waiting wait for
	// one. Refused got status 503, since there was no room for them.
	Requests, Refused uint64
	Active, Waiting   int

	// Instances is how many instances there are. Made and Closed is how many have
	// been; NotMade could not be made; Trapped have trapped, and Killed were ended
	// since they had worked for too long.
	Instances                              int
	Made, NotMade, Closed, Trapped, Killed uint64

	// Tasks is how many tasks of the instances have not ended, and Handles how many
	// handles guests hold, as far as instances are at rest.
	Tasks, Handles int
}

// Stats are what the handler has done and is doing.
func (h *Handler) Stats() Stats {
	p := h.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Requests, s.Refused = h.requests.Load(), h.refused.Load()
	s.Instances, s.Waiting = len(p.workers), len(p.waiting)
	for w := range p.workers {
		s.Tasks += w.last.tasks
		s.Handles += w.last.handles
	}
	return s
}
