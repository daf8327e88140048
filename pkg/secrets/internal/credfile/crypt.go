package credfile

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
)

// cryptAlphabet is the base64 of crypt(3), lowest bits first.
const cryptAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// md5Crypt is the hash of FreeBSD's crypt-md5 (magic "$1$") and of Apache's
// htpasswd (magic "$apr1$"), after the description in crypt(5) and in apr_md5.c.
func md5Crypt(password, salt, magic string) string {
	p := []byte(password)
	h := md5.New()
	h.Write([]byte(password + salt + password))
	alternate := h.Sum(nil)
	h.Reset()
	h.Write([]byte(password + magic + salt))
	for n := len(p); n > 0; n -= md5.Size {
		h.Write(alternate[:min(n, md5.Size)])
	}
	for n := len(p); n > 0; n >>= 1 {
		if n&1 != 0 {
			h.Write([]byte{0})
		} else {
			h.Write(p[:1])
		}
	}
	sum := h.Sum(nil)
	for i := range 1000 {
		h.Reset()
		stretch(h, i, p, []byte(salt), sum)
		sum = h.Sum(sum[:0])
	}
	var out []byte
	for i := range 5 {
		last := i + 12
		if i == 4 {
			last = 5
		}
		out = appendCrypt(out, uint32(sum[i])<<16|uint32(sum[i+6])<<8|uint32(sum[last]), 4)
	}
	out = appendCrypt(out, uint32(sum[11]), 2)
	return magic + salt + "$" + string(out)
}

// stretch writes one round, which MD5 and SHA crypt have in common.
func stretch(h hash.Hash, round int, p, s, sum []byte) {
	if round&1 != 0 {
		h.Write(p)
	} else {
		h.Write(sum)
	}
	if round%3 != 0 {
		h.Write(s)
	}
	if round%7 != 0 {
		h.Write(p)
	}
	if round&1 != 0 {
		h.Write(sum)
	} else {
		h.Write(p)
	}
}

func appendCrypt(out []byte, bits uint32, n int) []byte {
	for range n {
		out = append(out, cryptAlphabet[bits&63])
		bits >>= 6
	}
	return out
}

// shaCrypt is the hash of Drepper's "Unix crypt using SHA-256 and SHA-512", without
// its prefix and salt.
func shaCrypt(long bool, password, salt string, rounds int) string {
	h := sha256.New()
	if long {
		h = sha512.New()
	}
	p := []byte(password)
	h.Write([]byte(password + salt + password))
	alternate := h.Sum(nil)
	size := h.Size()

	h.Reset()
	h.Write([]byte(password + salt))
	for n := len(p); n > 0; n -= size {
		h.Write(alternate[:min(n, size)])
	}
	for n := len(p); n > 0; n >>= 1 {
		if n&1 != 0 {
			h.Write(alternate)
		} else {
			h.Write(p)
		}
	}
	sum := h.Sum(nil)

	h.Reset()
	for range len(p) {
		h.Write(p)
	}
	pSequence := repeatTo(h.Sum(nil), len(p))
	h.Reset()
	for range 16 + int(sum[0]) {
		h.Write([]byte(salt))
	}
	sSequence := repeatTo(h.Sum(nil), len(salt))

	for i := range rounds {
		h.Reset()
		stretch(h, i, pSequence, sSequence, sum)
		sum = h.Sum(sum[:0])
	}
	return encodeSHACrypt(sum, long)
}

func repeatTo(pattern []byte, n int) []byte {
	out := make([]byte, 0, n+len(pattern))
	for len(out) < n {
		out = append(out, pattern...)
	}
	return out[:n]
}

// encodeSHACrypt takes the bytes three at a time, a third of the digest apart, and
// rotates which of the three comes first.
func encodeSHACrypt(sum []byte, long bool) string {
	var out []byte
	if long {
		a, b, c := 0, 21, 42
		for range 21 {
			out = appendCrypt(out, uint32(sum[a])<<16|uint32(sum[b])<<8|uint32(sum[c]), 4)
			a, b, c = b+1, c+1, a+1
		}
		return string(appendCrypt(out, uint32(sum[63]), 2))
	}
	a, b, c := 0, 10, 20
	for range 10 {
		out = appendCrypt(out, uint32(sum[a])<<16|uint32(sum[b])<<8|uint32(sum[c]), 4)
		a, b, c = c+1, a+1, b+1
	}
	return string(appendCrypt(out, uint32(sum[31])<<8|uint32(sum[30]), 3))
}
