package serve

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
)

// errStuck breaks a response off.
var errStuck = errors.New("the client takes nothing of the response")

// patience is how long the client of an exchange may leave what is written to it. It is
// given a new end now and then rather than at each write, since that takes time. net/http
// takes the last one away when the response is out.
type patience struct {
	span time.Duration // forever, or anything near it, for no end
	end  time.Time
}

// mostAtOnce is how much is written at a time, so that a client that is slow but goes on
// is not taken for one that has stopped.
const mostAtOnce = 64 << 10

// renew gives the client time for what is written next: its span, and less than twice of
// that.
func (p *patience) renew(w http.ResponseWriter) {
	if p.span > forever/2 {
		return
	}
	if now := time.Now(); p.end.Sub(now) < p.span {
		p.end = now.Add(2 * p.span)
		p.set(w, p.end)
	}
}

func (p *patience) set(w http.ResponseWriter, end time.Time) {
	if http.NewResponseController(w).SetWriteDeadline(end) != nil {
		p.span = forever // w can't do it
	}
}

// explain says what an error of a write means.
func (p *patience) explain(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("%w for %v", errStuck, p.span)
	}
	return err
}
