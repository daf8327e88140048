package secrets

import (
	"bytes"
	"errors"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/credfile"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/decode"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/stored"
)

// hasFormat reports whether a file is to be read as a whole: one, by its path and first bytes,
// that a program may keep credentials in, or of a format that stores texts.
func hasFormat(name string, head []byte) bool {
	if stored.Detect(head[:min(len(head), stored.HeadBytes)]) != "" {
		return true
	}
	return isRecord(name) || name != anyPath && (len(credfile.Match(name, head)) > 0 || len(credfile.Match(original(name, otherKinds...), head)) > 0)
}

// otherKinds are endings that say that a file is of another kind than its name without them: passwd.c
// is no list of accounts.
var otherKinds = []string{
	"c", "cc", "cpp", "h", "hpp", "go", "rs", "py", "pyc", "rb", "pl", "pm", "js", "ts", "mjs", "cjs", "map", "java", "class", "kt", "cs", "php", "sh", "lua", "md", "rst", "html", "css",
	"so", "a", "o", "png", "svg", "mo", "po", "list", "md5sums", "symbols", "pc", "la", "service", "timer", "socket", "conf", "cfg", "ini", "sample", "example", "dist", "template",
	"1", "2", "3", "4", "5", "6", "7", "8", // sections of the manual
}

// original gives the name that a file had before it was put aside or encoded, as .pgpass.old, shadow-
// and .netrc.b64 were; empty if nothing was added to it.
func original(name string, but ...string) string {
	dir, base := path.Split(name)
	if bare := strings.TrimRight(base, "~-"); bare != base && bare != "" {
		return dir + bare
	}
	ext := path.Ext(base)
	if len(ext) < 2 || len(ext) > 12 || len(ext) == len(base) || slices.Contains(but, strings.ToLower(ext[1:])) {
		return ""
	}
	return dir + strings.TrimSuffix(base, ext)
}

// credentials gives the hits in a file that a program keeps credentials in, once all of
// it is there.
func (l *layerScan) credentials(p piece) []rawHit {
	name := p.text.path
	if len(p.whole) == 0 || name == anyPath {
		return nil
	}
	hits := l.credentialsAs(name, p.file.binary, p.whole)
	if len(hits) == 0 {
		hits = l.wrappedCredentials(p)
	}
	if len(hits) == 0 {
		hits = l.credentialsAs(original(name, otherKinds...), p.file.binary, p.whole)
	}
	return hits
}

// The least part of a file that is encoded and may be a file by itself: the name of what holds it tells
// what it was, or has another ending.
const (
	leastSame  = 2
	leastOther = 8
)

// encodedCredentials gives the hits in a file of such a kind that was encoded: the name tells what
// it was, or what stands before it. whole says that it was the file itself that was encoded.
func (l *layerScan) encodedCredentials(p piece, part decode.Part) (hits []rawHit, whole bool) {
	name := p.text.path
	if name == anyPath || len(p.whole) == 0 {
		return nil, false
	}
	var names []string
	share := func(n int) bool { return n*(part.End-part.Start) >= len(p.whole) }
	if share(leastOther) {
		names = append(names, original(name))
	}
	if share(leastSame) {
		names = append(names, name)
	}
	own := len(names)
	if !p.file.binary {
		if named := nameOfEncoded(p.text.bytes, part.Start); named != "" {
			names = append(names, named)
		}
	}
	for i, n := range names {
		if hits = l.credentialsAs(n, true, part.Content); readableHits(hits) {
			return hits, i < own
		}
	}
	return nil, false
}

// readableHits reports whether there are hits and all of them texts: what was decoded and is none gives others.
func readableHits(hits []rawHit) bool {
	return len(hits) > 0 && !slices.ContainsFunc(hits, func(h rawHit) bool {
		return strings.ContainsFunc(h.secret, func(r rune) bool { return r == utf8.RuneError || r < ' ' && !unicode.IsSpace(r) })
	})
}

// nameOfEncoded gives the name of a file that an encoded stretch is the content of, as manifests,
// mails and answers of APIs have it: path: /etc/x, "path": "/etc/x", filename="x", or the key.
func nameOfEncoded(b []byte, start int) string {
	const near = 300
	head := b[max(0, start-near):start]
	before := bytes.TrimRight(head, "\"'|> \t\r\n")
	if len(before) == 0 || before[len(before)-1] != ':' { // it is no value of a key
		return ""
	}
	if m := fileBefore.compiled().FindAllSubmatch(head, -1); len(m) > 0 {
		return string(m[len(m)-1][1])
	}
	if m := keyBefore.compiled().FindSubmatch(head[max(0, len(before)-mostKey):]); m != nil {
		return string(m[1])
	}
	return ""
}

var (
	fileBefore = newExpression(`(?i)(?:\b(?:path|filename|file|name|dest|destination|target)["']?[ \t]{0,3}[:=][ \t]{0,3}["']?/?((?:[\w.@-]{1,60}/){0,12}[\w.@-]{1,60}))`)
	keyBefore  = newExpression(`(?:^|[\s"'{,])([\w-]{0,40}\.?[\w.-]{2,60})["']?[ \t]{0,3}:[ \t]{0,3}["'|>]?[ \t]*\n?[ \t]*$`)
)

// mostKey is more bytes than keyBefore matches up to the colon, so that no match begins where the text is cut there.
const mostKey = 120

// credentialsAs gives the hits in the content of a file of a path.
func (l *layerScan) credentialsAs(path string, binary bool, content []byte) []rawHit {
	var hits []rawHit
	if path == "" {
		return nil
	}
	for _, as := range credfile.Match(path, content) {
		found, err := as.Parse(content)
		if errors.Is(err, credfile.ErrTooLarge) || errors.Is(err, credfile.ErrTooMany) || errors.Is(err, credfile.ErrTooDeep) || errors.Is(err, credfile.ErrBroken) {
			l.mu.Lock()
			l.large++
			l.mu.Unlock()
		}
		for _, c := range found {
			hits = append(hits, l.s.credential(c, as.Format(), content, binary, len(hits)))
		}
	}
	return hits
}

// apartSpace is where the hits lie that have no place in the content.
const apartSpace = 1 << 61

func (s *Scanner) credential(c credfile.Credential, format credfile.Format, content []byte, binary bool, n int) rawHit {
	h := rawHit{name: c.Name, size: c.Length, format: true, match: match{
		rule: s.byID[ruleOfCredential(c)], secretStart: c.Offset, start: c.Offset, end: c.Offset + c.Length, secret: c.Value,
		confidence: confidenceOf(c),
	}}
	if c.Offset < 0 || c.Value == "" {
		h.base, h.at, h.size = apartSpace+int64(n)<<32, int64(max(0, c.Offset)), 1
		h.secretStart, h.start, h.end = 0, 0, 1
	}
	if !binary {
		h.line = bytes.Count(content[:max(0, min(c.Offset, len(content)))], []byte("\n"))
	}
	h.facts = factsOf(c, format)
	return h
}

func ruleOfCredential(c credfile.Credential) string {
	switch {
	case c.Encrypted:
		return ruleStore
	case c.Hash != "" && c.Weak != "", c.Value == "" && c.Weak == credfile.WeakBlank:
		return ruleGuessable
	case c.Hash != "":
		return ruleHash
	}
	return ruleFile
}

func confidenceOf(c credfile.Credential) finding.Confidence {
	switch {
	case c.Confidence == credfile.Unsure, c.Encrypted && c.Value != "":
		return finding.Unsure
	case c.Encrypted:
		return finding.Likely
	case c.Hash != "" && c.Weak != "":
		return finding.Sure // it was tried
	case c.Confidence == credfile.Certain:
		return finding.Sure
	}
	return finding.Likely
}

// factsOf says in words what a file tells of a credential.
func factsOf(c credfile.Credential, format credfile.Format) []string {
	facts := []string{"it stands where the format has a credential: " + format.Title}
	var of []string
	if c.User != "" {
		of = append(of, "of "+finding.EscapeText(short(c.User)))
	}
	if c.Host != "" {
		of = append(of, "for "+finding.EscapeText(short(c.Host)))
	}
	if len(of) > 0 {
		facts = append(facts, strings.Join(of, " "))
	}
	if c.Hash != "" {
		facts = append(facts, "a hash: "+c.Hash)
	}
	switch c.Weak {
	case credfile.WeakBlank:
		facts = append(facts, "the password is blank")
	case credfile.WeakCommon:
		facts = append(facts, "the password is one of the most common")
	}
	if c.Encrypted {
		facts = append(facts, "encrypted")
	}
	if c.Comment != "" {
		facts = append(facts, finding.EscapeText(c.Comment))
	}
	return facts
}

// short cuts what a file says of a user or a host.
func short(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
