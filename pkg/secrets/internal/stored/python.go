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
	next := 0
	for i := kinds.Next(0); i >= 0; i = kinds.Next(i) {
		head := int(pythonHeads[b[i]])
		if i+head > len(b) {
			return
		}
		size := int(b[i+1])
		if head == 5 {
			size = int(binary.LittleEndian.Uint32(b[i+1:]))
		}
		if size < shortest || size > len(b)-i-head || !isText(b[i+head:i+head+size]) {
			i++
			continue
		}
		i += head
		for next < len(m.objects) && (int(m.objects[next].at) < i || !m.objects[next].byName) {
			next++
		}
		var name []byte
		if next < len(m.objects) && int(m.objects[next].at) == i {
			o := &m.objects[next]
			name = b[o.byAt : o.byAt+int32(o.byN)]
		}
		out.add(name, b[i:i+size])
		i += size
	}
}

// pythonHeads is how many bytes stand before the characters of a string, by the letter for its kind.
// The highest bit of the letter says that the object may be referred to.
var pythonHeads = func() (heads [256]uint8) {
	for kinds, head := range map[string]uint8{"zZ": 2, "aAuts": 5} {
		for _, kind := range []byte(kinds) {
			heads[kind], heads[kind|0x80] = head, head
		}
	}
	return heads
}()

var pythonKinds = bytemask.NewSet("zZaAuts" + "\xfa\xda\xe1\xc1\xf5\xf4\xf3")

const ones, highs = 0x0101010101010101, 0x8080808080808080

func isText(b []byte) bool {
	ascii := true
	for i := 0; i < len(b); i++ {
		for i+8 <= len(b) {
			v := binary.LittleEndian.Uint64(b[i:])
			unusual := (v | (v + ones) | (v - ' '*ones)) & highs // the lowest bit is that of the first byte beyond ASCII or of a control character
			if i += bits.TrailingZeros64(unusual) / 8; unusual != 0 {
				break
			}
		}
		if i == len(b) {
			break
		}
		c := b[i]
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(b)
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
	storeName
	storeAttribute
	buildList
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
	stack := m.stack[:0] // nothing for what is no constant
	argument := 0
	for i := 0; i+1 < len(c.instructions) && steps > 0; i += 2 {
		steps--
		argument |= int(c.instructions[i+1])
		switch instructions[c.instructions[i]] {
		case clearStack:
			stack = stack[:0]
			for i+3 < len(c.instructions) && steps > 0 && instructions[c.instructions[i+2]] <= noChange {
				i, steps = i+2, steps-1
			}
		case extendArgument:
			argument = argument << 8 & 0xffffff
			continue
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
				steps -= m.pairs(keys, values)
			}
			stack = append(stack, nothing)
		case namesOfCall:
			steps -= m.pairs(itemOf(c.consts, argument), stack)
		}
		argument = 0
		if len(stack) > 4096 {
			stack = stack[:0]
		}
	}
	m.stack = stack
	return steps
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
