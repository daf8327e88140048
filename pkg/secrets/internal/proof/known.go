package proof

import (
	_ "embed"
	"strings"
	"sync"
)

// known_keys.txt names test keys of well-known software: on each line the fingerprint of the public key
// and where the private one lies. To make it anew, unpack source packages into
// directories named after them, and give these to the program beside it:
//
//	go run gen_known_keys.go DIR... > known_keys.txt
//
//go:embed known_keys.txt
var knownKeys string

// knownTable is read once, when the first key is asked for.
var knownTable = sync.OnceValue(func() map[string]string {
	table := map[string]string{}
	for line := range strings.Lines(knownKeys) {
		print, origin, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && strings.HasPrefix(print, "SHA256:") {
			table[print] = origin
		}
	}
	return table
})

// knownTest names the software in whose tests the key lies, and is empty for all other keys.
func knownTest(k Key) string {
	if k.PublicKey == "" {
		return ""
	}
	return knownTable()[k.PublicKey]
}
