package stored

import "encoding/binary"

// class reads the constants of a class file (The Java Virtual Machine Specification, chapter 4).
func class(b []byte, out *lines) {
	r := reader{b: b, at: 8}
	count := int(r.u2())
	texts := make([][]byte, count)
	textOf := make([]uint16, count) // of a constant that is a string of the program, the index of its text
	for i := 1; i < count && !r.bad; i++ {
		switch tag := r.u1(); tag {
		case 1:
			texts[i] = r.bytes(int(r.u2()))
		case 8:
			textOf[i] = r.u2()
		case 7, 16, 19, 20:
			r.bytes(2)
		case 15:
			r.bytes(3)
		case 3, 4, 9, 10, 11, 12, 17, 18:
			r.bytes(4)
		case 5, 6: // these take two places
			r.bytes(8)
			i++
		default:
			r.bad = true
		}
	}
	told := constantFields(&r, texts, textOf, out)
	for _, t := range textOf {
		if int(t) < count && t != 0 && !told[t] {
			told[t] = true
			out.add("", texts[t])
		}
	}
}

// constantFields gives the fields whose value is a string of the constants, and tells which texts
// those are.
func constantFields(r *reader, texts [][]byte, textOf []uint16, out *lines) (told []bool) {
	told = make([]bool, len(texts))
	r.bytes(6) // access flags, this class, super class
	r.bytes(2 * int(r.u2()))
	for range r.u2() {
		r.bytes(2)
		name := r.u2()
		r.bytes(2)
		for range r.u2() {
			kind := r.u2()
			body := r.bytes(int(min(r.u4(), 1<<30)))
			if r.bad {
				return told
			}
			if len(body) != 2 || int(kind) >= len(texts) || string(texts[kind]) != "ConstantValue" {
				continue
			}
			value := binary.BigEndian.Uint16(body)
			if int(value) >= len(textOf) || int(name) >= len(texts) {
				continue
			}
			if t := textOf[value]; t != 0 && int(t) < len(texts) {
				out.add(string(texts[name]), texts[t])
				told[t] = true
			}
		}
	}
	return told
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
	if p := r.bytes(1); p != nil {
		return p[0]
	}
	return 0
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
