package wazero

import "encoding/binary"

// The rights of preview 1.
const (
	rightDatasync = 1 << iota
	rightRead
	rightSeek
	rightSetFlags
	rightSync
	rightTell
	rightWrite
	rightAdvise
	rightAllocate
	rightCreateDirectory
	rightCreateFile
	rightLinkSource
	rightLinkTarget
	rightOpen
	rightReaddir
	rightReadlink
	rightRenameSource
	rightRenameTarget
	rightPathFilestatGet
	rightPathFilestatSetSize
	rightPathFilestatSetTimes
	rightFilestatGet
	rightFilestatSetSize
	rightFilestatSetTimes
	rightSymlink
	rightRemoveDirectory
	rightUnlinkFile
)

// Flags of descriptors, and of path_open.
const (
	fdflagAppend = 1 << 0
	fdflagsSync  = 1<<1 | 1<<3 | 1<<4 // dsync, rsync, sync

	oflagCreate   = 1 << 0
	oflagTruncate = 1 << 3
)

// descriptors are what a guest has open. wazero has neither rights nor every form of
// fd_renumber, and keeps to itself what it has: so a guest's numbers stand for
// wazero's, and have beside them what wazero does not know.
type descriptors struct{ open map[uint32]*descriptor }

// descriptor is an open file or directory. wazero gives no more than it has rights
// for, and a guest may give some up; what it opens by way of a directory then lacks
// them as well. A right that a guest did not ask for when it opened something, but for
// reading and writing, is no right it gave up: compilers ask for too few.
type descriptor struct {
	theirs uint32 // its number with wazero

	dropped           uint64 // rights that the guest gave up
	droppedInheriting uint64
	without           uint64 // rights to read or write that it did not ask for
	flags             uint16 // of fdflagsSync
}

// firstDir is the number of the first directory that a guest is given, after the
// standard streams.
const firstDir = 3

func newDescriptors(n int) *descriptors {
	d := &descriptors{map[uint32]*descriptor{}}
	for i := range uint32(n) {
		d.open[i] = &descriptor{theirs: i}
	}
	return d
}

// add finds the lowest number that is free.
func (d *descriptors) add(new *descriptor) (number uint32) {
	for d.open[number] != nil {
		number++
	}
	d.open[number] = new
	return number
}

// guestFD is a descriptor and the guest's number for it.
type guestFD struct {
	*descriptor
	number uint32
}

// lookUp finds the descriptors among the parameters on a stack, and puts wazero's
// numbers in their places.
func (d *descriptors) lookUp(fds []fdParam, stack []uint64) (on [2]guestFD, errno uint64) {
	for i, p := range fds {
		n := uint32(stack[p.index])
		switch on[i] = (guestFD{d.open[n], n}); {
		case on[i].descriptor == nil:
			return on, errnoBadf
		case on[i].dropped&p.rights != 0:
			return on, errnoNotcapable
		}
		stack[p.index] = uint64(on[i].theirs)
	}
	return on, 0
}

func (c *preview1Call) close() uint64 {
	delete(c.guest.fds.open, c.on[0].number)
	return c.pass()
}

// renumber closes what has the second number and moves the first there.
func (c *preview1Call) renumber() uint64 {
	from, to := c.on[0], c.on[1]
	if from.number == to.number {
		return 0
	}
	c.call("fd_close", uint64(to.theirs)) // what it could say is of no use to anybody
	c.guest.fds.open[to.number] = from.descriptor
	delete(c.guest.fds.open, from.number)
	return 0
}

// Where the fields of fdstat are, and what a directory's type is.
const (
	fdstatType       = 0
	typeDirectory    = 3
	fdstatFlags      = 2
	fdstatBase       = 8
	fdstatInheriting = 16
	fdstatSize       = 24
)

// fdstat adds to what wazero says what it does not know.
func (c *preview1Call) fdstat() uint64 {
	if errno := c.pass(); errno != 0 {
		return errno
	}
	b, _ := c.mod.Memory().Read(c.param(1), fdstatSize) // where wazero has just written
	c.on[0].adjust(b)
	return 0
}

func (d *descriptor) adjust(fdstat []byte) {
	le := binary.LittleEndian
	le.PutUint16(fdstat[fdstatFlags:], le.Uint16(fdstat[fdstatFlags:])|d.flags)
	le.PutUint64(fdstat[fdstatBase:], le.Uint64(fdstat[fdstatBase:])&^(d.dropped|d.without))
	le.PutUint64(fdstat[fdstatInheriting:], le.Uint64(fdstat[fdstatInheriting:])&^d.droppedInheriting)
}

// allocate makes no room in a directory.
func (c *preview1Call) allocate() uint64 {
	isDir := false
	errno := c.scratch(fdstatSize, func(b []byte) uint64 {
		errno := c.call("fd_fdstat_get", uint64(c.on[0].theirs), 0)
		isDir = b[fdstatType] == typeDirectory
		return errno
	})
	switch {
	case errno != 0:
		return errno
	case isDir:
		return errnoBadf
	}
	return c.pass()
}

// setRights gives up rights. There is no way to get them again.
func (c *preview1Call) setRights() uint64 {
	d, le := c.on[0], binary.LittleEndian
	return c.scratch(fdstatSize, func(b []byte) uint64 {
		if errno := c.call("fd_fdstat_get", uint64(d.theirs), 0); errno != 0 {
			return errno
		}
		d.adjust(b)
		base, inheriting := le.Uint64(b[fdstatBase:]), le.Uint64(b[fdstatInheriting:])
		if c.stack[1]&^base != 0 || c.stack[2]&^inheriting != 0 {
			return errnoNotcapable
		}
		d.dropped |= base &^ c.stack[1]
		d.droppedInheriting |= inheriting &^ c.stack[2]
		return 0
	})
}

// setFlags lets the flags be that can't be changed, if the guest does.
func (c *preview1Call) setFlags() uint64 {
	if uint16(c.stack[1])&fdflagsSync == c.on[0].flags {
		c.stack[1] &^= fdflagsSync
	}
	return c.pass()
}

func (c *preview1Call) open() uint64 {
	dir, oflags, rights, fdflags := c.on[0], c.stack[4], c.stack[5], c.stack[7]
	var needs uint64
	if oflags&oflagCreate != 0 {
		needs |= rightCreateFile
	}
	if oflags&oflagTruncate != 0 {
		needs |= rightPathFilestatSetSize
	}
	if dir.dropped&needs != 0 {
		return errnoNotcapable
	}
	if errno := c.pass(); errno != 0 {
		return errno
	}
	theirs, _ := c.mod.Memory().ReadUint32Le(c.param(8)) // where wazero has just written
	number := c.guest.fds.add(&descriptor{
		theirs:            theirs,
		dropped:           dir.droppedInheriting,
		droppedInheriting: dir.droppedInheriting,
		without:           (rightRead | rightWrite) &^ openedFor(oflags, rights, fdflags),
		flags:             uint16(fdflags) & fdflagsSync,
	})
	c.mod.Memory().WriteUint32Le(c.param(8), number)
	return 0
}

// openedFor is whether wazero opens to read, to write or for both.
func openedFor(oflags, rights, fdflags uint64) uint64 {
	const both = rightRead | rightWrite
	switch {
	case rights&both != 0:
		return rights & both
	case oflags&(oflagCreate|oflagTruncate) != 0 || fdflags&fdflagAppend != 0:
		return both
	}
	return rightRead
}
