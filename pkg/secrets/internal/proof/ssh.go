package proof

import (
	"encoding/binary"
	"math/big"
	"strings"
)

// wireReader reads data in SSH's encoding. After the first error it reads nothing.
type wireReader struct {
	rest []byte
	bad  bool
}

func (r *wireReader) uint32() uint32 {
	if len(r.rest) < 4 {
		r.rest, r.bad = nil, true
		return 0
	}
	n := binary.BigEndian.Uint32(r.rest)
	r.rest = r.rest[4:]
	return n
}

func (r *wireReader) bytes() []byte {
	n := r.uint32()
	if uint64(n) > uint64(len(r.rest)) {
		r.rest, r.bad = nil, true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *wireReader) text() string     { return string(r.bytes()) }
func (r *wireReader) number() *big.Int { return new(big.Int).SetBytes(trimZeros(r.bytes())) }

// maxSSHKeys bounds the keys of one OpenSSH file; OpenSSH itself writes one.
const maxSSHKeys = 16

// readOpenSSH reads a file of OpenSSH's own format. Public halves stand in clear.
//
// Source: OpenSSH's PROTOCOL.key.
func readOpenSSH(b []byte) []Key {
	const magic = "openssh-key-v1\x00"
	if !strings.HasPrefix(string(b[:min(len(b), len(magic))]), magic) {
		return nil
	}
	r := wireReader{rest: b[len(magic):]}
	cipher, kdf, options, n := r.text(), r.text(), wireReader{rest: r.bytes()}, r.uint32()
	if r.bad || n == 0 || n > maxSSHKeys {
		return nil
	}
	var blobs [][]byte
	for range n {
		blobs = append(blobs, r.bytes())
	}
	private := wireReader{rest: r.bytes()}
	if r.bad {
		return []Key{{Kind: "private key", Format: "OpenSSH", Problem: "cut off"}}
	}
	if kdf == "bcrypt" {
		options.bytes() // the salt
		kdf += ", " + count(int(options.uint32()), "round")
	}
	first, second := uint32(0), uint32(0)
	if cipher == "none" {
		first, second = private.uint32(), private.uint32()
	}
	var keys []Key
	for _, blob := range blobs {
		k := sshPublic(blob)
		switch {
		case cipher != "none":
			k.Encrypted, k.Cipher, k.KDF = true, words(cipher), words(kdf)
		case first != second || private.bad:
			k.Problem = "its private part is damaged"
		default:
			k = sshPrivate(&private, k)
		}
		k.Format = "OpenSSH"
		keys = append(keys, k)
	}
	return keys
}

// sshPublic reads a public key as SSH sends it (RFC 4253 6.6, 5656 3.1, 8709 4).
func sshPublic(blob []byte) Key {
	r := wireReader{rest: blob}
	kind := r.text()
	k := Key{Kind: words(kind)}
	switch kind {
	case "ssh-rsa":
		e, n := r.number(), r.number()
		k = rsaPublic(n, e)
	case "ssh-dss":
		k = dsaPublic(r.number(), r.number(), r.number(), r.number())
	case "ssh-ed25519":
		k.Kind, k.Curve, k.Bits = "Ed25519", "Ed25519", 256
		k.PublicKey = fingerprint(spki(oidEd25519, nil, r.bytes()))
	case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521":
		c, _ := curveByName(strings.TrimPrefix(kind, "ecdsa-sha2-"))
		r.bytes() // the curve's name again
		k = pointPublic(c, r.bytes())
	case "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com":
		k.absent = true // it lies in a security key (OpenSSH's PROTOCOL.u2f)
	}
	k.OpenSSH = fingerprint(blob)
	if k.Kind == "" {
		k.Kind = "private key"
	}
	if r.bad {
		k.Problem = "its public part is damaged"
	}
	return k
}

// sshPrivate reads one key of the private part and checks it against the public one.
func sshPrivate(r *wireReader, public Key) Key {
	k := Key{Kind: public.Kind, Problem: "of a kind that is not known"}
	switch kind := r.text(); kind {
	case "ssh-rsa":
		n, e, d := r.number(), r.number(), r.number()
		r.bytes()
		p, q := r.number(), r.number()
		k = rsaKey(n, e, d, p, q)
	case "ssh-dss":
		p, q, g, y, x := r.number(), r.number(), r.number(), r.number(), r.number()
		k = dsaKey(p, q, g, y, x)
	case "ssh-ed25519":
		own, both := r.bytes(), r.bytes()
		if len(own) == 32 && len(both) == 64 {
			k = okpKey("Ed25519", both[:32], own)
		} else {
			k.Problem = "of the wrong length"
		}
	case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521":
		c, _ := curveByName(strings.TrimPrefix(kind, "ecdsa-sha2-"))
		r.bytes()
		point := r.bytes()
		k = pointKey(c, r.bytes(), point)
	case "sk-ssh-ed25519@openssh.com":
		r.bytes()
		k = skPrivate(r, public)
	case "sk-ecdsa-sha2-nistp256@openssh.com":
		r.bytes()
		r.bytes()
		k = skPrivate(r, public)
	}
	k.Comment = words(r.text())
	switch {
	case r.bad:
		k.Problem = "its private part is damaged"
	case k.Problem == "" && k.OpenSSH != public.OpenSSH:
		k.Problem = "its public and private part are of different keys"
	}
	return k
}

// skPrivate reads what a file holds of a key on a security key: application, flags and handle.
func skPrivate(r *wireReader, public Key) Key {
	r.bytes()
	if len(r.rest) > 0 {
		r.rest = r.rest[1:]
	}
	r.bytes()
	r.bytes()
	return public
}
