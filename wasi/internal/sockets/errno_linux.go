package sockets

import "golang.org/x/sys/unix"

func isUnreachableHere(err error) bool { return err == unix.ENONET }
