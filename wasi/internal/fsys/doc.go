// Package fsys is the filesystem of guests, for every version of WASI: directories
// of the host, and file systems of Go programs ([io/fs.FS]).
//
// A guest gets some directories ([FS.Preopens]) and everything else through them.
// Each [Descriptor] of a directory is a root of its own: no path, no symbolic link
// and no other process that renames things at the wrong moment leads out of it.
// Nothing here ever looks up a path of more than one name by itself, but in one
// place: Linux does that with openat2(2), which can be told not to leave a
// directory. Where it is missing, and on other systems of the family, package
// code walks step by step, opening each directory in the one before and following
// links by their text. Both give the same results, and the same tests hold for
// both.
//
// What a read-only mount allows is decided before a backend is asked. A descriptor
// that the guest did not open for changing a directory may change it all the same,
// if the mount may be changed: C libraries count on that, as POSIX has no such
// mode. The flags that a guest sees are those that it asked for.
//
// All that may block is done through [FS.call], which bounds how many threads wait
// for disks. Nothing can end an operation that waits; what may wait for longer than a disk
// takes is to be done where nobody has to wait for it ([Descriptor.Prompt]). That is so of an
// embedder's [io/fs.FS], and on Linux of what programs and networks serve (FUSE, NFS and such). The
// first step from a disk into one of those is not known to be one. Descriptors are counted, closed when the last stream is done with
// them, and limited ([Limits]).
//
// # Systems
//
// Linux is complete. What differs elsewhere:
//
//   - All: every file system of the host counts as a disk.
//   - macOS, BSD: [Descriptor.SetTimes] sets microseconds (SetTimesAt is exact);
//     advice is ignored; data-integrity-sync is file-integrity-sync; appending is in
//     one piece only among guests of this process; directories that are walked
//     through must be readable.
//   - Windows and others: directories are accessed through [os.Root]. A descriptor
//     of a directory is its name and not the directory, so it does not follow when
//     that is renamed, and two names of one file are not the same object. Only the
//     time of modification is known, and the number of links is always 1. Nothing
//     can be linked or moved from one mount to another. Where the guest replaces
//     something at the same time from another thread or process, an operation may
//     follow a link that it was to stop at, but never out of the mount, though
//     perhaps out of a directory below it. Names with a backslash or colon are
//     invalid on Windows.
//   - An [io/fs.FS] is read-only, and sandboxed as well as it is itself: symbolic
//     links are followed by their text if it is an [io/fs.ReadLinkFS], else they are
//     the file system's own. Times of access are unknown. Files that can neither
//     seek nor be read at an offset are read from the start again when a guest
//     goes back.
package fsys
