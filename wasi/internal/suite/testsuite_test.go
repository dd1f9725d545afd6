package suite

import "testing"

// All components of the test-suite do what they must, in this process.
func TestTestsuite(t *testing.T) {
	specs := testsuite(t)
	l := newInProcess(t)
	for _, s := range specs {
		t.Run(s.name, func(t *testing.T) {
			if err := runSpec(t, l, s, patience); err != nil {
				t.Error(err)
			}
		})
	}
}
