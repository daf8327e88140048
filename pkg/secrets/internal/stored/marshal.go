package stored

import "encoding/binary"

// marshal reads the objects of Python's marshal format (CPython, Python/marshal.c), as far as they
// are texts, tuples and code. What it does not know ends it.
type marshal struct {
	reader
	magic uint16
	refs  []*object
	codes []*object
}

// object is what a constant may be.
type object struct {
	text   bool
	at     int       // of the text's content
	body   []byte    // of texts and bytes
	items  []*object // of tuples and the like
	consts []*object // of code
	names  []*object
	code   []byte
}

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

func (m *marshal) size() int {
	if p := m.bytes(4); p != nil {
		return int(int32(binary.LittleEndian.Uint32(p)))
	}
	return 0
}

func (m *marshal) short() int { return int(m.u1()) }

// read gives the next object; nil for the end of a dictionary.
func (m *marshal) read(depth int) *object {
	if m.bad || depth > mostNesting || len(m.refs) > mostObjects || len(m.codes) > mostObjects {
		m.bad = true
		return nil
	}
	kind := m.short()
	o := &object{}
	if kind&0x80 != 0 {
		m.refs = append(m.refs, o)
	}
	switch kind & 0x7f {
	case '0':
		return nil
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
		o.string(m, m.size())
	case 'z', 'Z':
		o.string(m, m.short())
	case ')':
		o.sequence(m, m.short(), depth)
	case '(', '[', '<', '>':
		o.sequence(m, m.size(), depth)
	case '{':
		for !m.bad {
			if m.read(depth+1) == nil {
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
		o.compiled(m, depth)
	default:
		m.bad = true
	}
	return o
}

func (o *object) string(m *marshal, n int) {
	o.text, o.at = true, m.at
	o.body = m.bytes(n)
}

func (o *object) sequence(m *marshal, n, depth int) {
	for ; n > 0 && !m.bad; n-- {
		o.items = append(o.items, m.read(depth+1))
	}
}

// compiled reads a code object, whose parts changed twice.
func (o *object) compiled(m *marshal, depth int) {
	numbers := 5
	if m.magic >= magic38 && m.magic < magic311 {
		numbers = 6
	}
	m.bytes(4 * numbers)
	part := func() *object {
		if p := m.read(depth + 1); p != nil {
			return p
		}
		return &object{}
	}
	o.code, o.consts, o.names = part().body, part().items, part().items
	part()
	part()
	part()
	part()
	part()
	if m.magic >= magic311 {
		m.bytes(4)
		part()
		part()
	} else {
		m.bytes(4)
		part()
	}
	if !m.bad {
		m.codes = append(m.codes, o)
	}
}
