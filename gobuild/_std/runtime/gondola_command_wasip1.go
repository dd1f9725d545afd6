package runtime

import "internal/runtime/sys"

// gondolaCommand tells whether the component runs func main as wasi:cli/run.
const gondolaCommand = true

//go:wasmimport [export]wasi:cli/run@0.3.0 [task-return]run
func gondolaTaskReturnRun(isErr uint32)

// gondolaMain is the main goroutine while it waits for wasi:cli/run.
var gondolaMain *g

// gondolaAwaitRun parks the main goroutine before package initialization, until it is a task's: so the initialization may
// print, sleep and wait. Another goroutine becomes that of the entries.
func gondolaAwaitRun() {
	gondolaMain = getg()
	go gondolaEnter()
	gopark(nil, nil, waitReasonZero, traceBlockGeneric, 1)
}

// gondolaEnter returns to the host; entries are called on its goroutine from then on.
func gondolaEnter() { pause(sys.GetCallerSP() - 16) }

//go:wasmexport [async-lift]wasi:cli/run@0.3.0#run
func gondolaRun() uint32 {
	gp := gondolaMain
	if gp == nil {
		print("wasi:cli/run was called again: func main runs once\n")
		gondolaTaskReturnRun(1)
		return gondolaExit
	}
	gondolaMain = nil
	mp := acquirem()
	t := gondolaNewTask(nil)
	t.add(gp)
	goready(gp, 1)
	releasem(mp)
	return t.turn()
}

//go:wasmexport [callback][async-lift]wasi:cli/run@0.3.0#run
func gondolaRunCallback(event, handle, payload uint32) uint32 {
	return gondola_v1_taskCallback(event, handle, payload)
}

// gondolaReturn ends the program after main has returned, whatever other goroutines do.
func gondolaReturn() {
	gondolaLastWords()
	gondola_v1_taskResolve()
	getg().gondolaTask.state = gondolaTaskFinal
	gondolaTaskReturnRun(0)
	gopark(nil, nil, waitReasonZero, traceBlockForever, 1)
}
