//go:build !linux && !darwin

package httpx

import "syscall"

const canLook = false

func lookAt(syscall.RawConn) peer { return peerUnknown }
