package profile

import (
	"compress/gzip"
	"encoding/binary"
	"io"
	"strings"
	"time"
)

// WriteTo writes what has been collected so far, compressed, as "go tool pprof" reads
// it. It returns how many bytes it has written.
//
// Format: github.com/google/pprof, proto/profile.proto.
func (p *Profile) WriteTo(w io.Writer) (int64, error) {
	p.mu.Lock()
	message := p.encode(time.Now())
	p.mu.Unlock()
	count := &counter{w: w}
	z := gzip.NewWriter(count)
	_, err := z.Write(message)
	if err == nil {
		err = z.Close()
	}
	return count.n, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// Fields of message Profile, and of those inside it.
const (
	profileSampleType  = 1
	profileSample      = 2
	profileMapping     = 3
	profileLocation    = 4
	profileFunction    = 5
	profileStringTable = 6
	profileTimeNanos   = 9
	profileDuration    = 10
	profilePeriodType  = 11
	profilePeriod      = 12
	profileDefaultType = 14

	valueTypeType = 1
	valueTypeUnit = 2

	sampleLocations = 1
	sampleValues    = 2

	mappingID           = 1
	mappingFile         = 5
	mappingHasFunctions = 7

	locationID      = 1
	locationMapping = 2
	locationLine    = 4

	lineFunction = 1

	functionID     = 1
	functionName   = 2
	functionSystem = 3
	functionFile   = 4
)

// encode writes a Profile message. Every frame is a function with one location; every
// module is a mapping and the file of its functions, since pprof shows files.
func (p *Profile) encode(now time.Time) []byte {
	e := &encoder{strings: map[string]uint64{}}
	e.string("")
	for _, t := range [][2]string{{"steps", "count"}, {"guest", "nanoseconds"}, {"wall", "nanoseconds"}} {
		e.out.message(profileSampleType, e.valueType(t[0], t[1]))
	}
	for _, s := range p.stacks {
		var locations, values fields
		for _, f := range s.frames {
			locations.varint(uint64(f) + 1)
		}
		for _, v := range []int64{s.values.Steps, int64(s.values.Guest), int64(s.values.Guest + s.values.Host)} {
			values.varint(uint64(v))
		}
		var m fields
		m.message(sampleLocations, locations)
		m.message(sampleValues, values)
		e.out.message(profileSample, m)
	}
	for i, f := range p.list {
		e.function(uint64(i)+1, f)
	}
	e.out.number(profileTimeNanos, uint64(p.began.UnixNano()))
	e.out.number(profileDuration, uint64(now.Sub(p.began)))
	e.out.message(profilePeriodType, e.valueType("steps", "count"))
	e.out.number(profilePeriod, Period)
	e.out.number(profileDefaultType, e.string("guest"))
	for _, s := range e.table {
		e.out.message(profileStringTable, fields(s))
	}
	return e.out
}

type encoder struct {
	out      fields
	strings  map[string]uint64
	table    []string
	mappings map[string]uint64
}

// string is the index of s in the table of strings.
func (e *encoder) string(s string) uint64 {
	s = strings.ToValidUTF8(s, "\uFFFD")
	i, ok := e.strings[s]
	if !ok {
		i = uint64(len(e.table))
		e.strings[s] = i
		e.table = append(e.table, s)
	}
	return i
}

func (e *encoder) valueType(name, unit string) fields {
	var m fields
	m.number(valueTypeType, e.string(name))
	m.number(valueTypeUnit, e.string(unit))
	return m
}

// mapping is the number of a module's mapping.
func (e *encoder) mapping(module string) uint64 {
	id, ok := e.mappings[module]
	if !ok {
		if e.mappings == nil {
			e.mappings = map[string]uint64{}
		}
		id = uint64(len(e.mappings)) + 1
		e.mappings[module] = id
		var m fields
		m.number(mappingID, id)
		m.number(mappingFile, e.string(module))
		m.number(mappingHasFunctions, 1)
		e.out.message(profileMapping, m)
	}
	return id
}

func (e *encoder) function(id uint64, f Func) {
	var fn, line, loc fields
	fn.number(functionID, id)
	fn.number(functionName, e.string(f.Name))
	fn.number(functionSystem, e.string(f.Name))
	fn.number(functionFile, e.string(f.Module))
	line.number(lineFunction, id)
	loc.number(locationID, id)
	loc.number(locationMapping, e.mapping(f.Module))
	loc.message(locationLine, line)
	e.out.message(profileFunction, fn)
	e.out.message(profileLocation, loc)
}

// fields are encoded fields of a protocol buffer.
type fields []byte

// Types on the wire.
const (
	wireVarint = 0
	wireBytes  = 2
)

func (f *fields) varint(v uint64) { *f = binary.AppendUvarint(*f, v) }

// number appends a field with a number, which is left out if it is 0.
func (f *fields) number(field int, v uint64) {
	if v != 0 {
		f.varint(uint64(field)<<3 | wireVarint)
		f.varint(v)
	}
}

// message appends a field with bytes, which may be a message, a string or packed
// numbers.
func (f *fields) message(field int, m fields) {
	f.varint(uint64(field)<<3 | wireBytes)
	f.varint(uint64(len(m)))
	*f = append(*f, m...)
}
