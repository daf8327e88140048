package corpus

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math/big"
	"strings"
	"time"
)

// computedLookAlikes are public halves of keys, pictures, archives in base64, and the examples of RFCs.
func computedLookAlikes() []kind {
	return []kind{
		{name: "public-key-pem", path: "etc/ssl/signing.pub", special: func(r *random) sample {
			der, err := x509.MarshalPKIXPublicKey(ed25519Key(r).Public())
			must(err)
			return pemSample("PUBLIC KEY", der)
		}},
		{name: "certificate-pem", path: "etc/ssl/certs/corp.pem", special: certificate},
		{name: "ssh-public-key", path: "home/ops/.ssh/authorized_keys", special: func(r *random) sample {
			line := "ssh-ed25519 " + sshPublicKey(r)
			return sample{value: line, text: line + " ops@laptop\n"}
		}},
		{name: "ssh-known-hosts", path: "root/.ssh/known_hosts", special: func(r *random) sample {
			key := sshPublicKey(r)
			return sample{value: key, text: "git.corp.internal ssh-ed25519 " + key + "\n"}
		}},
		{name: "pgp-public-key", path: "etc/apt/trusted.gpg.d/corp.asc", special: func(r *random) sample {
			key := ed25519Key(r)
			public, user := pgpPublicKey(key), []byte("Archive <archive@corp.internal>")
			block := pgpArmor("PGP PUBLIC KEY BLOCK", bytes.Join([][]byte{
				pgpPacket(6, public), pgpPacket(13, user), pgpPacket(2, pgpSelfSignature(key, public, user))}, nil))
			return sample{value: block, text: block + "\n"}
		}},
		{name: "jwk-public", path: "opt/app/keys/jwks.json", special: func(r *random) sample {
			point, err := ecKey(r).PublicKey.Bytes()
			must(err)
			x := unpadded(point[1:33])
			return sample{value: x, text: `{"keys":[{"kty":"EC","crv":"P-256","kid":"` + r.word() + `","x":"` + x + `","y":"` + unpadded(point[33:]) + "\"}]}\n"}
		}},
		{name: "age-recipient", variable: "SOPS_AGE_RECIPIENTS", special: func(r *random) sample {
			return sample{value: bech32("age", r.bytes(32))}
		}},
		{name: "dh-parameters", path: "etc/ssl/dhparam.pem", special: func(r *random) sample {
			return pemSample("DH PARAMETERS", r.bytes(268))
		}},
		{name: "base64-png", path: "usr/share/nginx/html/style.css", special: func(r *random) sample {
			data := base64.StdEncoding.EncodeToString(picture(r))
			return sample{value: data, text: ".key-icon{background:url(data:image/png;base64," + data + ")}\n"}
		}},
		{name: "base64-text", path: "opt/app/motd.json", special: func(*random) sample {
			data := base64.StdEncoding.EncodeToString([]byte("Welcome to the token service. Ask the operations team for a password.\n"))
			return sample{value: data, text: `{"token_banner": "` + data + "\"}\n"}
		}},
		{name: "base64-gzip", path: "opt/app/bundle.json", special: func(r *random) sample {
			data := base64.StdEncoding.EncodeToString(gzipped([]byte(strings.Repeat("the quick brown fox "+r.word()+"\n", 20))))
			return sample{value: data, text: `{"key_bundle": "` + data + "\"}\n"}
		}},
		{name: "ansible-vault", path: "etc/ansible/vault.yml", special: func(r *random) sample {
			body := wrapped(hex.EncodeToString([]byte(hex.EncodeToString(r.bytes(32))+"\n"+hex.EncodeToString(r.bytes(32))+"\n"+hex.EncodeToString(r.bytes(96)))), 80, "\n")
			return sample{value: body, text: "$ANSIBLE_VAULT;1.1;AES256\n" + body + "\n"}
		}},
		{name: "age-encrypted-file", path: "opt/deploy/secrets.age", special: func(r *random) sample {
			block := pem.EncodeToMemory(&pem.Block{Type: "AGE ENCRYPTED FILE", Bytes: append([]byte("age-encryption.org/v1\n"), r.bytes(200)...)})
			return sample{value: strings.TrimSpace(string(block)), text: string(block)}
		}},
		{name: "pgp-message", path: "opt/deploy/secrets.asc", special: func(r *random) sample {
			block := pgpArmor("PGP MESSAGE", pgpPacket(18, r.bytes(180)))
			return sample{value: block, text: block + "\n"}
		}},
		{name: "minified-script", path: "usr/share/nginx/html/vendor.min.js", special: func(r *random) sample {
			var b strings.Builder
			for range 400 {
				fmt.Fprintf(&b, "function %s(%s,%s){return %s.token!==%s&&%s[%d]}", r.from(lower, 2), "t", "e", "t", "e", "e", r.IntN(90))
			}
			name := "getAuthTokenSecretKeyForAccount" + r.from(upper, 2)
			fmt.Fprintf(&b, "function %s(t){return t.key}", name)
			return sample{value: name, text: b.String() + "\n"}
		}},
		// RFC 7617, section 2; RFC 6455, section 1.3; RFC 6238, appendix B: known to all.
		{name: "rfc7617-credentials", path: "usr/share/doc/http/rfc7617.txt", special: func(*random) sample {
			v := base64.StdEncoding.EncodeToString([]byte("Aladdin:open sesame"))
			return sample{value: v, text: "Authorization: Basic " + v + "\n"}
		}},
		{name: "rfc6455-nonce", path: "usr/share/doc/http/rfc6455.txt", special: func(*random) sample {
			v := base64.StdEncoding.EncodeToString([]byte("the sample nonce"))
			return sample{value: v, text: "Sec-WebSocket-Key: " + v + "\n"}
		}},
		{name: "rfc6238-seed", path: "usr/share/doc/totp/vectors.txt", special: func(*random) sample {
			v := strings.Repeat(digits[1:]+"0", 2)
			return sample{value: v, text: "secret = " + v + "\n"}
		}},
		{name: "jwt-io-token", path: "usr/share/doc/jwt/tutorial.md", special: func(*random) sample {
			v := signedJWT(map[string]any{"sub": "1234567890", "name": "John Doe", "iat": 1516239022}, []byte("your-256-bit-secret"))
			return sample{value: v, text: "Paste this token into the debugger:\n\n    " + v + "\n"}
		}},
	}
}

// withWrongChecksum62 differs from the right one in the sum alone.
func withWrongChecksum62(text string) string {
	return text + base62Digits(crc32.ChecksumIEEE([]byte(text))^0x5a5a5a5a, 6)
}

func sshPublicKey(r *random) string {
	public := ed25519Key(r).Public().(ed25519.PublicKey)
	return base64.StdEncoding.EncodeToString(append(sshString("ssh-ed25519"), sshString(public)...))
}

func certificate(r *random) sample {
	key := ed25519Key(r)
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(r.bytes(8)),
		Subject:      pkix.Name{CommonName: r.word() + ".corp.internal"},
		NotBefore:    time.Unix(1700000000, 0).UTC(),
		NotAfter:     time.Unix(2000000000, 0).UTC(),
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	must(err)
	return pemSample("CERTIFICATE", der)
}

// picture is a small PNG of noise.
func picture(r *random) []byte {
	img := image.NewGray(image.Rect(0, 0, 24, 24))
	for i := range 24 * 24 {
		img.SetGray(i%24, i/24, color.Gray{Y: byte(r.Uint32())})
	}
	var b bytes.Buffer
	must((&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, img))
	return b.Bytes()
}
