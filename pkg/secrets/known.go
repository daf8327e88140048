package secrets

import (
	"hash/maphash"
	"slices"
	"sync"
)

const (
	mostKnown     = 200_000 // pieces that are remembered, at some 60 bytes each
	mostKnownHits = 20_000  // matches in all of them
)

// knownPieces remembers what was found in the pieces of files, so that what a later layer has again (after
// a chown of a whole tree, say) is not searched again. The hashes are of this process alone: nobody
// can make a content that is taken for another.
type knownPieces struct {
	seed maphash.Seed
	mu   sync.Mutex
	seen map[pieceKey][]rawHit
	hits int
}

// pieceKey is a content, and all else that the search of a piece depends on.
type pieceKey struct{ content, rest uint64 }

func newKnownPieces() *knownPieces {
	return &knownPieces{seed: maphash.MakeSeed(), seen: map[pieceKey][]rawHit{}}
}

func (k *knownPieces) key(p piece) pieceKey {
	t := p.text
	return pieceKey{
		content: maphash.Bytes(k.seed, t.bytes),
		rest: maphash.Comparable(k.seed, struct {
			name           string // which tells the file's kind
			base           int64
			size, from, to int
			last, binary   bool
		}{t.path, p.base, len(t.bytes), t.from, t.to, t.last, t.binary}),
	}
}

// find gives what was found in such a piece; false if none is known.
func (k *knownPieces) find(key pieceKey) ([]rawHit, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	hits, ok := k.seen[key]
	return slices.Clone(hits), ok
}

func (k *knownPieces) add(key pieceKey, hits []rawHit) {
	hits = slices.Clone(hits)
	for i := range hits {
		hits[i].facts = slices.Clip(hits[i].facts) // who adds to them adds to a copy
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.seen) < mostKnown && k.hits+len(hits) <= mostKnownHits {
		k.seen[key] = hits
		k.hits += len(hits)
	}
}
