package stored

import (
	"encoding/binary"
	"math"
	"sync"
)

// class reads the constants of a class file (The Java Virtual Machine Specification, chapter 4).
func class(b []byte, out *lines) {
	c := classes.Get().(*classFile)
	defer classes.Put(c)
	c.reader = reader{b: b, at: 8}
	c.constants()
	c.told = append(c.told[:0], make([]bool, len(c.places))...)
	if !c.bad {
		c.fields(out)
	}
	for _, t := range c.strings {
		if text := c.text(t); text != nil && !c.told[t] {
			c.told[t] = true
			out.add(nil, text)
		}
	}
	c.reader = reader{}
}

// classFile is a class that is being read.
type classFile struct {
	reader
	places  []uint32 // of the constants, by index; 0 for what is none
	strings []uint16 // indices of the texts of constants that are strings of the program
	told    []bool   // texts that were given
}

var classes = sync.Pool{New: func() any { return &classFile{} }}

const (
	textConstant   = 1
	stringConstant = 8
)

// constantSizes are the bytes of constants, by tag; of a text, what comes before its characters.
var constantSizes = [256]uint8{textConstant: 3, 3: 5, 4: 5, 5: 9, 6: 9, 7: 3, stringConstant: 3, 9: 5, 10: 5, 11: 5, 12: 5, 15: 4, 16: 3, 17: 5, 18: 5, 19: 3, 20: 3}

func (c *classFile) constants() {
	count := int(c.u2())
	c.places, c.strings = append(c.places[:0], make([]uint32, count)...), c.strings[:0]
	b, at := c.b, c.at
	for i := 1; i < count; i++ {
		if at >= len(b) || at > math.MaxInt32 {
			c.bad = true
			break
		}
		tag := b[at]
		next := at + int(constantSizes[tag])
		if next == at || next > len(b) {
			c.bad = true
			break
		}
		switch tag {
		case textConstant:
			if next += int(binary.BigEndian.Uint16(b[at+1:])); next > len(b) {
				c.bad = true
				c.at = at
				return
			}
		case stringConstant:
			c.strings = append(c.strings, binary.BigEndian.Uint16(b[at+1:]))
		}
		c.places[i] = uint32(at)
		at = next
		if tag == 5 || tag == 6 { // these take two places
			i++
		}
	}
	c.at = at
}

// text gives a constant that is one; nil if it is none.
func (c *classFile) text(i uint16) []byte {
	at := c.place(i, textConstant)
	if at == 0 {
		return nil
	}
	return c.b[at+3:][:binary.BigEndian.Uint16(c.b[at+1:])]
}

// place is that of a constant with a tag; 0 if there is none.
func (c *classFile) place(i uint16, tag byte) uint32 {
	if int(i) >= len(c.places) || c.places[i] == 0 || c.b[c.places[i]] != tag {
		return 0
	}
	return c.places[i]
}

// fields gives the fields whose value is a string of the constants.
func (c *classFile) fields(out *lines) {
	c.bytes(6) // access flags, this class, super class
	c.bytes(2 * int(c.u2()))
	for range c.u2() {
		c.bytes(2)
		name := c.u2()
		c.bytes(2)
		for range c.u2() {
			kind := c.u2()
			body := c.bytes(int(min(c.u4(), 1<<30)))
			if c.bad {
				return
			}
			if len(body) != 2 || string(c.text(kind)) != "ConstantValue" {
				continue
			}
			if at := c.place(binary.BigEndian.Uint16(body), stringConstant); at != 0 {
				t := binary.BigEndian.Uint16(c.b[at+1:])
				if text := c.text(t); text != nil {
					out.add(c.text(name), text)
					c.told[t] = true
				}
			}
		}
	}
}

// reader reads big-endian numbers; what lies beyond the end is zero, and makes it bad.
type reader struct {
	b   []byte
	at  int
	bad bool
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.b)-r.at {
		r.bad = true
		r.at = len(r.b)
		return nil
	}
	r.at += n
	return r.b[r.at-n : r.at]
}

func (r *reader) u1() byte {
	if r.at >= len(r.b) {
		r.bad = true
		return 0
	}
	r.at++
	return r.b[r.at-1]
}

func (r *reader) u2() uint16 {
	if p := r.bytes(2); p != nil {
		return binary.BigEndian.Uint16(p)
	}
	return 0
}

func (r *reader) u4() uint32 {
	if p := r.bytes(4); p != nil {
		return binary.BigEndian.Uint32(p)
	}
	return 0
}
