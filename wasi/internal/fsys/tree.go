package fsys

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"
)

// A treeFS is a file system of Go's: an [fs.FS], which can only be read, or an
// [os.Root]. Its nodes are paths from its root, in which no name was a symbolic
// link when it was looked at. Links are followed by their text, as far as the file
// system tells them.
type treeFS struct {
	fs   fs.FS
	root *os.Root // nil for what can only be read
	most int      // symbolic links that one path may lead through
}

func (t *treeFS) hops() int { return t.most }

func openTree(fsys fs.FS, hops int) (node, error) { return newTreeNode(&treeFS{fs: fsys, most: hops}) }

func newTreeNode(t *treeFS) (node, error) {
	st, err := t.lstat(".")
	if err != nil {
		return nil, err
	}
	if !st.IsDir() {
		return nil, errors.New("it is no directory")
	}
	return &treeNode{tree: t, path: ".", typ: Directory, mount: true}, nil
}

func (t *treeFS) lstat(p string) (fs.FileInfo, error) { return fs.Lstat(t.fs, p) }

// join is the path of an entry.
func join(dir, name string) (string, error) {
	if runtime.GOOS == "windows" && strings.ContainsAny(name, `\:`) {
		return "", Invalid // no name there, but a path or a stream
	}
	p := path.Join(dir, name)
	if !fs.ValidPath(p) {
		return "", Invalid
	}
	return p, nil
}

// enter, leave and target make it a [tree].
func (t *treeFS) enter(dir, name string) (string, error) {
	p, err := join(dir, name)
	if err != nil {
		return "", err
	}
	st, err := t.lstat(p)
	switch {
	case err != nil:
		return "", err
	case st.Mode()&fs.ModeSymlink != 0:
		return "", errLink
	case !st.IsDir():
		return "", NotDirectory
	}
	return p, nil
}

func (*treeFS) leave(string) {}

func (t *treeFS) target(dir, name string) (string, error) {
	p, err := join(dir, name)
	if err != nil {
		return "", err
	}
	st, err := t.lstat(p)
	switch {
	case err != nil:
		return "", err
	case st.Mode()&fs.ModeSymlink == 0:
		return "", errNoLink
	}
	if _, ok := t.fs.(fs.ReadLinkFS); !ok {
		return "", Unsupported
	}
	target, err := fs.ReadLink(t.fs, p)
	if runtime.GOOS == "windows" {
		target = slashed(target)
	}
	return target, err
}

// slashed is a path of Windows with our separators. One with a drive or a device
// is absolute.
func slashed(p string) string {
	p = strings.ReplaceAll(p, `\`, "/")
	if strings.Contains(p, ":") {
		return "/"
	}
	return p
}

// treeNode is a directory, or an open file.
type treeNode struct {
	tree  *treeFS
	path  string
	typ   Type
	file  *treeFile // nil for a directory
	mount bool      // the tree ends with it
}

func (n *treeNode) kind() Type         { return n.typ }
func (n *treeNode) identity() identity { return identity{in: n.tree, path: n.path} }
func (n *treeNode) prompt() bool       { return n.tree.root != nil }

func (n *treeNode) close() error {
	switch {
	case n.file != nil:
		return n.file.close()
	case n.mount && n.tree.root != nil:
		return n.tree.root.Close()
	}
	return nil
}

func (n *treeNode) stat() (Stat, error) {
	if n.file != nil {
		st, err := n.file.stat()
		return n.statOf(n.path, st), err
	}
	st, err := n.tree.lstat(n.path)
	return n.statOf(n.path, st), err
}

func (n *treeNode) statOf(p string, st fs.FileInfo) Stat {
	if st == nil {
		return Stat{}
	}
	return Stat{
		Type:     typeOfMode(st.Mode()),
		Links:    1,
		Size:     uint64(max(st.Size(), 0)),
		Modified: timestampOfTime(st.ModTime()),
		id:       identity{in: n.tree, path: p},
	}
}

func timestampOfTime(t time.Time) *Timestamp {
	if t.IsZero() {
		return nil
	}
	return &Timestamp{t.Unix(), uint32(t.Nanosecond())}
}

func typeOfMode(m fs.FileMode) Type {
	switch m & fs.ModeType {
	case 0:
		return RegularFile
	case fs.ModeDir:
		return Directory
	case fs.ModeSymlink:
		return SymbolicLink
	case fs.ModeNamedPipe:
		return FIFO
	case fs.ModeSocket:
		return Socket
	case fs.ModeDevice:
		return BlockDevice
	case fs.ModeDevice | fs.ModeCharDevice:
		return CharacterDevice
	}
	return Unknown
}

// at finds the path from the root that a path leads to.
func (n *treeNode) at(path string, follow bool) (p string, s spot[string], err error) {
	return n.atBy(locate[string], path, follow)
}

func (n *treeNode) atBy(look func(tree[string], string, string, bool) (spot[string], error), path string, follow bool) (p string, s spot[string], err error) {
	s, err = look(n.tree, n.path, path, follow)
	if err != nil {
		return "", s, err
	}
	p, err = join(s.dir, s.name)
	return p, s, err
}

// info is at, and what is there.
func (n *treeNode) info(path string, follow bool) (p string, st fs.FileInfo, err error) {
	p, s, err := n.at(path, follow)
	if err != nil {
		return "", nil, err
	}
	st, err = n.tree.lstat(p)
	if err == nil && s.slash && !st.IsDir() {
		err = NotDirectory
	}
	return p, st, err
}

func (n *treeNode) statAt(path string, follow bool) (Stat, error) {
	p, st, err := n.info(path, follow)
	if err != nil {
		return Stat{}, err
	}
	return n.statOf(p, st), nil
}

func (n *treeNode) readLinkAt(path string) (string, error) {
	_, s, err := n.at(path, false)
	if err != nil {
		return "", err
	}
	if s.slash {
		if _, _, err := n.info(path, false); err != nil {
			return "", err
		}
	}
	target, err := n.tree.target(s.dir, s.name)
	switch {
	case err == errNoLink:
		return "", Invalid
	case err != nil:
		return "", err
	case strings.HasPrefix(target, "/"):
		return "", NotPermitted
	case !utf8.ValidString(target):
		return "", IllegalByteSequence
	}
	return target, nil
}

func (n *treeNode) openAt(path string, how openHow) (node, error) {
	if how.create {
		return n.createAt(path, how)
	}
	p, st, err := n.info(path, how.follow)
	if err != nil {
		return nil, err
	}
	switch t := typeOfMode(st.Mode()); {
	case t == SymbolicLink:
		return nil, Loop
	case t == Directory && how.write:
		return nil, IsDirectory
	case t == Directory:
		return &treeNode{tree: n.tree, path: p, typ: t}, nil
	case how.directory:
		return nil, NotDirectory
	}
	return n.openFile(p, how)
}

// openFile opens what is no directory and no link.
func (n *treeNode) openFile(p string, how openHow) (node, error) {
	f := &treeFile{open: func() (fs.File, error) { return n.tree.fs.Open(p) }}
	if n.tree.root != nil {
		f.open = func() (fs.File, error) { return n.tree.root.OpenFile(p, how.osFlags(), 0o666) }
	}
	if err := f.reopen(); err != nil {
		return nil, err
	}
	st, err := f.stat()
	if err != nil {
		_ = f.close()
		return nil, err
	}
	return &treeNode{tree: n.tree, path: p, typ: typeOfMode(st.Mode()), file: f}, nil
}

func (n *treeNode) sync(bool) error {
	if n.file == nil {
		return nil
	}
	return n.file.sync()
}

func (n *treeNode) readAt(p []byte, offset int64) (int, error) { return n.file.readAt(p, offset) }
func (n *treeNode) advise(int64, int64, Advice) error          { return nil }

// treeEntries lists a directory.
type treeEntries struct {
	dir  fs.File
	read func(n int) ([]fs.DirEntry, error)
	err  error // what comes after the entries that were returned
}

func (n *treeNode) entries() (entrySource, error) {
	dir, err := n.tree.fs.Open(n.path)
	if err != nil {
		return nil, err
	}
	if d, ok := dir.(fs.ReadDirFile); ok {
		return &treeEntries{dir: dir, read: d.ReadDir}, nil
	}
	_ = dir.Close()
	all, err := fs.ReadDir(n.tree.fs, n.path)
	if err != nil {
		return nil, err
	}
	return &treeEntries{read: func(int) ([]fs.DirEntry, error) {
		defer func() { all = nil }()
		return all, nil
	}}, nil
}

func (e *treeEntries) close() error {
	if e.dir == nil {
		return nil
	}
	return e.dir.Close()
}

func (e *treeEntries) next() (some []Entry, err error) {
	if e.err != nil {
		return nil, e.err
	}
	all, err := e.read(256)
	if err == nil && len(all) == 0 {
		err = io.EOF
	}
	e.err = err
	for _, d := range all {
		if !utf8.ValidString(d.Name()) {
			e.err = IllegalByteSequence
			break
		}
		some = append(some, Entry{typeOfMode(d.Type()), d.Name()})
	}
	if len(some) == 0 {
		return nil, e.err
	}
	return some, nil
}
