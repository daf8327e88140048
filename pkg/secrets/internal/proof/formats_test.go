package proof

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"testing"
)

// pkcs8Like is PKCS#8 without its optional fields, which the encoder would not leave out.
type pkcs8Like struct {
	Version   int
	Algorithm algorithm
	Key       []byte
}

func explicit(der []byte) asn1.RawValue {
	return asn1.RawValue{Class: 2, Tag: 0, IsCompound: true, Bytes: der}
}

func otherEd() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(newMaker(5).bytes(32)) }

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func toJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func rsaJWK(t testing.TB, k *rsa.PrivateKey) string {
	return toJSON(t, map[string]string{
		"kty": "RSA", "kid": "mine", "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes()), "d": b64(k.D.Bytes()), "p": b64(k.Primes[0].Bytes()), "q": b64(k.Primes[1].Bytes()),
	})
}

func ecJWK(t testing.TB, k *ecdsa.PrivateKey) string {
	point, err1 := k.PublicKey.Bytes()
	secret, err2 := k.Bytes()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return toJSON(t, map[string]string{"kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:]), "d": b64(secret)})
}

func okpJWK(t testing.TB, k ed25519.PrivateKey) string {
	return toJSON(t, map[string]string{"kty": "OKP", "crv": "Ed25519", "x": b64(k.Public().(ed25519.PublicKey)), "d": b64(k.Seed())})
}

// opensshEd writes a file without passphrase, whose halves may be of two keys.
func opensshEd(public, private ed25519.PrivateKey, comment string) []byte {
	blob := wire("ssh-ed25519").bytes(public.Public().(ed25519.PublicKey))
	secret := append(wireBytes{1, 2, 3, 4, 1, 2, 3, 4}, wire("ssh-ed25519").bytes(private.Public().(ed25519.PublicKey)).bytes(private).text(comment)...)
	out := append([]byte("openssh-key-v1\x00"), wire("none").text("none").text("")...)
	return append(out, append(wireBytes{0, 0, 0, 1}, wireBytes(nil).bytes(blob).bytes(secret)...)...)
}

// puttyEd writes version 3 without passphrase.
func puttyEd(k ed25519.PrivateKey, comment string) string {
	blob := wire("ssh-ed25519").bytes(k.Public().(ed25519.PublicKey))
	secret := wireBytes(nil).bytes(k.Seed())
	mac := hmac.New(sha256.New, nil)
	mac.Write(wire("ssh-ed25519").text("none").text(comment).bytes(blob).bytes(secret))
	std := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: %s\nPublic-Lines: 2\n%s\n%s\nPrivate-Lines: 1\n%s\nPrivate-MAC: %s\n",
		comment, std(blob)[:64], std(blob)[64:], std(secret), hex.EncodeToString(mac.Sum(nil)))
}

// pgpEd writes a secret key packet of version 4 in the clear, and a user id.
func pgpEd(k ed25519.PrivateKey, user string) []byte {
	body := []byte{4, 0x60, 0, 0, 0, 27}
	body = append(body, k.Public().(ed25519.PublicKey)...)
	body = append(append(body, 0), k.Seed()...)
	body = append(body, 0, 0) // the sum of the secret bytes, which is not read
	out := append([]byte{0xc0 | tagSecretKey, byte(len(body))}, body...)
	return append(append(out, 0xc0|tagUserID, byte(len(user))), user...)
}

// dsaNumbers are those of a DSA key, small ones so that they are found soon.
type dsaNumbers struct{ P, Q, G, Y, X *big.Int }

func newDSA(t testing.TB) dsaNumbers {
	t.Helper()
	q, err := rand.Prime(rand.Reader, 160)
	if err != nil {
		t.Fatal(err)
	}
	one := big.NewInt(1)
	k := dsaNumbers{P: new(big.Int), Q: q, X: big.NewInt(123456789)}
	factor := new(big.Int).Lsh(one, 512-160)
	for ; k.P.BitLen() != 512 || !k.P.ProbablyPrime(10); factor.Add(factor, big.NewInt(2)) {
		k.P.Add(k.P.Mul(factor, q), one)
	}
	order := new(big.Int).Sub(k.P, one)
	k.G = new(big.Int).Exp(big.NewInt(2), order.Div(order, q), k.P)
	k.Y = new(big.Int).Exp(k.G, k.X, k.P)
	return k
}

func TestPGP(t *testing.T) {
	k := otherEd()
	keys := Keys([]byte(inPEM("PGP PRIVATE KEY BLOCK", pgpEd(k, "Ann <ann@example>"))))
	if len(keys) != 1 {
		t.Fatalf("%+v", keys)
	}
	got := keys[0]
	if got.Kind != "Ed25519" || got.Encrypted || got.Problem != "" || len(got.ID) != 16 || got.Comment != "Ann <ann@example>" || got.PublicKey != public(t, k.Public()) {
		t.Errorf("%+v", got)
	}
	if cut := readPGP(pgpEd(k, "Ann")[:30]); len(cut) != 0 {
		t.Errorf("a packet that is cut off: %+v", cut)
	}
}

// The protections are octets as RFC 9580 lists them, and GnuPG's stub.
func TestProtectionOfPGPKeys(t *testing.T) {
	for name, c := range map[string]struct {
		octets string
		want   Key
	}{
		"in the clear":              {"00", Key{}},
		"iterated and salted":       {"fe0903080102030405060708ff", Key{Encrypted: true, Cipher: "AES-256", KDF: "iterated S2K, 65011712 bytes"}},
		"with a cipher alone":       {"07", Key{Encrypted: true, Cipher: "AES-128", KDF: "MD5, 1 round"}},
		"a stub without secret":     {"ff006500474e5501", Key{absent: true}},
		"salted once":               {"fe0701080102030405060708", Key{Encrypted: true, Cipher: "AES-128", KDF: "salted S2K"}},
		"with nothing that follows": {"fe", Key{Encrypted: true, Problem: "cut off"}},
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := hex.DecodeString(c.octets)
			var k Key
			if k.protection(4, b); k != c.want {
				t.Errorf("got %+v, want %+v", k, c.want)
			}
		})
	}
}
