package secrets

import (
	"bytes"
	"cmp"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// fileScan gathers what is found in one file.
type fileScan struct {
	n      int // in the order of the walk
	nth    int // member of the archive; 0 for the file itself
	seq    int
	path   string
	inner  string     // path inside an archive, as in a report; empty for the file itself
	object *gitObject // of a repository, if the file is one
	binary bool       // known before the first piece is scanned
	pieces int

	mu      sync.Mutex
	hits    []rawHit
	lines   []int // newlines of each piece's zone; none of a file in one piece
	dropped int64
	listed  bool
	digests [3]string
}

func (f *fileScan) name() string { return nameOf(f.path, f.inner, f.object) }

// nameOf is the path that tells what kind of file it is. That of a repository's object is
// known only when its trees are.
func nameOf(path, inner string, object *gitObject) string {
	switch {
	case inner != "":
		return innermost(finding.Inside(path, inner))
	case object != nil:
		return anyPath
	}
	return path
}

// innermost gives the path of a file in its archive. What was compressed by itself, and has the name of
// what holds it, lies where that does.
func innermost(whole string) string {
	i := strings.LastIndex(whole, "!/")
	outer, name := whole[:i], whole[i+2:]
	outer = outer[strings.LastIndex(outer, "!/")+1:]
	if dir, base := path.Split(outer); strings.HasPrefix(base, name) && !strings.Contains(name, "/") {
		return strings.TrimPrefix(dir, "/") + name
	}
	return name
}

// rawHit is a match at its place in the file.
type rawHit struct {
	match
	base   int64 // what the match's offsets count from
	size   int   // of what holds the secret in the content, where that is not the secret itself
	piece  int
	line   int // newlines between the piece's zone and the match
	column int // bytes between the match and the line end before it
	name   string
	facts  []string // what else the file says of the secret
	format bool     // it stands where the file's format has a credential

	allowed string // the reason that a comment beside it gives to let it be

	decoded string // how it was encoded
	at      int64  // for a hit whose base is beyond the file: where it is in the file
}

// offset is the place of the value in the file, or of what it is encoded in.
func (h rawHit) offset() int64 {
	if h.base >= decodedSpace {
		return h.at
	}
	return h.from()
}

func (h rawHit) from() int64 { return h.base + int64(h.secretStart) }
func (h rawHit) to() int64   { return h.from() + int64(max(1, cmp.Or(h.size, len(h.secret)))) }

// begin looks at a file's first bytes.
func (f *fileScan) begin(content []byte) {
	f.binary = f.binary || bytes.IndexByte(content[:min(len(content), 8<<10)], 0) >= 0
}

// countLines notes the newlines of a piece's zone, for the lines of what is found behind it.
func (f *fileScan) countLines(p piece) {
	newlines := 0
	if !f.binary {
		newlines = bytes.Count(p.text.bytes[p.text.from:p.text.to], []byte("\n"))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.lines) <= p.index {
		f.lines = append(f.lines, 0)
	}
	f.lines[p.index] = newlines
}

// lineOf counts the newlines between a text's zone and a place.
func (f *fileScan) lineOf(t text, at int) int {
	switch {
	case f.binary:
		return 0
	case at >= t.from:
		return bytes.Count(t.bytes[t.from:at], []byte("\n"))
	}
	return -bytes.Count(t.bytes[at:t.from], []byte("\n"))
}

// trim keeps the first of a file's hits and counts the others.
func (f *fileScan) trim(most int) {
	slices.SortFunc(f.hits, rawHit.compare)
	f.hits = slices.CompactFunc(f.hits, func(a, b rawHit) bool {
		return a.rule == b.rule && a.from() == b.from() && a.to() == b.to()
	})
	if n := len(f.hits) - most; n > 0 {
		f.dropped += int64(n)
		clear(f.hits[most:])
		f.hits = f.hits[:most]
	}
}

func (f *fileScan) facts(s *Scanner) FileFacts {
	out := FileFacts{Seq: f.seq, Path: f.path, Inner: f.inner, object: f.object, MD5: f.digests[0], SHA1: f.digests[1], SHA256: f.digests[2]}
	before := make([]int, len(f.lines)+1)
	for i, n := range f.lines {
		before[i+1] = before[i] + n
	}
	for _, h := range s.settleFor(f, s.complete(f.hits, before)) {
		line := 0
		if !f.binary {
			line = 1 + before[h.raw.piece] + h.raw.line
		}
		h.Line = line
		out.Hits = append(out.Hits, h.Hit)
	}
	pair(out.Hits)
	return out
}
