//go:build !unix

package preview1_test

import "errors"

func makeFIFO(string) error { return errors.ErrUnsupported }
