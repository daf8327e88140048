package stored

import (
	"encoding/binary"
	"sync"
)

// marshal reads the objects of Python's marshal format (CPython, Python/marshal.c), as far as they
// are texts, tuples and code. What it does not know ends it. Objects are numbers, in the order in which
// they begin in the file; those that are nothing of these share one.
type marshal struct {
	reader
	magic   uint16
	objects []object
	items   []int32 // of all tuples and the like, each one's together
	open    []int32 // items of those that are being read
	refs    []int32
	codes   []code
	next    int // of the objects, that a string found may be
	// Of the code that is being followed:
	stack    []int32
	argument int // what extends the next instruction's
}

// object is what a constant may be.
type object struct {
	at, n  int32 // of a text and of bytes, where they lie in the file; of a tuple, of its items
	byAt   int32 // of a text, where the name lies that the code gives it
	byN    uint8
	byName bool
	kind   objectKind
}

type objectKind uint8

const (
	kindOther objectKind = iota
	kindText             // or bytes
	kindTuple
)

// code is what a code object has.
type code struct {
	instructions  []byte
	consts, names []int32
}

// Objects that are no place of their own.
const (
	nothing = -1 // the end of a dictionary, and what is not there
	other   = 0  // what is neither a text nor a tuple
)

// The bounds of what is read: nesting, and objects in all.
const (
	mostNesting = 100
	mostObjects = 1 << 20
)

// The numbers that begin files of Python's versions (Include/internal/pycore_magic_number.h).
const (
	magic37  = 3390 // the header is 16 bytes
	magic38  = 3400 // code counts arguments by position
	magic311 = 3450
	magic313 = 3550 // instructions have other numbers
)

// marshals are kept, but for those that a large file made large.
var marshals = sync.Pool{New: func() any { return &marshal{} }}

const mostKept = 1 << 16 // objects

func newMarshal(b []byte, at int, magic uint16) *marshal {
	m := marshals.Get().(*marshal)
	m.reader, m.magic = reader{b: b, at: at}, magic
	m.objects = append(m.objects[:0], object{}) // [other]
	m.next, m.items, m.open, m.refs, m.codes = 0, m.items[:0], m.open[:0], m.refs[:0], m.codes[:0]
	return m
}

func (m *marshal) free() {
	clear(m.codes)
	m.reader = reader{}
	if cap(m.objects) <= mostKept && cap(m.items) <= mostKept && cap(m.refs) <= mostKept && cap(m.codes) <= mostKept {
		marshals.Put(m)
	}
}

func (m *marshal) size() int {
	if p := m.bytes(4); p != nil {
		return int(int32(binary.LittleEndian.Uint32(p)))
	}
	return 0
}

func (m *marshal) short() int { return int(m.u1()) }

// read gives the next object.
func (m *marshal) read(depth int) int32 {
	if m.bad || depth > mostNesting || len(m.refs) > mostObjects || len(m.codes) > mostObjects {
		m.bad = true
		return nothing
	}
	kind := m.short()
	ref := -1
	if kind&0x80 != 0 {
		ref = len(m.refs)
		m.refs = append(m.refs, other)
	}
	switch kind & 0x7f {
	case '0':
		return nothing
	case 'N', 'F', 'T', 'S', '.':
	case 'i':
		m.bytes(4)
	case 'I', 'g':
		m.bytes(8)
	case 'y':
		m.bytes(16)
	case 'f':
		m.bytes(m.short())
	case 'x':
		m.bytes(m.short())
		m.bytes(m.short())
	case 'l':
		n := m.size()
		m.bytes(2 * max(n, -n))
	case 's', 't', 'u', 'a', 'A':
		return m.text(ref, m.size())
	case 'z', 'Z':
		return m.text(ref, m.short())
	case ')':
		return m.tuple(ref, m.short(), depth)
	case '(', '[', '<', '>':
		return m.tuple(ref, m.size(), depth)
	case '{':
		for !m.bad {
			if m.read(depth+1) == nothing {
				break
			}
			m.read(depth + 1)
		}
	case 'r':
		if n := m.size(); n >= 0 && n < len(m.refs) {
			return m.refs[n]
		}
		m.bad = true
	case 'c':
		m.code(depth)
	default:
		m.bad = true
	}
	return other
}

// add makes an object, and lets the references to it know.
func (m *marshal) add(ref int, o object) int32 {
	n := int32(len(m.objects))
	m.objects = append(m.objects, o)
	if ref >= 0 {
		m.refs[ref] = n
	}
	return n
}

func (m *marshal) text(ref, n int) int32 {
	at := m.at
	if m.bytes(n) == nil { // no name has no characters
		n = 0
	}
	return m.add(ref, object{kind: kindText, at: int32(at), n: int32(n)})
}

// body is what a text says.
func (m *marshal) body(o *object) []byte { return m.b[o.at : o.at+o.n] }

func (m *marshal) tuple(ref, n, depth int) int32 {
	o := m.add(ref, object{kind: kindTuple})
	from := len(m.open)
	for ; n > 0 && !m.bad; n-- {
		m.open = append(m.open, m.read(depth+1))
	}
	m.objects[o].at, m.objects[o].n = int32(len(m.items)), int32(len(m.open)-from)
	m.items = append(m.items, m.open[from:]...)
	m.open = m.open[:from]
	return o
}

// list gives the items of an object; none if it has none.
func (m *marshal) list(n int32) []int32 {
	if n < 0 || m.objects[n].kind != kindTuple {
		return nil
	}
	o := &m.objects[n]
	return m.items[o.at : o.at+o.n]
}

// code reads a code object, whose parts changed twice.
func (m *marshal) code(depth int) {
	numbers := 5
	if m.magic >= magic38 && m.magic < magic311 {
		numbers = 6
	}
	m.bytes(4 * numbers)
	var c code
	if o := m.read(depth + 1); o > other && m.objects[o].kind == kindText {
		c.instructions = m.body(&m.objects[o])
	}
	c.consts = m.list(m.read(depth + 1))
	c.names = m.list(m.read(depth + 1))
	for range 5 {
		m.read(depth + 1)
	}
	m.bytes(4)
	m.read(depth + 1)
	if m.magic >= magic311 {
		m.read(depth + 1)
	}
	if !m.bad {
		m.codes = append(m.codes, c)
	}
}
