package credfile

import "strings"

// wholeFile is the reader of a file that holds one secret and nothing else.
func wholeFile(name string, valid func(string) bool) reader {
	return func(f *file) error {
		from, to := trimmed(f.text, 0, len(f.text))
		value := f.text[from:to]
		if value == "" || valid != nil && !valid(value) {
			return errFormat
		}
		f.add(span{from, to - from}, Credential{Value: value, Name: name})
		return nil
	}
}

// firstLine is the reader of a file whose first line is a secret.
func firstLine(name string, confidence Confidence) reader {
	return func(f *file) error {
		one, _, _ := strings.Cut(f.text, "\n")
		from, to := trimmed(one, 0, len(one))
		value := one[from:to]
		if value == "" || !isText([]byte(value)) || len(value) > 1024 || strings.HasPrefix(value, "#!") {
			return errFormat
		}
		f.add(span{from, to - from}, Credential{Value: value, Name: name, Confidence: confidence})
		return nil
	}
}

// oneWord accepts a value without blanks that has a length.
func oneWord(shortest, longest int) func(string) bool {
	return func(v string) bool {
		return len(v) >= shortest && len(v) <= longest && !strings.ContainsAny(v, " \t\r\n<") && isText([]byte(v))
	}
}

// hexWord accepts hexadecimal digits of one of the lengths.
func hexWord(lengths ...int) func(string) bool {
	return func(v string) bool {
		for _, n := range lengths {
			if len(v) == n && isHex(v) {
				return true
			}
		}
		return false
	}
}

// accounts is the reader of lines with a user and a secret between dividers.
type accounts struct {
	divider      byte // 0: blanks
	user, secret int  // columns
	least        int  // columns of a line
	crypt        bool // the secret may be a DES hash without a mark
	hashed       bool // what is no hash is no secret
	kind         string
	realm        int // column that belongs to the user in a digest, 0: none
	comments     string
	likely       bool
}

func (a accounts) read(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	comments := a.comments
	if comments == "" {
		comments = "#"
	}
	good, bad := 0, 0
	f.lines(func(l line) {
		body, commented := l.uncomment(comments)
		if strings.TrimSpace(body.text) == "" {
			return
		}
		columns := a.columns(body, comments)
		if len(columns) < a.least || strings.ContainsAny(columns[a.user].text, " \t") {
			if !commented {
				bad++
			}
			return
		}
		c := Credential{Value: columns[a.secret].text, User: columns[a.user].text, Name: columns[a.user].text, Hash: a.kind}
		if a.realm > 0 {
			c.User += ":" + columns[a.realm].text
		}
		if a.crypt && c.Hash == "" {
			c.Hash = cryptKind(c.Value)
		}
		if a.likely {
			c.Confidence = Likely
		}
		if a.hashed && c.Hash == "" && hashKind(c.Value) == "" {
			return
		}
		if commented {
			f.addCommented(f.literal(columns[a.secret]), c)
			return
		}
		good++
		f.add(f.literal(columns[a.secret]), c)
	})
	if good == 0 && bad > 0 {
		return errFormat
	}
	return nil
}

func (a accounts) columns(l line, comments string) []word {
	if a.divider == 0 {
		return blankFields(l, comments)
	}
	return fields(l, a.divider, 0, 16)
}

// pairStyle is how a file of "keyword value keyword value" lines is read.
type pairStyle struct {
	comments string // "" is "#"
	records  string // keywords that begin a record, divided by "|"; "": each line is one
	equals   bool   // "keyword=value" and "keyword = value" are pairs as well
}

// wordPairs gives the grammar of lines of keywords and values, where each word may
// be the value of the one before it.
func wordPairs(style pairStyle) grammar {
	if style.comments == "" {
		style.comments = "#"
	}
	records := compileKey(style.records)
	return func(f *file, emit func(setting)) error {
		if f.binaryText() {
			return errFormat
		}
		group := 0
		keys := make([]string, 1)
		f.lines(func(l line) {
			body, commented := l.uncomment(style.comments)
			words := blankFields(body, style.comments)
			if commented && len(words) != 2 && !(style.equals && len(words) <= 3) { // prose
				return
			}
			if style.records == "" {
				group++
			}
			if style.equals {
				words = splitEquals(words)
			}
			for i, w := range words {
				if style.records != "" && records.matches(w.text) && !commented {
					group++
				}
				if i+1 < len(words) && !w.quoted {
					keys[0] = w.text
					emit(setting{keys: keys, group: group, value: words[i+1].text, at: words[i+1].at, commented: commented})
				}
			}
		})
		return nil
	}
}

// splitEquals divides words at their first "=", and takes an equals sign that
// stands alone away.
func splitEquals(words []word) []word {
	var out []word
	for _, w := range words {
		name, value, ok := strings.Cut(w.text, "=")
		switch {
		case w.quoted || !ok:
			out = append(out, w)
		case w.text == "=":
		case name == "":
			out = append(out, word{text: value, at: span{w.at.offset + 1, w.at.length - 1}})
		default:
			out = append(out, word{text: name, at: span{w.at.offset, len(name)}})
			if value == "" {
				continue // the value is the next word, in quotes
			}
			from := w.at.offset + len(name) + 1
			if q := value[0]; (q == '"' || q == '\'') && len(value) > 1 && value[len(value)-1] == q {
				raw := value[1 : len(value)-1]
				if value = raw; q == '"' {
					value = unescapeC(raw)
				}
				out = append(out, word{text: value, at: span{from + 1, len(raw)}, quoted: true})
				continue
			}
			out = append(out, word{text: value, at: span{from, len(value)}, quoted: true})
		}
	}
	return out
}

// jsonOr takes the first reader for JSON and the second for anything else.
func jsonOr(json, other reader) reader {
	return func(f *file) error {
		if t := strings.TrimLeft(f.text, " \t\r\n"); strings.HasPrefix(t, "{") || strings.HasPrefix(t, "[{") {
			return json(f)
		}
		return other(f)
	}
}

// both runs several readers over one file. It fails if all do.
func both(readers ...reader) reader {
	return func(f *file) error {
		var failed error
		good := false
		for _, r := range readers {
			if err := r(f); err != nil {
				failed = err
			} else {
				good = true
			}
		}
		if good {
			return nil
		}
		return failed
	}
}
