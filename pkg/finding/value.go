package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"
	"unicode/utf8"
)

const hidden = "[hidden]"

// Value is a secret's value. It lives in memory only: printing, logging and
// marshalling it give a fixed mark.
type Value struct{ s string }

// Hide wraps a secret.
func Hide(secret string) Value { return Value{secret} }

// Reveal gives the secret itself. Its callers are the redactor, the proofs, and
// the writer that was asked to show secrets.
func (v Value) Reveal() string { return v.s }

// String implements [fmt.Stringer] without the secret.
func (v Value) String() string { return hidden }

// GoString implements [fmt.GoStringer] without the secret.
func (v Value) GoString() string { return hidden }

// Format implements [fmt.Formatter], so that no verb prints the secret.
func (v Value) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hidden) }

// MarshalText implements [encoding.TextMarshaler] without the secret.
func (v Value) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Redacted gives a form of the secret that its owner recognises and nobody
// can use: its first characters where it is long enough to stay secret without
// them, the head line of a PEM block, and its length.
func (v Value) Redacted() string {
	if head := pemHead.FindString(v.s); head != "" {
		return fmt.Sprintf("%s****(%d)", head, len(v.s))
	}
	shown := 0
	switch n := len(v.s); {
	case n >= 40:
		shown = 6
	case n >= 20:
		shown = 4
	}
	for shown > 0 && !printable(v.s[:shown]) {
		shown--
	}
	if !v.Strong() {
		shown = 0
	}
	return fmt.Sprintf("%s****(%d)", v.s[:shown], len(v.s))
}

// pemHead is the first line of a PEM block (RFC 7468), which says the kind of key.
var pemHead = regexp.MustCompile(`^-----BEGIN [A-Z0-9 ]{1,40}-----`)

func printable(s string) bool {
	for _, r := range s {
		if r < ' ' || r == utf8.RuneError || r == 0x7f {
			return false
		}
	}
	return true
}

// strongBits is the least entropy at which the hash of a value cannot be turned
// back into the value by guessing.
const strongBits = 80

// Strong reports whether the value has 80 bits of entropy or more by a careful
// estimate: Shannon's entropy over its bytes, and a third of it for a value that
// reads like words, because a phrase is far easier to guess than its letters suggest.
func (v Value) Strong() bool {
	if len(v.s) < 16 {
		return false
	}
	var counts [256]int
	for i := range len(v.s) {
		counts[v.s[i]]++
	}
	bits := 0.0
	for _, n := range counts {
		if n > 0 {
			bits -= float64(n) * math.Log2(float64(n)/float64(len(v.s)))
		}
	}
	if readsLikeWords(v.s) {
		bits /= 3
	}
	return bits >= strongBits
}

// wordPairs are the 48 most frequent pairs of letters in English. In a text of
// words half of all pairs are among them, in random letters one in fourteen.
const wordPairs = "th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of " +
	"al de se le sa si ar ve ra ld ur ro ri io ll ch ic ma me ss "

// readsLikeWords reports whether the value is made of letters for a good part,
// and of pairs of letters that words are made of.
func readsLikeWords(s string) bool {
	pairs, common := 0, 0
	for i := range len(s) - 1 {
		a, b := s[i]|0x20, s[i+1]|0x20
		if a < 'a' || a > 'z' || b < 'a' || b > 'z' {
			continue
		}
		pairs++
		if strings.Contains(wordPairs, string([]byte{a, b, ' '})) {
			common++
		}
	}
	return pairs*3 >= len(s) && common*3 >= pairs
}

// SecretID is the stable id of a secret. For a strong value it is made of rule
// and value; for a weaker one, which could be guessed from a hash, of rule, path
// and name (the key or variable that holds it) alone.
func SecretID(rule string, value Value, path, name string) string {
	if value.Strong() {
		return digest("secret", rule, value.s)
	}
	return WeakSecretID(rule, path, name)
}

// WeakSecretID is the stable id of a secret that a person chose, such as a
// password: however long it is, nothing is derived from its value.
func WeakSecretID(rule, path, name string) string { return digest("weak-secret", rule, path, name) }

// PlaceID is the stable id of a finding that has no value: rule and path.
func PlaceID(rule, path string) string { return digest("place", rule, path) }

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:10])
}
