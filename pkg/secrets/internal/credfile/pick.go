package credfile

import "strings"

// setting is one key and value of a file, in whatever grammar.
type setting struct {
	keys      []string // from the outermost; valid during the call only
	group     int      // the object, section or element that the setting belongs to
	groups    []int    // the same for each of the keys; given by YAML alone
	value     string   // unquoted and unescaped
	at        span     // the form of the value in the text, without its quotes
	commented bool
}

// name is the innermost key.
func (s setting) name() string {
	for i := len(s.keys) - 1; i >= 0; i-- {
		if k := strings.TrimLeft(s.keys[i], "@="); k != "" && k != listItem {
			return k
		}
	}
	return ""
}

// listItem is the key of all items of a list.
const listItem = "[]"

// prefixGroups are the groups of grammars that have none of their own: names that
// are equal up to their last "_" or "." belong together.
type prefixGroups map[string]int

func (p prefixGroups) of(name string) int {
	prefix := name[:max(strings.LastIndexAny(name, "_."), 0)]
	group, ok := p[prefix]
	if !ok && len(p) < mostGroups {
		group = -2 - len(p)
		p[prefix] = group
	}
	return group
}

// grammar walks over the settings of a file.
type grammar func(f *file, emit func(setting)) error

// pick says which settings hold a secret.
type pick struct {
	// at are the keys that lead to the setting: names divided by "/", each with
	// alternatives divided by "|" that may have one "*", or one at each end. "[]" is an item of a list. A
	// leading "**/" stands for any keys. {user} and {host} take the key itself. Several
	// such paths are divided by blanks; none stands for all.
	at string

	named      func(name string) bool // of the innermost key
	open       opener                 // how the secret stands in the value; nil: it is the value
	confidence Confidence
	comment    string
	hash       string // the kind, when its form does not tell
	encrypted  bool
}

// about names the keys that tell whose a secret is and where it is used, with
// alternatives divided by "|". They are looked for beside the secret.
type about struct{ user, host string }

// settings gives a reader that picks secrets out of a grammar's settings.
func settings(g grammar, who about, picks ...pick) reader {
	compiled := make([]compiledPick, len(picks))
	for i, p := range picks {
		compiled[i] = compiledPick{pick: p, paths: compilePaths(p.at)}
	}
	user, host := compileKey(who.user), compileKey(who.host)
	return func(f *file) error {
		s := selection{f: f, picks: compiled, user: user, host: host, groups: map[int]owner{}}
		err := g(f, s.look)
		s.finish()
		return err
	}
}

// mostGroups bounds the memory for users and hosts.
const mostGroups = 50_000

type owner struct{ user, host string }

type compiledPick struct {
	pick
	paths []keyPattern
}

// match gives what the keys capture if one of the paths fits.
func (p *compiledPick) match(keys []string) (who owner, ok bool) {
	for _, path := range p.paths {
		if who, ok = path.match(keys); ok {
			return who, true
		}
	}
	return who, false
}

type choice struct {
	at         span
	credential Credential
	group      int
	commented  bool
}

// selection gathers what the picks choose. The user may stand behind the
// password, so choices wait for the end of the file.
type selection struct {
	f          *file
	picks      []compiledPick
	user, host key
	groups     map[int]owner
	choices    []choice
}

func (s *selection) look(one setting) {
	if len(one.keys) == 0 {
		return
	}
	last := strings.TrimLeft(one.keys[len(one.keys)-1], "@=")
	isUser, isHost := s.user.matches(last), s.host.matches(last)
	if (isUser || isHost) && len(s.groups) < mostGroups {
		o := s.groups[one.group]
		if isUser && o.user == "" {
			o.user = one.value
		}
		if isHost && o.host == "" {
			o.host = one.value
		}
		s.groups[one.group] = o
	}
	if one.value == "" {
		return
	}
	for i := range s.picks {
		if s.choose(&s.picks[i], one) {
			return
		}
	}
}

func (s *selection) choose(p *compiledPick, one setting) bool {
	who, ok := p.match(one.keys)
	if !ok || p.named != nil && !p.named(one.name()) {
		return false
	}
	parts := []part{{value: one.value, to: len(one.value)}}
	if p.open != nil {
		if parts = p.open(one.value); len(parts) == 0 {
			return false
		}
	}
	for _, part := range parts {
		if len(s.choices) > MaxCredentials {
			s.f.dropped = true
			return true
		}
		at := one.at
		switch form := s.f.text[at.offset:at.end()]; {
		case form == one.value:
			at = span{at.offset + part.from, part.to - part.from}
		case len(form) <= 4<<10 && part.from > 0 && strings.Count(form, part.value) == 1:
			// Something before the secret is escaped, not the secret itself.
			at = span{at.offset + strings.Index(form, part.value), len(part.value)}
		}
		s.choices = append(s.choices, choice{at, Credential{
			Value: part.value, Name: one.name(), Hash: p.hash, Confidence: max(p.confidence, part.confidence),
			User: first(part.user, who.user), Host: first(part.host, who.host),
			Comment: join(p.comment, part.comment), Encrypted: p.encrypted || part.encrypted,
		}, one.group, one.commented})
	}
	return true
}

func (s *selection) finish() {
	for _, c := range s.choices {
		o := s.groups[c.group]
		c.credential.User = first(c.credential.User, o.user)
		c.credential.Host = first(c.credential.Host, o.host)
		if c.commented {
			s.f.addCommented(c.at, c.credential)
		} else {
			s.f.add(c.at, c.credential)
		}
	}
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// keyPattern is a compiled pick.at.
type keyPattern struct {
	anywhere bool
	keys     []key
}

// key matches one key.
type key struct {
	user, host   bool
	alternatives []keyGlob
}

type keyGlob struct {
	before, after string
	star          bool
	inside        string // of "*inside*", in lower case
}

func compilePaths(at string) []keyPattern {
	if at == "" {
		return []keyPattern{{anywhere: true}}
	}
	var paths []keyPattern
	for _, path := range strings.Fields(at) {
		rest, anywhere := strings.CutPrefix(path, "**/")
		p := keyPattern{anywhere: anywhere}
		for _, k := range strings.Split(rest, "/") {
			p.keys = append(p.keys, compileKey(k))
		}
		paths = append(paths, p)
	}
	return paths
}

func compileKey(text string) key {
	k := key{user: text == "{user}", host: text == "{host}"}
	if text == "" || k.user || k.host {
		return k
	}
	for _, a := range strings.Split(text, "|") {
		if inner := strings.Trim(a, "*"); len(a) == len(inner)+2 && a[0] == '*' && inner != "" {
			k.alternatives = append(k.alternatives, keyGlob{inside: strings.ToLower(inner)})
			continue
		}
		if strings.Count(a, "*") > 1 {
			panic("credfile: the pattern " + text + " has two stars in one key") // a mistake in the table
		}
		before, after, star := strings.Cut(a, "*")
		k.alternatives = append(k.alternatives, keyGlob{before: before, after: after, star: star})
	}
	return k
}

func (p keyPattern) match(keys []string) (who owner, ok bool) {
	if len(keys) < len(p.keys) || !p.anywhere && len(keys) != len(p.keys) {
		return who, false
	}
	keys = keys[len(keys)-len(p.keys):]
	for i, k := range p.keys {
		switch {
		case k.user:
			who.user = keys[i]
		case k.host:
			who.host = keys[i]
		case !k.matches(keys[i]):
			return who, false
		}
	}
	return who, true
}

func (k key) matches(name string) bool {
	for _, a := range k.alternatives {
		if a.inside != "" {
			if strings.Contains(strings.ToLower(name), a.inside) {
				return true
			}
			continue
		}
		if !a.star {
			if strings.EqualFold(a.before, name) {
				return true
			}
			continue
		}
		if n := len(name); n >= len(a.before)+len(a.after) &&
			strings.EqualFold(name[:len(a.before)], a.before) && strings.EqualFold(name[n-len(a.after):], a.after) {
			return true
		}
	}
	return false
}
