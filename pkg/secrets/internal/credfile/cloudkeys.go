package credfile

import "strings"

// awsKeys reads the files that the console gives: "AWSAccessKeyId=…" lines, or a
// table divided by commas with a head.
func awsKeys(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	var head []string
	user := ""
	f.lines(func(l line) {
		name, value, ok := strings.Cut(l.text, "=")
		switch {
		case ok && name == "AWSAccessKeyId":
			user = strings.TrimSpace(value)
		case ok && name == "AWSSecretKey":
			from, to := trimmed(l.text, len(name)+1, len(l.text))
			f.add(l.part(from, to), Credential{Value: l.text[from:to], Name: name, User: user})
		default:
			columns := fields(l, ',', 0, 32)
			if head == nil && strings.Contains(strings.ToLower(l.text), "secret access key") {
				for _, c := range columns {
					head = append(head, strings.ToLower(strings.TrimSpace(c.text)))
				}
				return
			}
			f.keyRow(head, columns)
		}
	})
	return nil
}

func (f *file) keyRow(head []string, columns []word) {
	user := ""
	for i, c := range columns {
		if i < len(head) && (head[i] == "access key id" || head[i] == "user name" && user == "") {
			user = strings.TrimSpace(c.text)
		}
	}
	for i, c := range columns {
		if i < len(head) && (head[i] == "secret access key" || head[i] == "password") {
			f.add(f.literalIn(c, strings.TrimSpace(c.text)), Credential{Value: strings.TrimSpace(c.text), Name: head[i], User: user})
		}
	}
}

// s3fsPassword reads "id:key" and "bucket:id:key".
func s3fsPassword(f *file) error {
	if !strings.Contains(f.path, "s3fs") {
		return nil
	}
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		i := strings.LastIndexByte(body.text, ':')
		if i < 1 || commented {
			return
		}
		from, to := trimmed(body.text, i+1, len(body.text))
		_, user := cutColon(body.text[:i])
		f.add(body.part(from, to), Credential{Value: body.text[from:to], Name: "secret key", User: user})
	})
	return nil
}

func cutColon(s string) (before, last string) {
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		return s[:i], s[i+1:]
	}
	return "", s
}

// oauthTokens opens the JSON of an OAuth 2 token.
func oauthTokens(v string) []part {
	var out []part
	inner := &file{text: v}
	_ = jsonText(inner, func(s setting) { // what is no JSON has no tokens
		switch s.keys[len(s.keys)-1] {
		case "access_token", "refresh_token", "id_token":
			out = append(out, part{value: s.value, from: s.at.offset, to: s.at.end()})
		}
	})
	return out
}

// shellVariable takes a value unless the script asks for it.
func shellVariable(v string) []part {
	if strings.HasPrefix(v, "$") {
		return nil
	}
	return []part{whole(v)}
}
