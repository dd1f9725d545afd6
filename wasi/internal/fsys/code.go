package fsys

import (
	"errors"
	"io/fs"
)

// Code says why an operation failed. It is the error-code of wasi:filesystem, in
// the order of version 0.2.
type Code uint8

const (
	Access Code = iota
	WouldBlock
	Already
	BadDescriptor
	Busy
	Deadlock
	Quota
	Exist
	FileTooLarge
	IllegalByteSequence
	InProgress
	Interrupted
	Invalid
	IO
	IsDirectory
	Loop
	TooManyLinks
	MessageSize
	NameTooLong
	NoDevice
	NoEntry
	NoLock
	InsufficientMemory
	InsufficientSpace
	NotDirectory
	NotEmpty
	NotRecoverable
	Unsupported
	NoTTY
	NoSuchDevice
	Overflow
	NotPermitted
	Pipe
	ReadOnly
	InvalidSeek
	TextFileBusy
	CrossDevice

	// TooManyFiles has no name in WASI.
	TooManyFiles
)

var codeNames = [...]string{
	"access", "would-block", "already", "bad-descriptor", "busy", "deadlock", "quota", "exist", "file-too-large",
	"illegal-byte-sequence", "in-progress", "interrupted", "invalid", "io", "is-directory", "loop", "too-many-links",
	"message-size", "name-too-long", "no-device", "no-entry", "no-lock", "insufficient-memory", "insufficient-space",
	"not-directory", "not-empty", "not-recoverable", "unsupported", "no-tty", "no-such-device", "overflow",
	"not-permitted", "pipe", "read-only", "invalid-seek", "text-file-busy", "cross-device",
	"too many open files",
}

// String is the name in WIT.
func (c Code) String() string { return codeNames[c] }

// Error makes every code an error.
func (c Code) Error() string { return codeNames[c] }

// KnownCode is the code of an error that has one or that is the system's.
func KnownCode(err error) (c Code, ok bool) {
	if errors.As(err, &c) {
		return c, true
	}
	return systemCode(err)
}

// CodeOf is what a guest is told of an error.
func CodeOf(err error) Code {
	if c, ok := KnownCode(err); ok {
		return c
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return NoEntry
	case errors.Is(err, fs.ErrExist):
		return Exist
	case errors.Is(err, fs.ErrPermission):
		return NotPermitted
	case errors.Is(err, fs.ErrInvalid):
		return Invalid
	case errors.Is(err, fs.ErrClosed):
		return BadDescriptor
	case errors.Is(err, errors.ErrUnsupported):
		return Unsupported
	}
	return IO
}

// codeOrNil is the error of an operation that has been done.
func codeOrNil(err error) error {
	if err == nil {
		return nil
	}
	return CodeOf(err)
}
