package stored

import (
	"encoding/binary"
	"unicode/utf8"
)

// python finds the strings in marshalled code (CPython, Python/marshal.c), with the names that the
// code gives to them where that can be told. A string is a letter for its kind, its
// length, and that many characters: what cannot be followed otherwise is looked for so.
func python(b []byte, out *lines) {
	named := namesOfConstants(b)
	for i := 0; i < len(b); {
		head := int(pythonHeads[b[i]])
		if head == 0 {
			i++
			continue
		}
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
		out.add(named[i+head], b[i+head:i+head+size])
		i += head + size
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

func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(b)
}

// namesOfConstants gives the names of texts by where they stand: variables that they are assigned to, keys of
// dictionaries and arguments of calls.
func namesOfConstants(b []byte) map[int]string {
	const header = 16
	if len(b) < header {
		return nil
	}
	m := &marshal{reader: reader{b: b, at: header}, magic: binary.LittleEndian.Uint16(b)}
	if m.magic < magic37 || m.magic >= magic313 {
		return nil
	}
	m.read(0)
	named := map[int]string{}
	steps := len(b) // several codes can share one list of instructions
	for _, c := range m.codes {
		steps = c.follow(named, steps)
	}
	return named
}

// The instructions that matter, of versions 3.7 to 3.12 (Lib/opcode.py).
const (
	storeName        = 90
	storeAttribute   = 95
	storeGlobal      = 97
	loadConstant     = 100
	loadName         = 101
	buildTuple       = 102
	buildList        = 103
	buildMap         = 105
	loadAttribute    = 106
	loadGlobal       = 116
	loadFast         = 124
	callWithNames    = 141 // to 3.10
	extendedArgument = 144
	buildMapOfKeys   = 156
	namesOfCall      = 172 // from 3.11
)

// follow goes through a code's instructions, as far as it can tell what lies on the stack. It
// takes so many steps at most, and gives how many are left.
func (o *object) follow(named map[int]string, steps int) int {
	var stack []*object // nil for what is no constant
	pop := func(n int) []*object {
		n = min(n, len(stack))
		top := stack[len(stack)-n:]
		stack = stack[:len(stack)-n]
		return top
	}
	name := func(value, by *object) {
		if value != nil && by != nil && value.text && by.text && len(by.body) <= 100 && isText(by.body) {
			named[value.at] = string(by.body)
		}
	}
	pairs := func(keys *object, values []*object) {
		if keys == nil {
			return
		}
		by := keys.items[max(0, len(keys.items)-len(values)):]
		values = values[max(0, len(values)-len(by)):]
		steps -= len(values)
		for i, v := range values {
			name(v, by[i])
		}
	}
	at := func(list []*object, i int) *object {
		if i < len(list) {
			return list[i]
		}
		return nil
	}
	argument := 0
	for i := 0; i+1 < len(o.code) && steps > 0; i += 2 {
		steps--
		argument |= int(o.code[i+1])
		switch o.code[i] {
		case extendedArgument:
			argument = argument << 8 & 0xffffff
			continue
		case loadConstant:
			stack = append(stack, at(o.consts, argument))
		case loadName, loadGlobal, loadFast:
			stack = append(stack, nil)
		case loadAttribute, 0, 151: // 0 and 151 do nothing, from 3.11
		case storeName, storeGlobal:
			if top := pop(1); len(top) == 1 {
				name(top[0], at(o.names, argument))
			}
		case storeAttribute: // the object lies above the value
			if top := pop(2); len(top) == 2 {
				name(top[0], at(o.names, argument))
			}
		case buildTuple, buildList:
			pop(argument)
			stack = append(stack, nil)
		case buildMap:
			items := pop(2 * argument)
			for k := 0; k+1 < len(items); k += 2 {
				name(items[k+1], items[k])
			}
			stack = append(stack, nil)
		case buildMapOfKeys, callWithNames:
			if keys := pop(1); len(keys) == 1 {
				values := pop(argument)
				pairs(keys[0], values)
			}
			stack = append(stack, nil)
		case namesOfCall:
			pairs(at(o.consts, argument), stack)
		default:
			stack = stack[:0]
		}
		argument = 0
		if len(stack) > 4096 {
			stack = stack[:0]
		}
	}
	return steps
}
