package httpio

import (
	"errors"
	"sync"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

// Outparam is the resource response-outparam: where a handler puts its response.
type Outparam struct {
	informational chan informational
	answer        chan answer // has room for the only one

	mu        sync.Mutex
	abandoned bool // nobody waits for the answer any more
}

type informational struct {
	status uint16
	fields *httpx.Fields
}

type answer struct {
	response *OutgoingResponse
	err      error // where there is none
}

// maxInformational is how many informational responses may wait to be sent.
const maxInformational = 16

func newOutparam() *Outparam {
	return &Outparam{informational: make(chan informational, maxInformational), answer: make(chan answer, 1)}
}

// ErrNoResponse says that a handler has returned and given no response.
var ErrNoResponse = errors.New("the handler gave no response: wasi:http/types response-outparam.set was never called")

// Set gives the response, or why there is none: a [httpx.ErrorCode]. The outparam
// is not the guest's any more.
//
// Spec: wasi:http/types.response-outparam.set.
func (o *Outparam) Set(r *OutgoingResponse, err error) {
	if err == nil && r.Status < 200 {
		r.Drop()
		r, err = nil, httpx.HTTPProtocolError{} // it would not be the final one
	}
	o.put(answer{r, err})
}

func (o *Outparam) put(a answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case !o.abandoned:
		o.answer <- a
	case a.response != nil:
		a.response.Drop()
	}
}

// abandon says that nobody will take the answer. It may be called from any
// goroutine.
func (o *Outparam) abandon() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.abandoned = true
	select {
	case a := <-o.answer:
		if a.response != nil {
			a.response.Drop()
		}
	default:
	}
}

// SendInformational gives a response that comes before the final one.
//
// Spec: wasi:http/types.response-outparam.send-informational.
func (o *Outparam) SendInformational(status uint16, fields *httpx.Fields) error {
	if status < 100 || status > 199 {
		return httpx.HTTPProtocolError{}
	}
	if status == 101 {
		return httpx.InternalError{Text: new("protocols can't be switched")}
	}
	fields.Freeze()
	select {
	case o.informational <- informational{status, fields}:
		return nil
	default:
		return httpx.InternalError{Text: new("too many informational responses at once")}
	}
}

// Drop does nothing: whether there was a response shows when the handler returns.
func (o *Outparam) Drop() {}
