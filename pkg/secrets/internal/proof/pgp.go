package proof

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"strconv"
	"strings"
)

// The packets of a private key (RFC 9580, section 5).
const (
	tagSecretKey    = 5
	tagSecretSubkey = 7
	tagUserID       = 13
)

// readPGP reads the packets of a transferable secret key (RFC 9580, section 10.2). The first user id
// becomes the comment of all keys that stand before the next primary key.
func readPGP(b []byte) []Key {
	var keys []Key
	primary := 0
	for len(b) > 0 && len(keys) < MaxKeys {
		tag, body, rest, ok := packet(b)
		if !ok {
			if len(keys) > 0 && keys[len(keys)-1].Problem == "" {
				keys[len(keys)-1].Problem = "cut off"
			}
			break
		}
		b = rest
		switch tag {
		case tagSecretKey, tagSecretSubkey:
			k := pgpKey(body)
			if tag == tagSecretKey {
				primary = len(keys)
			} else if primary < len(keys) {
				k.Comment = keys[primary].Comment
			}
			keys = append(keys, k)
		case tagUserID:
			if primary < len(keys) && keys[primary].Comment == "" {
				keys[primary].Comment = words(string(body))
			}
		}
	}
	return keys
}

// packet cuts the first packet off (RFC 9580, section 4.2). Those of partial or unknown length cannot
// hold a key.
func packet(b []byte) (tag byte, body, rest []byte, ok bool) {
	head := b[0]
	b = b[1:]
	size, used := uint64(0), 0
	field := func(n int) bool {
		if len(b) < used+n {
			return false
		}
		size = 0
		for _, c := range b[used : used+n] {
			size = size<<8 | uint64(c)
		}
		used += n
		return true
	}
	switch {
	case head&0x80 == 0:
		return 0, nil, nil, false
	case head&0x40 == 0: // the old form
		tag = head >> 2 & 15
		if head&3 == 3 || !field(1<<(head&3)) {
			return 0, nil, nil, false
		}
	default:
		tag = head & 63
		if !field(1) {
			return 0, nil, nil, false
		}
		switch first := size; {
		case first == 255:
			if !field(4) {
				return 0, nil, nil, false
			}
		case first >= 224:
			return 0, nil, nil, false
		case first >= 192:
			if !field(1) {
				return 0, nil, nil, false
			}
			size = (first-192)<<8 + size + 192
		}
	}
	if size > uint64(len(b)-used) {
		return 0, nil, nil, false
	}
	return tag, b[used : used+int(size)], b[used+int(size):], true
}

// pgpAlgorithms are the public-key algorithms (RFC 9580, section 9.1) with what their public half is made
// of: m a number, o a curve's identifier, k the parameters of a key exchange, and else a
// number of bytes.
var pgpAlgorithms = map[byte]struct{ kind, public string }{
	1: {"RSA", "mm"}, 2: {"RSA", "mm"}, 3: {"RSA", "mm"}, 16: {"ElGamal", "mmm"}, 17: {"DSA", "mmmm"},
	18: {"ECDH", "omk"}, 19: {"ECDSA", "om"}, 22: {"EdDSA", "om"},
	25: {"X25519", "32"}, 26: {"X448", "56"}, 27: {"Ed25519", "32"}, 28: {"Ed448", "57"},
}

var pgpCiphers = map[byte]string{2: "triple DES", 3: "CAST5", 4: "Blowfish", 7: "AES-128", 8: "AES-192", 9: "AES-256", 10: "Twofish", 11: "Camellia-128", 12: "Camellia-192", 13: "Camellia-256"}

// pgpKey reads a secret key packet (RFC 9580, section 5.5.3).
func pgpKey(body []byte) Key {
	broken := Key{Kind: "private key", Format: "PGP", Problem: "its packet is damaged"}
	if len(body) < 6 {
		return broken
	}
	version := body[0]
	broken.Format = "PGP version " + strconv.Itoa(int(version))
	rest := body[5:]
	switch version {
	case 3:
		rest = rest[min(2, len(rest)):] // days of validity
	case 4, 5, 6: // 5 is LibrePGP's, a draft of what became version 6
	default:
		return broken
	}
	if len(rest) < 1 {
		return broken
	}
	a, ok := pgpAlgorithms[rest[0]]
	if !ok {
		broken.Kind, broken.Problem = "algorithm "+strconv.Itoa(int(rest[0])), "of an algorithm that is not known"
		return broken
	}
	rest = rest[1:]
	if version >= 5 {
		if len(rest) < 4 {
			return broken
		}
		rest = rest[4:] // the length of the public half
	}
	public, after, ok := pgpPublic(a.public, rest)
	if !ok || len(after) == 0 {
		return broken
	}
	k := public.key(a.kind)
	k.Format = broken.Format
	k.ID = pgpID(version, body[:len(body)-len(after)], public)
	k.protection(version, after)
	return k
}

// pgpFields are the fields of a public half.
type pgpFields struct {
	numbers []*big.Int
	raw     []byte // the last number or bytes, as they stand there
	curve   asn1.ObjectIdentifier
}

func pgpPublic(layout string, b []byte) (pgpFields, []byte, bool) {
	var f pgpFields
	if n, err := strconv.Atoi(layout); err == nil {
		if len(b) < n {
			return f, nil, false
		}
		f.raw = b[:n]
		return f, b[n:], true
	}
	for _, c := range layout {
		var size int
		switch c {
		case 'm':
			if len(b) < 2 {
				return f, nil, false
			}
			size = (int(binary.BigEndian.Uint16(b)) + 7) / 8
			b = b[2:]
		default:
			if len(b) < 1 {
				return f, nil, false
			}
			size = int(b[0])
			b = b[1:]
		}
		if len(b) < size {
			return f, nil, false
		}
		switch c {
		case 'm':
			f.raw = b[:size]
			f.numbers = append(f.numbers, new(big.Int).SetBytes(f.raw))
		case 'o':
			der := append([]byte{6, byte(size)}, b[:size]...)
			if size > 20 || !parse(der, &f.curve) {
				return f, nil, false
			}
		}
		b = b[size:]
	}
	return f, b, true
}

// The identifiers that OpenPGP had for Curve25519 before RFC 8410.
var (
	oidPGPEd25519 = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 15, 1}
	oidPGPX25519  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 3029, 1, 5, 1}
)

func (f pgpFields) key(kind string) Key {
	k := Key{Kind: kind}
	switch {
	case kind == "RSA":
		return rsaPublic(f.numbers[0], f.numbers[1])
	case kind == "DSA":
		return dsaPublic(f.numbers[0], f.numbers[1], f.numbers[2], f.numbers[3])
	case kind == "ElGamal":
		k.Bits = f.numbers[0].BitLen()
	case f.curve.Equal(oidPGPEd25519) && len(f.raw) == 33:
		k.Kind = "Ed25519"
		f.raw = f.raw[1:]
	case f.curve.Equal(oidPGPX25519) && len(f.raw) == 33:
		k.Kind = "X25519"
		f.raw = f.raw[1:]
	case f.curve != nil:
		if c, ok := curveByID(f.curve); ok {
			k = pointPublic(c, f.raw)
			k.Kind = kind
		} else {
			k.Curve = "curve " + words(f.curve.String())
		}
	}
	for _, e := range []struct {
		kind string
		id   asn1.ObjectIdentifier
	}{{"Ed25519", oidEd25519}, {"X25519", oidX25519}, {"Ed448", oidEd448}, {"X448", oidX448}} {
		if k.Kind == e.kind {
			k.Curve, k.Bits = k.Kind, 8*len(f.raw)
			k.PublicKey = fingerprint(spki(e.id, nil, f.raw))
		}
	}
	return k
}

// pgpID gives the key id (RFC 9580, section 5.5.4): of version 4 the last eight bytes of the SHA-1 over
// the public half, of version 6 the first of the SHA-256, of version 3 of the modulus itself.
func pgpID(version byte, public []byte, f pgpFields) string {
	switch version {
	case 4:
		sum := sha1.Sum(append([]byte{0x99, byte(len(public) >> 8), byte(len(public))}, public...))
		return strings.ToUpper(hex.EncodeToString(sum[12:]))
	case 5, 6:
		sum := sha256.Sum256(append(binary.BigEndian.AppendUint32([]byte{0x95 + version}, uint32(len(public))), public...))
		return strings.ToUpper(hex.EncodeToString(sum[:8]))
	}
	if len(f.numbers) == 0 || len(f.numbers[0].Bytes()) < 8 {
		return ""
	}
	n := f.numbers[0].Bytes()
	return strings.ToUpper(hex.EncodeToString(n[len(n)-8:]))
}

// protection reads how the private half is encrypted (RFC 9580, section 3.7.2.1). GnuPG writes a stub, in a
// private use of that section, for a half that lies on a card or was taken away.
func (k *Key) protection(version byte, b []byte) {
	usage := b[0]
	b = b[1:]
	if usage == 0 {
		return
	}
	k.Encrypted = true
	if version >= 5 && len(b) > 0 {
		b = b[1:] // the length of what follows
	}
	if usage < 253 {
		k.Cipher, k.KDF = pgpCiphers[usage], "MD5, 1 round"
		return
	}
	if len(b) == 0 {
		k.Problem = "cut off"
		return
	}
	k.Cipher = pgpCiphers[b[0]]
	skip := 1
	if usage == 253 {
		skip++ // the AEAD mode
	}
	if version == 6 {
		skip++
	}
	b = b[min(skip, len(b)):]
	switch {
	case len(b) >= 2 && b[0] == 0:
		k.KDF = "simple S2K"
	case len(b) >= 10 && b[0] == 1:
		k.KDF = "salted S2K"
	case len(b) >= 11 && b[0] == 3:
		rounds := (16 + int(b[10]&15)) << (b[10]>>4 + 6)
		k.KDF = "iterated S2K, " + count(rounds, "byte")
	case len(b) >= 20 && b[0] == 4:
		k.KDF = "Argon2"
	case len(b) >= 6 && b[0] == 101 && bytes.Equal(b[2:5], []byte("GNU")):
		k.Encrypted, k.absent = false, true
	}
}
