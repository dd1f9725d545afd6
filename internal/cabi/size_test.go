package cabi

import (
	"testing"
	"unsafe"
)

// What waits in great numbers stays small.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		what      string
		size, max uintptr
	}{
		{"a task with its thread", unsafe.Sizeof(Task{}), 400},
		{"a subtask", unsafe.Sizeof(Subtask{}), 256},
		{"a waitable set", unsafe.Sizeof(WaitableSet{}), 64},
		{"an end of a stream or future", unsafe.Sizeof(CopyEnd{}), 192},
		{"a resource handle", unsafe.Sizeof(ResourceHandle{}), 48},
	} {
		t.Logf("%s takes %d bytes", c.what, c.size)
		if c.size > c.max {
			t.Errorf("%s takes %d bytes, more than %d", c.what, c.size, c.max)
		}
	}
}
