package gitobj

import (
	"bytes"
	"errors"
	"iter"
)

// treeEntry is an entry of a tree object.
type treeEntry struct {
	mode uint32
	name []byte
	id   ID
}

var errTree = errors.New("reading the tree: an entry is malformed")

// treeEntries reads a tree object: entries of an octal mode, a space, a name, a
// zero and the bytes of an ID. A malformed one gives an error and ends it.
func treeEntries(content []byte, f Format) iter.Seq2[treeEntry, error] {
	return func(yield func(treeEntry, error) bool) {
		for rest := content; len(rest) > 0; {
			e, after, ok := cutTreeEntry(rest, f.bytes())
			if !ok {
				yield(treeEntry{}, errTree)
				return
			}
			if !yield(e, nil) {
				return
			}
			rest = after
		}
	}
}

func cutTreeEntry(text []byte, idBytes int) (e treeEntry, rest []byte, ok bool) {
	space := bytes.IndexByte(text[:min(len(text), 8)], ' ')
	if space < 1 {
		return e, nil, false
	}
	for _, c := range text[:space] {
		if c < '0' || c > '7' {
			return e, nil, false
		}
		e.mode = e.mode<<3 | uint32(c-'0')
	}
	text = text[space+1:]
	end := bytes.IndexByte(text, 0)
	if end < 1 || len(text) < end+1+idBytes {
		return e, nil, false
	}
	e.name = cut(text[:end], maxName)
	copy(e.id[:], text[end+1:end+1+idBytes])
	return e, text[end+1+idBytes:], true
}
