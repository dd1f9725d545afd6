package main

import (
	"path/filepath"
	"strings"
)

// pathFlags are the flags whose values name files and directories, and how such a value is
// read in another folder than this.
var pathFlags = map[string]func(folder, value string) string{
	"coredump": pathFrom,
	"dir":      dirFrom,
	"header":   headersFrom,
	"profile":  pathFrom,
	"tls-cert": pathFrom,
	"tls-key":  pathFrom,
}

// fromFolder is what a flag gets for a value that stands in a file in that folder. What a
// file gives to guests must not depend on where somebody is when they use it.
func fromFolder(flag, folder, value string) string {
	if from, ok := pathFlags[flag]; ok {
		return from(folder, value)
	}
	return value
}

// pathFrom does not clean the path, since what is before ".." may be a symbolic link.
func pathFrom(folder, path string) string {
	if path == "" || folder == "." || filepath.IsAbs(path) {
		return path
	}
	return folder + string(filepath.Separator) + path
}

// dirFrom leaves it at what guests call the directory.
func dirFrom(folder, value string) string {
	rest, readOnly := strings.CutSuffix(value, ":ro")
	host, guest, named := strings.Cut(rest, "::")
	path := pathFrom(folder, host)
	if path == host {
		return value
	}
	if !named {
		guest = host
	}
	if value = path + "::" + guest; readOnly {
		value += ":ro"
	}
	return value
}

func headersFrom(folder, value string) string {
	if path, isFile := strings.CutPrefix(value, "@"); isFile {
		return "@" + pathFrom(folder, path)
	}
	return value
}
