package runtime

import "unsafe"

//go:wasmimport wasi:cli/stdout@0.3.0 [stream-new-0]write-via-stream
func gondolaStdoutNew() uint64

//go:wasmimport wasi:cli/stdout@0.3.0 write-via-stream
func gondolaStdoutOpen(reader uint32) uint32

//go:wasmimport wasi:cli/stdout@0.3.0 [async-lower][stream-write-0]write-via-stream
func gondolaStdoutWrite(writer, p, n uint32) uint32

//go:wasmimport wasi:cli/stdout@0.3.0 [stream-cancel-write-0]write-via-stream
func gondolaStdoutCancel(writer uint32) uint32

//go:wasmimport wasi:cli/stdout@0.3.0 [stream-drop-writable-0]write-via-stream
func gondolaStdoutDrop(writer uint32)

//go:wasmimport wasi:cli/stdout@0.3.0 [async-lower][future-read-1]write-via-stream
func gondolaStdoutResult(future, p uint32) uint32

//go:wasmimport wasi:cli/stderr@0.3.0 [stream-new-0]write-via-stream
func gondolaStderrNew() uint64

//go:wasmimport wasi:cli/stderr@0.3.0 write-via-stream
func gondolaStderrOpen(reader uint32) uint32

//go:wasmimport wasi:cli/stderr@0.3.0 [async-lower][stream-write-0]write-via-stream
func gondolaStderrWrite(writer, p, n uint32) uint32

//go:wasmimport wasi:cli/stderr@0.3.0 [stream-cancel-write-0]write-via-stream
func gondolaStderrCancel(writer uint32) uint32

//go:wasmimport wasi:cli/stderr@0.3.0 [stream-drop-writable-0]write-via-stream
func gondolaStderrDrop(writer uint32)

//go:wasmimport wasi:cli/stderr@0.3.0 [async-lower][future-read-1]write-via-stream
func gondolaStderrResult(future, p uint32) uint32

//go:wasmimport wasi:cli/stdin@0.3.0 read-via-stream
func gondolaStdinOpen(ret uint32)

//go:wasmimport wasi:cli/stdin@0.3.0 [async-lower][stream-read-0]read-via-stream
func gondolaStdinRead(reader, p, n uint32) uint32

//go:wasmimport wasi:cli/stdin@0.3.0 [async-lower][future-read-1]read-via-stream
func gondolaStdinResult(future, p uint32) uint32

// gondolaMaxCopy is the greatest length of one copy.
const gondolaMaxCopy = 1<<28 - 1

// A gondolaOutput is standard output or standard error: one stream to the host for the whole run. One write uses it at a time.
type gondolaOutput struct {
	imports *gondolaOutputImports
	state   gondolaOutputState
	writer  uint32 // the stream's writable end
	result  uint32 // the future that tells how the host's writing ended
	lent    []byte // what the write in flight has still to write
	pending []byte // printed where nobody could wait
	queue   gQueue // goroutines that wait to write
}

type gondolaOutputState uint8

const (
	gondolaOutputNew gondolaOutputState = iota
	gondolaOutputIdle
	gondolaOutputBusy
	gondolaOutputClosed // the host takes nothing more
)

type gondolaOutputImports struct {
	open   func(reader uint32) uint32
	new    func() uint64
	write  func(writer, p, n uint32) uint32
	cancel func(writer uint32) uint32
	drop   func(writer uint32)
	result func(future, p uint32) uint32
}

var (
	gondolaStdout = gondolaOutput{imports: &gondolaOutputImports{gondolaStdoutOpen, gondolaStdoutNew, gondolaStdoutWrite,
		gondolaStdoutCancel, gondolaStdoutDrop, gondolaStdoutResult}}
	gondolaStderr = gondolaOutput{imports: &gondolaOutputImports{gondolaStderrOpen, gondolaStderrNew, gondolaStderrWrite,
		gondolaStderrCancel, gondolaStderrDrop, gondolaStderrResult}}
)

// gondola_v1_write writes b to standard output (1) or standard error (2). In a task it waits until the host has taken b;
// elsewhere, where nobody may wait, what the host doesn't take at once is written by the next task.
//
//go:linkname gondola_v1_write
func gondola_v1_write(fd int32, b []byte) (n int, ok bool) {
	o := &gondolaStdout
	if fd == 2 {
		o = &gondolaStderr
	}
	if gondolaCur == nil {
		return o.buffer(b)
	}
	for o.state == gondolaOutputBusy {
		o.queue.pushBack(getg())
		gopark(nil, nil, waitReasonIOWait, traceBlockNet, 1)
	}
	if !o.ready() {
		return 0, false
	}
	o.state = gondolaOutputBusy
	o.takePrinted()
	for len(o.pending) > 0 && o.state == gondolaOutputBusy {
		pending := o.pending
		o.pending = nil
		o.send(pending)
	}
	n = o.send(b)
	ok = o.state == gondolaOutputBusy
	o.release()
	gondolaPause()
	return n, ok
}

// gondolaPause lets other goroutines run now and then, for the sake of those that do nothing but calls that never wait.
func gondolaPause() {
	gondolaPauses++
	if gondolaPauses%16 == 0 {
		Gosched()
	}
}

var gondolaPauses uint32

// ready opens the stream on first use and reports whether the host still takes output.
func (o *gondolaOutput) ready() bool {
	if o.state == gondolaOutputNew {
		pair := o.imports.new()
		o.writer = uint32(pair >> 32)
		o.state = gondolaOutputIdle
		o.result = o.imports.open(uint32(pair))
	}
	return o.state != gondolaOutputClosed
}

// send writes b, waiting for the host, and returns how much the host took.
func (o *gondolaOutput) send(b []byte) (n int) {
	for o.lent = b; len(o.lent) > 0 && o.state == gondolaOutputBusy; {
		code := o.start()
		if code == gondolaBlocked {
			code = gondola_v1_await(o.writer)
		}
		n += o.wrote(code)
	}
	o.lent = nil
	return n
}

// start begins to write what is lent.
func (o *gondolaOutput) start() uint32 {
	return o.imports.write(o.writer, gondolaAddr(unsafe.Pointer(&o.lent[0])), uint32(min(len(o.lent), gondolaMaxCopy)))
}

// wrote notes what came of a write.
func (o *gondolaOutput) wrote(code uint32) int {
	n := int(code >> 4)
	o.lent = o.lent[n:]
	if code&0xf != gondolaCopyCompleted {
		o.state = gondolaOutputClosed
		o.lent = nil
	}
	return n
}

// release gives the output to the next goroutine that waits for it.
func (o *gondolaOutput) release() {
	if o.state == gondolaOutputBusy {
		o.state = gondolaOutputIdle
	}
	if gp := o.queue.pop(); gp != nil {
		goready(gp, 1)
	}
}

// buffer keeps b for a task that may wait, and writes what the host takes at once.
func (o *gondolaOutput) buffer(b []byte) (int, bool) {
	mp := acquirem()
	o.pending = append(o.pending, b...)
	if gondolaStarted {
		o.flush()
	}
	releasem(mp)
	return len(b), o.state != gondolaOutputClosed
}

// flush begins to write what is pending, without waiting. The task that takes the rest in hand stays until it is written.
func (o *gondolaOutput) flush() {
	if o.state == gondolaOutputBusy {
		return
	}
	o.takePrinted()
	if len(o.pending) == 0 || !o.ready() {
		return
	}
	o.state = gondolaOutputBusy
	o.flushOn()
}

func (o *gondolaOutput) flushOn() {
	for o.state == gondolaOutputBusy {
		if len(o.lent) == 0 {
			o.lent, o.pending = o.pending, nil
		}
		if len(o.lent) == 0 {
			break
		}
		code := o.start()
		if code == gondolaBlocked {
			gondolaDetach(o.writer, gondolaHolding, gondolaHome(), gondolaFlushed)
			return
		}
		o.wrote(code)
	}
	o.release()
}

// gondolaFlushed goes on after a write that flush began.
func gondolaFlushed(writer, code uint32) {
	o := &gondolaStdout
	if writer == gondolaStderr.writer {
		o = &gondolaStderr
	}
	o.wrote(code)
	o.flushOn()
}

// gondolaFlush begins to write what was printed where nobody could wait.
func gondolaFlush() {
	gondolaStdout.flush()
	gondolaStderr.flush()
}

// What print, println, panics and fatal errors write goes into a buffer that needs no allocation.
var (
	gondolaPrinted [64 << 10]byte
	gondolaPrintN  int
)

// fd_write serves write1, which is called with locks held and on g0.
//
//go:yeswritebarrierrec
func fd_write(fd int32, iovs unsafe.Pointer, n size, nwritten *size) errno {
	iov := (*iovec)(iovs)
	b := unsafe.Slice((*byte)(gondolaAt(iov.buf)), iov.bufLen)
	*nwritten = iov.bufLen
	for {
		k := copy(gondolaPrinted[gondolaPrintN:], b)
		gondolaPrintN += k
		b = b[k:]
		if len(b) == 0 {
			return 0
		}
		if !gondolaMayBlock() {
			return 0 // lost: nobody may wait here and the buffer is full
		}
		gondolaStderr.writeNow()
	}
}

// takePrinted moves what was printed to what is pending.
func (o *gondolaOutput) takePrinted() {
	if o == &gondolaStderr && gondolaPrintN > 0 {
		o.pending = append(o.pending, gondolaPrinted[:gondolaPrintN]...)
		gondolaPrintN = 0
	}
}

// gondolaMayBlock reports whether the component may block on its stack: while an async task has its turn.
func gondolaMayBlock() bool { return gondolaCur != nil && gondolaNoLeave == 0 }

// writeNow writes everything that is lent, pending or printed, blocking the component. It allocates nothing.
func (o *gondolaOutput) writeNow() {
	if o.state == gondolaOutputNew && len(o.pending) == 0 && (o != &gondolaStderr || gondolaPrintN == 0) {
		return
	}
	if !o.ready() {
		return
	}
	if w := gondolaFindWaiter(o.writer); w != nil {
		gondolaJoin(o.writer, 0)
		o.wrote(o.imports.cancel(o.writer))
	}
	o.push(o.lent)
	o.push(o.pending)
	o.lent, o.pending = nil, nil
	if o == &gondolaStderr {
		o.push(gondolaPrinted[:gondolaPrintN])
		gondolaPrintN = 0
	}
}

// push writes b, blocking the component.
func (o *gondolaOutput) push(b []byte) {
	for len(b) > 0 && o.state != gondolaOutputClosed {
		code := o.imports.write(o.writer, gondolaAddr(unsafe.Pointer(&b[0])), uint32(min(len(b), gondolaMaxCopy)))
		if code == gondolaBlocked {
			code = gondolaWaitNow(o.writer)
		}
		b = b[code>>4:]
		if code&0xf != gondolaCopyCompleted {
			o.state = gondolaOutputClosed
		}
	}
}

// finish writes what is left, closes the stream and waits until the host has written it.
func (o *gondolaOutput) finish() {
	o.writeNow()
	if o.state == gondolaOutputNew || o.writer == 0 {
		return
	}
	o.imports.drop(o.writer)
	if o.imports.result(o.result, gondolaAddr(unsafe.Pointer(&gondolaResultArea))) == gondolaBlocked {
		gondolaWaitNow(o.result)
	}
	o.writer = 0
	o.state = gondolaOutputClosed
}

// gondolaWaitNow waits for the event of a waitable, blocking the component, and returns its payload.
func gondolaWaitNow(waitable uint32) uint32 {
	if gondolaDyingSet == 0 {
		gondolaDyingSet = gondolaSetNew()
	}
	gondolaJoin(waitable, gondolaDyingSet)
	gondolaSetWait(gondolaDyingSet, gondolaAddr(unsafe.Pointer(&gondolaEvent)))
	gondolaJoin(waitable, 0)
	return gondolaEvent.p2
}

var (
	gondolaDying    bool
	gondolaDyingSet uint32
)

// gondolaLastWords writes what was printed before the component exits. Where blocking isn't allowed, what the host doesn't take
// at once is lost.
//
//go:yeswritebarrierrec
func gondolaLastWords() {
	if gondolaDying {
		return
	}
	gondolaDying = true
	if gondolaMayBlock() {
		gondolaStdout.finish()
		gondolaStderr.finish()
		return
	}
	gondolaStdout.tryNow()
	gondolaStderr.tryNow()
}

// tryNow writes what the host takes without waiting.
func (o *gondolaOutput) tryNow() {
	if o.state == gondolaOutputBusy {
		return
	}
	b := o.pending
	if o == &gondolaStderr && gondolaPrintN > 0 {
		if len(b) > 0 && o.ready() {
			o.imports.write(o.writer, gondolaAddr(unsafe.Pointer(&b[0])), uint32(len(b)))
		}
		b = gondolaPrinted[:gondolaPrintN]
	}
	if len(b) > 0 && o.ready() {
		o.imports.write(o.writer, gondolaAddr(unsafe.Pointer(&b[0])), uint32(len(b)))
	}
}

// gondolaStdin is standard input: one stream from the host for the whole run.
var gondolaStdin struct {
	open, busy, ended bool
	reader, result    uint32
	lent              []byte
	queue             gQueue
}

// gondola_v1_read reads standard input into b, waiting until something comes. n is 0 at the end of input; ok is false if
// reading failed.
//
//go:linkname gondola_v1_read
func gondola_v1_read(b []byte) (n int, ok bool) {
	in := &gondolaStdin
	for in.busy {
		in.queue.pushBack(getg())
		gopark(nil, nil, waitReasonIOWait, traceBlockNet, 1)
	}
	if in.ended || len(b) == 0 {
		return 0, true
	}
	in.busy = true
	if !in.open {
		in.open = true
		gondolaStdinOpen(gondolaAddr(unsafe.Pointer(&gondolaList)))
		in.reader, in.result = gondolaList.p, gondolaList.n
	}
	in.lent = b // on the heap, then: goroutine stacks move
	code := gondolaStdinRead(in.reader, gondolaAddr(unsafe.Pointer(&b[0])), uint32(min(len(b), gondolaMaxCopy)))
	if code == gondolaBlocked {
		code = gondola_v1_await(in.reader)
	}
	in.lent = nil
	ok = true
	if code&0xf != gondolaCopyCompleted {
		in.ended = true
		ok = gondolaStdinEnd()
	}
	in.busy = false
	if gp := in.queue.pop(); gp != nil {
		goready(gp, 1)
	}
	gondolaPause()
	return int(code >> 4), ok || code>>4 > 0
}

// gondolaResultArea receives the result<_, error-code> of a standard stream.
var gondolaResultArea [8]uint8

// gondolaStdinEnd reports whether standard input ended without an error.
func gondolaStdinEnd() bool {
	code := gondolaStdinResult(gondolaStdin.result, gondolaAddr(unsafe.Pointer(&gondolaResultArea)))
	if code == gondolaBlocked {
		code = gondola_v1_await(gondolaStdin.result)
	}
	return code&0xf != gondolaCopyCompleted || gondolaResultArea[0] == 0
}
