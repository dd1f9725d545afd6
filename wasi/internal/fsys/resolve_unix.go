//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package fsys

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// walker resolves paths step by step. It works on every system; for what it costs,
// see [kernel].
type walker struct {
	most int // symbolic links that one path may lead through
}

func (w walker) hops() int { return w.most }

// maxEntered is how many directories walks may hold open at a time, in the whole
// process.
const maxEntered = 4096

var entered atomic.Int64

func (walker) enter(dir int, name string) (int, error) {
	if entered.Add(1) > maxEntered {
		entered.Add(-1)
		return 0, TooManyFiles
	}
	fd, err := retry(func() (int, error) {
		return unix.Openat(dir, name, openDirectory|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
	if err == nil {
		return fd, nil
	}
	entered.Add(-1)
	switch err {
	case unix.ELOOP, unix.ENOTDIR, unix.EMLINK: // what a link gives depends on the system
		var st unix.Stat_t
		if lerr := retry0(func() error { return unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW) }); lerr != nil {
			return 0, lerr
		}
		if typeOf(&st) == SymbolicLink {
			return 0, errLink
		}
		err = unix.ENOTDIR
	}
	return 0, err
}

func (walker) leave(dir int) {
	entered.Add(-1)
	_ = unix.Close(dir)
}

func (walker) target(dir int, name string) (string, error) { return readLink(dir, name) }

func (w walker) locate(dir int, path string, follow bool) (spot[int], error) {
	s, err := locate(w, dir, path, follow)
	giveAway(&s)
	return s, err
}

// giveAway makes what a walk has entered the caller's.
func giveAway(s *spot[int]) {
	if s.owned {
		entered.Add(-1)
	}
}

// maxRaces is how often a path is looked up again that others change meanwhile.
const maxRaces = 16

func (w walker) open(dir int, path string, flags int, follow bool) (fd int, err error) {
	for range maxRaces {
		fd, err = w.openOnce(dir, path, flags, follow)
		if err != unix.ELOOP || !follow {
			break
		}
		// A link has come to where there was none.
	}
	return fd, err
}

func (w walker) openOnce(dir int, path string, flags int, follow bool) (int, error) {
	look := locate[int]
	if flags&unix.O_CREAT != 0 {
		look = locateNew[int]
		follow = follow && flags&unix.O_EXCL == 0
	}
	s, err := look(w, dir, path, follow)
	if err != nil {
		return 0, err
	}
	giveAway(&s)
	defer leaveSpot(&s)
	if s.slash {
		flags |= unix.O_DIRECTORY
	}
	return openLast(&s, flags)
}

func openLast(s *spot[int], flags int) (int, error) {
	fd, err := retry(func() (int, error) { return unix.Openat(s.dir, s.name, flags|unix.O_NOFOLLOW, 0o666) })
	if err == unix.EMLINK { // FreeBSD's ELOOP
		err = unix.ELOOP
	}
	return fd, err
}
