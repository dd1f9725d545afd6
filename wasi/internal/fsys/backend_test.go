package fsys

import (
	"testing"
	"time"
)

// backend is a way to get at the directories of the host. Tests run with all that
// the system has.
type backend struct {
	name string
	root func(dir string, hops int) (node, error)
}

func eachBackend(t *testing.T, test func(t *testing.T, b backend)) {
	for _, b := range append(hostBackends(), backend{"root", openOSRoot}) {
		t.Run(b.name, func(t *testing.T) { test(t, b) })
	}
}

var testLimits = Limits{OpenFiles: 1024, Path: 4096, Hops: DefaultHops}

// open makes a guest's descriptor of a directory.
func (b backend) open(t *testing.T, dir string, readOnly bool) *Descriptor {
	t.Helper()
	return b.openWith(t, testLimits, dir, readOnly)
}

func (b backend) openWith(t *testing.T, limits Limits, dir string, readOnly bool) *Descriptor {
	t.Helper()
	root, err := b.root(dir, limits.Hops)
	if err != nil {
		t.Fatal(err)
	}
	f := newFS(limits)
	f.mounts = []mount{{"dir", newShared(root, closeRoot), readOnly}}
	t.Cleanup(func() {
		f.Close()
		waitClosed(t, f)
	})
	all, err := f.Preopens()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(all[0].Dir.Drop)
	return all[0].Dir
}

// waitClosed waits until no file is open any more.
func waitClosed(t *testing.T, f *FS) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if len(f.open) == 0 {
			return
		}
	}
	t.Errorf("%d files stay open", len(f.open))
}
