//go:build !windows

package main

import "syscall"

// exitTrap is the status of a process that aborted, as a shell has it.
const exitTrap = 128 + int(syscall.SIGABRT)
