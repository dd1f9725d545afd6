package suite

import (
	"context"
	"slices"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
)

func inFiles(name string, lie func(val.Value) val.Value) damage {
	return functions(lies(filesystemID, "[method]descriptor."+name, lie))
}

func pretendInFiles(name string) damage {
	return functions(says(filesystemID, "[method]descriptor."+name, done))
}

func misheardInFiles(name string, i int, change func(val.Value) val.Value) damage {
	return functions(mishears(filesystemID, "[method]descriptor."+name, i, change))
}

// everyAt has all functions that take a path say something else.
func everyAt(lie func(val.Value) val.Value) damage {
	var changes []func(*gondola.Linker)
	for _, name := range []string{
		"open-at", "stat-at", "set-times-at", "link-at", "readlink-at", "create-directory-at", "remove-directory-at",
		"rename-at", "symlink-at", "unlink-file-at", "metadata-hash-at",
	} {
		changes = append(changes, lies(filesystemID, "[method]descriptor."+name, lie))
	}
	return functions(changes...)
}

var filesystemControls = []control{
	{name: "files: truncate is ignored", fails: []string{"filesystem-set-size"}, damage: misheardInFiles("open-at", 3, without("truncate"))},
	{name: "files: create is ignored", fails: []string{"filesystem-dotdot", "filesystem-flags-and-type", "filesystem-io", "filesystem-set-size"}, damage: misheardInFiles("open-at", 3, without("create"))},
	{name: "files: exclusive is ignored", own: "exclusive", damage: misheardInFiles("open-at", 3, without("exclusive"))},
	{name: "files: directory is ignored", own: "directory", damage: misheardInFiles("open-at", 3, without("directory"))},
	{name: "files: symbolic links are followed", own: "a symbolic link that must not be followed", damage: misheardInFiles("open-at", 1, constant(val.Flags("symlink-follow")))},
	{name: "files: symbolic links are not followed", fails: []string{"filesystem-open-errors"}, damage: misheardInFiles("open-at", 1, constant(val.Flags()))},
	{name: "files: all can be written", fails: []string{"filesystem-flags-and-type"}, damage: inFiles("get-flags", constant(val.Ok(val.Flags("read", "write"))))},
	{name: "files: everything is a file", fails: []string{"filesystem-flags-and-type"}, damage: inFiles("get-type", constant(val.Ok(val.Variant("regular-file", val.Value{}))))},
	{name: "files: what is outside is denied with another code", fails: []string{"filesystem-dotdot", "filesystem-hard-links", "filesystem-metadata-hash", "filesystem-mkdir-rmdir", "filesystem-open-errors", "filesystem-rename", "filesystem-stat", "filesystem-unlink-errors"}, damage: everyAt(code("not-permitted", "access"))},
	{name: "files: what is not there is denied with another code", fails: []string{"filesystem-hard-links", "filesystem-metadata-hash", "filesystem-mkdir-rmdir", "filesystem-open-errors", "filesystem-rename", "filesystem-stat", "filesystem-unlink-errors"}, damage: everyAt(code("no-entry", "io"))},
	{name: "files: what is there is denied with another code", fails: []string{"filesystem-hard-links", "filesystem-mkdir-rmdir"}, damage: everyAt(code("exist", "io"))},
	{
		name:  "files: one can step outside",
		fails: []string{"filesystem-stat"},
		damage: functions(calls(filesystemID, "[method]descriptor.stat-at", func(ctx context.Context, args []val.Value, next gondola.HostFunc) (val.Value, error) {
			args = slices.Clone(args)
			if args[2].Str() == ".." {
				args[2] = val.String(".")
			}
			return next(ctx, args)
		})),
	},
	{name: "files: reading begins at 0", fails: []string{"filesystem-io"}, damage: misheardInFiles("read-via-stream", 1, constant(val.U64(0)))},
	{name: "files: writing begins at 0", own: "writing in the middle", damage: misheardInFiles("write-via-stream", 2, constant(val.U64(0)))},
	{name: "files: writing begins one later", fails: []string{"filesystem-io"}, damage: misheardInFiles("write-via-stream", 2, plus(1))},
	{
		name:  "files: what is read is lost",
		fails: []string{"filesystem-io"},
		damage: functions(calls(filesystemID, "[method]descriptor.read-via-stream", func(context.Context, []val.Value, gondola.HostFunc) (val.Value, error) {
			w, r := gondola.NewStream[byte]()
			w.Close()
			return val.Tuple(r.Value(), future(done)), nil
		})),
	},
	{
		name:  "files: directories are empty",
		fails: []string{"filesystem-read-directory"},
		damage: functions(calls(filesystemID, "[method]descriptor.read-directory", func(context.Context, []val.Value, gondola.HostFunc) (val.Value, error) {
			w, r := gondola.NewStream[val.Value]()
			w.Close()
			return val.Tuple(r.Value(), future(done)), nil
		})),
	},
	{name: "files: set-size is ignored", fails: []string{"filesystem-set-size"}, damage: pretendInFiles("set-size")},
	{name: "files: set-size says that all went well", fails: []string{"filesystem-set-size"}, damage: inFiles("set-size", constant(done))},
	{name: "files: times are not set", fails: []string{"filesystem-stat"}, damage: pretendInFiles("set-times-at")},
	{name: "files: times of open files are not set", fails: []string{"filesystem-stat"}, damage: pretendInFiles("set-times")},
	{name: "files: sizes are one too many", fails: []string{"filesystem-set-size", "filesystem-stat"}, damage: inFiles("stat", okay(field("size", plus(1))))},
	{name: "files: links are not counted", fails: []string{"filesystem-stat"}, damage: inFiles("stat", okay(field("link-count", constant(val.U64(1)))))},
	{name: "files: advise says that all went well", fails: []string{"filesystem-advise"}, damage: inFiles("advise", constant(done))},
	{name: "files: advise fails", fails: []string{"filesystem-advise"}, damage: inFiles("advise", constant(val.Err(val.Variant("unsupported", val.Value{}))))},
	{name: "files: sync fails", fails: []string{"filesystem-io"}, damage: inFiles("sync", constant(val.Err(val.Variant("io", val.Value{}))))},
	{name: "files: no directory is made", fails: []string{"filesystem-dotdot", "filesystem-hard-links", "filesystem-metadata-hash", "filesystem-mkdir-rmdir", "filesystem-rename"}, damage: pretendInFiles("create-directory-at")},
	{name: "files: no directory is removed", fails: []string{"filesystem-mkdir-rmdir"}, damage: pretendInFiles("remove-directory-at")},
	{name: "files: nothing is removed", fails: []string{"filesystem-flags-and-type", "filesystem-hard-links", "filesystem-metadata-hash", "filesystem-unlink-errors"}, damage: pretendInFiles("unlink-file-at")},
	{name: "files: nothing is renamed", fails: []string{"filesystem-rename"}, damage: pretendInFiles("rename-at")},
	{name: "files: nothing is linked", fails: []string{"filesystem-hard-links", "filesystem-is-same-object", "filesystem-metadata-hash"}, damage: pretendInFiles("link-at")},
	{name: "files: hard links follow symbolic ones", own: "link-at that follows", damage: misheardInFiles("link-at", 1, constant(val.Flags()))},
	{name: "files: no symbolic link is made", fails: []string{"filesystem-hard-links", "filesystem-mkdir-rmdir", "filesystem-open-errors", "filesystem-read-directory", "filesystem-rename", "filesystem-stat", "filesystem-unlink-errors"}, damage: pretendInFiles("symlink-at")},
	{name: "files: symbolic links read as something else", own: "readlink-at", damage: inFiles("readlink-at", okay(constant(val.String("elsewhere"))))},
	{name: "files: all are the same", fails: []string{"filesystem-is-same-object"}, damage: functions(says(filesystemID, "[method]descriptor.is-same-object", val.Bool(true)))},
	{name: "files: none is the same", fails: []string{"filesystem-is-same-object"}, damage: functions(says(filesystemID, "[method]descriptor.is-same-object", val.Bool(false)))},
	{name: "files: one hash for all", fails: []string{"filesystem-metadata-hash"}, damage: inFiles("metadata-hash", constant(val.Ok(val.Record(val.Field{Name: "lower", Value: val.U64(7)}, val.Field{Name: "upper", Value: val.U64(7)}))))},
	{
		name:   "files: another hash by path",
		own:    "metadata-hash and metadata-hash-at",
		damage: inFiles("metadata-hash-at", okay(field("upper", plus(1)))),
	},
}
