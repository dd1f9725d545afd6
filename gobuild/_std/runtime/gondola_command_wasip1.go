package runtime

import "unsafe"

// gondolaCommand tells whether the component runs func main as wasi:cli/run.
const gondolaCommand = true

//go:wasmimport [export]wasi:cli/run@0.3.0 [task-return]run
func gondolaTaskReturnRun(isErr uint32)

//go:wasmexport [async-lift]wasi:cli/run@0.3.0#run
func gondolaRun() uint32 {
	return gondola_v1_taskStart(gondolaMain, func() {})
}

//go:wasmexport [callback][async-lift]wasi:cli/run@0.3.0#run
func gondolaRunCallback(event, handle, payload uint32) uint32 {
	return gondola_v1_taskCallback(event, handle, payload)
}

// gondolaMain does what runtime.main does after its own initialization. Because it is a task, package initialization may
// print, sleep and wait.
func gondolaMain() {
	gp := getg()
	fn := main_main
	// Show this goroutine as main's, and count the one of the entry as the runtime's own in its stead.
	gp.startpc = **(**uintptr)(unsafe.Pointer(&fn))
	inittrace.id = gp.goid
	for m := &firstmoduledata; m != nil; m = m.next {
		doInit(m.inittasks)
	}
	inittrace.active = false
	close(main_init_done)

	fn()

	for c := 0; c < 1000 && runningPanicDefers.Load() != 0; c++ {
		Gosched()
	}
	if panicking.Load() != 0 {
		gopark(nil, nil, waitReasonPanicWait, traceBlockForever, 1)
	}
	runExitHooks(0)
	gondolaLastWords()
	gondola_v1_taskResolve()
	gp.gondolaTask.state = gondolaTaskFinal
	gondolaTaskReturnRun(0)
}
