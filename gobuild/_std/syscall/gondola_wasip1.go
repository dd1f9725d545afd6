package syscall

import "unsafe"

//go:linkname gondolaWrite runtime.gondola_v1_write
func gondolaWrite(fd int32, b []byte) (n int, ok bool)

//go:linkname gondolaRead runtime.gondola_v1_read
func gondolaRead(b []byte) (n int, ok bool)

//go:linkname gondolaRandom runtime.gondola_v1_random
func gondolaRandom(b []byte)

//go:linkname gondolaWalltime runtime.gondola_v1_walltime
func gondolaWalltime() uint64

//go:linkname gondolaMonotonic runtime.nanotime
func gondolaMonotonic() int64

//go:linkname gondolaExit runtime.gondola_v1_exit
func gondolaExit(code int32)

// gondolaReadFD is what Read calls: standard input is the only file that can be read so far.
func gondolaReadFD(fd int32, b []byte, nread *size) Errno {
	if fd != 0 {
		return gondolaNoFile(fd)
	}
	n, ok := gondolaRead(b)
	*nread = size(n)
	if !ok {
		return EIO
	}
	return 0
}

// gondolaWriteFD is what Write calls: standard output and standard error are the only files that can be written so far.
func gondolaWriteFD(fd int32, b []byte, nwritten *size) Errno {
	if fd != 1 && fd != 2 {
		return gondolaNoFile(fd)
	}
	n, ok := gondolaWrite(fd, b)
	*nwritten = size(n)
	if !ok {
		return EPIPE
	}
	return 0
}

// gondolaNoFile is the error for a file that can't be used.
func gondolaNoFile(fd int32) Errno {
	if 0 <= fd && fd <= 2 {
		return ENOSYS
	}
	return EBADF
}

func fd_close(fd int32) Errno {
	if 0 <= fd && fd <= 2 {
		return 0
	}
	return EBADF
}

// fd_fdstat_get tells that standard streams are streams: neither regular files nor terminals.
func fd_fdstat_get(fd int32, buf *fdstat) Errno {
	if fd < 0 || fd > 2 {
		return EBADF
	}
	*buf = fdstat{filetype: FILETYPE_SOCKET_STREAM}
	return 0
}

func fd_filestat_get(fd int32, buf unsafe.Pointer) Errno {
	if fd < 0 || fd > 2 {
		return EBADF
	}
	*(*Stat_t)(buf) = Stat_t{Filetype: FILETYPE_SOCKET_STREAM}
	return 0
}

func fd_fdstat_set_flags(fd int32, flags fdflags) Errno {
	if fd < 0 || fd > 2 {
		return EBADF
	}
	return 0
}

// fd_prestat_get ends the search for preopened directories: there are none.
func fd_prestat_get(fd int32, prestat *prestat) Errno { return EBADF }

func random_get(buf *byte, bufLen size) Errno {
	gondolaRandom(unsafe.Slice(buf, bufLen))
	return 0
}

func clock_time_get(id clockid, precision timestamp, t *timestamp) Errno {
	if id == clockRealtime {
		*t = timestamp(gondolaWalltime())
	} else {
		*t = timestamp(gondolaMonotonic())
	}
	return 0
}

// ProcExit ends the component with an exit code.
func ProcExit(code int32) { gondolaExit(code) }

// gondolaGetwd finds out the working directory, which Go would read from the environment when it initializes packages: see
// gondola_thaw_wasip1.go of package runtime. Whatever comes to use relative names must call it.
func gondolaGetwd() {
	if gondolaKnowsDir {
		return
	}
	gondolaKnowsDir = true
	if dir, _ := Getenv("PWD"); dir != "" {
		cwd = joinPath("/", dir)
	}
}

var gondolaKnowsDir bool
