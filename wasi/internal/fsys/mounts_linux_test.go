package fsys

import "testing"

func TestMountType(t *testing.T) {
	const mounts = `22 27 0:21 / /proc rw,relatime - proc proc rw
31 22 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
90 31 0:44 / /home/a\040b rw,nosuid,nodev,relatime shared:50 master:2 - fuse.sshfs a@b:/ rw,user_id=0
91 31 0:45 / /mnt - nfs4 server:/ rw
92 31 0:4 /x /mnt/4 rw - tmpfs - rw
broken
`
	for _, test := range []struct {
		major, minor uint32
		typ          string
		slow         bool
	}{
		{254, 0, "ext4", false}, {0, 44, "fuse.sshfs", true}, {0, 45, "nfs4", true}, {0, 4, "tmpfs", false}, {0, 5, "", false}, {0, 21, "proc", false},
	} {
		if typ := mountType(mounts, test.major, test.minor); typ != test.typ || slowType(typ) != test.slow {
			t.Errorf("%d:%d: %q, slow %v, want %q, %v", test.major, test.minor, typ, slowType(typ), test.typ, test.slow)
		}
	}
}

// A directory of this system is on a disk, or in memory.
func TestDirectoryIsPrompt(t *testing.T) {
	f := New([]Dir{{Guest: "/", Host: "/proc"}}, Limits{OpenFiles: 10, Path: 100, Hops: DefaultHops})
	defer f.Close()
	all, err := f.Preopens()
	if err != nil {
		t.Fatal(err)
	}
	defer all[0].Dir.Drop()
	if !all[0].Dir.Prompt() {
		t.Error("it is not prompt")
	}
	opened, err := all[0].Dir.OpenAt(t.Context(), false, "version", 0, Read)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Drop()
	if !opened.Prompt() {
		t.Error("a file in it is not prompt")
	}
}
