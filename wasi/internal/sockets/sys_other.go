//go:build !linux && !darwin

package sockets

import "errors"

// No socket is ever made here, so that nothing else is ever called.

func openSocket(Family, bool) (int, error) { return -1, NotSupported }

func localAddr(int) (Addr, error)                    { return Addr{}, NotSupported }
func peerAddr(int) (Addr, error)                     { return Addr{}, NotSupported }
func bindSocket(int, Addr, bool) error               { return NotSupported }
func connectSocket(int, Addr) error                  { return NotSupported }
func connected(int) (bool, error)                    { return false, NotSupported }
func abortConnect(int) error                         { return NotSupported }
func listenSocket(int, int) error                    { return NotSupported }
func acceptSocket(int) (int, Addr, error)            { return -1, Addr{}, NotSupported }
func resetSocket(int)                                {}
func isReadable(int) bool                            { return true }
func isWritable(int) bool                            { return true }
func receive(int, []byte) (int, error)               { return 0, NotSupported }
func peek(int) error                                 { return NotSupported }
func send(int, []byte) (int, error)                  { return 0, NotSupported }
func receiveDatagram(int, []byte) (int, Addr, error) { return 0, Addr{}, NotSupported }
func sendDatagram(int, []byte, *Addr) error          { return NotSupported }
func connectDatagram(int, Addr) error                { return NotSupported }
func disconnectSocket(int) error                     { return NotSupported }
func shutdownRead(int) error                         { return NotSupported }
func shutdownWrite(int) error                        { return NotSupported }
func getOption(int, Family, option) (int, error)     { return 0, NotSupported }
func setOption(int, Family, option, int) error       { return NotSupported }
func mustInherit(option) bool                        { return false }
func isAgain(error) bool                             { return false }
func isTransient(error) bool                         { return false }

func codeOf(err error) Code {
	if c, ok := errors.AsType[Code](err); ok {
		return c
	}
	return Other
}
