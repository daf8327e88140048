package proof

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// keyring is one key of each kind, made once.
type keyring struct {
	rsa   *rsa.PrivateKey
	p256  *ecdsa.PrivateKey
	ed    ed25519.PrivateKey
	x     *ecdh.PrivateKey
	other *rsa.PrivateKey
}

func newKeyring(t testing.TB) keyring {
	t.Helper()
	var k keyring
	var errs [5]error
	k.rsa, errs[0] = rsa.GenerateKey(rand.Reader, 2048)
	k.p256, errs[1] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, k.ed, errs[2] = ed25519.GenerateKey(rand.Reader)
	k.x, errs[3] = ecdh.X25519().GenerateKey(rand.Reader)
	k.other, errs[4] = rsa.GenerateKey(rand.Reader, 2048)
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return k
}

func pkcs8(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func sec1(t testing.TB, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// public is the fingerprint as the standard library writes the public key.
func public(t testing.TB, key crypto.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return fingerprint(der)
}

func inPEM(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

func TestKeysOfTheStandardLibrary(t *testing.T) {
	k := newKeyring(t)
	for name, c := range map[string]struct {
		content string
		want    Key
	}{
		"RSA in PKCS#1":         {inPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k.rsa)), Key{Kind: "RSA", Bits: 2048, Format: "PKCS#1", PublicKey: public(t, k.rsa.Public())}},
		"RSA in PKCS#8":         {inPEM("PRIVATE KEY", pkcs8(t, k.rsa)), Key{Kind: "RSA", Bits: 2048, Format: "PKCS#8", PublicKey: public(t, k.rsa.Public())}},
		"RSA in bare DER":       {string(pkcs8(t, k.rsa)), Key{Kind: "RSA", Bits: 2048, Format: "PKCS#8", PublicKey: public(t, k.rsa.Public())}},
		"P-256 in SEC1":         {inPEM("EC PRIVATE KEY", sec1(t, k.p256)), Key{Kind: "ECDSA", Curve: "P-256", Bits: 256, Format: "SEC1", PublicKey: public(t, k.p256.Public())}},
		"P-256 in PKCS#8":       {inPEM("PRIVATE KEY", pkcs8(t, k.p256)), Key{Kind: "ECDSA", Curve: "P-256", Bits: 256, Format: "PKCS#8", PublicKey: public(t, k.p256.Public())}},
		"Ed25519 in PKCS#8":     {inPEM("PRIVATE KEY", pkcs8(t, k.ed)), Key{Kind: "Ed25519", Curve: "Ed25519", Bits: 256, Format: "PKCS#8", PublicKey: public(t, k.ed.Public())}},
		"X25519 in PKCS#8":      {inPEM("PRIVATE KEY", pkcs8(t, k.x)), Key{Kind: "X25519", Curve: "X25519", Bits: 256, Format: "PKCS#8", PublicKey: public(t, k.x.Public())}},
		"RSA as JSON Web Key":   {rsaJWK(t, k.rsa), Key{Kind: "RSA", Bits: 2048, Format: "JWK", PublicKey: public(t, k.rsa.Public()), Comment: "mine"}},
		"P-256 as JSON Web Key": {ecJWK(t, k.p256), Key{Kind: "ECDSA", Curve: "P-256", Bits: 256, Format: "JWK", PublicKey: public(t, k.p256.Public())}},
		"Ed25519 in a set":      {`{"keys":[` + okpJWK(t, k.ed) + `]}`, Key{Kind: "Ed25519", Curve: "Ed25519", Bits: 256, Format: "JWK", PublicKey: public(t, k.ed.Public())}},
		"Ed25519 of OpenSSH":    {inPEM("OPENSSH PRIVATE KEY", opensshEd(k.ed, k.ed, "me@here\x07")), Key{Kind: "Ed25519", Curve: "Ed25519", Bits: 256, Format: "OpenSSH", PublicKey: public(t, k.ed.Public()), Comment: `me@here\x07`}},
		"Ed25519 of PuTTY":      {puttyEd(k.ed, "me@here"), Key{Kind: "Ed25519", Curve: "Ed25519", Bits: 256, Format: "PuTTY 3", PublicKey: public(t, k.ed.Public()), Comment: "me@here"}},
	} {
		t.Run(name, func(t *testing.T) {
			keys := Keys([]byte(c.content))
			if len(keys) != 1 {
				t.Fatalf("%d keys", len(keys))
			}
			got := keys[0]
			if c.want.Kind != "X25519" && got.OpenSSH == "" {
				t.Error("no fingerprint of OpenSSH")
			}
			got.OpenSSH = ""
			if got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
			r := Of("private-key", c.content, today)
			if strings.HasPrefix(c.content, "\x30") {
				return // not what a rule finds
			}
			if r.Confidence != finding.Sure || r.PublicKey != c.want.PublicKey || r.KnownTest != "" {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestKeysInTheWaysOfTextFiles(t *testing.T) {
	k := newKeyring(t)
	text := inPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k.rsa))
	quoted, _ := json.Marshal(text)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for name, content := range map[string]string{
		"as it is":                       text,
		"with CR and LF":                 strings.ReplaceAll(text, "\n", "\r\n"),
		"in JSON":                        `{"key": ` + string(quoted) + `}`,
		"in JSON in JSON":                strings.ReplaceAll(string(quoted), `\`, `\\`),
		"with CR and LF escaped":         strings.ReplaceAll(text, "\n", `\r\n`),
		"indented in YAML":               "key: |\n    " + strings.Join(lines, "\n    ") + "\n",
		"with trailing spaces":           strings.Join(lines, "  \t\n") + "\n",
		"on one line with spaces":        strings.Join(lines, " "),
		"joined by plus signs":           `"` + strings.Join(lines, "\\n\" +\n  \"") + `"`,
		"joined by leading plus signs":   `"` + strings.Join(lines, "\\n\"\n  + \"") + `"`,
		"as list of C":                   `"` + strings.Join(lines, "\\n\"\n\"") + `";`,
		"with comments between":          lines[0] + "\n# this is a comment\n" + strings.Join(lines[1:5], "\n") + "\n# another\n" + strings.Join(lines[5:], "\n"),
		"commented out":                  "# " + strings.Join(lines, "\n# "),
		"commented out with two slashes": "// " + strings.Join(lines, "\n// "),
		"with blank lines":               strings.Join(lines, "\n\n"),
		"without line ends":              lines[0] + strings.Join(lines[1:len(lines)-1], "") + lines[len(lines)-1],
		"with escaped base64":            strings.NewReplacer("+", `\u002b`, "/", `\/`, "=", `\u003d`, "\n", `\n`).Replace(text),
		"in the middle of a binary file": "\x00\x7fELF" + text + "\x00\x00",
	} {
		t.Run(name, func(t *testing.T) {
			keys := Keys([]byte(content))
			if len(keys) != 1 || keys[0].Problem != "" || keys[0].PublicKey != public(t, k.rsa.Public()) {
				t.Errorf("%+v", keys)
			}
		})
	}
}

func TestKeysThatAreNone(t *testing.T) {
	k := newKeyring(t)
	der := x509.MarshalPKCS1PrivateKey(k.rsa)
	mixed := *k.rsa
	mixed.D = k.other.D
	for name, c := range map[string]struct{ content, problem string }{
		"a key that is cut off":                   {inPEM("RSA PRIVATE KEY", der)[:400], "cut off"},
		"a key with no body":                      {"-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----", "not valid base64"},
		"a key of other bytes":                    {inPEM("PRIVATE KEY", newMaker(9).bytes(600)), "not a private key in DER"},
		"a key with another's exponent":           {inPEM("RSA PRIVATE KEY", marshal(struct{ V, N, E, D, P, Q, A, B, C *big.Int }{big.NewInt(0), mixed.N, big.NewInt(65537), mixed.D, mixed.Primes[0], mixed.Primes[1], big.NewInt(1), big.NewInt(1), big.NewInt(1)})), misfit},
		"an OpenSSH file of two different halves": {inPEM("OPENSSH PRIVATE KEY", opensshEd(k.ed, otherEd(), "")), "its public and private part are of different keys"},
		"a PuTTY file that was changed":           {strings.Replace(puttyEd(k.ed, "me"), "Comment: me", "Comment: you", 1), "its MAC is wrong: damaged"},
		"a number of zero":                        {inPEM("EC PRIVATE KEY", marshal(ecDER{Version: 1, Key: make([]byte, 32), Curve: explicit(marshal(curves[2].id))})), "its number is not in range"},
	} {
		t.Run(name, func(t *testing.T) {
			keys := Keys([]byte(c.content))
			if len(keys) != 1 || keys[0].Problem != c.problem {
				t.Errorf("want %q: %+v", c.problem, keys)
			}
			r := Of("private-key", c.content, today)
			if r.Confidence != finding.Unsure || !strings.Contains(strings.Join(r.Facts, " "), c.problem) {
				t.Errorf("%+v", r)
			}
		})
	}
	for name, content := range map[string]string{
		"a public key":          inPEM("PUBLIC KEY", []byte{1, 2, 3}),
		"a public JSON Web Key": `{"kty":"RSA","n":"AQAB","e":"AQAB"}`,
		"nothing":               "",
		"many beginnings":       strings.Repeat("-----BEGIN ", 1000),
	} {
		if keys := Keys([]byte(content)); len(keys) != 0 {
			t.Errorf("%s: %+v", name, keys)
		}
	}
}

func TestOnlySomeKeysAreListed(t *testing.T) {
	content := bytes.Repeat([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), MaxKeys+50)
	if n := len(Keys(content)); n != MaxKeys {
		t.Errorf("%d keys", n)
	}
	if r := Of("private-key", string(content), today); len(r.Facts) > MaxFacts || !strings.Contains(r.Facts[len(r.Facts)-1], "248 more keys") {
		t.Errorf("%q", r.Facts)
	}
}

func TestDSA(t *testing.T) {
	key := newDSA(t)
	whole := marshal(struct{ V, P, Q, G, Y, X *big.Int }{big.NewInt(0), key.P, key.Q, key.G, key.Y, key.X})
	keys := Keys([]byte(inPEM("DSA PRIVATE KEY", whole)))
	if len(keys) != 1 || keys[0].Kind != "DSA" || keys[0].Bits != 512 || keys[0].Problem != "" || keys[0].PublicKey == "" {
		t.Fatalf("%+v", keys)
	}
	inner := marshal(pkcs8Like{Algorithm: algorithm{ID: oidDSA, Parameters: asn1.RawValue{FullBytes: marshal(struct{ P, Q, G *big.Int }{key.P, key.Q, key.G})}}, Key: marshal(key.X)})
	if again := Keys([]byte(inPEM("PRIVATE KEY", inner))); len(again) != 1 || again[0].PublicKey != keys[0].PublicKey {
		t.Errorf("in PKCS#8: %+v", again)
	}
}

func TestAKnownTestKeyIsNamed(t *testing.T) {
	table := knownTable()
	if len(table) < 150 {
		t.Fatalf("%d fingerprints", len(table))
	}
	for print, origin := range table {
		if b, err := base64.RawStdEncoding.DecodeString(strings.TrimPrefix(print, "SHA256:")); err != nil || len(b) != 32 || origin == "" {
			t.Fatalf("%q %q", print, origin)
		}
		r := keysResult([]Key{{Kind: "RSA", PublicKey: print}})
		if r.KnownTest != origin || r.Confidence != finding.Unsure {
			t.Fatalf("%+v", r)
		}
		if r := keysResult([]Key{{Kind: "RSA", PublicKey: print}, {Kind: "RSA", PublicKey: "SHA256:x"}}); r.KnownTest != "" || r.Confidence != finding.Sure {
			t.Fatalf("a test key beside another: %+v", r)
		}
	}
}

func TestGoogleServiceAccount(t *testing.T) {
	k := newKeyring(t)
	file, _ := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "acme-prod", "client_email": "ci@acme-prod.iam.example",
		"private_key": inPEM("PRIVATE KEY", pkcs8(t, k.rsa)),
	})
	r := Of("generic-api-key", string(file), today)
	if r.Confidence != finding.Sure || r.Account != "acme-prod" || r.PublicKey != public(t, k.rsa.Public()) {
		t.Errorf("%+v", r)
	}
	r = Of("generic-api-key", `{"type":"service_account","private_key":"x"}`, today)
	if r.Confidence != finding.Unsure {
		t.Errorf("%+v", r)
	}
}

func FuzzKeys(f *testing.F) {
	k := newKeyring(f)
	for _, s := range []string{
		inPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k.rsa)), inPEM("EC PRIVATE KEY", sec1(f, k.p256)), inPEM("PRIVATE KEY", pkcs8(f, k.ed)),
		inPEM("OPENSSH PRIVATE KEY", opensshEd(k.ed, k.ed, "c")), puttyEd(k.ed, "c"), okpJWK(f, k.ed), inPEM("PGP PRIVATE KEY BLOCK", pgpEd(k.ed, "a <b@c>")),
		string(pkcs8(f, k.x)), `[{"kty":"oct","k":"AAAA"}]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, k := range Keys(content) {
			if s := k.String(); finding.EscapeText(s) != s || len(s) > 8192 {
				t.Fatalf("%q", s)
			}
			if k.Kind == "" || k.Format == "" {
				t.Fatalf("%+v", k)
			}
		}
	})
}
