package gitobj

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
)

// Kind is what an object is.
type Kind uint8

// The kinds of objects, with the numbers that packs use (gitformat-pack(5)).
const (
	Commit Kind = 1
	Tree   Kind = 2
	Blob   Kind = 3
	Tag    Kind = 4

	offsetDelta    Kind = 6
	referenceDelta Kind = 7
)

// String gives the word that stands in an object's header.
func (k Kind) String() string {
	switch k {
	case Commit:
		return "commit"
	case Tree:
		return "tree"
	case Blob:
		return "blob"
	case Tag:
		return "tag"
	}
	return "unknown"
}

func kindOf(word []byte) (Kind, bool) {
	for k := Commit; k <= Tag; k++ {
		if string(word) == k.String() {
			return k, true
		}
	}
	return 0, false
}

// Object is one object of a repository.
type Object struct {
	Repo string // the repository's directory in the layer: app/.git
	ID   string // in hex, computed from the content
	Kind Kind
	Size int64  // of the content, in bytes
	From string // the file in the layer that holds it
}

// Format is the hash function that names a repository's objects.
type Format uint8

// The formats. Unknown is what a repository has of which no object was seen.
const (
	Unknown Format = iota
	SHA1
	SHA256
)

// bytes is the length of an ID, with SHA-1 for the unknown format.
func (f Format) bytes() int {
	if f == SHA256 {
		return sha256.Size
	}
	return sha1.Size
}

func (f Format) new() hash.Hash {
	if f == SHA256 {
		return sha256.New()
	}
	return sha1.New()
}

// formatOfHex tells the format from the number of an ID's hex digits.
func formatOfHex(digits int) Format {
	switch digits {
	case 2 * sha1.Size:
		return SHA1
	case 2 * sha256.Size:
		return SHA256
	}
	return Unknown
}

// ID names an object. A SHA-1 fills the first 20 bytes, the others are zero.
type ID [sha256.Size]byte

func (id ID) hex(f Format) string { return hex.EncodeToString(id[:f.bytes()]) }

// parseID reads the hex digits of an ID of either format.
func parseID(digits []byte) (ID, Format, bool) {
	var id ID
	f := formatOfHex(len(digits))
	if f == Unknown {
		return id, f, false
	}
	if _, err := hex.Decode(id[:], digits); err != nil {
		return ID{}, Unknown, false
	}
	return id, f, true
}

// idHash computes IDs.
type idHash struct {
	h    hash.Hash
	head []byte
}

func newIDHash(f Format) *idHash { return &idHash{h: f.new()} }

// begin hashes the header that stands before the content of a loose object.
func (i *idHash) begin(k Kind, size int64) {
	i.h.Reset()
	i.head = append(append(i.head[:0], k.String()...), ' ')
	i.head = append(strconv.AppendInt(i.head, size, 10), 0)
	_, _ = i.h.Write(i.head)
}

func (i *idHash) sum() (id ID) {
	i.h.Sum(id[:0])
	return id
}

func (i *idHash) of(k Kind, content []byte) ID {
	i.begin(k, int64(len(content)))
	_, _ = i.h.Write(content)
	return i.sum()
}

// isHex reports whether a text has hex digits alone, in lower case as Git writes them.
func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return s != ""
}

// cutLine takes the first line off a text.
func cutLine(text []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(text, []byte("\n"))
	return line, rest
}
