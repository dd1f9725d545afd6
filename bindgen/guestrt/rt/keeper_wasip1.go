package rt

import "runtime"

// A keeper drops a handle that the program forgets. Only the Go value of the handle holds it, so that its finalizer runs some time
// after that value became garbage. Setting a finalizer takes longer than most calls of the host: a keeper that is released keeps
// its own for the next handle.
type keeper struct {
	handle uint32
	drop   func(handle uint32)
	next   *keeper // in freeKeepers
}

// freeKeepers links keepers for reuse; see freeScopes.
var freeKeepers *keeper

// keep returns the keeper of a handle. Whoever holds it releases it before handle is dropped or given away.
func keep(handle uint32, drop func(handle uint32)) *keeper {
	k := freeKeepers
	if k != nil {
		freeKeepers, k.next = k.next, nil
	} else {
		k = new(keeper)
		runtime.SetFinalizer(k, (*keeper).lost)
	}
	k.handle, k.drop = handle, drop
	return k
}

func (k *keeper) release() {
	k.drop = nil
	k.next, freeKeepers = freeKeepers, k
}

// lost is the finalizer of a keeper that was not released.
func (k *keeper) lost() {
	handle, drop := k.handle, k.drop
	inTask(func() { drop(handle) })
	runtime.SetFinalizer(k, (*keeper).lost)
	k.release()
}
