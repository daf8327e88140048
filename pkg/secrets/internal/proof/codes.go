package proof

import (
	"bytes"
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// proveBech32 checks age identities and Nostr's private keys.
//
// Sources: the age specification (C2SP, age.md), Nostr's NIP-19, and BIP-173 for Bech32.
func proveBech32(s secret) (Result, bool) {
	low := strings.ToLower(s.value)
	const age, nostr = "age-secret-key-1", "nsec1"
	var r Result
	switch {
	case strings.HasPrefix(low, age) && len(s.value) == 74:
		r.fact("age identity (X25519)")
	case strings.HasPrefix(low, nostr) && len(s.value) == 63:
		r.fact("Nostr private key")
	default:
		return r, false
	}
	seed, ok := fromBech32(s.value)
	if !ok || len(seed) != 32 {
		r.wrong("checksum wrong (Bech32)")
		return r, true
	}
	r.fact("checksum correct (Bech32)")
	r.Confidence = finding.Sure
	if strings.HasPrefix(low, age) {
		if key, err := ecdh.X25519().NewPrivateKey(seed); err == nil {
			r.PublicKey = fingerprint(spki(oidX25519, nil, key.PublicKey().Bytes()))
			r.fact("its public key is ", toBech32("age", key.PublicKey().Bytes()))
		}
	}
	return r, true
}

const bech32Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// fromBech32 checks and decodes a Bech32 string of up to 90 characters (BIP-173).
func fromBech32(s string) ([]byte, bool) {
	low := strings.ToLower(s)
	if len(s) > 90 || s != low && s != strings.ToUpper(s) {
		return nil, false
	}
	at := strings.LastIndexByte(low, '1')
	if at < 1 || len(low)-at-1 < 6 {
		return nil, false
	}
	var groups []byte
	for _, c := range []byte(low[at+1:]) {
		v := strings.IndexByte(bech32Alphabet, c)
		if v < 0 {
			return nil, false
		}
		groups = append(groups, byte(v))
	}
	if bech32Sum(low[:at], groups) != 1 {
		return nil, false
	}
	return regroup(groups[:len(groups)-6], 5, 8, false)
}

// toBech32 encodes bytes with a human-readable part.
func toBech32(head string, b []byte) string {
	groups, _ := regroup(b, 8, 5, true)
	sum := bech32Sum(head, append(bytes.Clone(groups), 0, 0, 0, 0, 0, 0)) ^ 1
	for i := range 6 {
		groups = append(groups, byte(sum>>(5*(5-i)))&31)
	}
	out := []byte(head + "1")
	for _, g := range groups {
		out = append(out, bech32Alphabet[g])
	}
	return string(out)
}

// bech32Sum is the BCH code of BIP-173 over the head and groups of five bits.
func bech32Sum(head string, groups []byte) uint32 {
	sum := uint32(1)
	step := func(v byte) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	for _, c := range []byte(head) {
		step(c >> 5)
	}
	step(0)
	for _, c := range []byte(head) {
		step(c & 31)
	}
	for _, g := range groups {
		step(g)
	}
	return sum
}

// regroup turns groups of bits of one width into groups of another.
func regroup(in []byte, from, to uint, pad bool) ([]byte, bool) {
	var out []byte
	acc, n := uint32(0), uint(0)
	for _, v := range in {
		acc = acc<<from | uint32(v)
		for n += from; n >= to; {
			n -= to
			out = append(out, byte(acc>>n&(1<<to-1)))
		}
		acc &= 1<<n - 1
	}
	if pad && n > 0 {
		out = append(out, byte(acc<<(to-n)))
	}
	return out, pad || n < from && acc == 0
}

// base58Kinds are the version bytes and sizes of Bitcoin's private keys.
//
// Sources: Bitcoin Wiki, "Wallet import format"; BIP-32, "Serialization format".
var base58Kinds = []struct {
	version string
	sizes   [2]int // with the version, without the checksum
	name    string
}{
	{"80", [2]int{33, 34}, "Bitcoin private key (wallet import format)"},
	{"ef", [2]int{33, 34}, "Bitcoin private key of a test network (wallet import format)"},
	{"0488ade4", [2]int{78, 78}, "Bitcoin extended private key (BIP-32)"},
	{"04358394", [2]int{78, 78}, "Bitcoin extended private key of a test network (BIP-32)"},
}

// proveBase58 checks Bitcoin's private keys. Nothing but the checksum tells them from other text of
// their length, so a wrong one is no opinion.
func proveBase58(s secret) (Result, bool) {
	if n := len(s.value); n != 51 && n != 52 && n != 111 {
		return Result{}, false
	}
	b, ok := fromBase58(s.value)
	if !ok || len(b) < 8 {
		return Result{}, false
	}
	body, sum := b[:len(b)-4], b[len(b)-4:]
	once := sha256.Sum256(body)
	if twice := sha256.Sum256(once[:]); !bytes.Equal(twice[:4], sum) {
		return Result{}, false
	}
	for _, k := range base58Kinds {
		version, _ := hex.DecodeString(k.version)
		if bytes.HasPrefix(body, version) && (len(body) == k.sizes[0] || len(body) == k.sizes[1]) {
			r := Result{Confidence: finding.Sure}
			r.fact(k.name)
			r.fact("checksum correct (Base58Check)")
			if strings.Contains(k.name, "test network") {
				r.Confidence = finding.Unsure
			}
			return r, true
		}
	}
	return Result{}, false
}

// fromBase58 decodes up to 111 characters of Bitcoin's base 58.
func fromBase58(s string) ([]byte, bool) {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	var out []byte // from the lowest byte on
	zeros := len(s) - len(strings.TrimLeft(s, "1"))
	for _, c := range []byte(s) {
		carry := strings.IndexByte(alphabet, c)
		if carry < 0 {
			return nil, false
		}
		for i := range out {
			carry += int(out[i]) * 58
			out[i] = byte(carry)
			carry >>= 8
		}
		for carry > 0 {
			out = append(out, byte(carry))
			carry >>= 8
		}
	}
	for range zeros {
		out = append(out, 0)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out, true
}
