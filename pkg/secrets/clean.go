package secrets

import (
	"hash/maphash"
	"sync"
)

// mostClean is how many contents are remembered, at some 40 bytes each.
const mostClean = 200_000

// cleanFiles remembers the files in which nothing was found, so that what a later layer has again (after
// a chown of a whole tree, say) is not searched again. The hashes are of this process alone: nobody
// can make a content that is taken for another.
type cleanFiles struct {
	seed maphash.Seed
	mu   sync.Mutex
	seen map[cleanKey]struct{}
}

// cleanKey is a content and the name that tells its kind.
type cleanKey struct {
	content, name uint64
	size          int
}

func newCleanFiles() *cleanFiles {
	return &cleanFiles{seed: maphash.MakeSeed(), seen: map[cleanKey]struct{}{}}
}

func (c *cleanFiles) key(name string, content []byte) cleanKey {
	return cleanKey{maphash.Bytes(c.seed, content), maphash.String(c.seed, name), len(content)}
}

func (c *cleanFiles) has(k cleanKey) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.seen[k]
	return ok
}

func (c *cleanFiles) add(k cleanKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.seen) < mostClean {
		c.seen[k] = struct{}{}
	}
}
