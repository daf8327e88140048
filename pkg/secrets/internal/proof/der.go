package proof

import (
	"encoding/asn1"
	"fmt"
	"math/big"
)

// The structures of private keys.
//
// Sources: RFC 8017 A.1.2 (RSA), RFC 5915 (EC), RFC 5958 (PKCS#8), RFC 8018 (PBES2), RFC 7914
// (scrypt), RFC 8410 (Ed25519 and its kin); DSA's is OpenSSL's own.
type (
	ecDER struct {
		Version int
		Key     []byte
		Curve   asn1.RawValue  `asn1:"optional,explicit,tag:0"`
		Public  asn1.BitString `asn1:"optional,explicit,tag:1"`
	}
	pkcs8DER struct {
		Version    int
		Algorithm  algorithm
		Key        []byte
		Attributes asn1.RawValue `asn1:"optional,tag:0"`
		Public     asn1.RawValue `asn1:"optional,tag:1"`
	}
	encryptedDER struct {
		Algorithm algorithm
		Data      []byte
	}
	algorithm struct {
		ID         asn1.ObjectIdentifier
		Parameters asn1.RawValue `asn1:"optional"`
	}
	pbes2DER struct{ KDF, Cipher algorithm }
	pbes1DER struct {
		Salt   []byte
		Rounds int
	}
)

// readDER reads one private key in any of the structures. Bytes after it are let be. DSA goes before RSA,
// whose key begins with as many numbers.
func readDER(der []byte) (Key, bool) {
	var whole asn1.RawValue
	if _, err := asn1.Unmarshal(der, &whole); err != nil || whole.Tag != asn1.TagSequence || !whole.IsCompound {
		return Key{}, false
	}
	der = whole.FullBytes
	for _, read := range []func([]byte) (Key, bool){readPKCS8, readDSA, readPKCS1, readSEC1, readEncrypted} {
		if k, ok := read(der); ok {
			return k, true
		}
	}
	return Key{}, false
}

func parse(der []byte, to any) bool {
	rest, err := asn1.Unmarshal(der, to)
	return err == nil && len(rest) == 0
}

func readPKCS1(der []byte) (Key, bool) {
	var version int
	var n, e, d, p, q *big.Int
	// After q stand numbers that follow from these, and further primes in version 1.
	if !starts(der, &version, &n, &e, &d, &p, &q) || version < 0 || version > 1 {
		return Key{}, false
	}
	if version == 1 {
		p, q = nil, nil
	}
	k := rsaKey(n, e, d, p, q)
	k.Format = "PKCS#1"
	return k, true
}

func readSEC1(der []byte) (Key, bool) {
	var v ecDER
	if !parse(der, &v) || v.Version != 1 || len(v.Key) == 0 {
		return Key{}, false
	}
	k := ecKey(v.Curve.Bytes, v.Key, v.Public.Bytes)
	k.Format = "SEC1"
	return k, true
}

func readDSA(der []byte) (Key, bool) {
	var version int
	var p, q, g, y, x *big.Int
	rest, ok := sequence(der, &version, &p, &q, &g, &y, &x)
	if !ok || len(rest) > 0 || version != 0 {
		return Key{}, false
	}
	k := dsaKey(p, q, g, y, x)
	k.Format = "OpenSSL"
	return k, true
}

func readPKCS8(der []byte) (Key, bool) {
	var v pkcs8DER
	if !parse(der, &v) || v.Version < 0 || v.Version > 1 {
		return Key{}, false
	}
	k := v.key()
	k.Format = "PKCS#8"
	return k, true
}

func (v pkcs8DER) key() Key {
	id := v.Algorithm.ID
	switch {
	case id.Equal(oidRSA) || id.Equal(oidRSAPSS):
		if k, ok := readPKCS1(v.Key); ok {
			return k
		}
		return Key{Kind: "RSA", Problem: "its numbers could not be read"}
	case id.Equal(oidEC):
		var inner ecDER
		if parse(v.Key, &inner) && len(inner.Key) > 0 {
			return ecKey(v.Algorithm.Parameters.FullBytes, inner.Key, inner.Public.Bytes)
		}
		return Key{Kind: "EC", Problem: "its number could not be read"}
	case id.Equal(oidDSA):
		var p, q, g, x *big.Int
		if parse(v.Key, &x) && starts(v.Algorithm.Parameters.FullBytes, &p, &q, &g) {
			return dsaKey(p, q, g, nil, x)
		}
		return Key{Kind: "DSA", Problem: "its numbers could not be read"}
	case id.Equal(oidDH) || id.Equal(oidX942DH):
		var p *big.Int
		if starts(v.Algorithm.Parameters.FullBytes, &p) {
			return Key{Kind: "DH", Bits: p.BitLen()}
		}
		return Key{Kind: "DH", Problem: "its numbers could not be read"}
	}
	if curve, ok := edwards[id.String()]; ok {
		var seed []byte
		if !parse(v.Key, &seed) || len(seed) != curve.size {
			return Key{Kind: curve.name, Curve: curve.name, Problem: "of the wrong length"}
		}
		var public []byte
		if v.Public.FullBytes != nil && len(v.Public.Bytes) == curve.size+1 {
			public = v.Public.Bytes[1:]
		}
		return okpKey(curve.name, seed, public)
	}
	name, ok := algorithmNames[id.String()]
	if !ok {
		name = "algorithm " + words(id.String())
	}
	return Key{Kind: name}
}

// readEncrypted reads PKCS#8 that is encrypted by a passphrase, of which only the
// parameters can be told.
func readEncrypted(der []byte) (Key, bool) {
	var v encryptedDER
	if !parse(der, &v) || len(v.Data) < 8 {
		return Key{}, false
	}
	k := Key{Kind: "private key", Format: "PKCS#8", Encrypted: true}
	params := v.Algorithm.Parameters.FullBytes
	if name, ok := pbes1Names[v.Algorithm.ID.String()]; ok {
		var p pbes1DER
		k.Cipher = name
		if parse(params, &p) {
			k.KDF = count(p.Rounds, "round")
		}
		return k, true
	}
	var p pbes2DER
	if !v.Algorithm.ID.Equal(oidPBES2) || !parse(params, &p) {
		k.Cipher = "algorithm " + words(v.Algorithm.ID.String())
		return k, len(v.Algorithm.ID) > 3
	}
	k.Cipher = cipherName(p.Cipher.ID)
	var salt asn1.RawValue
	var rounds, size, parallel int
	switch {
	case p.KDF.ID.Equal(oidPBKDF2) && starts(p.KDF.Parameters.FullBytes, &salt, &rounds):
		k.KDF = "PBKDF2, " + count(rounds, "round")
	case p.KDF.ID.Equal(oidScrypt) && starts(p.KDF.Parameters.FullBytes, &salt, &rounds, &size, &parallel):
		k.KDF = fmt.Sprintf("scrypt, N %d, r %d, p %d", rounds, size, parallel)
	default:
		k.KDF = "algorithm " + words(p.KDF.ID.String())
	}
	return k, true
}

func cipherName(id asn1.ObjectIdentifier) string {
	if name, ok := cipherNames[id.String()]; ok {
		return name
	}
	return "algorithm " + words(id.String())
}

// sequence reads the first fields of a sequence and gives the others as they stand there.
func sequence(der []byte, fields ...any) (rest []byte, ok bool) {
	var seq asn1.RawValue
	if _, err := asn1.Unmarshal(der, &seq); err != nil || seq.Tag != asn1.TagSequence || !seq.IsCompound {
		return nil, false
	}
	rest = seq.Bytes
	for _, f := range fields {
		var err error
		if rest, err = asn1.Unmarshal(rest, f); err != nil {
			return nil, false
		}
	}
	return rest, true
}

// starts is sequence for callers to whom the other fields say nothing.
func starts(der []byte, fields ...any) bool {
	_, ok := sequence(der, fields...)
	return ok
}

// The object identifiers, from the documents above and from NIST's CSOR.
var (
	oidRSA     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidRSAPSS  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidDSA     = asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}
	oidEC      = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidDH      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 3, 1}
	oidX942DH  = asn1.ObjectIdentifier{1, 2, 840, 10046, 2, 1}
	oidX25519  = asn1.ObjectIdentifier{1, 3, 101, 110}
	oidX448    = asn1.ObjectIdentifier{1, 3, 101, 111}
	oidEd25519 = asn1.ObjectIdentifier{1, 3, 101, 112}
	oidEd448   = asn1.ObjectIdentifier{1, 3, 101, 113}
	oidPBES2   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidScrypt  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}

	pbes1Names = map[string]string{
		"1.2.840.113549.1.5.1": "MD2 and DES", "1.2.840.113549.1.5.3": "MD5 and DES", "1.2.840.113549.1.5.4": "MD2 and RC2",
		"1.2.840.113549.1.5.6": "MD5 and RC2", "1.2.840.113549.1.5.10": "SHA-1 and DES", "1.2.840.113549.1.5.11": "SHA-1 and RC2",
		"1.2.840.113549.1.12.1.1": "SHA-1 and RC4 of 128 bits", "1.2.840.113549.1.12.1.2": "SHA-1 and RC4 of 40 bits",
		"1.2.840.113549.1.12.1.3": "SHA-1 and triple DES", "1.2.840.113549.1.12.1.4": "SHA-1 and double DES",
		"1.2.840.113549.1.12.1.5": "SHA-1 and RC2 of 128 bits", "1.2.840.113549.1.12.1.6": "SHA-1 and RC2 of 40 bits",
	}
	cipherNames = map[string]string{
		"2.16.840.1.101.3.4.1.2": "AES-128-CBC", "2.16.840.1.101.3.4.1.22": "AES-192-CBC", "2.16.840.1.101.3.4.1.42": "AES-256-CBC",
		"2.16.840.1.101.3.4.1.6": "AES-128-GCM", "2.16.840.1.101.3.4.1.46": "AES-256-GCM",
		"1.2.840.113549.3.7": "triple DES", "1.3.14.3.2.7": "DES", "1.2.840.113549.3.2": "RC2",
	}
	algorithmNames = map[string]string{
		"2.16.840.1.101.3.4.3.17": "ML-DSA-44", "2.16.840.1.101.3.4.3.18": "ML-DSA-65", "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
		"2.16.840.1.101.3.4.4.1": "ML-KEM-512", "2.16.840.1.101.3.4.4.2": "ML-KEM-768", "2.16.840.1.101.3.4.4.3": "ML-KEM-1024",
		"1.2.643.7.1.1.1.1": "GOST R 34.10-2012", "1.2.643.7.1.1.1.2": "GOST R 34.10-2012", "1.2.643.2.2.19": "GOST R 34.10-2001",
	}
)

// edwards are the algorithms of RFC 8410 with the bytes of their keys.
var edwards = map[string]struct {
	name string
	size int
}{
	oidX25519.String(): {"X25519", 32}, oidX448.String(): {"X448", 56},
	oidEd25519.String(): {"Ed25519", 32}, oidEd448.String(): {"Ed448", 57},
}
