package fsys

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// waiting has what deviceWaits found out, by device. It may be wrong of a device that was
// unmounted and whose number was given to another: an operation may last then.
var waiting sync.Map

// deviceWaits reports whether what is done with files of a device may wait for a program
// or a network. The file systems themselves can't be asked, which may wait as well.
func deviceWaits(dev uint64) bool {
	if known, ok := waiting.Load(dev); ok {
		return known.(bool)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	waits := err == nil && slowType(mountType(string(mounts), unix.Major(dev), unix.Minor(dev)))
	waiting.Store(dev, waits)
	return waits
}

// mountType is the type of the file system on a device, as proc_pid_mountinfo(5) tells,
// or "" where that is not known.
func mountType(mounts string, major, minor uint32) string {
	device := fmt.Sprintf("%d:%d", major, minor)
	for line := range strings.Lines(mounts) {
		about, of, _ := strings.Cut(line, " - ")
		if f := strings.Fields(about); len(f) > 2 && f[2] == device {
			typ, _, _ := strings.Cut(of, " ")
			return typ
		}
	}
	return ""
}

// slowType reports whether a type of file systems is one of programs or networks.
func slowType(typ string) bool {
	typ, _, _ = strings.Cut(typ, ".") // a program's own name follows
	switch typ {
	case "fuse", "fuseblk", "virtiofs", "autofs", "9p", "afs", "beegfs", "ceph", "cifs", "coda", "glusterfs",
		"lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "smb3", "smbfs":
		return true
	}
	return false
}
