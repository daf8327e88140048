package gitobj

import (
	"bytes"
	"net/url"
	"strings"
)

// config is what a repository's configuration says that matters here.
type config struct {
	format Format
	urls   [][]byte // of remotes and of rewrites, as written
}

// parseConfig reads the syntax that git-config(1) describes, as far as objects'
// format and URLs need it. It knows no malformed file: what it does not
// understand it leaves out.
func parseConfig(content []byte) (c config) {
	section := ""
	for line := range bytes.Lines(content) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' || line[0] == ';' {
			continue
		}
		if line[0] == '[' {
			head, rest, ok := cutSection(line)
			if !ok {
				section = ""
				continue
			}
			name, sub, _ := bytes.Cut(head, []byte(" "))
			section = strings.ToLower(string(name))
			if section == "url" {
				c.urls = append(c.urls, unquote(sub))
			}
			if line = bytes.TrimSpace(rest); len(line) == 0 {
				continue
			}
		}
		key, value, _ := bytes.Cut(line, []byte("="))
		value = unquote(value)
		switch section + "." + strings.ToLower(string(bytes.TrimSpace(key))) {
		case "extensions.objectformat":
			switch string(bytes.ToLower(value)) {
			case "sha1":
				c.format = SHA1
			case "sha256":
				c.format = SHA256
			}
		case "remote.url", "remote.pushurl", "remote.proxy", "submodule.url", "http.proxy":
			c.urls = append(c.urls, value)
		}
	}
	return c
}

// cutSection takes `[name "sub section"]` off a line. A bracket in quotes does not end it.
func cutSection(line []byte) (head, rest []byte, ok bool) {
	quoted := false
	for i := 1; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ']' && !quoted:
			return line[1:i], line[i+1:], true
		}
	}
	return nil, nil, false
}

// unquote gives a value without quotes, escapes and the comment behind it.
func unquote(value []byte) []byte {
	value = bytes.TrimSpace(value)
	out := make([]byte, 0, len(value))
	quoted := false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && i+1 < len(value):
			i++
			out = append(out, value[i])
		case c == '"':
			quoted = !quoted
		case (c == '#' || c == ';') && !quoted:
			return bytes.TrimSpace(out)
		default:
			out = append(out, c)
		}
	}
	return out
}

// keepRemote keeps a URL without what a password may be in.
func (g *graphBuilder) keepRemote(raw []byte) {
	shown := string(cut(raw, maxPerson))
	if u, err := url.Parse(shown); err == nil {
		u.User, u.RawQuery, u.Fragment = nil, "", ""
		shown = u.String()
	} else if at := strings.LastIndexByte(shown, '@'); at >= 0 {
		shown = shown[at+1:]
	}
	if !g.budget.spend(nameCost + len(shown)) {
		g.dropped++
		return
	}
	g.graph.Remotes = append(g.graph.Remotes, shown)
}
