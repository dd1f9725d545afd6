package fsys

import (
	"errors"
	"strings"
)

// DefaultHops is how many symbolic links one path may lead through if nobody says
// anything. It is what Linux allows, too.
const DefaultHops = 40

// tree is what a walk needs of a backend, whose directories are Ds.
type tree[D any] interface {
	// enter opens a directory in another one. Where name is a symbolic link it
	// returns errLink and follows nothing.
	enter(d D, name string) (D, error)
	// leave ends the use of what enter returned.
	leave(d D)
	// target reads a symbolic link. It returns errNoLink where name is something
	// else.
	target(d D, name string) (string, error)
	// hops is how many symbolic links one path may lead through.
	hops() int
}

var (
	errLink   = errors.New("a symbolic link")
	errNoLink = errors.New("no symbolic link")
)

// spot is where a path leads: a name in a directory, or the directory itself,
// whose name is "." then. The name may stand for nothing. Where links were to be
// followed it was none when it was looked at.
type spot[D any] struct {
	dir   D
	owned bool // dir is to be left
	name  string

	// slash says that the path ends in a slash: only a directory will do.
	slash bool
	// throughLink says that the last name of the path is a link that was followed
	// only for the slash behind it.
	throughLink bool
}

// locate follows a path step by step, and never leaves root: a link is followed
// only by its text, a parent is where the walk came from.
func locate[D any](t tree[D], root D, path string, follow bool) (spot[D], error) {
	return (&walk[D]{tree: t, dirs: []D{root}, rest: path, follow: follow}).locate()
}

// locateNew is locate for a file that is to be made if it isn't there. A slash
// behind the last name ends it.
func locateNew[D any](t tree[D], root D, path string, follow bool) (spot[D], error) {
	return (&walk[D]{tree: t, dirs: []D{root}, rest: path, follow: follow, create: true}).locate()
}

func (w *walk[D]) locate() (spot[D], error) {
	s, err := w.run()
	if err != nil {
		w.leaveFrom(1)
		return spot[D]{}, err
	}
	s.dir, s.owned = w.top(), len(w.dirs) > 1
	w.dirs = w.dirs[:len(w.dirs)-1]
	w.leaveFrom(1)
	return s, nil
}

// walk is a path that is being followed.
type walk[D any] struct {
	tree        tree[D]
	dirs        []D // those that are entered, root first, which is not the walk's
	rest        string
	follow      bool
	create      bool
	hops        int
	throughLink bool
}

func (w *walk[D]) top() D { return w.dirs[len(w.dirs)-1] }

func (w *walk[D]) leaveFrom(i int) {
	for ; len(w.dirs) > i; w.dirs = w.dirs[:len(w.dirs)-1] {
		w.tree.leave(w.top())
	}
}

func (w *walk[D]) run() (spot[D], error) {
	for {
		name, slash, last := w.next()
		var err error
		switch {
		case name == "" || name == ".":
		case name == "..":
			err = w.up()
		case last:
			done, err := w.end(name, slash)
			if done || err != nil {
				return spot[D]{name: name, slash: slash, throughLink: w.throughLink}, err
			}
			continue
		default:
			err = w.down(name)
		}
		if err != nil {
			return spot[D]{}, err
		}
		if last {
			return spot[D]{name: ".", throughLink: w.throughLink}, nil
		}
	}
}

// next takes the next name off the path.
func (w *walk[D]) next() (name string, slash, last bool) {
	name, rest, slash := strings.Cut(strings.TrimLeft(w.rest, "/"), "/")
	w.rest = strings.TrimLeft(rest, "/")
	return name, slash, w.rest == ""
}

func (w *walk[D]) up() error {
	if len(w.dirs) == 1 {
		return NotPermitted
	}
	w.leaveFrom(len(w.dirs) - 1)
	return nil
}

func (w *walk[D]) down(name string) error {
	d, err := w.tree.enter(w.top(), name)
	if err == errLink {
		target, err := w.tree.target(w.top(), name)
		if err == errNoLink {
			return NotDirectory // it was replaced just now
		}
		if err != nil {
			return err
		}
		return w.jump(target, "/"+w.rest)
	}
	if err == nil {
		w.dirs = append(w.dirs, d)
	}
	return err
}

// end looks at the last name of the path. Where that is a link to follow, the walk
// goes on.
func (w *walk[D]) end(name string, slash bool) (done bool, err error) {
	switch {
	case slash && w.create:
		return false, IsDirectory
	case !slash && !w.follow:
		return true, nil
	}
	target, err := w.tree.target(w.top(), name)
	switch {
	case err == errNoLink || err != nil && CodeOf(err) == NoEntry:
		return true, nil
	case err != nil:
		return false, err
	}
	rest := ""
	if slash {
		rest = "/"
		w.throughLink = w.throughLink || !w.follow
	}
	return false, w.jump(target, rest)
}

// jump puts the text of a link in its place.
func (w *walk[D]) jump(target, rest string) error {
	w.hops++
	switch {
	case w.hops > w.tree.hops():
		return Loop
	case target == "":
		return NoEntry
	case target[0] == '/':
		return NotPermitted
	}
	w.rest = target + rest
	return nil
}
