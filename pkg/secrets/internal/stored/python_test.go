package stored

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"unicode/utf8"
)

// slowFollow goes through all instructions.
func slowFollow(m *marshal, c *code, steps int) int {
	m.stack, m.argument = m.stack[:0], 0
	if slices.ContainsFunc(c.consts, func(n int32) bool { return n > other && m.objects[n].kind == kindText }) {
		for i := 0; i+1 < len(c.instructions) && steps > 0; i += 2 {
			steps--
			if does := instructions[c.instructions[i]]; does == clearStack {
				m.stack, m.argument = m.stack[:0], 0
			} else {
				steps -= m.step(c, does, int(c.instructions[i+1]))
			}
		}
	}
	return steps
}

// sampleMarshal has constants of texts and of tuples of texts.
func sampleMarshal(text []byte) (*marshal, code) {
	m := newMarshal(text, 0, 0)
	var c code
	for i := range len(text) / 4 {
		c.consts = append(c.consts, m.add(-1, object{kind: kindText, at: int32(4 * i), n: 4}))
	}
	c.names = c.consts
	for i := range len(c.consts) / 3 {
		m.items = append(m.items, c.consts[i:i+3]...)
		c.consts = append(c.consts, m.add(-1, object{kind: kindTuple, at: int32(3 * i), n: 3}))
	}
	return m, c
}

func holdNames(t *testing.T, list []byte, steps int) (named int) {
	t.Helper()
	text := []byte("some texts that can be names of each other")
	m, c := sampleMarshal(text)
	slow, _ := sampleMarshal(text)
	c.instructions = list
	left, want := m.follow(&c, steps), slowFollow(slow, &c, steps)
	if max(left, 0) != max(want, 0) || !slices.Equal(m.objects, slow.objects) {
		t.Fatalf("%d steps in %x: %d left, want %d; %+v, want %+v", steps, list, left, want, m.objects, slow.objects)
	}
	for _, o := range m.objects {
		if o.byName {
			named++
		}
	}
	return named
}

func TestTheNamesOfConstantsAreThoseThatAllInstructionsGive(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 8))
	var known []byte
	for number, does := range instructions {
		if does != clearStack {
			known = append(known, byte(number))
		}
	}
	named := 0
	for range 20_000 {
		list := make([]byte, r.IntN(60))
		for i := range list {
			switch list[i] = byte(r.IntN(16)); {
			case i%2 == 0 && r.IntN(8) == 0:
				list[i] = 1
			case i%2 == 0 && r.IntN(2) == 0:
				list[i] = 100 // a constant
			case i%2 == 0:
				list[i] = known[r.IntN(len(known))]
			}
		}
		named += holdNames(t, list, r.IntN(80))
	}
	if named < 3000 {
		t.Errorf("only %d names", named)
	}
}

func FuzzNames(f *testing.F) {
	f.Add([]byte("d\x00Z\x01\x01\x00e\x00d\x01d\x02\xac\x0bd\x03d\x04i\x01d\x05d\x0c\x9c\x03"), 40)
	f.Fuzz(func(t *testing.T, list []byte, steps int) { holdNames(t, list, steps) })
}

// slowIsText looks at one byte after the other.
func slowIsText(b []byte) bool {
	return utf8.Valid(b) && !bytes.ContainsFunc(b, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f
	})
}

func TestTextHasNoControlCharactersButThoseOfLines(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	for range 50_000 {
		b := bytes.Repeat([]byte("x"), r.IntN(40))
		for range r.IntN(5) {
			copy(b[r.IntN(len(b)+1):], []string{"\x00", "\x1f", "\x7f", "~\x80", "\xff", "ä", "€", "\n", "\r", "\t", "\x08", " "}[r.IntN(12)])
		}
		if got, want := isText(b), slowIsText(b); got != want {
			t.Fatalf("%q is text: %v, want %v", b, got, want)
		}
	}
}
