package credfile

import "strings"

// exceptValue takes values but one, which the program is shipped with.
func exceptValue(shipped string) opener {
	return func(v string) []part {
		if v == shipped {
			return []part{{value: v, to: len(v), confidence: Unsure, comment: "the value that the program is shipped with"}}
		}
		return []part{whole(v)}
	}
}

// wireguardKey takes 32 bytes in base64.
func wireguardKey(v string) []part {
	if raw, ok := decodeBase64(v); !ok || len(raw) != 32 || len(v) != 44 {
		return nil
	}
	return []part{whole(v)}
}

func isWireguardHead(head string) bool { return wireguardKey(strings.TrimSpace(head)) != nil }

// swanSecret opens 0s and 0x, behind which a secret is encoded.
func swanSecret(v string) []part {
	if rest, ok := strings.CutPrefix(v, "0s"); ok {
		if plain, ok := decodeBase64(rest); ok {
			return []part{{value: plain, to: len(v)}}
		}
	}
	if rest, ok := strings.CutPrefix(v, "0x"); ok && len(rest)%2 == 0 && isHex(rest) {
		return []part{{value: string(fromHex(rest)), to: len(v)}}
	}
	return []part{whole(v)}
}

// ipsecSecrets reads "selectors : TYPE secret".
func ipsecSecrets(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		words := blankFields(body, "#")
		for i, w := range words {
			if w.quoted || !strings.HasSuffix(w.text, ":") || i+2 >= len(words) {
				continue
			}
			host := strings.TrimSuffix(w.text, ":")
			if host == "" && i > 0 {
				host = words[0].text
			}
			secret := words[i+2]
			switch kind := strings.ToUpper(words[i+1].text); kind {
			case "PSK", "EAP", "XAUTH", "NTLM", "PPK":
				parts := []part{whole(secret.text)}
				if !secret.quoted {
					parts = swanSecret(secret.text)
				}
				f.addPart(secret, part{value: parts[0].value, host: host}, kind, commented)
			case "RSA", "ECDSA", "P12", "PKCS8", "BLISS":
				if i+3 < len(words) && words[i+3].text != "%prompt" {
					f.addPart(words[i+3], part{value: words[i+3].text, host: host}, kind+" passphrase", commented)
				}
			case "PIN":
				if i+3 < len(words) && words[i+3].text != "%prompt" {
					f.addPart(words[i+3], part{value: words[i+3].text, host: host}, kind, commented)
				}
			}
			return
		}
	})
	return nil
}

// pppSecrets reads "client server secret addresses".
func pppSecrets(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		words := blankFields(body, "#")
		if len(words) < 3 || commented && len(words) > 4 || strings.HasPrefix(words[2].text, "@") {
			return
		}
		if strings.EqualFold(words[0].text, "client") && strings.EqualFold(words[2].text, "secret") { // the table's head
			return
		}
		f.addPart(words[2], part{value: words[2].text, user: words[0].text, host: words[1].text}, words[0].text, commented)
	})
	return nil
}

// twoLines reads a user and a password on lines of their own.
func twoLines(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	n, user := 0, ""
	f.lines(func(l line) {
		from, to := trimmed(l.text, 0, len(l.text))
		if from == to {
			return
		}
		switch n++; n {
		case 1:
			user = l.text[from:to]
		case 2:
			f.add(l.part(from, to), Credential{Value: l.text[from:to], Name: "password", User: user})
		}
	})
	if n > 3 {
		f.found = nil
		return errFormat
	}
	return nil
}

// openVPN reads the inline files of a configuration: user and password, and keys.
func openVPN(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	tag, from, user, lines := "", 0, "", 0
	f.lines(func(l line) {
		t := strings.TrimSpace(l.text)
		switch {
		case tag == "" && strings.HasPrefix(t, "<") && strings.HasSuffix(t, ">") && len(t) > 2:
			tag, from, user, lines = t[1:len(t)-1], l.offset+len(l.text), "", 0
		case tag != "" && t == "</"+tag+">":
			a, b := trimmed(f.text, from, l.offset)
			c := Credential{Value: f.text[a:b], Name: tag}
			switch tag {
			case "key", "tls-auth", "tls-crypt", "tls-crypt-v2", "secret", "pkcs12":
				c.Encrypted = strings.Contains(c.Value, "ENCRYPTED")
				f.keepNonEmpty(span{a, b - a}, c)
			}
			tag = ""
		case tag == "auth-user-pass" && t != "":
			if lines++; lines == 1 {
				user = t
			} else if lines == 2 {
				a, b := trimmed(l.text, 0, len(l.text))
				f.add(l.part(a, b), Credential{Value: t, Name: tag, User: user})
			}
		}
	})
	return nil
}

func (f *file) keepNonEmpty(at span, c Credential) {
	if c.Value != "" {
		f.keep(at, c)
	}
}

// openVPNKey reads a static key between its marks.
func openVPNKey(f *file) error {
	const head, tail = "-----BEGIN OpenVPN ", "-----END OpenVPN "
	from, to := strings.Index(f.text, head), strings.LastIndex(f.text, tail)
	if from < 0 || to < from {
		return errFormat
	}
	line, _, _ := strings.Cut(f.text[to:], "\n")
	from, end := trimmed(f.text, from, to+len(line))
	f.keep(span{from, end - from}, Credential{Value: f.text[from:end], Name: "static key"})
	return nil
}

// vpnc reads options whose names have several words.
func vpnc(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	user, host := "", ""
	f.lines(func(l line) {
		from, _ := trimmed(l.text, 0, len(l.text))
		t := l.text[from:]
		for _, name := range []string{"IPSec secret ", "Xauth password ", "IPSec obfuscated secret ", "Xauth obfuscated password "} {
			if value, ok := strings.CutPrefix(t, name); ok {
				c := Credential{Value: value, Name: strings.TrimSpace(name), User: user, Host: host}
				if strings.Contains(name, "obfuscated") {
					c.Encrypted, c.Comment = true, "obfuscated as Cisco's client does"
				}
				f.add(l.part(from+len(name), len(l.text)), c)
			}
		}
		if value, ok := strings.CutPrefix(t, "Xauth username "); ok {
			user = value
		}
		if value, ok := strings.CutPrefix(t, "IPSec gateway "); ok {
			host = value
		}
	})
	return nil
}

// radiusUsers reads "name Attribute := value" checks.
func radiusUsers(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		words := blankFields(body, "#")
		for i := 1; i+2 < len(words); i++ {
			c := part{value: strings.TrimSuffix(words[i+2].text, ","), user: words[0].text}
			switch strings.ToLower(words[i].text) {
			case "cleartext-password", "user-password", "nt-password", "crypt-password", "ssha-password", "password-with-header":
				if op := words[i+1].text; op == ":=" || op == "==" || op == "=" {
					f.addPart(words[i+2], c, words[i].text, commented)
				}
			}
		}
	})
	return nil
}
