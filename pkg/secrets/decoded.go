package secrets

import (
	"bytes"
	"html"
	"net/url"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/secrets/internal/credfile"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/decode"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/stored"
)

// decodedSpace is the distance between the offsets of hits in one decoded stretch and in
// the next, which are all beyond the file's: what lies in different ones never overlaps.
const decodedSpace = 1 << 42

// decoded adds the hits in what is encoded in a piece. They stand where the encoded
// stretch does. A value that was found as it is, is not found again. It reports whether all was decoded, and
// whether what was is the file that the name tells.
func (l *layerScan) decoded(p piece, hits []rawHit) (_ []rawHit, whole, encoded bool) {
	d := &decodedPiece{piece: p, l: l, hits: hits}
	whole = decode.Each(p.text.bytes, p.file.binary, d.add)
	if !whole {
		l.mu.Lock()
		l.cut++
		l.mu.Unlock()
	}
	return d.hits, whole, d.encoded
}

// decodedPiece gathers the hits in what is encoded in a piece. In most nothing is: the maps are made when
// something was found.
type decodedPiece struct {
	piece
	l       *layerScan
	hits    []rawHit
	encoded bool
	parts   int64

	plain map[string]bool
	seen  map[decodedValue]bool // in what lies in one another
	files map[int]string        // encodings of stretches that hold a file of credentials
}

type decodedValue struct {
	rule   int
	secret string
}

// add adds the hits in one encoded stretch.
func (d *decodedPiece) add(part decode.Part) {
	if d.plain == nil {
		d.plain, d.seen, d.files = map[string]bool{}, map[decodedValue]bool{}, map[int]string{}
		for _, h := range d.hits {
			remember(d.plain, h.secret)
		}
	}
	d.parts++
	t := d.text
	if part.Start < t.from || part.Start >= t.to {
		return // the piece before or behind this one has it
	}
	base, at := d.base+int64(part.Start)+d.parts*decodedSpace, d.base+int64(part.Start)
	for _, m := range d.l.s.engine.scan(text{bytes: part.Content, to: len(part.Content), first: true, last: true, path: t.path}) {
		if !d.isNew(m) {
			continue
		}
		if strings.ContainsAny(m.secret, "%&") {
			remember(d.plain, m.secret)
		}
		d.hits = append(d.hits, rawHit{
			match: m, base: base, at: at, piece: d.index, line: d.file.lineOf(t, part.Start), decoded: part.Encoding,
			name: nameBefore(part.Content, m.start, m.secretStart),
		})
	}
	of, isFile := d.l.encodedCredentials(d.piece, part)
	d.encoded = d.encoded || isFile
	if outer := d.files[part.Start]; len(of) > 0 && outer != "" && strings.HasPrefix(part.Encoding, outer+" > ") {
		// What looked like the file was the file encoded once more.
		d.hits = slices.DeleteFunc(d.hits, func(h rawHit) bool { return h.format && h.decoded == outer && h.at == at })
	}
	if len(of) > 0 {
		d.files[part.Start] = part.Encoding
	}
	for _, h := range of {
		if h.secret == "" || !d.isNew(h.match) {
			continue
		}
		h.base, h.at, h.decoded = base, at, part.Encoding
		h.piece, h.line = d.index, d.file.lineOf(t, part.Start)
		d.hits = append(d.hits, h)
	}
}

// isNew reports whether a value was not found yet, and remembers it.
func (d *decodedPiece) isNew(m match) bool {
	v := decodedValue{m.rule, m.secret}
	if d.plain[m.secret] || d.seen[v] {
		return false
	}
	d.seen[v] = true
	return true
}

// remember adds a value, and what it will be once more is decoded.
func remember(values map[string]bool, value string) {
	values[value] = true
	if strings.IndexByte(value, '%') >= 0 {
		if v, err := url.PathUnescape(value); err == nil {
			values[v] = true
		}
	}
	if strings.IndexByte(value, '&') >= 0 {
		values[html.UnescapeString(value)] = true
	}
}

// storedSpace is where the hits lie that were found in texts of a binary format.
const storedSpace = 1 << 60

// stored adds the hits in the texts that a binary format stores. They stand where the same
// bytes are in the file.
func (l *layerScan) stored(p piece, hits []rawHit) []rawHit {
	format := stored.Detect(p.whole[:min(len(p.whole), stored.HeadBytes)])
	if format == "" {
		return hits
	}
	if len(p.whole) > credfile.MaxBytes {
		l.mu.Lock()
		l.large++
		l.mu.Unlock()
		return hits
	}
	known := map[string]bool{}
	for _, h := range hits {
		known[h.secret] = true
	}
	texts := stored.Text(format, p.whole)
	hits = slices.DeleteFunc(hits, func(h rawHit) bool { return runsOn(texts, h.secret) })
	for _, m := range l.s.engine.scan(text{bytes: texts, to: len(texts), first: true, last: true, path: p.text.path}) {
		if known[m.secret] {
			continue
		}
		hits = append(hits, rawHit{
			match: m, base: storedSpace, at: int64(max(0, bytes.Index(p.whole, []byte(m.secret)))), piece: p.index,
			facts: []string{"it is a text of a " + string(format)}, name: nameBefore(texts, m.start, m.secretStart),
		})
	}
	return hits
}

// runsOn reports whether a value is the end of a text and a few bytes of what stands behind it, which
// looked like letters.
func runsOn(texts []byte, value string) bool {
	const most = 3
	if len(value) < 4*most || bytes.Contains(texts, []byte(value)) {
		return false
	}
	for n := len(value) - 1; n >= len(value)-most; n-- {
		if i := bytes.Index(texts, []byte(value[:n])); i >= 0 {
			return i+n == len(texts) || texts[i+n] == '"' || texts[i+n] == '\n'
		}
	}
	return false
}
