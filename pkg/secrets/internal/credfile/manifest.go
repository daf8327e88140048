package credfile

import (
	"cmp"
	"strings"
)

// isSecretManifest looks for the kind of an object at the beginning of a line or in JSON.
func isSecretManifest(head string) bool {
	for rest := head; ; {
		i := strings.Index(rest, "kind")
		if i < 0 {
			return false
		}
		rest = rest[i+len("kind"):]
		value := strings.TrimLeft(rest, "\"' :")
		if strings.HasPrefix(value, "Secret") && (len(value) == 6 || strings.IndexByte("\"'\r\n ,L", value[6]) >= 0) {
			return true
		}
	}
}

// kubernetesSecret takes data and stringData of the objects of kind Secret, and only
// of those, wherever the kind stands in them.
func kubernetesSecret(f *file) error {
	type object struct {
		secret bool
		name   string
		values []setting
	}
	objects := map[int]*object{}
	var order []int
	visit := func(s setting) {
		// The object is what the keys before "kind", "data" or "metadata" lead to.
		depth := 0
		for depth < len(s.keys) && (s.keys[depth] == "items" || s.keys[depth] == listItem) {
			depth++
		}
		if s.commented || depth >= len(s.keys) {
			return
		}
		rest := s.keys[depth:]
		id := s.groups[depth]
		o := objects[id]
		if o == nil {
			if len(objects) > MaxCredentials {
				return
			}
			o = &object{}
			objects[id] = o
			order = append(order, id)
		}
		switch {
		case len(rest) == 1 && rest[0] == "kind":
			o.secret = s.value == "Secret"
		case len(rest) == 2 && rest[0] == "metadata" && rest[1] == "name":
			o.name = s.value
		case len(rest) == 2 && (rest[0] == "data" || rest[0] == "stringData") && len(o.values) < MaxCredentials:
			s.keys = []string{rest[0], rest[1]}
			o.values = append(o.values, s)
		}
	}
	err := yamlText(f, visit) // JSON is YAML
	for _, id := range order {
		o := objects[id]
		for _, v := range o.values {
			if o.secret {
				f.secretData(v, o.name)
			}
		}
	}
	return err
}

func (f *file) secretData(s setting, object string) {
	c := Credential{Value: s.value, Name: s.keys[1], Host: object, Confidence: Likely}
	if isSecretName(s.keys[1]) {
		c.Confidence = Certain
	}
	if s.keys[0] == "data" {
		plain, ok := decodeBase64(s.value)
		if !ok {
			return
		}
		c.Value = strings.TrimRight(plain, "\n")
	}
	switch s.keys[1] {
	case ".dockerconfigjson", ".dockercfg":
		inner := &file{format: f.format, text: c.Value, content: []byte(c.Value), guesses: f.guesses}
		_ = settings(jsonText, about{}, pick{at: "auths/{host}/auth", open: basicAuth}, pick{at: "{host}/auth", open: basicAuth})(inner) // found or not
		for _, one := range inner.found {
			f.add(s.at, Credential{Value: one.Value, Name: s.keys[1], User: one.User, Host: one.Host})
		}
		return
	case "tls.crt", "ca.crt", "username", "user", "namespace", "host", "port", "dbname":
		return
	}
	if !f.fileOf(s, c) {
		f.add(s.at, c)
	}
}

// fileOf adds the credentials of a value that is a file, as its key says, and reports whether it is one.
func (f *file) fileOf(s setting, c Credential) bool {
	if f.match == nil {
		return false
	}
	whole := false
	for _, m := range f.match(s.keys[1], []byte(c.Value)) {
		inner := newFile(m, []byte(c.Value))
		inner.guesses = f.guesses
		_ = m.format.read(inner) // what stands before an error counts
		f.guesses = inner.guesses
		for _, one := range inner.found {
			whole = true
			one.Host = cmp.Or(one.Host, c.Host)
			f.add(s.at, one)
		}
	}
	return whole
}

// csvTokens reads "token,user,uid,groups".
func csvTokens(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		columns := fields(l, ',', 0, 4)
		if len(columns) < 3 || strings.HasPrefix(columns[0].text, "#") {
			return
		}
		from, to := trimmed(l.text, 0, columns[0].at.length)
		f.add(l.part(from, to), Credential{Value: l.text[from:to], Name: "token", User: columns[1].text})
	})
	return nil
}
