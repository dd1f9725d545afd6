package fsys

import (
	"io/fs"
	"os"
	"time"
)

// openOSRoot opens a directory of the host through [os.Root], which every system
// has.
func openOSRoot(path string, hops int) (node, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	n, err := newTreeNode(&treeFS{root.FS(), root, hops})
	if err != nil {
		_ = root.Close()
	}
	return n, err
}

// osFlags are for [os.Root.OpenFile].
func (how openHow) osFlags() int {
	flags := os.O_RDONLY
	switch {
	case how.read && how.write:
		flags = os.O_RDWR
	case how.write:
		flags = os.O_WRONLY
	}
	for _, f := range [...]struct {
		on   bool
		flag int
	}{
		{how.create, os.O_CREATE},
		{how.exclusive, os.O_EXCL},
		{how.truncate, os.O_TRUNC},
		{how.syncFile || how.syncData || how.syncRead, os.O_SYNC},
	} {
		if f.on {
			flags |= f.flag
		}
	}
	return flags
}

// createAt opens a file that need not exist.
func (n *treeNode) createAt(path string, how openHow) (node, error) {
	p, _, err := n.atBy(locateNew[string], path, how.follow && !how.exclusive)
	if err != nil {
		return nil, err
	}
	st, err := n.tree.lstat(p)
	switch {
	case err == nil && how.exclusive:
		return nil, Exist
	case err == nil && st.IsDir():
		return nil, IsDirectory
	case err == nil && st.Mode()&fs.ModeSymlink != 0:
		return nil, Loop
	}
	return n.openFile(p, how)
}

func (n *treeNode) writeAt(p []byte, offset int64) (int, error) {
	return n.file.f.(*os.File).WriteAt(p, offset)
}

func (n *treeNode) appendTo(p []byte) (int, error) {
	n.file.mu.Lock()
	defer n.file.mu.Unlock()
	st, err := n.file.f.Stat()
	if err != nil {
		return 0, err
	}
	return n.writeAt(p, st.Size())
}

func (n *treeNode) setSize(size int64) error { return n.file.f.(*os.File).Truncate(size) }

func (n *treeNode) setTimes(t Times) error {
	return n.tree.root.Chtimes(n.path, t.Accessed.time(), t.Modified.time())
}

// time is what [os.Root.Chtimes] takes: the zero time changes nothing.
func (n NewTime) time() time.Time {
	switch n.How {
	case SetToNow:
		return time.Now()
	case SetTo:
		return time.Unix(n.Time.Seconds, int64(n.Time.Nanoseconds))
	}
	return time.Time{}
}

func (n *treeNode) setTimesAt(path string, follow bool, t Times) error {
	p, st, err := n.info(path, follow)
	if err != nil {
		return err
	}
	if st.Mode()&fs.ModeSymlink != 0 {
		return Unsupported // it would be followed
	}
	return n.tree.root.Chtimes(p, t.Accessed.time(), t.Modified.time())
}

// entry finds the entry that a path stands for, which need not exist. See
// [unixNode.entry].
func (n *treeNode) entry(path string, link Code) (p string, s spot[string], err error) {
	p, s, err = n.at(path, false)
	if err == nil && s.throughLink {
		err = link
	}
	return p, s, err
}

func (n *treeNode) createDirectoryAt(path string) error {
	p, _, err := n.entry(path, Exist)
	if err != nil {
		return err
	}
	return n.tree.root.Mkdir(p, 0o777)
}

func (n *treeNode) removeDirectoryAt(path string) error {
	p, s, err := n.entry(path, NotDirectory)
	if err != nil {
		return err
	}
	if s.name == "." {
		return Invalid
	}
	st, err := n.tree.lstat(p)
	switch {
	case err != nil:
		return err
	case !st.IsDir():
		return NotDirectory
	}
	return n.tree.root.Remove(p)
}

func (n *treeNode) unlinkFileAt(path string) error {
	p, s, err := n.entry(path, NotDirectory)
	if err != nil {
		return err
	}
	st, err := n.tree.lstat(p)
	switch {
	case err != nil:
		return err
	case st.IsDir():
		return IsDirectory
	case s.slash:
		return NotDirectory
	}
	return n.tree.root.Remove(p)
}

// newEntry finds the place of an entry that is to be made and is no directory.
func (n *treeNode) newEntry(path string) (string, error) {
	p, s, err := n.entry(path, Exist)
	if err != nil {
		return "", err
	}
	st, err := n.tree.lstat(p)
	switch {
	case err == nil && s.slash && !st.IsDir():
		return "", NotDirectory
	case err == nil:
		return "", Exist
	case s.slash:
		return "", err
	}
	return p, nil
}

func (n *treeNode) symlinkAt(target, path string) error {
	p, err := n.newEntry(path)
	if err != nil {
		return err
	}
	return n.tree.root.Symlink(target, p)
}

func (n *treeNode) linkAt(path string, to node, newPath string) error {
	p, s, err := n.entry(path, NotPermitted)
	if err != nil {
		return err
	}
	st, err := n.tree.lstat(p)
	switch {
	case err != nil:
		return err
	case st.IsDir():
		return NotPermitted
	case s.slash:
		return NotDirectory
	}
	newNode := to.(*treeNode)
	newP, err := newNode.newEntry(newPath)
	switch {
	case err != nil:
		return err
	case newNode.tree != n.tree:
		return CrossDevice
	}
	return n.tree.root.Link(p, newP)
}

func (n *treeNode) renameAt(path string, to node, newPath string) error {
	p, s, err := n.entry(path, NotDirectory)
	if err != nil {
		return err
	}
	newNode := to.(*treeNode)
	newP, newS, err := newNode.entry(newPath, NotDirectory)
	if err != nil {
		return err
	}
	if s.name == "." || newS.name == "." {
		return Busy
	}
	st, err := n.tree.lstat(p)
	switch {
	case err != nil:
		return err
	case (s.slash || newS.slash) && !st.IsDir():
		return NotDirectory
	case newNode.tree != n.tree:
		return CrossDevice
	}
	return n.tree.root.Rename(p, newP)
}
