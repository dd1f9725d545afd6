package profile

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"
	"time"
)

// example is a profile of two modules and the host.
func example() *Profile {
	p := New()
	inner, outer := p.Frame("core module[0]", "main.(*T).inner"), p.Frame("core module[1]", "outer\xff")
	wait := p.Frame("host", "wait of local:local/waiting")
	p.Add([]Frame{inner, outer}, Values{Steps: 10_000, Guest: 3 * time.Microsecond})
	p.Add([]Frame{wait, inner, outer}, Values{Host: 5 * time.Second})
	p.Add([]Frame{inner, outer}, Values{Steps: 20_000, Guest: 4 * time.Microsecond})
	p.Add([]Frame{outer}, Values{Guest: 1})
	p.Add(nil, Values{Guest: 1})
	return p
}

func TestSamples(t *testing.T) {
	inner, outer, wait := Func{"core module[0]", "main.(*T).inner"}, Func{"core module[1]", "outer\xff"}, Func{"host", "wait of local:local/waiting"}
	want := []Sample{
		{[]Func{inner, outer}, Values{30_000, 7 * time.Microsecond, 0}},
		{[]Func{wait, inner, outer}, Values{0, 0, 5 * time.Second}},
		{[]Func{outer}, Values{0, 1, 0}},
	}
	if got := example().Samples(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// What is written is what pprof reads.
func TestPprof(t *testing.T) {
	file := filepath.Join(t.TempDir(), "profile.pb.gz")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	n, err := example().WriteTo(f)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := f.Stat(); err != nil || info.Size() != n {
		t.Errorf("%d bytes were written, it said %d (%v)", info.Size(), n, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "tool", "pprof", "-raw", file).CombinedOutput()
	if err != nil {
		t.Fatalf("go tool pprof: %v\n%s", err, out)
	}
	out = regexp.MustCompile(`(?m)^(Time|Duration): .*\n`).ReplaceAll(out, nil)
	out = regexp.MustCompile(`(?m) +$`).ReplaceAll(out, nil)
	const want = `PeriodType: steps count
Period: 1000
Samples:
steps/count guest/nanoseconds[dflt] wall/nanoseconds
      30000       7000       7000: 1 2
          0          0 5000000000: 3 1 2
          0          1          1: 2
Locations
     1: 0x0 M=1 main.(*T).inner core module[0]:0:0 s=0
     2: 0x0 M=2 outer` + "\uFFFD" + ` core module[1]:0:0 s=0
     3: 0x0 M=3 wait of local:local/waiting host:0:0 s=0
Mappings
1: 0x0/0x0/0x0 core module[0]  [FN]
2: 0x0/0x0/0x0 core module[1]  [FN]
3: 0x0/0x0/0x0 host  [FN]
`
	if got := string(bytes.TrimRight(out, "\n")) + "\n"; got != want {
		t.Errorf("pprof reads\n%s\nwant\n%s", got, want)
	}
}

// A guest can make as many stacks as it likes, and as deep ones.
func TestMemoryIsBounded(t *testing.T) {
	p := New()
	frames := make([]Frame, 2*MaxDepth)
	for i := range frames {
		frames[i] = p.Frame("m", string(rune('a'+i%26)))
	}
	total := int64(0)
	for n := 0; p.kept <= maxKept-MaxDepth; n++ {
		for i := range 4 {
			frames[i+1] = Frame(n >> (4 * i) & 15)
		}
		p.Add(frames, Values{Steps: 1})
		total++
		if n == 1<<16 {
			t.Fatal("there is no end to what is kept")
		}
	}
	stacks := len(p.stacks)
	for n := range 100 {
		frames[200] = Frame(n % 26)
		frames[201] = Frame(n / 26)
		p.Add(frames, Values{Steps: 1})
		total++
	}
	if len(p.stacks) != stacks+1 {
		t.Errorf("%d stacks are kept beyond the limit", len(p.stacks)-stacks)
	}
	last, sum := p.Samples()[stacks], int64(0)
	for _, s := range p.Samples() {
		sum += s.Steps
		if len(s.Stack) > MaxDepth {
			t.Errorf("a stack of %d is kept", len(s.Stack))
		}
	}
	if len(last.Stack) != 1 || last.Steps < 99 || sum != total {
		t.Errorf("behind the limit there is %v; %d steps in all, want %d", last, sum, total)
	}
}
