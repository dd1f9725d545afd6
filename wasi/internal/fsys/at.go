package fsys

import (
	"context"
	"strings"
)

// at calls do with a directory, if a path is one that can be looked up.
func (d *Descriptor) at(ctx context.Context, path string, do func(dir node) error) error {
	if err := d.lookup(path); err != nil {
		return err
	}
	return d.use(ctx, do)
}

// changeAt is at for an operation that changes something.
func (d *Descriptor) changeAt(ctx context.Context, path string, do func(dir node) error) error {
	if err := d.lookup(path); err != nil {
		return err
	}
	return d.change(ctx, do)
}

// lookup says why a path can't be looked up here, as far as that is clear from
// its text.
func (d *Descriptor) lookup(path string) error {
	switch {
	case !d.isDirectory():
		return NotDirectory
	case path == "":
		return NoEntry
	case path[0] == '/':
		return NotPermitted
	case len(path) > d.fs.limits.Path:
		return NameTooLong
	case strings.IndexByte(path, 0) >= 0:
		return Invalid
	}
	return nil
}

// OpenAt opens or creates a file.
//
// Where no access is asked for, it is reading; creating or truncating implies
// writing. Whether a directory may be changed through the descriptor depends on
// what the host gave, and not on whether MutateDirectory is asked for: C libraries
// open directories for reading alone and change them.
func (d *Descriptor) OpenAt(ctx context.Context, follow bool, path string, open OpenFlags, flags Flags) (*Descriptor, error) {
	if err := d.lookup(path); err != nil {
		return nil, err
	}
	if open&DirectoryOnly != 0 && open&(Create|Exclusive|Truncate) != 0 {
		return nil, Invalid
	}
	if flags&Write == 0 {
		flags |= Read
	}
	if open&(Create|Truncate) != 0 {
		flags |= Write
	}
	if d.readOnly {
		switch {
		case flags&Write != 0:
			return nil, NotPermitted
		case flags&MutateDirectory != 0:
			return nil, ReadOnly // for which there is no habit that differs from the specification
		}
	}
	return d.open(ctx, path, flags, openHow{
		follow:    follow,
		read:      flags&Read != 0,
		write:     flags&Write != 0,
		create:    open&Create != 0,
		directory: open&DirectoryOnly != 0,
		exclusive: open&Create != 0 && open&Exclusive != 0,
		truncate:  open&Truncate != 0,
		syncFile:  flags&FileIntegritySync != 0,
		syncData:  flags&DataIntegritySync != 0,
		syncRead:  flags&RequestedWriteSync != 0,
	})
}

func (d *Descriptor) open(ctx context.Context, path string, flags Flags, how openHow) (*Descriptor, error) {
	if err := d.fs.add(ctx); err != nil {
		return nil, err
	}
	var opened node
	defer func() {
		if opened == nil { // a file system of the embedder's may panic
			d.fs.forget()
		}
	}()
	err := d.use(ctx, func(dir node) error {
		n, err := dir.openAt(path, how)
		if err == nil {
			opened = n
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if opened.kind() != Directory {
		flags &^= MutateDirectory
	}
	return &Descriptor{fs: d.fs, shared: newShared(opened, d.fs.closeSoon), flags: flags, readOnly: d.readOnly}, nil
}

// StatAt describes what is at a path.
func (d *Descriptor) StatAt(ctx context.Context, follow bool, path string) (st Stat, err error) {
	err = d.at(ctx, path, func(dir node) error {
		st, err = dir.statAt(path, follow)
		return err
	})
	return st, err
}

// MetadataHashAt is [Descriptor.MetadataHash] of what is at a path.
func (d *Descriptor) MetadataHashAt(ctx context.Context, follow bool, path string) (Hash, error) {
	st, err := d.StatAt(ctx, follow, path)
	if err != nil {
		return Hash{}, err
	}
	return st.id.hash(), nil
}

// ReadLinkAt reads a symbolic link. Where it leads from the root of the host, that
// is not the guest's to know.
func (d *Descriptor) ReadLinkAt(ctx context.Context, path string) (target string, err error) {
	err = d.at(ctx, path, func(dir node) error {
		target, err = dir.readLinkAt(path)
		return err
	})
	return target, err
}

// SetTimesAt sets the timestamps of what is at a path.
func (d *Descriptor) SetTimesAt(ctx context.Context, follow bool, path string, t Times) error {
	if err := t.check(); err != nil {
		return err
	}
	return d.changeAt(ctx, path, func(dir node) error { return dir.setTimesAt(path, follow, t) })
}

// CreateDirectoryAt makes a directory.
func (d *Descriptor) CreateDirectoryAt(ctx context.Context, path string) error {
	return d.changeAt(ctx, path, func(dir node) error { return dir.createDirectoryAt(path) })
}

// RemoveDirectoryAt removes an empty directory.
func (d *Descriptor) RemoveDirectoryAt(ctx context.Context, path string) error {
	return d.changeAt(ctx, path, func(dir node) error { return dir.removeDirectoryAt(path) })
}

// UnlinkFileAt removes something that is no directory.
func (d *Descriptor) UnlinkFileAt(ctx context.Context, path string) error {
	return d.changeAt(ctx, path, func(dir node) error { return dir.unlinkFileAt(path) })
}

// SymlinkAt makes a symbolic link. Its target is not looked up, but may not be
// absolute.
func (d *Descriptor) SymlinkAt(ctx context.Context, target, path string) error {
	if err := d.lookup(target); err != nil {
		return err
	}
	return d.changeAt(ctx, path, func(dir node) error { return dir.symlinkAt(target, path) })
}

// LinkAt makes a hard link in another directory, or in the same.
func (d *Descriptor) LinkAt(ctx context.Context, follow bool, path string, to *Descriptor, newPath string) error {
	if follow {
		return Invalid
	}
	return d.changeBoth(ctx, path, to, newPath, func(from, to node) error { return from.linkAt(path, to, newPath) })
}

// RenameAt moves something to another directory, or within one.
func (d *Descriptor) RenameAt(ctx context.Context, path string, to *Descriptor, newPath string) error {
	return d.changeBoth(ctx, path, to, newPath, func(from, to node) error { return from.renameAt(path, to, newPath) })
}

// changeBoth calls do with two directories. What a guest may do with a file must
// not depend on the directory through which it gets there, so both must allow the
// same.
func (d *Descriptor) changeBoth(ctx context.Context, path string, to *Descriptor, newPath string, do func(from, to node) error) error {
	if err := d.lookup(path); err != nil {
		return err
	}
	if err := to.lookup(newPath); err != nil {
		return err
	}
	if d.readOnly || to.readOnly {
		return NotPermitted
	}
	if !to.shared.retain() {
		return BadDescriptor
	}
	defer to.shared.release()
	return d.change(ctx, func(from node) error { return do(from, to.shared.node) })
}
