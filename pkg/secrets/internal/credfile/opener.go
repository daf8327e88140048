package credfile

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode/utf8"
)

// part is a secret within the value of a setting. from and to are its place in
// the value.
type part struct {
	value      string
	from, to   int
	user, host string
	comment    string
	confidence Confidence
	encrypted  bool
}

// behind is the part of a text in which the value has n bytes before it.
func (p part) behind(n int) part {
	if p.to > p.from {
		p.from, p.to = p.from+n, p.to+n
	}
	return p
}

// opener finds the secrets within a value. None: the value holds none.
type opener func(value string) []part

func whole(value string) part { return part{value: value, to: len(value)} }

// urlPassword finds the password in the userinfo of a URL (RFC 3986, section 3.2.1).
func urlPassword(v string) []part {
	scheme := strings.Index(v, "://")
	if scheme < 1 {
		return nil
	}
	start := scheme + len("://")
	authority := v[start:]
	if i := strings.IndexAny(authority, "/?# \t\"'"); i >= 0 {
		authority = authority[:i]
	}
	at := strings.LastIndexByte(authority, '@')
	colon := strings.IndexByte(authority, ':')
	if at < 0 || colon < 0 || colon > at {
		return nil
	}
	password := authority[colon+1 : at]
	p := part{value: password, from: start + colon + 1, to: start + at, user: unescapeURL(authority[:colon]), host: authority[at+1:]}
	if isReference(password) {
		return nil
	}
	p.value = unescapeURL(password)
	return []part{p}
}

// urlToken finds the password of a URL's userinfo, or the user name alone, which
// is where some services put a token.
func urlToken(v string) []part {
	if p := urlPassword(v); p != nil {
		return p
	}
	_, rest, ok := strings.Cut(v, "://")
	if !ok {
		return nil
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	token, host, ok := strings.Cut(authority, "@")
	token, _, _ = strings.Cut(token, ":")
	if !ok || len(token) < 20 { // shorter ones are names of users
		return nil
	}
	from := len(v) - len(rest)
	return []part{{value: unescapeURL(token), from: from, to: from + len(token), host: host}}
}

func unescapeURL(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// basicAuth opens the base64 of "user:password" (RFC 7617).
func basicAuth(v string) []part {
	plain, ok := decodeBase64(v)
	user, password, colon := strings.Cut(plain, ":")
	if !ok || !colon || password == "" {
		return nil
	}
	return []part{{value: strings.TrimRight(password, "\x00"), to: len(v), user: user}}
}

// base64Text opens base64.
func base64Text(v string) []part {
	plain, ok := decodeBase64(v)
	if !ok || strings.ContainsFunc(plain, func(r rune) bool { return r == utf8.RuneError || r < ' ' && r != '\n' && r != '\r' && r != '\t' }) {
		return nil
	}
	return []part{{value: plain, to: len(v)}}
}

func decodeBase64(v string) (string, bool) {
	compact := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, v)
	compact = strings.TrimRight(compact, "=")
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if plain, err := e.DecodeString(compact); err == nil && len(plain) > 0 {
			return string(plain), true
		}
	}
	return "", false
}

// bearer takes the scheme away from the value of an Authorization header (RFC 9110,
// section 11.4) and opens basic authentication.
func bearer(v string) []part {
	scheme, rest, ok := strings.Cut(v, " ")
	if !ok {
		return []part{whole(v)}
	}
	from := len(scheme) + 1
	switch strings.ToLower(scheme) {
	case "basic":
		parts := basicAuth(rest)
		for i := range parts {
			parts[i].from, parts[i].to = parts[i].from+from, parts[i].to+from
		}
		return parts
	case "bearer", "token":
		return []part{{value: rest, from: from, to: len(v)}}
	}
	return nil
}

// connection finds passwords in a connection string: a URL, or keywords and values
// as ODBC, ADO.NET, JDBC and libpq write them.
func connection(v string) []part {
	if p := urlPassword(v); p != nil {
		return p
	}
	fields := keywordValues(v)
	var out []part
	var user, host string
	for _, f := range fields {
		switch strings.ToLower(strings.ReplaceAll(f.name, " ", "")) {
		case "user", "uid", "userid", "username":
			user = f.value
		case "server", "datasource", "host", "hostname", "addr", "address", "accountname", "endpoint":
			host = f.value
		}
	}
	for _, f := range fields {
		switch strings.ToLower(strings.ReplaceAll(f.name, " ", "")) {
		case "password", "pwd", "accountkey", "sharedaccesskey", "sharedsecret", "sharedaccesssignature", "clientsecret":
			if !isReference(f.value) {
				out = append(out, part{value: f.value, from: f.from, to: f.to, user: user, host: host})
			}
		}
	}
	return out
}

type keywordValue struct {
	name, value string
	from, to    int // of the value without quotes
}

// keywordValues reads "name=value" pairs divided by ";", "&", "," or blanks. A value may
// stand in quotes or braces, with the closing one doubled to escape it.
func keywordValues(v string) []keywordValue {
	var out []keywordValue
	divider := " ,"
	switch {
	case strings.Contains(v, ";"):
		divider = ";"
	case strings.Contains(v, "?") && strings.Contains(v, "="):
		divider = "&?"
	}
	for i := 0; i < len(v); {
		eq := strings.IndexByte(v[i:], '=')
		if eq < 0 {
			return out
		}
		eq += i
		nameFrom := strings.LastIndexAny(v[i:eq], divider+"?") + 1 + i
		name := strings.TrimSpace(v[nameFrom:eq])
		i = eq + 1
		for i < len(v) && v[i] == ' ' {
			i++
		}
		if i < len(v) && strings.IndexByte(`"'{`, v[i]) >= 0 {
			value, from, to, next := quotedValue(v, i)
			out = append(out, keywordValue{name, value, from, to})
			i = next
			continue
		}
		end := len(v)
		if n := strings.IndexAny(v[i:], divider); n >= 0 {
			end = i + n
		}
		out = append(out, keywordValue{name, strings.TrimSpace(v[i:end]), i, i + len(strings.TrimRight(v[i:end], " "))})
		i = end
	}
	return out
}

func quotedValue(v string, i int) (value string, from, to, next int) {
	closing := v[i]
	if closing == '{' {
		closing = '}'
	}
	from = i + 1
	for j := from; j < len(v); j++ {
		if v[j] != closing {
			continue
		}
		if j+1 < len(v) && v[j+1] == closing {
			j++
			continue
		}
		double := string([]byte{closing, closing})
		return strings.ReplaceAll(v[from:j], double, double[:1]), from, j, j + 1
	}
	return v[from:], from, len(v), len(v)
}

// either tries several openers.
func either(openers ...opener) opener {
	return func(v string) []part {
		for _, o := range openers {
			if parts := o(v); len(parts) > 0 {
				return parts
			}
		}
		return nil
	}
}

// plainValue is the opener that takes the value itself.
func plainValue(v string) []part { return []part{whole(v)} }
