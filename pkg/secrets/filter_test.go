package secrets

import (
	"encoding/binary"
	"math/rand/v2"
	"regexp/syntax"
	"testing"
)

// place is where a pattern stands.
type place struct {
	pattern *pattern
	at      int
}

// holdFilter compares what the filter sees in a text, cut into zones, with a look at every place.
func holdFilter(t *testing.T, f *filter, content []byte, zones ...int) {
	t.Helper()
	seen := map[place]int{}
	from := 0
	for _, to := range append(zones, len(content)) {
		f.scan(content, from, to, func(p *pattern, pos int) { seen[place{p, pos}]++ })
		from = to
	}
	for i := range f.patterns {
		p := &f.patterns[i]
		for pos := range content {
			end := pos + len(p.run)
			stands := p.at(content, pos)
			fits := stands && (pos == 0 || p.before.has(content[pos-1])) && (end == len(content) || p.after.has(content[end]))
			switch n := seen[place{p, pos}]; {
			case n > 1, n > 0 && !stands:
				t.Errorf("pattern %d at %d of %.80q: seen %d times", i, pos, content, n)
			case n == 0 && fits:
				t.Errorf("pattern %d at %d of %.80q is not seen", i, pos, content)
			}
		}
	}
}

// spell gives a text that a run stands in.
func spell(r *rand.Rand, run []byteSet) []byte {
	var out []byte
	for i := range run {
		var all []byte
		for b := range run[i].all() {
			all = append(all, b)
		}
		out = append(out, all[r.IntN(len(all))])
	}
	return out
}

func TestTheFilterSeesEachRunWhereverItStands(t *testing.T) {
	e, err := sharedEngine()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(21, 1))
	for i := range e.filter.patterns {
		p := &e.filter.patterns[i]
		for _, before := range []int{0, 1, 2, 5, 8, 15, 31} {
			content := prose(r, before)
			if before > 0 {
				content[before-1] = spell(r, []byteSet{p.before})[0]
			}
			content = append(content, spell(r, p.run)...)
			holdFilter(t, e.filter, content)
			content = append(content, spell(r, []byteSet{p.after})...)
			content = append(content, prose(r, r.IntN(20))...)
			holdFilter(t, e.filter, content, 2*r.IntN(1+len(content)/2))
		}
	}
	if len(e.filter.spans.words) == 0 {
		t.Error("no run is looked for as a long word")
	}
}

func FuzzFilter(f *testing.F) {
	f.Add([]byte("a key, a token"), uint8(4))
	f.Add([]byte("1aaaaaaaaaaaaaaaaaaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaa"), uint8(0))
	f.Fuzz(func(t *testing.T, content []byte, zone uint8) {
		e, err := sharedEngine()
		if err != nil {
			t.Fatal(err)
		}
		if len(content) <= 1<<10 {
			holdFilter(t, e.filter, content, min(len(content), 2*int(zone)))
		}
	})
}

func TestWhatMayStandBesideARun(t *testing.T) {
	for _, test := range []struct {
		expr     string
		last     bool
		run      string
		in, out  string
		anything bool
	}{
		{expr: `[a-f]x`, run: "k", in: "af", out: "gx"},
		{expr: `[a-f]x`, last: true, run: "k", in: "x", out: "af"},
		{expr: `(?i)=|:{1,3}x`, run: "k", in: "=:", out: "xX"},
		{expr: `\s*=`, run: "k", in: " =\n\x00\xff", out: "a"},
		{expr: `é|[^a]`, run: "k", in: "\xc3\xff b", out: "a"},
		{expr: `x?`, run: "k", anything: true},
		{expr: `x*$`, run: "k", anything: true},
		{expr: `a\b`, last: true, run: "-", in: "a", out: "-k"},
		{expr: `\b`, last: true, run: "k", in: " -.\n\xff", out: "a0_"},
		{expr: `\b`, last: true, run: "-", anything: true},
		{expr: `\b(?:go_)?`, last: true, run: "k", in: " _", out: "og"},
	} {
		re, err := syntax.Parse(test.expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		var run byteSet
		run.add(test.run[0])
		set := edge(re, test.last, run)
		for _, b := range []byte(test.in) {
			if !set.has(b) {
				t.Errorf("%s beside %s: not %q", test.expr, test.run, b)
			}
		}
		for _, b := range []byte(test.out) {
			if set.has(b) {
				t.Errorf("%s beside %s: %q", test.expr, test.run, b)
			}
		}
		if all := set == allBytes(); all != test.anything {
			t.Errorf("%s beside %s: anything %v", test.expr, test.run, all)
		}
	}
}

func TestAWordAtTheEndOfATextIsFilledUpWithZeros(t *testing.T) {
	for n := range 20 {
		content := []byte("abcdefghijklmnopqrstuvwxyz")[:n]
		for at := range n + 10 {
			var want [8]byte
			copy(want[:], content[min(at, n):])
			if got := wordAt(content, at); got != binary.LittleEndian.Uint64(want[:]) {
				t.Errorf("at %d of %d: %x, want %x", at, n, got, want)
			}
		}
	}
}
