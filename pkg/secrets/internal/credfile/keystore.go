package credfile

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"fmt"
	"hash"
	"strings"
	"unicode/utf16"
)

// storePasswords are the passwords that manuals and tools give to key stores.
var storePasswords = []string{
	"", "changeit", "changeme", "password", "secret", "123456", "android", "keystore", "storepass", "keypass", "default",
	"tomcat", "weblogic", "wso2carbon", "mypassword", "test", "testtest", "test1234", "password1", "Passw0rd", "admin", "123456789", "12345678",
	"jboss", "kafka", "elastic", "secret123", "example", "pass", "demo",
}

// javaKeystore reads a JKS or JCEKS store. Its last 20 bytes are the SHA-1 of the
// password in UTF-16, twelve bytes of whitening, and all that stands before
// (sun.security.provider.JavaKeyStore).
func javaKeystore(f *file) error {
	const head, digest = 12, sha1.Size
	raw := f.content
	kind := ""
	switch {
	case bytes.HasPrefix(raw, []byte{0xfe, 0xed, 0xfe, 0xed}):
		kind = "JKS"
	case bytes.HasPrefix(raw, []byte{0xce, 0xce, 0xce, 0xce}):
		kind = "JCEKS"
	case len(raw) > 0 && raw[0] == 0x30:
		return pkcs12(f) // the default of keytool since Java 9
	}
	if kind == "" || len(raw) < head+digest {
		return errFormat
	}
	body, want := raw[:len(raw)-digest], raw[len(raw)-digest:]
	entries := int(raw[8])<<24 | int(raw[9])<<16 | int(raw[10])<<8 | int(raw[11])
	keys := entries > 0 && kind == "JCEKS" || bytes.Contains(body, []byte{0, 0, 0, 1}) && entries > 0 && body[head+3] == 1
	tries := max(1, (64<<20)/(len(body)+1)) // the digest runs over the whole store
	for i, p := range storePasswords {
		if i >= tries {
			break
		}
		h := sha1.New()
		h.Write(bigEndianUTF16(p))
		h.Write([]byte("Mighty Aphrodite"))
		h.Write(body)
		if bytes.Equal(h.Sum(nil), want) {
			f.storePassword(kind, p, entries, keys)
			return nil
		}
	}
	f.present(kind+" key store", fmt.Sprintf("%d entries; the password is none of the usual ones", entries))
	return nil
}

// storePassword notes a key store whose password was found.
func (f *file) storePassword(kind, password string, entries int, keys bool) {
	c := Credential{Value: password, Name: kind + " key store password", Weak: WeakCommon, Comment: "opens the store"}
	if password == "" {
		c.Weak = WeakBlank
	}
	if entries >= 0 {
		c.Comment = fmt.Sprintf("opens the store of %d entries", entries)
	}
	if entries >= 0 && !keys {
		c.Confidence = Unsure // certificates of others, as in cacerts
		c.Comment += ", which may be certificates alone"
	}
	f.keep(span{0, len(f.text)}, c)
}

// The structures of RFC 7292, sections 4 and 4.1, as far as the check needs them.
type pfx struct {
	Version int
	Safe    struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"tag:0,explicit,optional"`
	}
	MAC macData `asn1:"optional"`
}

type macData struct {
	Digest struct {
		Algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Value []byte
	}
	Salt       []byte
	Iterations int `asn1:"optional,default:1"`
}

// macIterations bounds the work of all tries on a PKCS #12 store.
const macIterations = 200_000

// pkcs12 tries the usual passwords on the store's MAC (RFC 7292, appendix B).
func pkcs12(f *file) error {
	var p pfx
	if rest, err := asn1.Unmarshal(f.content, &p); err != nil || len(rest) > 2 || p.Version != 3 {
		return pkcs12Unread(f)
	}
	var newHash func() hash.Hash
	block := sha1.BlockSize
	switch p.MAC.Digest.Algorithm.ID.String() {
	case "1.3.14.3.2.26":
		newHash = sha1.New
	case "2.16.840.1.101.3.4.2.1":
		newHash = sha256.New
	case "2.16.840.1.101.3.4.2.3":
		newHash, block = sha512.New, sha512.BlockSize
	}
	var content []byte
	if _, err := asn1.Unmarshal(p.Safe.Content.Bytes, &content); err != nil || newHash == nil ||
		p.MAC.Iterations < 1 || len(p.MAC.Salt) > 1024 {
		f.present("PKCS #12 key store", "its integrity is not protected by a password that could be tried")
		return nil
	}
	left := macIterations
	for i := -1; i < len(storePasswords); i++ {
		if left -= p.MAC.Iterations; left < 0 && i >= 0 || p.MAC.Iterations > macIterations {
			break
		}
		password, encoded := "", []byte(nil) // first no password at all, which differs from an empty one
		if i >= 0 {
			password = storePasswords[i]
			encoded = append(bigEndianUTF16(password), 0, 0)
		}
		key := pkcs12Key(newHash, block, encoded, p.MAC.Salt, p.MAC.Iterations)
		mac := hmac.New(newHash, key)
		mac.Write(content)
		if hmac.Equal(mac.Sum(nil), p.MAC.Digest.Value) {
			f.storePassword("PKCS #12", password, -1, true)
			return nil
		}
	}
	f.present("PKCS #12 key store", "the password is none of the usual ones")
	return nil
}

// pkcs12Unread notes a store in BER, which the check does not read.
func pkcs12Unread(f *file) error {
	if !strings.HasPrefix(f.text, "\x30") || !strings.Contains(f.text[:min(len(f.text), 64)], "\x2a\x86\x48\x86\xf7\x0d\x01\x07") {
		return errFormat
	}
	f.present("PKCS #12 key store", "not in DER; no password was tried")
	return nil
}

// pkcs12Key derives a MAC key, for which one block of output is enough (RFC 7292,
// appendix B.2, with ID 3).
func pkcs12Key(newHash func() hash.Hash, block int, password, salt []byte, iterations int) []byte {
	h := newHash()
	h.Write(bytes.Repeat([]byte{3}, block))
	for _, b := range [][]byte{salt, password} {
		if len(b) > 0 {
			h.Write(repeatTo(b, (len(b)+block-1)/block*block))
		}
	}
	sum := h.Sum(nil)
	for range iterations - 1 {
		h.Reset()
		h.Write(sum)
		sum = h.Sum(sum[:0])
	}
	return sum
}

func bigEndianUTF16(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return out
}
