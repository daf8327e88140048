package credfile

import "strings"

// properties is the grammar of java.util.Properties: the keys of a setting are the
// parts of its name between dots.
func properties(f *file, emit func(setting)) error {
	if f.binaryText() {
		return errFormat
	}
	r := propertyReader{emit: emit, groups: prefixGroups{}}
	f.lines(r.line)
	return nil
}

// propertyNames is properties with the whole name as one key.
func propertyNames(f *file, emit func(setting)) error {
	return properties(f, func(s setting) {
		s.keys = []string{strings.Join(s.keys, ".")}
		emit(s)
	})
}

// propertyReader joins lines that end in an odd number of backslashes.
type propertyReader struct {
	emit   func(setting)
	joined strings.Builder
	at     span // of the value's form
	keys   []string
	groups prefixGroups
	group  int
	open   bool
}

func (r *propertyReader) line(l line) {
	t := strings.TrimLeft(l.text, " \t\f")
	start := len(l.text) - len(t)
	if r.open {
		r.extend(l, start, t)
		return
	}
	if t == "" {
		return
	}
	if t[0] == '#' || t[0] == '!' {
		body, _ := l.uncomment("#!")
		if key, _, _ := strings.Cut(body.text, "="); len(key) < len(body.text) && !strings.ContainsAny(strings.TrimSpace(key), " \t") {
			r.setting(body, 0, body.text, true)
		}
		return
	}
	r.setting(l, start, t, false)
}

func (r *propertyReader) setting(l line, start int, t string, commented bool) {
	end := 0
	for end < len(t) && strings.IndexByte("=: \t\f", t[end]) < 0 {
		if t[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(t))
	name := unescapeC(t[:end])
	v := end
	for v < len(t) && strings.IndexByte(" \t\f", t[v]) >= 0 {
		v++
	}
	if v < len(t) && (t[v] == '=' || t[v] == ':') {
		v++
		for v < len(t) && strings.IndexByte(" \t\f", t[v]) >= 0 {
			v++
		}
	}
	r.keys = append(r.keys[:0], strings.Split(name, ".")...)
	r.group = r.groups.of(name)
	raw := t[v:]
	r.open = oddBackslashes(raw) && !commented
	if r.open {
		raw = raw[:len(raw)-1]
	}
	r.at = l.part(start+v, start+v+len(raw))
	r.joined.Reset()
	r.joined.WriteString(raw)
	if !r.open {
		r.done(commented)
	}
}

func (r *propertyReader) extend(l line, start int, t string) {
	r.open = oddBackslashes(t)
	if r.open {
		t = t[:len(t)-1]
	}
	if r.joined.Len() == 0 {
		r.at = l.part(start, start+len(t))
	} else {
		r.at.length = l.offset + start + len(t) - r.at.offset
	}
	r.joined.WriteString(t)
	if !r.open {
		r.done(false)
	}
}

// done gives the setting. Blanks at the end belong to a value in properties, but
// no program means them.
func (r *propertyReader) done(commented bool) {
	raw := r.joined.String()
	short := strings.TrimRight(raw, " \t")
	if len(short) < len(raw) {
		r.at.length -= len(raw) - len(short)
	}
	r.emit(setting{keys: r.keys, group: r.group, value: unescapeC(short), at: r.at, commented: commented})
}

func oddBackslashes(s string) bool { return (len(s)-len(strings.TrimRight(s, `\`)))%2 == 1 }
