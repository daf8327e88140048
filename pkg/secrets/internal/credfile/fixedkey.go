package credfile

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Programs that keep passwords under a key they published. None of these keys is
// a secret: they stand in the documents that are named beside them.

const fixedKeyComment = "encrypted with the product's fixed key"

// rcloneKey is that of rclone's fs/config/obscure.
var rcloneKey = fromHex("9c935b48730a554d6bfd7c63c886a92bd390198eb8128afbf4de162b8b95f638")

// revealRclone opens what "rclone obscure" makes: AES-256-CTR behind its start
// vector, in base64 for URLs.
func revealRclone(v string) []part {
	raw, err := base64.RawURLEncoding.DecodeString(v)
	if err != nil || len(raw) <= aes.BlockSize {
		return nil
	}
	block, err := aes.NewCipher(rcloneKey)
	if err != nil {
		return nil
	}
	plain := make([]byte, len(raw)-aes.BlockSize)
	cipher.NewCTR(block, raw[:aes.BlockSize]).XORKeyStream(plain, raw[aes.BlockSize:])
	if !isText(plain) {
		return nil
	}
	return []part{{value: string(plain), to: len(v), comment: fixedKeyComment}}
}

// policyKey is that of MS-GPPREF, section 2.2.1.1.4.
var policyKey = fromHex("4e9906e8fcb66cc9faf49310620ffee8f496e806cc057990209b09a433b66c1b")

// revealPolicyPassword opens the cpassword of a Group Policy Preference.
func revealPolicyPassword(v string) []part {
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(v, "="))
	if err != nil {
		return nil
	}
	plain := openCBC(policyKey, make([]byte, aes.BlockSize), raw)
	text := textUTF16(plain)
	if text == "" {
		return nil
	}
	return []part{{value: text, to: len(v), comment: "encrypted with the key that Microsoft published"}}
}

// dbeaverKey is that of DBeaver's DefaultValueEncryptor.
var dbeaverKey = fromHex("babb4a9f774ab853c96c2d653dfe544a")

// openDBeaver opens credentials-config.json.
func openDBeaver(raw []byte) []byte {
	if len(raw) < 2*aes.BlockSize {
		return nil
	}
	return openCBC(dbeaverKey, raw[:aes.BlockSize], raw[aes.BlockSize:])
}

// openCBC opens AES-CBC with padding of PKCS #7; nil: the key does not fit.
func openCBC(key, start, raw []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil || len(raw) == 0 || len(raw)%aes.BlockSize != 0 {
		return nil
	}
	plain := make([]byte, len(raw))
	cipher.NewCBCDecrypter(block, start).CryptBlocks(plain, raw)
	return unpad(plain)
}

func unpad(plain []byte) []byte {
	if len(plain) == 0 {
		return nil
	}
	n := int(plain[len(plain)-1])
	if n == 0 || n > aes.BlockSize || n > len(plain) || !bytes.Equal(plain[len(plain)-n:], bytes.Repeat([]byte{byte(n)}, n)) {
		return nil
	}
	return plain[:len(plain)-n]
}

// vncKey is that of RFB's vncauth.c. VNC takes the bits of its keys in the
// other order.
var vncKey = [8]byte{23, 82, 107, 6, 35, 78, 88, 7}

// openVNC opens a password of eight bytes.
func openVNC(raw []byte) string {
	if len(raw) < des.BlockSize {
		return ""
	}
	var key [8]byte
	for i, b := range vncKey {
		key[i] = bits.Reverse8(b)
	}
	block, err := des.NewCipher(key[:])
	if err != nil {
		return ""
	}
	var plain [des.BlockSize]byte
	block.Decrypt(plain[:], raw[:des.BlockSize])
	text, rest, _ := bytes.Cut(plain[:], []byte{0})
	if len(bytes.Trim(rest, "\x00")) > 0 || !isText(text) {
		return ""
	}
	return string(text)
}

// revealVNC opens a password that is written in hexadecimal.
func revealVNC(v string) []part {
	raw, err := hex.DecodeString(v)
	if err != nil {
		return nil
	}
	if text := openVNC(raw); text != "" {
		return []part{{value: text, to: len(v), comment: fixedKeyComment}}
	}
	return nil
}

// openLoginPath opens MySQL's .mylogin.cnf: four bytes that are not used, the 20
// bytes that make the key, and lines of AES-128-ECB behind their lengths
// (mysql_config_editor; my_default.cc).
func openLoginPath(raw []byte) (string, []loginLine) {
	const keyBytes = 20
	if len(raw) < 4+keyBytes {
		return "", nil
	}
	var key [aes.BlockSize]byte
	for i, b := range raw[4 : 4+keyBytes] {
		key[i%len(key)] ^= b
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return "", nil
	}
	var text strings.Builder
	var places []loginLine
	for i := 4 + keyBytes; i+4 <= len(raw); {
		n := int(binary.LittleEndian.Uint32(raw[i:]))
		i += 4
		if n <= 0 || n%aes.BlockSize != 0 || n > len(raw)-i {
			break
		}
		plain := make([]byte, n)
		for j := 0; j < n; j += aes.BlockSize {
			block.Decrypt(plain[j:], raw[i+j:i+j+aes.BlockSize])
		}
		one := unpad(plain)
		places = append(places, loginLine{text.Len(), span{i, n}})
		text.Write(one)
		if !bytes.HasSuffix(one, []byte("\n")) {
			text.WriteByte('\n')
		}
		i += n
	}
	return text.String(), places
}

// loginLine says where a line of the opened text stands in the file.
type loginLine struct {
	from int
	at   span
}

// revealWinSCP opens a password of WinSCP (Security.cpp): bytes with all bits
// turned and mixed with 0xA3, behind their number and a number of bytes to skip.
// Newer ones begin with the user and the host.
func revealWinSCP(v, user, host string) string {
	raw, err := hex.DecodeString(v)
	if err != nil {
		return ""
	}
	for i := range raw {
		raw[i] = ^(raw[i] ^ 0xa3)
	}
	next := func() int {
		if len(raw) == 0 {
			return 0
		}
		b := raw[0]
		raw = raw[1:]
		return int(b)
	}
	length := next()
	keyed := length == 0xff
	if keyed {
		version := next()
		length = next()
		if version == 2 {
			length = length<<8 | next()
		}
	}
	skip := next()
	if skip+length > len(raw) || length == 0 {
		return ""
	}
	plain := string(raw[skip : skip+length])
	if keyed {
		rest, ok := strings.CutPrefix(plain, user+host)
		if !ok {
			return ""
		}
		plain = rest
	}
	if !isText([]byte(plain)) {
		return ""
	}
	return plain
}

// textUTF16 reads little-endian UTF-16 that must be text.
func textUTF16(raw []byte) string {
	if len(raw) == 0 || len(raw)%2 != 0 {
		return ""
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	text := strings.TrimRight(string(utf16.Decode(units)), "\x00")
	if !isText([]byte(text)) || strings.ContainsRune(text, utf8.RuneError) {
		return ""
	}
	return text
}

func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(b)
}

func fromHex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err) // a mistake in the constants above
	}
	return b
}
