package gobuild

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// cacheDir returns Gondola's cache directory: GONDOLA_CACHE, or a folder of the user's cache directory.
func cacheDir() (string, error) {
	if dir := os.Getenv("GONDOLA_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache directory (set GONDOLA_CACHE): %w", err)
	}
	return filepath.Join(dir, "gondola"), nil
}

// storeOverlay writes files below the cache directory and returns the replacements that "go build -overlay" needs: by path in
// GOROOT, the path of the file to use. The paths depend on nothing but the contents, so that Go's build cache is hit. Safe for several
// processes at a time.
func storeOverlay(cache, goroot string, files map[string]string) (map[string]string, error) {
	hash := sha256.New()
	for _, file := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(hash, "%s %d\n%s", file, len(files[file]), files[file])
	}
	dir := filepath.Join(cache, "overlay", hex.EncodeToString(hash.Sum(nil))[:32])
	err := storeDir(dir, func(temp string) error {
		for file, source := range files {
			if err := writeFile(filepath.Join(temp, filepath.FromSlash(file)), []byte(source)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	replace := map[string]string{}
	for file := range files {
		replace[filepath.Join(goroot, "src", filepath.FromSlash(file))] = filepath.Join(dir, filepath.FromSlash(file))
	}
	return replace, nil
}

// storeReplacements writes the file that "go build -overlay" reads and returns its path, which depends on nothing but its contents.
func storeReplacements(cache string, replace map[string]string) (string, error) {
	text, err := json.MarshalIndent(map[string]any{"Replace": replace}, "", "\t")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	dir := filepath.Join(cache, "overlay", "json-"+hex.EncodeToString(sum[:16]))
	err = storeDir(dir, func(temp string) error {
		return writeFile(filepath.Join(temp, "overlay.json"), text)
	})
	return filepath.Join(dir, "overlay.json"), err
}

// storeDir makes the directory dir, filled by fill, unless it is there. Whoever comes first wins.
func storeDir(dir string, fill func(temp string) error) error {
	if _, err := os.Stat(dir); err == nil {
		use(dir)
		return nil
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(parent, "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := fill(temp); err != nil {
		return err
	}
	if err := os.Rename(temp, dir); err != nil {
		if _, statErr := os.Stat(dir); statErr != nil {
			return err
		}
	}
	return nil
}

func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o666)
}
