package suite

import (
	"io"
	"strings"
	"sync"
)

// transcript is what a guest prints: writing never waits, reading waits for what
// comes next.
type transcript struct {
	mu     sync.Mutex
	more   *sync.Cond
	text   []byte
	read   int // how much of it
	closed bool
}

func newTranscript() *transcript {
	tr := &transcript{}
	tr.more = sync.NewCond(&tr.mu)
	return tr
}

func (tr *transcript) Write(b []byte) (int, error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.text = append(tr.text, b...)
	tr.more.Broadcast()
	return len(b), nil
}

// close says that nothing more comes.
func (tr *transcript) close() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.closed = true
	tr.more.Broadcast()
}

func (tr *transcript) Read(b []byte) (int, error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for tr.read == len(tr.text) {
		if tr.closed {
			return 0, io.EOF
		}
		tr.more.Wait()
	}
	n := copy(b, tr.text[tr.read:])
	tr.read += n
	return n, nil
}

// line reads up to the end of a line.
func (tr *transcript) line() (string, error) {
	var line strings.Builder
	for b := make([]byte, 1); b[0] != '\n'; {
		if _, err := tr.Read(b); err != nil {
			return line.String(), err
		}
		line.WriteByte(b[0])
	}
	return line.String(), nil
}

// String is all that was printed.
func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return string(tr.text)
}
