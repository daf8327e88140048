package credfile

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"
)

// fixture is a file of one format. In its text {S} stands for a secret and {S|name}
// for an encoded one; {hex64} and the like are secrets of a certain form.
type fixture struct {
	format, path string
	syntax       string // how an awkward secret is escaped; "" if none can be written
	text         string
}

// mark is where a secret was put.
type mark struct {
	value        string
	offset, size int
}

// fixtures are all but those of binary formats.
func fixtures() []fixture {
	var all []fixture
	for _, f := range [][]fixture{databaseFixtures, editorFixtures, webFixtures, buildFixtures, networkFixtures, cloudFixtures, packageFixtures, systemFixtures} {
		all = append(all, f...)
	}
	return all
}

// secrets make the values. No value is written down anywhere.
type secrets struct{ r *rand.Rand }

func newSecrets(name string) secrets {
	seed := uint64(1469598103934665603)
	for _, c := range []byte(name) {
		seed = (seed ^ uint64(c)) * 1099511628211
	}
	return secrets{rand.New(rand.NewPCG(seed, 7))}
}

func (s secrets) from(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[s.r.IntN(len(alphabet))]
	}
	return string(b)
}

const alphanumeric = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

func (s secrets) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(s.r.UintN(256))
	}
	return b
}

func (s secrets) make(kind string) string {
	switch kind {
	case "S":
		return s.from(alphanumeric, 20)
	case "long":
		return s.from(alphanumeric, 44)
	case "key32":
		return base64.StdEncoding.EncodeToString(s.bytes(32))
	case "des":
		return s.from(cryptAlphabet[2:], 13)
	case "md5crypt", "apr1":
		return map[string]string{"md5crypt": "$1$", "apr1": "$apr1$"}[kind] + s.from(cryptAlphabet, 8) + "$" + s.from(cryptAlphabet, 22)
	case "sha512crypt":
		return "$6$" + s.from(cryptAlphabet, 16) + "$" + s.from(cryptAlphabet, 86)
	case "yescrypt":
		return "$y$j9T$" + s.from(cryptAlphabet, 22) + "$" + s.from(cryptAlphabet, 43)
	case "bcrypt":
		return "$2y$12$" + s.from(cryptAlphabet, 53)
	case "sha1":
		return "{SHA}" + base64.StdEncoding.EncodeToString(s.bytes(20))
	case "pbkdf2":
		return "grub.pbkdf2.sha512.10000." + strings.ToUpper(hex.EncodeToString(s.bytes(64))) + "." + strings.ToUpper(hex.EncodeToString(s.bytes(64)))
	case "seed":
		return "SU" + s.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 56)
	case "base32":
		return s.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 26)
	case "age":
		return "AGE-SECRET-KEY-" + "1" + s.from("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)
	case "digits8":
		return s.from("123456789", 8)
	case "jenkins":
		return "{" + base64.StdEncoding.EncodeToString(s.bytes(48)) + "}"
	case "blob":
		return base64.StdEncoding.EncodeToString(s.bytes(120))
	case "pem":
		return "-----BEGIN " + "PRIVATE KEY-----\n" + base64.StdEncoding.EncodeToString(s.bytes(48)) + "\n-----END " + "PRIVATE KEY-----"
	}
	if digits, ok := strings.CutPrefix(kind, "hex"); ok {
		n, _ := number(digits)
		return hex.EncodeToString(s.bytes(n / 2))
	}
	panic("no such secret: " + kind)
}

// awkward is a secret that only the syntax's own rules read rightly, and how it is
// written; before is how much of that stands before its form.
func (s secrets) awkward(syntax string) (value, written string, before int) {
	a, b, c := s.from(alphanumeric, 6), s.from(alphanumeric, 6), s.from(alphanumeric, 6)
	switch syntax {
	case "json", "toml":
		return a + `"` + b + `\` + c + "#/", a + `\"` + b + `\\` + c + "#/", 0
	case "yaml":
		return a + `"` + b + `: ` + c + " #x", `"` + a + `\"` + b + ": " + c + ` #x"`, 1
	case "xml":
		return a + `&` + b + `<` + c + `"`, a + "&amp;" + b + "&lt;" + c + "&quot;", 0
	case "properties":
		return a + `\` + b + `=` + c, a + `\\` + b + `\=` + c, 0
	case "code":
		return a + `\` + b + "#" + c + ";", a + `\\` + b + "#" + c + ";", 0
	case "env":
		return a + "#" + b + ` "` + c, `'` + a + "#" + b + ` "` + c + `'`, 1
	case "quoted":
		return a + " #" + b + `"` + c, `"` + a + " #" + b + `\"` + c + `"`, 1
	case "hash":
		return a + " #" + b + ";" + c, `"` + a + " #" + b + ";" + c + `"`, 1
	case "line":
		return a + "=" + b + "#" + c + ";", a + "=" + b + "#" + c + ";", 0
	case "word":
		return a + "=" + b + "#" + c, a + "=" + b + "#" + c, 0
	case "block":
		return a + ";" + b + "}" + c + "#", `"` + a + ";" + b + "}" + c + `#"`, 1
	case "url":
		return a + "@" + b + "/" + c, a + "%40" + b + "%2F" + c, 0
	}
	panic("no such syntax: " + syntax)
}

// written is how the text of a fixture is filled.
type written uint8

const (
	asPlain written = iota
	asAwkward
	asReference
)

// fill puts secrets in the place of the marks.
func (x fixture) fill(how written) ([]byte, []mark) {
	s := newSecrets(x.format + x.path)
	var out strings.Builder
	var marks []mark
	rest := x.text
	for {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			break
		}
		end := strings.IndexByte(rest[i:], '}')
		if end < 0 || !isMark(rest[i+1:i+end]) {
			out.WriteString(rest[:i+1])
			rest = rest[i+1:]
			continue
		}
		out.WriteString(rest[:i])
		kind, encoding, encoded := strings.Cut(rest[i+1:i+end], "|")
		rest = rest[i+end+1:]
		var value, text string
		before := 0
		switch {
		case how == asAwkward && kind == "S" && !encoded:
			value, text, before = s.awkward(x.syntax)
		case how == asReference:
			text = "${SECRET_FROM_ELSEWHERE}"
			if encoded {
				text = encode(encoding, text, s)
			}
		default:
			value = s.make(kind)
			text = value
			if encoded {
				text = encode(encoding, value, s)
			}
			if encoding == "cvs" { // which is not undone
				value = text
			}
		}
		at := out.Len() + before
		out.WriteString(text)
		marks = append(marks, mark{value, at, len(text) - 2*before})
	}
	out.WriteString(rest)
	return []byte(out.String()), marks
}

func isMark(s string) bool {
	kind, _, _ := strings.Cut(s, "|")
	switch kind {
	case "S", "long", "key32", "des", "md5crypt", "apr1", "sha512crypt", "yescrypt", "bcrypt", "sha1", "pbkdf2", "seed", "base32", "age", "digits8", "jenkins", "blob", "pem":
		return true
	}
	digits, ok := strings.CutPrefix(kind, "hex")
	return ok && isDigits(digits)
}

// encode does what the program does that writes the format.
func encode(name, v string, s secrets) string {
	switch name {
	case "base64":
		return base64.StdEncoding.EncodeToString([]byte(v))
	case "basic":
		return base64.StdEncoding.EncodeToString([]byte("joe:" + v))
	case "unattend":
		return base64.StdEncoding.EncodeToString(littleEndianUTF16(v + "AdministratorPassword"))
	case "rclone":
		iv := s.bytes(16)
		block, _ := aes.NewCipher(rcloneKey)
		out := make([]byte, len(v))
		cipher.NewCTR(block, iv).XORKeyStream(out, []byte(v))
		return base64.RawURLEncoding.EncodeToString(append(iv, out...))
	case "gpp":
		return strings.TrimRight(base64.StdEncoding.EncodeToString(sealCBC(policyKey, make([]byte, 16), littleEndianUTF16(v))), "=")
	case "vnc":
		return hex.EncodeToString(sealVNC(v))
	case "jetbrains":
		out := ""
		for _, c := range v {
			out += fmt.Sprintf("%04x", c^0xdfaa)
		}
		return out
	case "xor":
		b := []byte(v)
		for i := range b {
			b[i] ^= '_'
		}
		return "{xor}" + base64.StdEncoding.EncodeToString(b)
	case "obf":
		out := "OBF:"
		for i := range len(v) {
			a, b := int(v[i]), int(v[len(v)-1-i])
			out += fmt.Sprintf("%04s", base36((127+a+b)*256+127+a-b))
		}
		return out
	case "winscp":
		keyed := "joe" + "host.example" + v
		b := append([]byte{0xff, 0, byte(len(keyed)), 3, 1, 2, 3}, keyed...)
		for i := range b {
			b[i] = ^b[i] ^ 0xa3
		}
		return strings.ToUpper(hex.EncodeToString(b))
	case "cvs":
		return "A" + v
	case "ncftp":
		return "*encoded*" + base64.StdEncoding.EncodeToString([]byte(v+"\x00"))
	}
	panic("no such encoding: " + name)
}

func base36(n int) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	out := ""
	for ; n > 0; n /= 36 {
		out = string(digits[n%36]) + out
	}
	return strings.Repeat("0", 4-len(out)) + out
}

func littleEndianUTF16(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

func sealCBC(key, iv, plain []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	n := aes.BlockSize - len(plain)%aes.BlockSize
	for range n {
		plain = append(plain, byte(n))
	}
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, plain)
	return out
}

// sealVNC keeps eight bytes of a password, as VNC does.
func sealVNC(v string) []byte {
	var key, plain, out [8]byte
	for i, b := range vncKey {
		key[i] = bits.Reverse8(b)
	}
	copy(plain[:], v)
	block, err := des.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	block.Encrypt(out[:], plain[:])
	return out[:]
}

// parseAs parses content in one of the formats that its path may have.
func parseAs(t *testing.T, format, path string, content []byte) ([]Credential, error) {
	t.Helper()
	for _, m := range Match(path, content) {
		if m.Format().ID == format {
			return m.Parse(content)
		}
	}
	t.Fatalf("%s is not a candidate for %q", format, path)
	return nil, nil
}
