package wasi

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
)

// Dir is a directory that guests get, with all that is in it and nothing that is
// outside: symbolic links that lead out of it, paths with ".." and other processes
// that rename things at the wrong moment included.
type Dir struct {
	// Guest is what guests call it: a path such as "/data", "." or "data". It must
	// not be empty.
	Guest string

	// Host is the directory, which is opened when the host is made ([AddTo]). It
	// stays that one, whatever is renamed later, until the host is closed or garbage.
	Host string

	// FS is what guests see in place of a directory of the host, unless it is nil:
	// an embed.FS, a zip.Reader, anything. It can only be read. Its symbolic links are
	// followed within it if it is an fs.ReadLinkFS, as os.DirFS is.
	FS fs.FS

	// ReadOnly keeps guests from changing anything. Between a directory that is
	// read-only and one that is not nothing can be moved or linked, though they may
	// be the same on the host.
	ReadOnly bool
}

// ParseDir reads a directory as the command line has it: HOST[::GUEST][:ro]. Without
// GUEST, guests call it what the host does. The error says for people what is wrong:
// that there is no such directory, for one.
func ParseDir(text string) (Dir, error) {
	rest, readOnly := strings.CutSuffix(text, ":ro")
	host, guest, named := strings.Cut(rest, "::")
	if !named {
		guest = host
	}
	switch {
	case host == "":
		return Dir{}, fmt.Errorf("%q names no directory of the host; want HOST, HOST::GUEST, or either with :ro behind it", text)
	case guest == "":
		return Dir{}, fmt.Errorf("%q gives the guest no name for the directory; write something after the \"::\", or leave that out", text)
	case strings.Contains(guest, "::"):
		return Dir{}, fmt.Errorf("%q has more than one \"::\"; want HOST::GUEST", text)
	}
	return Dir{Guest: guest, Host: host, ReadOnly: readOnly}, checkDir(host)
}

// checkDir says why something is no directory that can be opened.
func checkDir(path string) error {
	st, err := os.Stat(path)
	var pathErr *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if host, guest, ok := strings.Cut(path, ":"); ok && isDir(host) && len(host) > 1 {
			return fmt.Errorf("there is no directory %q; to give the guest %q as %q, write %s::%s", path, host, guest, host, guest)
		}
		return fmt.Errorf("there is no directory %q", path)
	case errors.As(err, &pathErr):
		return fmt.Errorf("the directory %q can't be opened: %w", path, pathErr.Err)
	case err != nil:
		return err
	case !st.IsDir():
		return fmt.Errorf("%q is a file; a guest can be given only directories", path)
	}
	f, err := os.Open(path)
	if errors.As(err, &pathErr) {
		return fmt.Errorf("the directory %q can't be opened: %w", path, pathErr.Err)
	}
	if err == nil {
		_ = f.Close()
	}
	return err
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

func dirsOf(dirs []Dir) []fsys.Dir {
	all := make([]fsys.Dir, len(dirs))
	for i, d := range dirs {
		all[i] = fsys.Dir{Guest: d.Guest, Host: d.Host, FS: d.FS, ReadOnly: d.ReadOnly}
	}
	return all
}

// Close closes the directories that guests were given. Guests that run go on with
// those that they hold; others get none any more. Nobody needs to call it for a host
// that lives as long as the process.
func (h *Host) Close() error {
	h.impl.Files.Close()
	return nil
}
