//go:build initpanic

package main

func init() {
	println("store: about to panic")
	panic("in the initialization of a reactor")
}
