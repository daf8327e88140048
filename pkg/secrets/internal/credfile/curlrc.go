package credfile

import "strings"

// curlConfiguration reads long options with and without dashes, and wget's.
func curlConfiguration(f *file) error {
	return settings(wordPairs(pairStyle{equals: true}), about{},
		pick{at: "user|-u|--user|proxy-user|--proxy-user|-U", open: userPassword},
		pick{at: "password|ftp_password|http_password|proxy_password|http_passwd|proxy_passwd|ftp_passwd|pass|--pass|oauth2-bearer|--oauth2-bearer"},
		pick{at: "header|-H|--header", open: authorizationHeader},
		pick{at: "proxy|--proxy|-x|url|--url|http_proxy|https_proxy|ftp_proxy", open: urlPassword})(f)
}

// userPassword opens user:password.
func userPassword(v string) []part {
	user, password, ok := strings.Cut(v, ":")
	if !ok || password == "" || strings.HasPrefix(password, "//") {
		return nil
	}
	return []part{{value: password, from: len(user) + 1, to: len(v), user: user}}
}

// authorizationHeader opens "Authorization: scheme credentials" and headers of tokens.
func authorizationHeader(v string) []part {
	name, value, ok := strings.Cut(v, ":")
	if !ok {
		return nil
	}
	from := len(name) + 1
	for from < len(v) && v[from] == ' ' {
		from++
	}
	value = strings.TrimSpace(value)
	var parts []part
	switch lower := strings.ToLower(strings.TrimSpace(name)); {
	case lower == "authorization" || lower == "proxy-authorization":
		parts = bearer(value)
	case strings.HasSuffix(lower, "token") || strings.HasSuffix(lower, "api-key") || strings.HasSuffix(lower, "apikey"):
		parts = []part{whole(value)}
	}
	for i := range parts {
		parts[i].from, parts[i].to = parts[i].from+from, parts[i].to+from
	}
	return parts
}

// puttyKey recognises a key and says whether it is encrypted; the key itself is what
// is secret.
func puttyKey(f *file) error {
	if !strings.HasPrefix(f.text, "PuTTY-User-Key-File-") {
		return errFormat
	}
	encryption, comment, key := "", "", span{}
	f.lines(func(l line) {
		switch name, value, _ := strings.Cut(l.text, ": "); name {
		case "Encryption":
			encryption = value
		case "Comment":
			comment = value
		case "Private-Lines":
			key = span{l.offset + len(l.text), 0}
		case "Private-MAC", "Key-Derivation":
		default:
			if key.offset > 0 && !strings.Contains(l.text, ":") {
				key.length = l.offset + len(l.text) - key.offset
			}
		}
	})
	from, to := trimmed(f.text, key.offset, key.end())
	if from >= to {
		return errFormat
	}
	c := Credential{Value: f.text[from:to], Name: "private key", User: comment}
	if encryption != "none" {
		c.Encrypted, c.Comment = true, "encrypted with a passphrase ("+encryption+")"
	}
	f.keep(span{from, to - from}, c)
	return nil
}
