package decode

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/bits"

	"github.com/imgaudit/imgaudit/pkg/secrets/internal/bytemask"
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

const base64Alphabets = alnum + "+/-_"

var (
	base64Chars = classOf(base64Alphabets)
	base64Set   = bytemask.NewSet(base64Alphabets)
	alnumChars  = classOf(alnum)
	hexChars    = classOf("0123456789abcdefABCDEF")
	inBase64    = base64Chars.numbers()
	inHex       = hexChars.numbers()
)

// numbers has 1 for what is of a class, to count without a branch.
func (c *class) numbers() (in [256]uint8) {
	for i := range c {
		if c[i] {
			in[i] = 1
		}
	}
	return in
}

// A word is eight bytes of content, and these are such that say something of each of them.
const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// base64Runs finds the runs of base64 in a content.
type base64Runs struct {
	content []byte
	fours   bytemask.Runs
}

// next finds the next run.
func (r *base64Runs) next() (start, end int) {
	b := r.content
	for {
		start, end = r.fours.Next() // of which each run has four, wherever it begins
		if start < 0 {
			return -1, -1
		}
		if start, end = 4*start, 4*end; start >= 4 {
			last := inBase64[b[start-1]]
			last2 := last & inBase64[b[start-2]]
			start -= int(last + last2 + last2&inBase64[b[start-3]])
		}
		if end+3 <= len(b) {
			first := inBase64[b[end]]
			first2 := first & inBase64[b[end+1]]
			end += int(first + first2 + first2&inBase64[b[end+2]])
		} else {
			for end < len(b) && base64Chars[b[end]] {
				end++
			}
		}
		if end-start >= minBase64 {
			return start, end
		}
	}
}

// nextHex finds the next run of hexadecimal digits, from a place that is none inside of one.
func nextHex(b []byte, from int) (start, end int) {
	const apart = minHex / 2 // places that are looked at first; every run covers one of them and what is so far behind it
	for at := from + apart - 1; at+apart < len(b); at += apart {
		if inHex[b[at]]&inHex[b[at+apart/2]]&inHex[b[at+apart]] == 0 {
			continue
		}
		start, end = at, at
		for start > from && hexChars[b[start-1]] {
			start--
		}
		for end < len(b) && hexChars[b[end]] {
			end++
		}
		if end-start >= minHex {
			return start, end
		}
		at = max(at, end)
	}
	return -1, -1
}

// base64 decodes runs of base64, lines of one length as one, and then those of hexadecimal digits, which are
// runs of base64 as well.
func (f *finder) base64(b []byte, outer *Part, depth int) {
	if len(b) < minBase64 {
		return
	}
	decoded := &f.levels[depth-1].text
	var hexes [][2]int
	runs := base64Runs{b, base64Set.Fours(b)}
	for from := 0; f.left > 0; {
		start, end := runs.next()
		if start < 0 {
			break
		}
		if start < from {
			continue // it was joined with one before
		}
		from = end
		if base64Worth(b[start:end]) {
			var text []byte
			text, from = joined(b, start, end)
			*decoded = decodeBase64((*decoded)[:0], text)
			if worth(*decoded) {
				f.found("base64", start, from, *decoded, outer, depth)
			}
		}
		for at := start; from-at >= minHex; {
			first, last := nextHex(b[:from], at)
			if first < 0 {
				break
			}
			if at = last; hexWorth(b[first:last]) {
				hexes = append(hexes, [2]int{first, last})
			}
		}
	}
	for _, h := range hexes {
		f.hex(b, h[0], h[1], outer, depth)
	}
}

// base64Worth is a cheap look at the first characters of a run.
func base64Worth(run []byte) bool {
	run = run[:min(len(run), 32)&^3]
	if noText(run) && !maybeCompressed(run) && !maybeWide(run) {
		return false
	}
	var head [24]byte
	n := 0
	for i := 0; i+4 <= len(run); i += 4 {
		v := threeBytes(run[i:])
		head[n], head[n+1], head[n+2] = byte(v>>16), byte(v>>8), byte(v)
		n += 3
	}
	return worth(head[:n])
}

// maybeCompressed reports whether a run may begin like a compressed stream.
func maybeCompressed(run []byte) bool {
	return run[0] == 'H' && run[1] == '4' || run[0] == 'e' && (run[1] == 'A' || run[1] == 'F' || run[1] == 'J' || run[1] == 'N')
}

// maybeWide reports whether a run may begin like text in UTF-16. At least half of the bytes of one order among
// the first twelve are zero then, so that an A is among their characters.
func maybeWide(run []byte) bool {
	return bytemask.Differ(word(run), 'A')&bytemask.Differ(word(run[8:]), 'A')&highs != highs && bytes.Count(run, []byte("A")) >= 3
}

// noText reports whether the first byte beyond ASCII that some base64 decodes to cannot begin a character of UTF-8, or
// the one behind it cannot go on with it.
func noText(run []byte) bool {
	for ; len(run) >= 8; run = run[4:] {
		v := threeBytes(run)
		if v&0x808080 == 0 {
			continue
		}
		at := bits.Len32(v&0x808080) - 8
		first, next := byte(v>>at), byte(v<<8>>at)
		if at == 0 {
			next = byte(threeBytes(run[4:]) >> 16)
		}
		return first < 0xc2 || first > 0xf4 || next&0xc0 != 0x80
	}
	return false
}

// threeBytes decodes four characters.
func threeBytes(run []byte) uint32 {
	_ = run[3]
	return uint32(base64Values[run[0]])<<18 | uint32(base64Values[run[1]])<<12 | uint32(base64Values[run[2]])<<6 | uint32(base64Values[run[3]])
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

// decodeBase64 appends what either alphabet says, as far as it goes.
func decodeBase64(out, run []byte) []byte {
	if bytes.IndexByte(run, '-') >= 0 || bytes.IndexByte(run, '_') >= 0 {
		run = bytes.ReplaceAll(bytes.ReplaceAll(run, []byte("-"), []byte("+")), []byte("_"), []byte("/"))
	}
	if len(run)%4 == 1 {
		run = run[:len(run)-1]
	}
	out, _ = base64.RawStdEncoding.AppendDecode(out, run) // of known characters; odd last bits do not matter
	return out
}

// hexWorth is a cheap look at the first digits of a run.
func hexWorth(run []byte) bool {
	var head [32]byte
	n, err := hex.Decode(head[:], run[:min(len(run)&^1, 2*len(head))])
	return err == nil && worth(head[:n])
}

// hex decodes a run of hexadecimal digits.
func (f *finder) hex(b []byte, start, end int, outer *Part, depth int) {
	if f.left <= 0 {
		return
	}
	run := b[start : end-(end-start)%2]
	out := make([]byte, len(run)/2)
	if _, err := hex.Decode(out, run); err == nil && worth(out) {
		f.found("hex", start, end, out, outer, depth)
	}
}
