package credfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// keepass reads the header of a KeePass database: version and key derivation
// (KeePass' file format documentation, KDBX 3.1 and 4).
func keepass(f *file) error {
	raw := f.content
	if len(raw) < 12 || binary.LittleEndian.Uint32(raw) != 0x9aa2d903 {
		return errFormat
	}
	major, minor := binary.LittleEndian.Uint16(raw[10:]), binary.LittleEndian.Uint16(raw[8:])
	switch binary.LittleEndian.Uint32(raw[4:]) {
	case 0xb54bfb65:
		f.present("KeePass 1 database", "not opened")
		return nil
	case 0xb54bfb67, 0xb54bfb66:
	default:
		return errFormat
	}
	f.present("KeePass database", fmt.Sprintf("KDBX %d.%d, %s; not opened", major, minor, keepassKDF(raw[12:], major)))
	return nil
}

// keepassKDF finds how the key is derived.
func keepassKDF(fields []byte, major uint16) string {
	head := fields[:min(len(fields), 4096)]
	switch {
	case bytes.Contains(head, fromHex("ef636ddf8c29444b91f7a9a403e30a0c")):
		return "key derived by Argon2d"
	case bytes.Contains(head, fromHex("9e298b1956db4773b23dfc3ec6f0a1e6")):
		return "key derived by Argon2id"
	case bytes.Contains(head, fromHex("c9d9f39a628a4460bf740d08c18a4fea")):
		return "key derived by AES"
	}
	for major < 4 && len(head) >= 3 {
		id, n := head[0], int(binary.LittleEndian.Uint16(head[1:]))
		if len(head) < 3+n || id == 0 {
			break
		}
		if id == 6 && n == 8 {
			return fmt.Sprintf("key derived by %d rounds of AES", binary.LittleEndian.Uint64(head[3:]))
		}
		head = head[3+n:]
	}
	return "key derivation not known"
}

// keytab reads the principals and keys of a Kerberos key table, version 2 (MIT
// krb5, "Keytab file format").
func keytab(f *file) error {
	raw := f.content
	if len(raw) < 2 || raw[0] != 5 || raw[1] != 2 {
		return errFormat
	}
	for i := 2; i+4 <= len(raw); {
		n := int(int32(binary.BigEndian.Uint32(raw[i:])))
		i += 4
		if n < 0 { // a hole
			if n = -n; n > len(raw)-i {
				return errFormat
			}
			i += n
			continue
		}
		if n == 0 || n > len(raw)-i {
			break
		}
		f.keytabEntry(i, raw[i:i+n])
		i += n
	}
	return nil
}

func (f *file) keytabEntry(offset int, entry []byte) {
	r := fieldReader{b: entry}
	components := int(r.uint16())
	realm := string(r.counted())
	var names []string
	for range min(components, 32) {
		names = append(names, string(r.counted()))
	}
	r.skip(4 + 4 + 1) // type of name, time, version
	kind := r.uint16()
	at := r.i + 2
	key := r.counted()
	if r.failed || len(key) == 0 {
		return
	}
	f.keep(span{offset + at, len(key)}, Credential{
		Value: string(key), Name: "key of " + strings.ToValidUTF8(strings.Join(names, "/"), "?"),
		User: strings.ToValidUTF8(strings.Join(names, "/")+"@"+realm, "?"), Host: strings.ToValidUTF8(realm, "?"),
		Comment: "Kerberos key, " + encryptionType(kind),
	})
}

// encryptionType names the numbers of IANA's "Kerberos Encryption Type Numbers".
func encryptionType(n uint16) string {
	switch n {
	case 1, 2, 3:
		return "des"
	case 16:
		return "des3-cbc-sha1"
	case 17:
		return "aes128-cts-hmac-sha1-96"
	case 18:
		return "aes256-cts-hmac-sha1-96"
	case 19:
		return "aes128-cts-hmac-sha256-128"
	case 20:
		return "aes256-cts-hmac-sha384-192"
	case 23:
		return "rc4-hmac"
	}
	return fmt.Sprintf("encryption type %d", n)
}

// fieldReader reads numbers and counted strings in network order.
type fieldReader struct {
	b      []byte
	i      int
	failed bool
}

func (r *fieldReader) take(n int) []byte {
	if n < 0 || n > len(r.b)-r.i {
		r.failed = true
		return nil
	}
	out := r.b[r.i : r.i+n]
	r.i += n
	return out
}

func (r *fieldReader) skip(n int) { r.take(n) }

func (r *fieldReader) uint16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *fieldReader) counted() []byte { return r.take(int(r.uint16())) }

// vncPassword reads the file that vncpasswd writes: the full password and perhaps
// one that may only look.
func vncPassword(f *file) error {
	if n := len(f.content); n != 8 && n != 16 {
		return errFormat
	}
	for i := 0; i < len(f.content); i += 8 {
		name := "password"
		if i > 0 {
			name = "view-only password"
		}
		if text := openVNC(f.content[i:]); text != "" {
			f.add(span{i, 8}, Credential{Value: text, Name: name, Comment: fixedKeyComment})
		}
	}
	return nil
}

// loginPath reads .mylogin.cnf.
func loginPath(f *file) error {
	text, places := openLoginPath(f.content)
	if len(places) == 0 {
		return errFormat
	}
	inner := &file{format: f.format, text: text, content: []byte(text), guesses: f.guesses}
	err := settings(ini(iniStyle{quotes: `"'`, escapes: true}), about{user: "user", host: "host|socket"}, pick{at: "*/password"})(inner)
	for _, c := range inner.found {
		// The line that holds it is the last one that begins before it.
		n, _ := slices.BinarySearchFunc(places, c.Offset+1, func(p loginLine, offset int) int { return p.from - offset })
		at := places[max(0, n-1)].at
		c.Offset, c.Length = at.offset, at.length
		c.Comment = join(c.Comment, "obfuscated with a key that is in the file")
		f.found = append(f.found, c)
	}
	return err
}

// storePresent is the reader of a store that is recognised by its first bytes
// and not opened.
func storePresent(name, comment string, magic ...string) reader {
	return func(f *file) error {
		for _, m := range magic {
			if strings.HasPrefix(string(f.content[:min(len(f.content), 64)]), m) {
				f.present(name, comment)
				return nil
			}
		}
		if len(magic) == 0 && len(f.content) > 0 {
			f.present(name, comment)
			return nil
		}
		return errFormat
	}
}
