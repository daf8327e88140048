package corpus

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
)

// random is a source of one plant's randomness. Each plant has its own, so that a new
// plant leaves the values of all others as they were.
type random struct {
	*rand.Rand
	prime *big.Int // of all RSA keys; may be nil
}

func newRandom(seed uint64, label string) *random {
	key := sha256.Sum256(append(binary.LittleEndian.AppendUint64(nil, seed), label...))
	return &random{Rand: rand.New(rand.NewChaCha8(key))}
}

func (r *random) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func (r *random) from(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func (r *random) pick(choices ...string) string { return choices[r.IntN(len(choices))] }

const (
	digits  = "0123456789"
	lower   = "abcdefghijklmnopqrstuvwxyz"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	base62  = digits + upper + lower
	urlSafe = base62 + "-_"
)

// alphabetOf names the alphabets of templates. It is a function because a map would be
// state of the package.
func alphabetOf(name string) (string, bool) {
	switch name {
	case "dig":
		return digits, true
	case "hex":
		return digits + "abcdef", true
	case "HEX":
		return digits + "ABCDEF", true
	case "alpha":
		return upper + lower, true
	case "lower":
		return lower, true
	case "b36":
		return digits + lower, true
	case "B36":
		return digits + upper, true
	case "b32": // RFC 4648, section 6
		return upper + "234567", true
	case "b62":
		return base62, true
	case "b64": // RFC 4648, section 4
		return base62 + "+/", true
	case "url": // RFC 4648, section 5
		return urlSafe, true
	case "crypt": // crypt(5)
		return "./" + base62, true
	}
	return "", false
}

// random text of a named form and length: an alphabet's letters, or one of the forms with
// a rule of their own.
func (r *random) form(name string, n int) string {
	if alphabet, ok := alphabetOf(name); ok {
		return r.from(alphabet, n)
	}
	switch name {
	case "num": // no leading zero
		return r.from(digits[1:], 1) + r.from(digits, n-1)
	case "crc62":
		return withChecksum62(r.from(base62, n))
	case "pw":
		return r.password(n)
	case "phrase":
		return r.phrase(n)
	case "uuid":
		return r.uuid()
	case "wgend": // the last of 43 letters, which holds four bits of 32 bytes
		return r.from("AEIMQUYcgkosw048", n)
	case "word":
		return r.word()
	}
	panic(fmt.Sprintf("corpus: no form is called %q", name))
}

// password is one that a generator made, with letters of each kind and signs that need no
// quoting in any of the files.
func (r *random) password(n int) string {
	for {
		p := r.from(base62, 1) + r.from(base62+base62+"-_.", n-2) + r.from(base62, 1)
		if strings.ContainsAny(p, digits) && strings.ContainsAny(p, lower) && strings.ContainsAny(p, upper) {
			return p
		}
	}
}

// phrase is a password that a person made up: n words, the first with a capital, and a number.
func (r *random) phrase(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = r.word()
	}
	p := strings.Join(words, "-")
	return strings.ToUpper(p[:1]) + p[1:] + r.form("num", 3)
}

func (r *random) uuid() string {
	b := r.bytes(16)
	b[6] = b[6]&0x0f | 0x40 // RFC 9562: version 4
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// word is one of a few thousand that can be pronounced and mean nothing.
func (r *random) word() string {
	var b strings.Builder
	for range 2 + r.IntN(2) {
		b.WriteString(r.pick("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "br", "st", "tr"))
		b.WriteString(r.pick("a", "e", "i", "o", "u", "ai", "ea"))
	}
	return b.String() + r.pick("", "l", "n", "r", "s", "t")
}
