package proof

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Key is one private key, or what claims to be one.
type Key struct {
	Kind      string // RSA, DSA, ECDSA, EC, Ed25519, Ed448, X25519, X448, DH, ElGamal, oct, or as the format names it
	Bits      int    // of the modulus, the field or the secret; 0 where that is not known
	Curve     string // P-256, secp256k1, …; empty for kinds without one
	Encrypted bool   // of no use without a passphrase
	Cipher    string // what it is encrypted with, as the format names it
	KDF       string // how the passphrase becomes a key, with rounds
	PublicKey string // SHA256: and unpadded base64 of the SHA-256 of the SubjectPublicKeyInfo in DER (RFC 5280); empty if not known
	OpenSSH   string // fingerprint as ssh-keygen -l prints it; empty if not known
	ID        string // of a PGP key: 16 hexadecimal digits (RFC 9580, 5.5.4)
	Comment   string // user, host or user id as it stands in the file, without control characters
	Format    string // PKCS#1, PKCS#8, SEC1, OpenSSL (DSA), OpenSSH, PuTTY 2, JWK, PGP, …
	Problem   string // why it is no usable private key; empty if it is one

	absent bool // the format says that the private half lies elsewhere, as on a card
}

// Keys reads the private keys of a content: PEM blocks anywhere in a text, also indented,
// with escaped line ends or comments between the lines; OpenSSH, PuTTY and PGP
// files; JSON Web Keys and sets of them; and the bare DER of a key. What
// claims to be a private key and cannot be read is a [Key] with a Problem.
func Keys(content []byte) []Key {
	content = content[:min(len(content), MaxContent)]
	trimmed := bytes.TrimSpace(content)
	var keys []Key
	switch {
	case bytes.HasPrefix(trimmed, []byte("PuTTY-User-Key-File-")):
		keys = []Key{readPuTTY(trimmed)}
	case bytes.HasPrefix(trimmed, []byte("{")) || bytes.HasPrefix(trimmed, []byte("[")):
		keys = readJWK(trimmed)
	case len(content) > 2 && content[0] == 0x30:
		if k, ok := readDER(content); ok {
			keys = []Key{k}
		}
	}
	if len(keys) == 0 {
		for b := range pemBlocks(content) {
			if len(keys) == MaxKeys {
				break
			}
			keys = append(keys, readBlock(b)...)
		}
	}
	return keys[:min(len(keys), MaxKeys)]
}

// proveKey shows what a private key is.
func proveKey(s secret) (Result, bool) {
	if !strings.Contains(s.value, "PRIVATE KEY") && !strings.HasPrefix(s.value, "PuTTY-User-Key-File-") &&
		!strings.Contains(s.value, `"kty"`) {
		return Result{}, false
	}
	if strings.Contains(s.value, `"service_account"`) {
		return Result{}, false
	}
	keys := Keys([]byte(s.value))
	if len(keys) == 0 {
		if s.rule != "private-key" {
			return Result{}, false
		}
		r := Result{Confidence: finding.Unsure}
		r.fact("not a private key that could be read")
		return r, true
	}
	return keysResult(keys), true
}

// keysResult joins what is to be said about the keys of one secret.
func keysResult(keys []Key) Result {
	const listed = 8
	r := Result{Confidence: finding.Unsure, PublicKey: keys[0].PublicKey}
	known := true
	for i, k := range keys {
		name := knownTest(k)
		if known = known && name != ""; known && r.KnownTest == "" {
			r.KnownTest = name
		}
		if c := k.confidence(); c.Rank() > r.Confidence.Rank() {
			r.Confidence = c
		}
		if i < listed {
			r.fact(k.String())
		}
	}
	if n := len(keys) - listed; n > 0 {
		r.fact("and ", count(n, "more key"))
	}
	if !known {
		r.KnownTest = ""
	}
	if r.KnownTest != "" {
		r.Confidence = finding.Unsure
		r.fact("a test key that everybody knows, of ", r.KnownTest)
	}
	return r
}

// confidence is what follows for a finding of this key: one that needs a passphrase may be of no use
// to a thief.
func (k Key) confidence() finding.Confidence {
	switch {
	case k.Problem != "", k.absent:
		return finding.Unsure
	case k.Encrypted:
		return finding.Likely
	}
	return finding.Sure
}

// String describes the key in one line, as "RSA 2048 bits, PKCS#1, not encrypted, public key SHA256:…".
func (k Key) String() string {
	parts := []string{k.Kind}
	switch {
	case k.Curve != "" && k.Curve != k.Kind:
		parts[0] += " " + k.Curve
	case k.Bits > 0 && k.Curve == "":
		parts[0] += " " + strconv.Itoa(k.Bits) + " bits"
	}
	parts = append(parts, k.Format)
	switch {
	case k.Problem != "":
		parts = append(parts, k.Problem)
	case k.absent:
		parts = append(parts, "the private half is not in it")
	case k.Encrypted:
		with := "encrypted"
		if k.Cipher != "" {
			with += " with " + k.Cipher
		}
		if k.KDF != "" {
			with += " (" + k.KDF + ")"
		}
		parts = append(parts, with)
	default:
		parts = append(parts, "not encrypted")
	}
	if k.ID != "" {
		parts = append(parts, "key id "+k.ID)
	}
	if k.PublicKey != "" {
		parts = append(parts, "public key "+k.PublicKey)
	}
	if k.OpenSSH != "" {
		parts = append(parts, "in OpenSSH "+k.OpenSSH)
	}
	if k.Comment != "" {
		parts = append(parts, "comment "+k.Comment)
	}
	return strings.Join(parts, ", ")
}
