package secrets

import (
	"bytes"
	"encoding/base64"

	"github.com/imgaudit/imgaudit/pkg/secrets/internal/credfile"
)

// mostWrapped is the size of the largest file that is looked at for another file wrapped up in it.
const mostWrapped = 1 << 20

// wrappedCredentials gives the hits in a file with an ending of its own (keystore.jks.b64, master.key.txt,
// .vault_pass.html), of which a page, a form or base64 is around the file that its name tells.
func (l *layerScan) wrappedCredentials(p piece) []rawHit {
	if len(p.whole) > mostWrapped || p.file.binary {
		return nil
	}
	name := original(p.text.path)
	if name == "" || len(credfile.Match(name, nil)) == 0 {
		return nil
	}
	for _, content := range unwrapped(p.whole) {
		if hits := l.credentialsAs(name, true, content); readableHits(hits) {
			for i := range hits { // their places are those of the value, if it stands there as it is
				h := &hits[i]
				at := max(0, bytes.Index(p.whole, []byte(h.secret)))
				h.base, h.at, h.size = apartSpace+int64(i)<<32, int64(at), 1
				h.secretStart, h.start, h.end = 0, 0, 1
				if !p.file.binary {
					h.line = bytes.Count(p.whole[:at], []byte("\n"))
				}
			}
			return hits
		}
	}
	return nil
}

var (
	tags      = newExpression(`<[^<>]{0,1000}>`)
	base64All = newExpression(`^[A-Za-z0-9+/_\-\s]{16,}={0,2}\s*$`)
	prefix    = newExpression(`^[\w.-]{1,60}=`)
)

// unwrapped gives what may be wrapped up in a content: without tags, the fields of a form, and what
// they are if they are base64, up to twice.
func unwrapped(content []byte) [][]byte {
	content = bytes.TrimSpace(content)
	if len(content) == 0 {
		return nil
	}
	var out [][]byte
	inner := [][]byte{content}
	switch {
	case content[0] == '<':
		inner = [][]byte{tags.compiled().ReplaceAll(content, nil)}
		out = append(out, inner...)
	case bytes.IndexByte(content, '\n') < 0 && bytes.IndexByte(content, '&') > 0 && prefix.Match(content):
		inner = nil
		for field := range bytes.SplitSeq(content, []byte("&")) {
			if _, value, ok := bytes.Cut(field, []byte("=")); ok && len(value) >= 8 {
				inner = append(inner, value)
			}
		}
		out = append(out, inner...)
	}
	for _, c := range inner {
		for range 2 {
			c = bytes.TrimSpace(prefix.compiled().ReplaceAll(c, nil))
			if !base64All.Match(c) {
				break
			}
			plain, err := decodedBase64(c)
			if err != nil {
				break
			}
			out = append(out, plain)
			c = plain
		}
	}
	return out
}

// decodedBase64 decodes either alphabet, wrapped or not, with or without padding.
func decodedBase64(b []byte) ([]byte, error) {
	text := bytes.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n', '=':
			return -1
		case '-':
			return '+'
		case '_':
			return '/'
		}
		return r
	}, b)
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(text)))
	n, err := base64.RawStdEncoding.Decode(out, text)
	return out[:n], err
}
