package corpus

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// sshString is a string of RFC 4251, section 5: its length in four bytes, then itself.
func sshString[T ~string | ~[]byte](parts ...T) []byte {
	var b []byte
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return b
}

// sshNumber is an mpint of RFC 4251: a leading zero keeps a positive number positive.
func sshNumber(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) > 0 && b[0]&0x80 != 0 {
		b = append([]byte{0}, b...)
	}
	return sshString(b)
}

func openSSHEd25519(r *random) sample {
	key := ed25519Key(r)
	public := append(sshString("ssh-ed25519"), sshString(key.Public().(ed25519.PublicKey))...)
	return openSSH(r, public, append(append([]byte{}, public...), sshString(key)...))
}

func openSSHECDSA(r *random) sample {
	key := ecKey(r)
	point, err := key.PublicKey.Bytes()
	must(err)
	public := append(sshString("ecdsa-sha2-nistp256", "nistp256"), sshString(point)...)
	scalar, err := key.Bytes()
	must(err)
	return openSSH(r, public, append(append([]byte{}, public...), sshNumber(new(big.Int).SetBytes(scalar))...))
}

func openSSHRSA(r *random) sample {
	key := rsaKey(r)
	e := big.NewInt(int64(key.E))
	public := bytes.Join([][]byte{sshString("ssh-rsa"), sshNumber(e), sshNumber(key.N)}, nil)
	private := bytes.Join([][]byte{sshString("ssh-rsa"), sshNumber(key.N), sshNumber(e), sshNumber(key.D),
		sshNumber(key.Precomputed.Qinv), sshNumber(key.Primes[0]), sshNumber(key.Primes[1])}, nil)
	return openSSH(r, public, private)
}

// openSSH writes a key without passphrase in the form of OpenSSH's PROTOCOL.key.
func openSSH(r *random, public, private []byte) sample {
	check := r.bytes(4)
	inner := bytes.Join([][]byte{check, check, private, sshString("deploy@" + r.word())}, nil)
	for i := byte(1); len(inner)%8 != 0; i++ {
		inner = append(inner, i)
	}
	b := append([]byte("openssh-key-v1\x00"), sshString("none", "none", "")...)
	b = binary.BigEndian.AppendUint32(b, 1)
	b = append(append(b, sshString(public)...), sshString(inner)...)
	block := "-----BEGIN OPENSSH PRIVATE KEY-----\n" + wrapped(base64.StdEncoding.EncodeToString(b), 70, "\n") + "\n-----END OPENSSH PRIVATE KEY-----"
	return sample{text: block + "\n", value: block}
}

// wrapped breaks text into lines.
func wrapped(text string, width int, newline string) string {
	var lines []string
	for len(text) > width {
		lines, text = append(lines, text[:width]), text[width:]
	}
	return strings.Join(append(lines, text), newline)
}

// puttyKey is a PPK file of version 3 without passphrase, by PuTTY's manual, appendix C.
func puttyKey(r *random) sample {
	key := ed25519Key(r)
	comment := "deploy-key-" + r.form("num", 8)
	public := append(sshString("ssh-ed25519"), sshString(key.Public().(ed25519.PublicKey))...)
	private := sshString(key.Seed())
	h := hmac.New(sha256.New, nil)
	h.Write(bytes.Join([][]byte{sshString("ssh-ed25519", "none", comment), sshString(public, private)}, nil))
	encode := base64.StdEncoding.EncodeToString
	lines := func(b []byte) (int, string) {
		s := wrapped(encode(b), 64, "\n")
		return strings.Count(s, "\n") + 1, s
	}
	np, publicLines := lines(public)
	ns, privateLines := lines(private)
	text := fmt.Sprintf("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: %s\nPublic-Lines: %d\n%s\nPrivate-Lines: %d\n%s\nPrivate-MAC: %s\n",
		comment, np, publicLines, ns, privateLines, hex.EncodeToString(h.Sum(nil)))
	return sample{text: text, value: encode(private), forms: []string{strings.TrimSuffix(text, "\n")}, beside: []string{encode(public)}}
}

// pgpPrivateKey is a transferable secret key (RFC 4880, section 11.2) with an EdDSA key (RFC 9580's
// legacy algorithm 22), a user and a signature of itself.
func pgpPrivateKey(r *random) sample {
	key := ed25519Key(r)
	public := pgpPublicKey(key)
	secret := append(append([]byte{}, public...), 0) // not encrypted
	seed := pgpNumber(key.Seed())
	secret = append(secret, seed...)
	sum := uint16(0)
	for _, b := range seed {
		sum += uint16(b)
	}
	secret = binary.BigEndian.AppendUint16(secret, sum)
	user := []byte("Release <release@" + r.word() + ".internal>")
	packets := bytes.Join([][]byte{pgpPacket(5, secret), pgpPacket(13, user), pgpPacket(2, pgpSelfSignature(key, public, user))}, nil)
	block := pgpArmor("PGP PRIVATE KEY BLOCK", packets)
	return sample{text: block + "\n", value: block}
}

const pgpTime = 1700000000

func pgpPublicKey(key ed25519.PrivateKey) []byte {
	b := binary.BigEndian.AppendUint32([]byte{4}, pgpTime)
	b = append(b, 22, 9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01)
	return append(b, pgpNumber(append([]byte{0x40}, key.Public().(ed25519.PublicKey)...))...)
}

// pgpNumber is a multiprecision integer: its bits, then its bytes.
func pgpNumber(b []byte) []byte {
	n := new(big.Int).SetBytes(b)
	return append(binary.BigEndian.AppendUint16(nil, uint16(n.BitLen())), n.Bytes()...)
}

func pgpPacket(tag byte, body []byte) []byte {
	head := []byte{0xc0 | tag, 255}
	return append(binary.BigEndian.AppendUint32(head, uint32(len(body))), body...)
}

// pgpSelfSignature certifies the user (type 0x13, section 5.2.4).
func pgpSelfSignature(key ed25519.PrivateKey, public, user []byte) []byte {
	fingerprint := sha1.Sum(append([]byte{0x99, byte(len(public) >> 8), byte(len(public))}, public...))
	created := binary.BigEndian.AppendUint32([]byte{5, 2}, pgpTime)
	hashed := slices.Concat(created, []byte{2, 27, 0x03}) // may certify and sign
	head := append([]byte{4, 0x13, 22, 8, 0, byte(len(hashed))}, hashed...)
	h := sha256.New()
	h.Write([]byte{0x99, byte(len(public) >> 8), byte(len(public))})
	h.Write(public)
	h.Write(binary.BigEndian.AppendUint32([]byte{0xb4}, uint32(len(user))))
	h.Write(user)
	h.Write(head)
	h.Write(binary.BigEndian.AppendUint32([]byte{4, 0xff}, uint32(len(head))))
	digest := h.Sum(nil)
	signature := ed25519.Sign(key, digest)
	unhashed := append([]byte{9, 16}, fingerprint[12:]...)
	b := slices.Concat(head, []byte{0, byte(len(unhashed))}, unhashed, digest[:2])
	return append(append(b, pgpNumber(signature[:32])...), pgpNumber(signature[32:])...)
}

// pgpArmor is RFC 4880, section 6, with its CRC-24.
func pgpArmor(label string, packets []byte) string {
	crc := uint32(0xb704ce)
	for _, b := range packets {
		crc ^= uint32(b) << 16
		for range 8 {
			crc <<= 1
			if crc&0x1000000 != 0 {
				crc ^= 0x1864cfb
			}
		}
	}
	encode := base64.StdEncoding.EncodeToString
	return "-----BEGIN " + label + "-----\n\n" + wrapped(encode(packets), 64, "\n") + "\n=" +
		encode([]byte{byte(crc >> 16), byte(crc >> 8), byte(crc)}) + "\n-----END " + label + "-----"
}
