package credfile

import (
	"bytes"
	"strings"
)

// firefox counts the logins, which are encrypted under key4.db.
func firefox(f *file) error {
	if strings.HasPrefix(f.text, "SQLite format 3\x00") {
		f.present("browser's keys", "with logins.json they give the passwords, unless a primary password protects them")
		return nil
	}
	return settings(jsonText, about{host: "hostname|formSubmitURL"},
		pick{at: "logins/[]/encryptedPassword", encrypted: true, comment: "encrypted under key4.db"})(f)
}

// gnomeKeyring tells a binary keyring, which is encrypted, from one in clear.
func gnomeKeyring(f *file) error {
	if strings.HasPrefix(f.text, "GnomeKeyring\n\r\x00\n") {
		f.present("GNOME keyring", "not opened")
		return nil
	}
	return settings(ini(iniStyle{comments: "#", needSection: true}), about{user: "display-name"}, pick{at: "*/secret"})(f)
}

// passwordExport reads a table with a head, or Bitwarden's JSON.
func passwordExport(f *file) error {
	if strings.HasPrefix(strings.TrimSpace(f.text), "{") {
		return settings(jsonText, about{user: "username"}, pick{at: "**/login/password|totp"})(f)
	}
	if f.binaryText() {
		return errFormat
	}
	var secret, user, host = -1, -1, -1
	first := true
	f.lines(func(l line) {
		columns := csvFields(l)
		if first {
			first = false
			for i, c := range columns {
				switch strings.ToLower(c.text) {
				case "password", "login_password":
					secret = i
				case "username", "login_username", "login", "user name":
					user = i
				case "url", "login_uri", "web site":
					host = i
				}
			}
			return
		}
		if secret < 0 || secret >= len(columns) {
			return
		}
		c := Credential{Value: columns[secret].text, Name: "password"}
		if user >= 0 && user < len(columns) {
			c.User = columns[user].text
		}
		if host >= 0 && host < len(columns) {
			c.Host = columns[host].text
		}
		f.add(f.literal(columns[secret]), c)
	})
	if secret < 0 {
		return errFormat
	}
	return nil
}

// csvFields divides one line of RFC 4180; fields over several lines are not read.
func csvFields(l line) []word {
	var out []word
	for i := 0; i <= len(l.text) && len(out) < 64; {
		if i < len(l.text) && l.text[i] == '"' {
			value, from, to, next := quotedValue(l.text, i)
			out = append(out, word{value, l.part(from, to), true})
			i = next + 1
			continue
		}
		end := len(l.text)
		if n := strings.IndexByte(l.text[i:], ','); n >= 0 {
			end = i + n
		}
		out = append(out, word{text: l.text[i:end], at: l.part(i, end)})
		i = end + 1
	}
	return out
}

// coins reads the keys of Ethereum, which are encrypted, the passwords of servers
// and recognises a wallet.
func coins(f *file) error {
	switch {
	case bytes.HasPrefix(f.content, []byte("{")):
		if !strings.Contains(f.text, `"ciphertext"`) {
			return errFormat
		}
		return settings(jsonText, about{}, pick{at: "crypto/ciphertext", encrypted: true, comment: "encrypted with a password"})(f)
	case strings.HasSuffix(f.path, ".conf"):
		return settings(ini(iniStyle{comments: "#"}), about{user: "rpcuser"}, pick{at: "*/rpcpassword"},
			pick{at: "*/rpcauth", open: afterDollar, hash: "hmac-sha256"})(f)
	case strings.HasPrefix(f.text, "SQLite format 3\x00") || len(f.text) > 16 && strings.Contains(f.text[:16], "\x62\x31\x05\x00"):
		comment := "not opened"
		if strings.Contains(f.text, "mkey") {
			comment = "encrypted with a passphrase; not opened"
		}
		f.present("wallet", comment)
		return nil
	}
	return errFormat
}

// afterDollar takes the digest of "user:salt$digest".
func afterDollar(v string) []part {
	user, rest, ok := strings.Cut(v, ":")
	if !ok || !strings.Contains(rest, "$") {
		return nil
	}
	return []part{{value: rest, from: len(user) + 1, to: len(v), user: user}}
}

// gnupg tells a protected private key from one in clear: both are S-expressions.
func gnupg(f *file) error {
	head := f.text[:min(len(f.text), 4096)]
	switch {
	case strings.Contains(head, "protected-private-key"):
		f.present("GnuPG private key", "encrypted with a passphrase")
	case strings.Contains(head, "private-key") || strings.Contains(head, "shadowed-private-key"):
		f.keep(span{0, len(f.text)}, Credential{Value: f.text, Name: "GnuPG private key", Comment: "not encrypted"})
	case len(f.content) > 0 && f.content[0]&0xfc == 0x94 || len(f.content) > 0 && f.content[0] == 0xc5:
		f.present("GnuPG secret key ring", "not opened")
	default:
		return errFormat
	}
	return nil
}

// authenticator reads the secret in the first line, and the emergency codes.
func authenticator(f *file) error {
	n := 0
	f.lines(func(l line) {
		n++
		switch {
		case n == 1 && len(l.text) >= 16 && isBase32(l.text):
			f.add(l.part(0, len(l.text)), Credential{Value: l.text, Name: "shared secret"})
		case n > 1 && len(l.text) == 8 && isDigits(l.text):
			f.add(l.part(0, 8), Credential{Value: l.text, Name: "emergency code"})
		}
	})
	if len(f.found) == 0 {
		return errFormat
	}
	return nil
}

func isDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
