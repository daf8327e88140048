package stored

import "encoding/binary"

// class reads the constants of a class file (The Java Virtual Machine Specification, chapter 4).
func class(b []byte, out *lines) {
	r := reader{b: b, at: 8}
	count := int(r.u2())
	texts := make([][]byte, count)
	strings := map[int]bool{} // indexes of texts that are strings of the program
	for i := 1; i < count && !r.bad; i++ {
		switch tag := r.u1(); tag {
		case 1:
			texts[i] = r.bytes(int(r.u2()))
		case 8:
			strings[int(r.u2())] = true
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
	named := constantFields(&r, b, texts, out)
	for i := 1; i < count; i++ {
		if strings[i] && !named[i] {
			out.add("", texts[i])
		}
	}
}

// constantFields gives the fields whose value is a string of the constants, and which texts those are.
func constantFields(r *reader, b []byte, texts [][]byte, out *lines) map[int]bool {
	named := map[int]bool{}
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
				return named
			}
			if len(body) == 2 && int(kind) < len(texts) && string(texts[kind]) == "ConstantValue" {
				// The value is a string constant, whose text stands two bytes behind its tag.
				if t := stringConstant(b, int(binary.BigEndian.Uint16(body))); t > 0 && t < len(texts) && int(name) < len(texts) {
					out.add(string(texts[name]), texts[t])
					named[t] = true
				}
			}
		}
	}
	return named
}

// stringConstant gives the index of the text of a string constant, and 0 for other constants.
func stringConstant(b []byte, index int) int {
	r := reader{b: b, at: 8}
	count := int(r.u2())
	for i := 1; i < count && !r.bad; i++ {
		tag := r.u1()
		if i == index {
			if tag == 8 {
				return int(r.u2())
			}
			return 0
		}
		switch tag {
		case 1:
			r.bytes(int(r.u2()))
		case 7, 8, 16, 19, 20:
			r.bytes(2)
		case 15:
			r.bytes(3)
		case 3, 4, 9, 10, 11, 12, 17, 18:
			r.bytes(4)
		case 5, 6:
			r.bytes(8)
			i++
		default:
			return 0
		}
	}
	return 0
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
