package wazero

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// rewrites keeps in a folder what corewasm.Rewrite made: for large modules reading that
// takes a tenth of the time. Several processes may share the folder. A file in it
// is never changed: it is named after all that its content depends on. What can't be
// read or written, or is damaged, is made again.
type rewrites struct{ dir string } // "": nothing is kept

// rewritesFormat is the version of the files.
const rewritesFormat = 2

// source is what a module was made of: the binary of one with perhaps several memories,
// how corewasm.Lower was to number them, which of the parts it is, and the number of the
// instance if that is in names, or -1.
type source struct {
	binary      []byte
	firstMemory uint32
	part        int
	numbers     int
}

// rewrite is corewasm.Rewrite, of which it keeps all but the statistics.
func (r rewrites) rewrite(from source, m *corewasm.Module, o corewasm.RewriteOptions) (*corewasm.Rewritten, error) {
	if r.dir == "" {
		return corewasm.Rewrite(m, o)
	}
	file := filepath.Join(r.dir, rewriteKey(from, m, o))
	if kept, ok := readRewritten(file); ok {
		return kept, nil
	}
	made, err := corewasm.Rewrite(m, o)
	if err == nil {
		_ = writeFile(file, encodeRewritten(made)) // the next process tries again
	}
	return made, err
}

// rewriteKey depends on everything that Rewrite's result does.
func rewriteKey(from source, m *corewasm.Module, o corewasm.RewriteOptions) string {
	h := sha256.New()
	fingerprint, module := corewasm.Fingerprint(), sha256.Sum256(from.binary)
	fmt.Fprintf(h, "%d %x %x %d %d", rewritesFormat, fingerprint, module, from.firstMemory, from.part)
	fmt.Fprintf(h, " %v %v %v %v %v %q", o.ExportGlobals, o.ExportStart, o.ExtractData, o.MaxTable, o.Valid, o.Reserved)
	if f := o.Fuel; f != nil {
		fmt.Fprintf(h, " %q %q %d", f.TickModule, f.TickName, f.Initial)
	}
	if from.numbers >= 0 {
		fmt.Fprintf(h, " numbers %d", from.numbers)
	}
	for i := range m.Imports {
		im := &m.Imports[i]
		if o.RenameImport != nil {
			module, name := o.RenameImport(i, im)
			fmt.Fprintf(h, " %q %q", module, name)
		}
		if o.Fuel != nil && o.Fuel.HostImport != nil {
			fmt.Fprintf(h, " %v", o.Fuel.HostImport(i, im))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A file holds a checksum of what follows it: the number of segments of the image, for each
// its offset and its length, their bytes, the length of the rest but the module, that as
// JSON, and the module. All numbers have 32 bits.

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func encodeRewritten(r *corewasm.Rewritten) []byte {
	image := flatten(r.Image)
	b := binary.LittleEndian.AppendUint32(make([]byte, 4, 64+len(r.Wasm)), uint32(len(image)))
	for _, s := range image {
		b = binary.LittleEndian.AppendUint32(b, s.Offset)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(s.Data)))
	}
	for _, s := range image {
		b = append(b, s.Data...)
	}
	rest := *r
	rest.Wasm, rest.Image, rest.Stats = nil, nil, corewasm.RewriteStats{}
	text, err := json.Marshal(&rest)
	if err != nil {
		panic(err) // nothing in it can't be written
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
	b = append(append(b, text...), r.Wasm...)
	binary.LittleEndian.PutUint32(b, crc32.Checksum(b[4:], castagnoli))
	return b
}

func readRewritten(file string) (*corewasm.Rewritten, bool) {
	b, err := os.ReadFile(file)
	if err != nil || len(b) < 8 || crc32.Checksum(b[4:], castagnoli) != binary.LittleEndian.Uint32(b) {
		return nil, false
	}
	number := func(i int) int { return int(binary.LittleEndian.Uint32(b[4*i:])) }
	image := make([]corewasm.ImageSegment, number(1))
	rest := b[8*(len(image)+1):]
	for i := range image {
		n := number(2*i + 3)
		image[i] = corewasm.ImageSegment{Offset: uint32(number(2*i + 2)), Data: bytes.Clone(rest[:n])} // and not the whole file with it
		rest = rest[n:]
	}
	r := &corewasm.Rewritten{}
	text := rest[4:][:binary.LittleEndian.Uint32(rest)]
	if json.Unmarshal(text, r) != nil {
		return nil, false
	}
	r.Image, r.Wasm = image, rest[4+len(text):]
	return r, true
}

// writeFile makes a file at once, for all who look.
func writeFile(file string, data []byte) error {
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, "new-")
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}
