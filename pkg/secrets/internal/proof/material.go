package proof

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"math/big"
)

// Up to these sizes in bits the numbers of a key are checked against each other. Larger ones
// are not in use, and would cost more than a stranger should be given.
const (
	maxRSA      = 16384
	maxRSAPower = 2048
	maxDSA      = 4096
)

const misfit = "its numbers do not fit together"

// rsaKey makes a key of its numbers. The primes may be nil.
func rsaKey(n, e, d, p, q *big.Int) Key {
	k := Key{Kind: "RSA"}
	if n == nil || e == nil || d == nil || n.Sign() <= 0 || e.Cmp(big.NewInt(1)) <= 0 || d.Sign() <= 0 {
		k.Problem = "its numbers are not those of an RSA key"
		return k
	}
	k = rsaPublic(n, e)
	if k.Bits <= maxRSA && e.BitLen() <= 256 && d.BitLen() <= maxRSA && !rsaFits(n, e, d, p, q) {
		k.Problem = misfit
	}
	return k
}

func rsaPublic(n, e *big.Int) Key {
	body := marshal(struct{ N, E *big.Int }{n, e})
	return Key{
		Kind: "RSA", Bits: n.BitLen(), PublicKey: fingerprint(spki(oidRSA, asn1.NullBytes, body)),
		OpenSSH: fingerprint(wire("ssh-rsa").number(e).number(n)),
	}
}

func rsaFits(n, e, d, p, q *big.Int) bool {
	one := big.NewInt(1)
	if p == nil || q == nil {
		if n.BitLen() > maxRSAPower || n.Bit(0) == 0 {
			return n.Bit(0) == 1
		}
		v := new(big.Int).Exp(big.NewInt(2), e, n)
		return v.Exp(v, d, n).Cmp(big.NewInt(2)) == 0
	}
	if p.Cmp(one) <= 0 || q.Cmp(one) <= 0 || p.BitLen()+q.BitLen() > n.BitLen()+1 || new(big.Int).Mul(p, q).Cmp(n) != 0 {
		return false
	}
	ed := new(big.Int).Mul(e, d)
	for _, prime := range []*big.Int{p, q} {
		order := new(big.Int).Sub(prime, one)
		if order.Sign() > 0 && order.Cmp(one) > 0 && new(big.Int).Mod(ed, order).Cmp(one) != 0 {
			return false
		}
	}
	return true
}

// dsaKey makes a key of its numbers. The public one may be nil; it follows from the others.
func dsaKey(p, q, g, y, x *big.Int) Key {
	k := Key{Kind: "DSA"}
	if p.Sign() <= 0 || q.Sign() <= 0 || g.Sign() <= 0 || x.Sign() <= 0 {
		k.Problem = "its numbers are not those of a DSA key"
		return k
	}
	k.Bits = p.BitLen()
	problem := ""
	switch {
	case x.Cmp(q) >= 0:
		problem = misfit
	case k.Bits <= maxDSA && q.BitLen() <= 512:
		want := new(big.Int).Exp(g, x, p)
		if y == nil {
			y = want
		} else if y.Cmp(want) != 0 {
			problem = misfit
		}
	}
	if y != nil && y.Sign() > 0 {
		k = dsaPublic(p, q, g, y)
	}
	k.Problem = problem
	return k
}

func dsaPublic(p, q, g, y *big.Int) Key {
	return Key{
		Kind: "DSA", Bits: p.BitLen(),
		PublicKey: fingerprint(spki(oidDSA, marshal(struct{ P, Q, G *big.Int }{p, q, g}), marshal(y))),
		OpenSSH:   fingerprint(wire("ssh-dss").number(p).number(q).number(g).number(y)),
	}
}

// curve is an elliptic curve with the names by which ASN.1, SSH and JOSE (RFC 7518, 8812) know it.
type curve struct {
	name string
	id   asn1.ObjectIdentifier
	bits int
	ssh  string
	std  elliptic.Curve // nil where the standard library does not know it
}

var curves = []curve{
	{"P-192", asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 1}, 192, "", nil},
	{"P-224", asn1.ObjectIdentifier{1, 3, 132, 0, 33}, 224, "", elliptic.P224()},
	{"P-256", asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}, 256, "nistp256", elliptic.P256()},
	{"P-384", asn1.ObjectIdentifier{1, 3, 132, 0, 34}, 384, "nistp384", elliptic.P384()},
	{"P-521", asn1.ObjectIdentifier{1, 3, 132, 0, 35}, 521, "nistp521", elliptic.P521()},
	{"secp256k1", asn1.ObjectIdentifier{1, 3, 132, 0, 10}, 256, "", nil},
	{"SM2", asn1.ObjectIdentifier{1, 2, 156, 10197, 1, 301}, 256, "", nil},
	{"brainpoolP256r1", asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 7}, 256, "", nil},
	{"brainpoolP384r1", asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 11}, 384, "", nil},
	{"brainpoolP512r1", asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 13}, 512, "", nil},
}

func curveByName(name string) (curve, bool) {
	for _, c := range curves {
		if c.name == name || c.ssh != "" && c.ssh == name {
			return c, true
		}
	}
	return curve{}, false
}

func curveByID(id asn1.ObjectIdentifier) (curve, bool) {
	for _, c := range curves {
		if c.id.Equal(id) {
			return c, true
		}
	}
	return curve{}, false
}

// ecKey makes a key of what ASN.1 says: the curve's object identifier in DER, the secret
// number, and the public point, which may be empty.
func ecKey(params, secret, public []byte) Key {
	var id asn1.ObjectIdentifier
	if len(params) == 0 {
		return Key{Kind: "EC", Bits: 8 * len(secret), Problem: "it names no curve"}
	}
	if !parse(params, &id) {
		return Key{Kind: "EC", Curve: "with parameters of its own", Bits: 8 * len(secret)}
	}
	c, ok := curveByID(id)
	if !ok {
		c = curve{name: "curve " + words(id.String()), id: id, bits: 8 * len(secret)}
	}
	return pointKey(c, secret, public)
}

// pointKey makes a key on a curve.
func pointKey(c curve, secret, public []byte) Key {
	size := (c.bits + 7) / 8
	secret = trimZeros(secret)
	problem := ""
	if len(secret) == 0 || len(secret) > size {
		problem = "its number is not in range"
	} else if c.std != nil {
		whole := append(make([]byte, size-len(secret)), secret...)
		key, err := ecdsa.ParseRawPrivateKey(c.std, whole)
		if err != nil {
			problem = "its number is not in range"
		} else if own, err := key.PublicKey.Bytes(); err == nil {
			if len(public) == len(own) && string(public) != string(own) {
				problem = misfit
			}
			public = own
		}
	}
	k := pointPublic(c, public)
	k.Problem = problem
	return k
}

// pointPublic makes the public half of a key of its point, which may be missing.
func pointPublic(c curve, point []byte) Key {
	k := Key{Kind: "ECDSA", Curve: c.name, Bits: c.bits}
	if len(point) != 2*((c.bits+7)/8)+1 || point[0] != 4 {
		return k
	}
	k.PublicKey = fingerprint(spki(oidEC, marshal(c.id), point))
	if c.ssh != "" {
		k.OpenSSH = fingerprint(wire("ecdsa-sha2-" + c.ssh).text(c.ssh).bytes(point))
	}
	return k
}

// okpKey makes a key of RFC 8032 or 7748. The public half may be nil; it follows from the seed where the
// standard library can tell.
func okpKey(name string, seed, public []byte) Key {
	k := Key{Kind: name, Curve: name, Bits: 8 * len(seed)}
	var own []byte
	id := oidEd25519
	switch name {
	case "Ed25519":
		own = ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	case "X25519":
		id = oidX25519
		if key, err := ecdh.X25519().NewPrivateKey(seed); err == nil {
			own = key.PublicKey().Bytes()
		}
	case "Ed448":
		id = oidEd448
	case "X448":
		id = oidX448
	}
	if own != nil {
		if public != nil && string(public) != string(own) {
			k.Problem = misfit
		}
		public = own
	}
	if public == nil {
		return k
	}
	k.PublicKey = fingerprint(spki(id, nil, public))
	if name == "Ed25519" {
		k.OpenSSH = fingerprint(wire("ssh-ed25519").bytes(public))
	}
	return k
}

// spki makes a SubjectPublicKeyInfo (RFC 5280, section 4.1) in DER.
func spki(id asn1.ObjectIdentifier, params, public []byte) []byte {
	return marshal(struct {
		Algorithm algorithm
		Public    asn1.BitString
	}{
		algorithm{ID: id, Parameters: asn1.RawValue{FullBytes: params}},
		asn1.BitString{Bytes: public, BitLength: 8 * len(public)},
	})
}

// marshal writes DER, and nothing of an object identifier that DER cannot write.
func marshal(v any) []byte {
	der, err := asn1.Marshal(v)
	if err != nil {
		return nil
	}
	return der
}

// fingerprint names bytes in the way of OpenSSH.
func fingerprint(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	sum := sha256.Sum256(b)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// wireBytes are data in SSH's encoding (RFC 4251, section 5).
type wireBytes []byte

func wire(kind string) wireBytes { return wireBytes(nil).text(kind) }

func (w wireBytes) text(s string) wireBytes { return w.bytes([]byte(s)) }

func (w wireBytes) bytes(b []byte) wireBytes {
	return append(binary.BigEndian.AppendUint32(w, uint32(len(b))), b...)
}

func (w wireBytes) number(n *big.Int) wireBytes {
	b := n.Bytes()
	if len(b) > 0 && b[0] >= 0x80 {
		b = append([]byte{0}, b...)
	}
	return w.bytes(b)
}

func trimZeros(b []byte) []byte {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return b
}
