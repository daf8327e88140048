package decode

import (
	"bufio"
	"bytes"
	"io"
	"math/bits"
	"sync"
	"unicode/utf8"

	"github.com/imgaudit/imgaudit/internal/inflate"
)

// Bounds of one call of [Each].
const (
	maxDepth   = 4        // encodings inside each other
	maxDecoded = 8 << 20  // bytes decoded in all
	maxLine    = 16 << 10 // bytes of a line whose escapes are decoded
)

// Part is one decoded stretch.
type Part struct {
	Encoding   string // from the outside inwards, as "base64 > gzip"
	Start, End int    // of the outermost encoded stretch in the content
	Content    []byte // decoded; valid only during the call
}

// Each calls visit for each encoded stretch of the content, and for those that lie in it.
// It reports whether all were: decoding stops where it costs too much. In binary content,
// which has text in stretches alone, escapes, entities and percent encoding are not
// looked for.
func Each(content []byte, binary bool, visit func(Part)) (whole bool) {
	f := finders.Get().(*finder)
	f.visit, f.left, f.binary = visit, maxDecoded, binary
	if compressed(content) == "zlib" { // a stream without a file format around it
		if out := f.uncompress("zlib", content); worth(out) {
			f.found("zlib", 0, len(content), out, nil, 1)
		}
	}
	f.look(content, nil, 1)
	whole = f.left > 0
	f.free()
	return whole
}

// finder is one call of Each.
type finder struct {
	visit  func(Part)
	left   int // bytes that may still be decoded
	binary bool
	gzip   *inflate.Reader
	zlib   *inflate.Reader
	levels [maxDepth]level
}

// level is the memory for contents of one depth.
type level struct {
	marks marks
	text  []byte // that was decoded
}

// finders are kept for their levels' memory.
var finders = sync.Pool{New: func() any { return &finder{} }}

// mostKept is how large a text's memory is kept, in bytes.
const mostKept = 64 << 10

func (f *finder) free() {
	f.visit, f.gzip, f.zlib = nil, nil, nil
	for i := range f.levels {
		if l := &f.levels[i]; cap(l.text) > mostKept {
			l.text = nil
		}
	}
	finders.Put(f)
}

// look goes through some content. outer is the stretch of the original that it came from;
// nil if it is the original.
func (f *finder) look(content []byte, outer *Part, depth int) {
	if depth > maxDepth || f.left <= 0 {
		return
	}
	f.base64(content, outer, depth)
	f.wide(content, outer, depth)
	if !f.binary || outer != nil {
		f.escapes(content, outer, depth)
	}
}

// found hands over one decoded stretch, and goes on with what is in it.
func (f *finder) found(encoding string, start, end int, content []byte, outer *Part, depth int) {
	f.left -= len(content)
	if f.left <= 0 || len(content) == 0 {
		return
	}
	p := Part{Encoding: encoding, Start: start, End: end, Content: content}
	if outer != nil {
		p = Part{Encoding: outer.Encoding + " > " + encoding, Start: outer.Start, End: outer.End, Content: content}
	}
	if kind := compressed(content); kind != "" {
		if out := f.uncompress(kind, content); len(out) > 0 {
			f.found(kind, 0, len(content), out, &p, depth+1)
		}
		return
	}
	f.visit(p)
	f.look(content, &p, depth+1)
}

// compressed tells a compressed stream by its first bytes.
func compressed(b []byte) string {
	switch {
	case len(b) > 18 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8:
		return "gzip"
	case len(b) > 8 && b[0] == 0x78 && (b[1] == 0x01 || b[1] == 0x5e || b[1] == 0x9c || b[1] == 0xda):
		return "zlib"
	}
	return ""
}

// uncompress gives what comes out of a stream, as far as it goes and may.
func (f *finder) uncompress(kind string, b []byte) []byte {
	in := bufio.NewReaderSize(bytes.NewReader(b), 4<<10)
	z := &f.gzip
	format := inflate.Gzip
	if kind == "zlib" {
		z, format = &f.zlib, inflate.Zlib
	}
	if *z == nil {
		*z = inflate.NewReader(in, format)
	}
	(*z).Reset(in)
	out, _ := io.ReadAll(io.LimitReader(*z, int64(min(f.left, 1<<20+64*len(b))))) // what came out before damage counts
	return out
}

// worth reports whether decoded bytes are text, or hold some.
func worth(b []byte) bool { return readable(b) || compressed(b) != "" || wideText(b) }

// readable reports whether bytes are text in UTF-8, but for a few.
func readable(b []byte) bool {
	left := len(b) / 20
	for i := 0; i < len(b) && left >= 0; {
		if i+32 <= len(b) && unusual(word(b[i:]))|unusual(word(b[i+8:]))|unusual(word(b[i+16:]))|unusual(word(b[i+24:])) == 0 {
			i += 32
			continue
		}
		if i+8 <= len(b) {
			u := unusual(word(b[i:]))
			if i += bits.TrailingZeros64(u) / 8; u == 0 {
				continue
			}
		}
		c := b[i]
		if c >= 0x80 {
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 && len(b)-i >= utf8.UTFMax {
				left -= 2 // a byte that is no text weighs more than a control character
			}
			i += n
			continue
		}
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			left--
		}
		i++
	}
	return left >= 0
}

// unusual gives a word whose lowest bit is that of the first byte beyond ASCII or of a control character; 0 if there is none.
func unusual(v uint64) uint64 { return (v | (v + ones) | (v - 0x20*ones)) & highs }

// wideText reports whether bytes begin like text in UTF-16.
func wideText(b []byte) bool {
	if len(b) < 8 || bytes.IndexByte(b[:min(len(b), 32)], 0) < 0 {
		return false
	}
	for at := range 2 {
		zeros := 0
		for i := at; i < min(len(b), 32); i += 2 {
			if b[i] == 0 {
				zeros++
			}
		}
		if zeros*4 >= min(len(b), 32)/2*3 {
			return true
		}
	}
	return false
}
