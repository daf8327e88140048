package stored

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"unicode/utf8"

	"github.com/imgaudit/imgaudit/pkg/secrets/internal/bytemask"
)

// python finds the strings in marshalled code (CPython, Python/marshal.c), with the names that the
// code gives to them where that can be told. A string is a letter for its kind, its
// length, and that many characters: what cannot be followed otherwise is looked for so.
func python(b []byte, out *lines) {
	m := namesOfConstants(b)
	defer m.free()
	out.text = make([]byte, 0, len(b)/3) // as much as most files have
	kinds := pythonKinds.Reader(b)
	at, behind := 0, 0 // the block and the string before
	for masks := kinds.From(0); len(masks) > 0; masks = kinds.From(at / bytemask.Block) {
		for _, mask := range masks {
			for mask &^= 1<<max(0, behind-at) - 1; mask != 0; mask &^= 1<<(behind-at) - 1 {
				behind = m.string(at+bits.TrailingZeros64(mask), b, out)
			}
			at += bytemask.Block
		}
	}
}

// string gives the string whose letter stands at a place, if there is one, and what is behind it.
func (m *marshal) string(i int, b []byte, out *lines) (behind int) {
	if i+longestHead >= len(b) {
		return i + 1 // not even the shortest has room there
	}
	head := int(pythonHeads[b[i]])
	size := int(binary.LittleEndian.Uint32(b[i+1:]) & pythonSizes[b[i]])
	// Whether one of these is negative is asked once: it is hard to foretell, and often so.
	if (size-shortest)|(len(b)-i-head-size)|(int(b[i+head])-1) < 0 || !isText(b[i+head:i+head+size]) {
		return i + 1
	}
	i += head
	for m.next < len(m.objects) && (int(m.objects[m.next].at) < i || !m.objects[m.next].byName) {
		m.next++
	}
	var name []byte
	if m.next < len(m.objects) && int(m.objects[m.next].at) == i {
		o := &m.objects[m.next]
		name = b[o.byAt : o.byAt+int32(o.byN)]
	}
	out.add(name, b[i:i+size])
	return i + size
}

const longestHead = 5

// pythonHeads is how many bytes stand before the characters of a string, by the letter for its kind.
// The highest bit of the letter says that the object may be referred to.
var pythonHeads = func() (heads [256]uint8) {
	for kinds, head := range map[string]uint8{"zZ": 2, "aAuts": longestHead} {
		for _, kind := range []byte(kinds) {
			heads[kind], heads[kind|0x80] = head, head
		}
	}
	return heads
}()

// pythonSizes are the bits of the number behind such a letter that is the length.
var pythonSizes = func() (sizes [256]uint32) {
	for kind, head := range pythonHeads {
		if head > 0 {
			sizes[kind] = 1<<(8*(head-1)) - 1
		}
	}
	return sizes
}()

var pythonKinds = bytemask.NewSet("zZaAuts" + "\xfa\xda\xe1\xc1\xf5\xf4\xf3")

// Of a word of eight bytes, each one and the highest bit of each.
const ones, highs = 0x0101010101010101, 0x8080808080808080

func isText(b []byte) bool {
	var all uint64
	i := 0
	for ; i+8 <= len(b); i += 8 {
		v := binary.LittleEndian.Uint64(b[i:])
		if all |= v; hasControls(v) {
			return false
		}
	}
	if i < len(b) {
		v := uint64(' ' * ones)
		if len(b) >= 8 {
			v = binary.LittleEndian.Uint64(b[len(b)-8:])
		} else {
			for _, c := range b {
				v = v<<8 | uint64(c)
			}
		}
		if all |= v; hasControls(v) {
			return false
		}
	}
	return all&highs == 0 || utf8.Valid(b)
}

// hasControls reports whether bytes are control characters other than those of lines.
func hasControls(v uint64) bool {
	return ((v+ones)|(v-' '*ones))&^v&highs != 0 && controls(v) != 0 // of most text the first is zero
}

// controls sets the highest bit of bytes that are control characters other than those of lines.
func controls(v uint64) uint64 {
	below := ^((v | highs) - ' '*ones) &^ v & highs
	return below&^(equal(v, '\n')|equal(v, '\t')|equal(v, '\r')) | equal(v, 0x7f)
}

// equal sets the highest bit of each byte that is c.
func equal(v uint64, c byte) uint64 {
	return ^bytemask.Differ(v, c) & highs
}

// namesOfConstants gives the objects of a file, of which texts have the names that they are given: variables that
// they are assigned to, keys of dictionaries and arguments of calls.
func namesOfConstants(b []byte) *marshal {
	const header = 16
	if len(b) < header || len(b) > math.MaxInt32 {
		return newMarshal(nil, 0, 0)
	}
	m := newMarshal(b, header, binary.LittleEndian.Uint16(b))
	if m.magic < magic37 || m.magic >= magic313 {
		return m
	}
	m.read(0)
	steps := len(b) // several codes can share one list of instructions
	for i := range m.codes {
		steps = m.follow(&m.codes[i], steps)
	}
	return m
}

// instruction is what an instruction means for what lies on the stack.
type instruction uint8

const (
	clearStack instruction = iota // of it nothing is known
	noChange
	extendArgument
	loadConstant
	loadOther
	buildList
	storeName // this and what follows give names
	storeAttribute
	buildMap
	takeKeys
	namesOfCall
)

// instructions are those of versions 3.7 to 3.12 (Lib/opcode.py).
var instructions = [256]instruction{
	0: noChange, 151: noChange, // do nothing, from 3.11
	90:  storeName,
	95:  storeAttribute,
	97:  storeName, // global
	100: loadConstant,
	101: loadOther, // of a name
	102: buildList, // tuple
	103: buildList,
	105: buildMap,
	106: noChange,  // an attribute of what lies there
	116: loadOther, // global
	124: loadOther, // fast
	141: takeKeys,  // of a call, to 3.10
	144: extendArgument,
	156: takeKeys,    // of a map
	172: namesOfCall, // from 3.11
}

// follow goes through a code's instructions, as far as it can tell what lies on the stack. It
// takes so many steps at most, and gives how many are left.
func (m *marshal) follow(c *code, steps int) int {
	if !slices.ContainsFunc(c.consts, func(n int32) bool { return n > other && m.objects[n].kind == kindText }) {
		return steps
	}
	list := c.instructions[:len(c.instructions)&^1]
	m.stack, m.argument = m.stack[:0], 0
	for at := 0; at < len(list) && steps > 0; {
		names := at // the next instruction that gives a name; what lies on the stack there matters alone
		for names < len(list) && instructions[list[names]] < storeName {
			names += 2
		}
		if names == len(list) {
			return steps - (names-at)/2
		}
		from := names - 2
		for from >= at && instructions[list[from]] != clearStack {
			from -= 2
		}
		if from += 2; from > at {
			m.stack, m.argument = m.stack[:0], 0
		}
		steps -= (from - at) / 2
		at = names + 2
		for ; from < at && steps > 0; from += 2 {
			steps -= 1 + m.step(c, instructions[list[from]], int(list[from+1]))
		}
	}
	return steps
}

// step follows an instruction that does not clear the stack, and gives how many names it gave.
func (m *marshal) step(c *code, does instruction, argument int) (names int) {
	stack := m.stack // nothing for what is no constant
	argument |= m.argument
	m.argument = 0
	switch does {
	case extendArgument:
		m.argument = argument << 8 & 0xffffff
		return 0
	case loadConstant:
		stack = append(stack, itemOf(c.consts, argument))
	case loadOther:
		stack = append(stack, nothing)
	case storeName:
		if n := len(stack); n > 0 {
			m.name(stack[n-1], itemOf(c.names, argument))
			stack = stack[:n-1]
		}
	case storeAttribute: // the object lies above the value
		if n := len(stack); n > 1 {
			m.name(stack[n-2], itemOf(c.names, argument))
		}
		stack, _ = pop(stack, 2)
	case buildList:
		stack, _ = pop(stack, argument)
		stack = append(stack, nothing)
	case buildMap:
		var items []int32
		stack, items = pop(stack, 2*argument)
		for k := 0; k+1 < len(items); k += 2 {
			m.name(items[k+1], items[k])
		}
		stack = append(stack, nothing)
	case takeKeys:
		if n := len(stack); n > 0 {
			var values []int32
			keys := stack[n-1]
			stack, values = pop(stack[:n-1], argument)
			names = m.pairs(keys, values)
		}
		stack = append(stack, nothing)
	case namesOfCall:
		names = m.pairs(itemOf(c.consts, argument), stack)
	}
	if len(stack) > 4096 {
		stack = stack[:0]
	}
	m.stack = stack
	return names
}

// pop takes so many from a stack, or all.
func pop(stack []int32, n int) (rest, top []int32) {
	n = len(stack) - min(n, len(stack))
	return stack[:n], stack[n:]
}

func itemOf(list []int32, i int) int32 {
	if i < len(list) {
		return list[i]
	}
	return nothing
}

// pairs gives the last of some values the last of some keys as names, and tells how many.
func (m *marshal) pairs(keys int32, values []int32) int {
	by := m.list(keys)
	by = by[max(0, len(by)-len(values)):]
	values = values[max(0, len(values)-len(by)):]
	for i, v := range values {
		m.name(v, by[i])
	}
	return len(values)
}

// name gives a text the name that another one is, if that can be one.
func (m *marshal) name(value, by int32) {
	const longest = 100
	if value <= other || by <= other {
		return
	}
	v, o := &m.objects[value], &m.objects[by]
	if v.kind == kindText && o.kind == kindText && o.n <= longest && isText(m.body(o)) {
		v.byAt, v.byN, v.byName = o.at, uint8(o.n), true
	}
}
