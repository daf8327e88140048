package decode

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
)

// Least lengths of runs that are looked at, in characters. Shorter ones decode to less
// than a password has.
const (
	minBase64 = 20
	minHex    = 32
	minJoined = 40 // of a line before it is joined with the next one
)

type class [256]bool

func classOf(chars string) (c class) {
	for i := range len(chars) {
		c[chars[i]] = true
	}
	return c
}

const alnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

var (
	base64Chars = classOf(alnum + "+/-_")
	hexChars    = classOf("0123456789abcdefABCDEF")
	base64Runs  = runsOf(&base64Chars, minBase64)
	hexRuns     = runsOf(&hexChars, minHex)
)

// runs are of characters of a class.
type runs struct {
	chars     *class
	n         int    // characters that a run has at least; more than eight
	low, high uint64 // added to eight bytes, they tell those below the class and above it
}

func runsOf(c *class, n int) runs {
	least, most := 0, 255
	for !c[least] {
		least++
	}
	for !c[most] {
		most--
	}
	return runs{c, n, uint64(0x80-least) * ones, uint64(0x7f-most) * ones}
}

const ones = 0x0101010101010101

// next finds the next run, from a place that is none inside of one.
//
// Eight bytes at once are looked at, at places so far apart that every run covers one of them.
func (r *runs) next(b []byte, from int) (start, end int) {
	for at := from; at+8 <= len(b); at += r.n - 7 {
		v := binary.LittleEndian.Uint64(b[at:])
		if (v|(v+r.high)|^(v+r.low))&(0x80*ones) != 0 {
			continue
		}
		end = at
		for end < len(b) && r.chars[b[end]] {
			end++
		}
		if end < at+8 {
			continue
		}
		start = at
		for start > from && r.chars[b[start-1]] {
			start--
		}
		if end-start >= r.n {
			return start, end
		}
	}
	return -1, -1
}

// base64 decodes runs of base64, lines of one length as one.
func (f *finder) base64(b []byte, outer *Part, depth int) {
	for from := 0; ; {
		start, end := base64Runs.next(b, from)
		if start < 0 {
			return
		}
		from = end
		if !base64Worth(b[start:end]) {
			continue
		}
		text, after := joined(b, start, end)
		from = after
		out := decodeBase64(text)
		if worth(out) {
			f.found("base64", start, after, out, outer, depth)
		}
		if f.left <= 0 {
			return
		}
	}
}

// base64Worth is a cheap look at the first characters of a run.
func base64Worth(run []byte) bool {
	var head [24]byte
	n := 0
	for i := 0; i+4 <= min(len(run), 32); i += 4 {
		v := uint32(base64Values[run[i]])<<18 | uint32(base64Values[run[i+1]])<<12 | uint32(base64Values[run[i+2]])<<6 | uint32(base64Values[run[i+3]])
		head[n], head[n+1], head[n+2] = byte(v>>16), byte(v>>8), byte(v)
		n += 3
	}
	return worth(head[:n])
}

// base64Values are those of the characters of both alphabets.
var base64Values = func() (values [256]uint8) {
	for i := range len(alnum) {
		values[alnum[i]] = uint8(i)
	}
	values['+'], values['-'], values['/'], values['_'] = 62, 62, 63, 63
	return values
}()

// joined gives a run with the lines behind it that belong to it, without what lies
// between them, and where they end.
func joined(b []byte, start, end int) (text []byte, after int) {
	text, after = b[start:end], end
	width := end - start
	if width < minJoined {
		return text, after
	}
	text = text[:len(text):len(text)]
	for at := end; ; {
		next := at
		// Escaped ends of lines are those of a JSON string.
		for next < len(b) && next-at < 60 && (b[next] == '\r' || b[next] == '\n' || b[next] == ' ' || b[next] == '\t' || b[next] == '\\' && next+1 < len(b) && (b[next+1] == 'n' || b[next+1] == 'r' || b[next+1] == '\n')) {
			if b[next] == '\\' {
				next++
			}
			next++
		}
		stop := next
		for stop < len(b) && stop-next <= width && base64Chars[b[stop]] {
			stop++
		}
		if next == at || stop == next || stop-next > width {
			return text, after
		}
		text = append(text, b[next:stop]...)
		after, at = stop, stop
		if stop-next < width {
			return text, after
		}
	}
}

// decodeBase64 decodes either alphabet, as far as it goes.
func decodeBase64(run []byte) []byte {
	text := make([]byte, len(run))
	for i, c := range run {
		switch c {
		case '-':
			c = '+'
		case '_':
			c = '/'
		}
		text[i] = c
	}
	if len(text)%4 == 1 {
		text = text[:len(text)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(text)))
	n, _ := base64.RawStdEncoding.Decode(out, text) // of known characters; odd last bits do not matter
	return out[:n]
}

// hex decodes runs of hexadecimal digits.
func (f *finder) hex(b []byte, outer *Part, depth int) {
	for from := 0; ; {
		start, end := hexRuns.next(b, from)
		if start < 0 {
			return
		}
		from = end
		run := b[start : end-(end-start)%2]
		head := make([]byte, min(len(run), 64)/2)
		if _, err := hex.Decode(head, run[:2*len(head)]); err != nil || !worth(head) {
			continue
		}
		out := make([]byte, len(run)/2)
		if _, err := hex.Decode(out, run); err == nil && worth(out) {
			f.found("hex", start, end, out, outer, depth)
		}
		if f.left <= 0 {
			return
		}
	}
}
