package rt

// A guard keeps goroutines apart. In a guest only one runs at a time; it must not be switched away from while it holds the guard, since
// a destructor can't wait.
type guard struct{}

func (*guard) Lock()   { pin() }
func (*guard) Unlock() { unpin() }
