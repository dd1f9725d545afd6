package gobuild

import (
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	// keptFor is how long something stays in the cache that nobody uses, or, of compiled code, after it was made.
	keptFor = 30 * 24 * time.Hour
	// trimmedEvery is how long nobody looks after the cache was trimmed.
	trimmedEvery = 24 * time.Hour
)

// trimmedEntries are the entries of the cache, as patterns below its directory.
var trimmedEntries = []string{"overlay/*", "core/*", "compiled/*/*"}

// TrimCache removes from the directory that [CacheDir] names what has lain there for 30 days: overlays and core modules that no
// build has used, and compiled code that is older. It does nothing if that was done in the last 24 hours. Safe for several processes, and
// while others use the cache. What can't be removed stays.
func TrimCache() {
	if dir, err := cacheDir(); err == nil {
		trim(dir, time.Now())
	}
}

func trim(dir string, now time.Time) {
	stamp := filepath.Join(dir, "trimmed")
	if !olderThan(stamp, now, trimmedEvery) {
		return
	}
	below := os.DirFS(dir)
	for _, pattern := range trimmedEntries {
		entries, err := fs.Glob(below, pattern)
		if err != nil {
			panic(err) // the patterns are constants
		}
		for _, name := range entries {
			if entry := filepath.Join(dir, filepath.FromSlash(name)); olderThan(entry, now, keptFor) {
				_ = os.RemoveAll(entry)
			}
		}
	}
	_ = writeFile(stamp, nil)
	_ = os.Chtimes(stamp, now, now)
}

// olderThan reports whether a file was last changed longer ago, or isn't there.
func olderThan(file string, now time.Time, age time.Duration) bool {
	info, err := os.Stat(file)
	return err != nil || now.Sub(info.ModTime()) > age
}

// use notes that an entry of the cache is used, if that was not noted lately.
func use(entry string) {
	if now := time.Now(); olderThan(entry, now, time.Hour) {
		_ = os.Chtimes(entry, now, now)
	}
}
