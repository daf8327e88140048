package corpus

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"strings"
)

// keyFiles are private keys in every wrapping.
func keyFiles() []kind {
	return []kind{
		{name: "rsa-pkcs1-key", path: "etc/ssl/private/server.key", special: func(r *random) sample {
			return pemSample("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey(r)))
		}},
		{name: "rsa-pkcs8-key", path: "etc/nginx/tls/privkey.pem", special: func(r *random) sample {
			return pemSample("PRIVATE KEY", pkcs8(rsaKey(r)))
		}},
		{name: "ec-sec1-key", path: "etc/haproxy/ec.pem", special: func(r *random) sample {
			return pemSample("EC PRIVATE KEY", ecDER(r))
		}},
		{name: "ec-pkcs8-key", path: "etc/pki/tls/private/api.key", special: func(r *random) sample {
			return pemSample("PRIVATE KEY", pkcs8(ecKey(r)))
		}},
		{name: "ed25519-pkcs8-key", path: "opt/signer/ed25519.pem", special: func(r *random) sample {
			return pemSample("PRIVATE KEY", pkcs8(ed25519Key(r)))
		}},
		{name: "encrypted-legacy-key", path: "etc/ssl/private/legacy.key", special: encryptedLegacyKey, note: "encrypted with a password; still a private key"},
		{name: "encrypted-pkcs8-key", path: "etc/ssl/private/sealed.key", special: encryptedPKCS8Key, note: "encrypted with a password; still a private key"},
		{name: "openssh-ed25519-key", path: "root/.ssh/id_ed25519", special: openSSHEd25519},
		{name: "openssh-rsa-key", path: "home/deploy/.ssh/id_rsa", special: openSSHRSA},
		{name: "openssh-ecdsa-key", path: "etc/ssh/ssh_host_ecdsa_key", special: openSSHECDSA},
		{name: "putty-key", path: "home/deploy/deploy.ppk", special: puttyKey},
		{name: "pgp-private-key", path: "root/signing-key.asc", special: pgpPrivateKey},
		{name: "jwk-ec", path: "opt/app/keys/signing.jwk.json", special: jwkEC},
		{name: "jwk-rsa", path: "opt/app/keys/jwks-private.json", special: jwkRSA},
		{name: "gcp-service-account", path: "opt/app/credentials/service-account.json", special: serviceAccount},
	}
}

func pemSample(label string, der []byte) sample {
	block := string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
	return sample{text: block, value: strings.TrimSuffix(block, "\n")}
}

func pkcs8(key any) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(err)
	return der
}

func ecKey(r *random) *ecdsa.PrivateKey {
	scalar := r.bytes(32)
	scalar[0] &= 0x7f // below the order of P-256
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	must(err)
	return key
}

func ecDER(r *random) []byte {
	der, err := x509.MarshalECPrivateKey(ecKey(r))
	must(err)
	return der
}

func ed25519Key(r *random) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(r.bytes(ed25519.SeedSize))
}

// encryptedLegacyKey is PEM encrypted as OpenSSL did before PKCS#8: AES-128-CBC under a key
// that one round of MD5 makes of password and salt (EVP_BytesToKey).
func encryptedLegacyKey(r *random) sample {
	iv := r.bytes(aes.BlockSize)
	key := md5.Sum(append([]byte(r.password(12)), iv[:8]...))
	block := string(pem.EncodeToMemory(&pem.Block{
		Type:    "EC PRIVATE KEY",
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC," + strings.ToUpper(hex.EncodeToString(iv))},
		Bytes:   cbcEncrypted(key[:], iv, ecDER(r)),
	}))
	return sample{text: block, value: strings.TrimSuffix(block, "\n")}
}

// encryptedPKCS8Key is EncryptedPrivateKeyInfo (RFC 5958) with PBES2 (RFC 8018).
func encryptedPKCS8Key(r *random) sample {
	salt, iv := r.bytes(16), r.bytes(aes.BlockSize)
	const rounds = 2048
	key, err := pbkdf2.Key(sha256.New, r.password(12), salt, rounds, 32)
	must(err)
	raw := func(v any) asn1.RawValue {
		der, err := asn1.Marshal(v)
		must(err)
		return asn1.RawValue{FullBytes: der}
	}
	type derivation struct {
		Salt   []byte
		Rounds int
		PRF    pkix.AlgorithmIdentifier
	}
	type scheme struct{ Derivation, Encryption pkix.AlgorithmIdentifier }
	null := asn1.RawValue{Tag: asn1.TagNull}
	info := struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}{
		pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}, Parameters: raw(scheme{
			pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}, Parameters: raw(derivation{salt, rounds,
				pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, Parameters: null}})},
			pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, Parameters: raw(iv)},
		})},
		cbcEncrypted(key, iv, pkcs8(ecKey(r))),
	}
	der, err := asn1.Marshal(info)
	must(err)
	return pemSample("ENCRYPTED PRIVATE KEY", der)
}

func cbcEncrypted(key, iv, plain []byte) []byte {
	block, err := aes.NewCipher(key)
	must(err)
	padded := padBlock(plain)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(padded, padded)
	return padded
}

// padBlock pads to whole blocks of AES (PKCS#7: RFC 5652, section 6.3).
func padBlock(plain []byte) []byte {
	n := aes.BlockSize - len(plain)%aes.BlockSize
	return append(append([]byte{}, plain...), strings.Repeat(string(rune(n)), n)...)
}

func unpadded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// jwkEC is a private key by RFC 7518, section 6.2.
func jwkEC(r *random) sample {
	key := ecKey(r)
	public, err := key.PublicKey.Bytes()
	must(err)
	private, err := key.Bytes()
	must(err)
	d := unpadded(private)
	text := `{"kty":"EC","crv":"P-256","use":"sig","kid":"` + r.word() + `","x":"` + unpadded(public[1:33]) + `","y":"` + unpadded(public[33:]) + `","d":"` + d + "\"}\n"
	return sample{text: text, value: d, beside: []string{unpadded(public[1:33]), unpadded(public[33:])}}
}

// jwkRSA is a set with one private key by RFC 7518, section 6.3.
func jwkRSA(r *random) sample {
	key := rsaKey(r)
	d := unpadded(key.D.Bytes())
	names := []string{"n", "p", "q", "dp", "dq", "qi"}
	numbers := []*big.Int{key.N, key.Primes[0], key.Primes[1], key.Precomputed.Dp, key.Precomputed.Dq, key.Precomputed.Qinv}
	text := `{"keys":[{"kty":"RSA","alg":"RS256","e":"AQAB","d":"` + d + `"`
	s := sample{value: d}
	for i, n := range numbers {
		s.beside = append(s.beside, unpadded(n.Bytes()))
		text += `,"` + names[i] + `":"` + unpadded(n.Bytes()) + `"`
	}
	s.text = text + "}]}\n"
	return s
}

// serviceAccount is the file that Google Cloud gives for a service account's key.
func serviceAccount(r *random) sample {
	key := pemSample("PRIVATE KEY", pkcs8(rsaKey(r)))
	project, id := r.word()+"-"+r.form("num", 6), hex.EncodeToString(r.bytes(20))
	email := "backend@" + project + ".iam.gserviceaccount.com"
	text := `{
  "type": "service_account",
  "project_id": "` + project + `",
  "private_key_id": "` + id + `",
  "private_key": ` + quoted(key.text) + `,
  "client_email": "` + email + `",
  "client_id": "` + r.form("num", 21) + `",
  "auth_uri": "https://accounts.google.com/o/oauth2/auth",
  "token_uri": "https://oauth2.googleapis.com/token",
  "universe_domain": "googleapis.com"
}
`
	return sample{text: text, value: key.value, forms: []string{strings.ReplaceAll(key.value, "\n", `\n`)}, beside: []string{id}}
}
