package corpus

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// sample is one secret, or one look-alike, in the file where it is at home.
type sample struct {
	path     string // of that file
	text     string // its content
	variable string // that would hold it; empty if it cannot stand in a line
	entry    string // what the variable holds: the value, or a URL with it
	value    string
	forms    []string
	beside   []string
	note     string
}

// A template is the text of a file with marks for what is made at random:
//
//	{form:n}      n letters of a form, see random.form
//	<<…>>         the value of the plant; once
//	<+…+>         a value beside it
//	[[b64:…]]     the base64 of what is inside
var (
	randomMark = regexp.MustCompile(`\{([a-zA-Z0-9]+):(\d+)\}`)
	base64Mark = regexp.MustCompile(`(?s)\[\[b64:(.*?)\]\]`)
	valueMark  = regexp.MustCompile(`(?s)\x01(.*?)\x02`)
	besideMark = regexp.MustCompile(`(?s)\x03(.*?)\x04`)
)

// marked puts control characters for the marks, because random letters may look like marks.
func marked(template string) string {
	return strings.NewReplacer("<<", "\x01", ">>", "\x02", "<+", "\x03", "+>", "\x04").Replace(template)
}

func unmarked(text string) string {
	return strings.NewReplacer("\x01", "", "\x02", "", "\x03", "", "\x04", "").Replace(text)
}

// fill makes a sample of a template. Without a mark the whole text is the value.
func fill(r *random, template string) sample {
	text := randomMark.ReplaceAllStringFunc(marked(template), func(mark string) string {
		m := randomMark.FindStringSubmatch(mark)
		n, err := strconv.Atoi(m[2])
		if err != nil {
			panic(err)
		}
		return r.form(m[1], n)
	})
	s := sample{value: text}
	switch m := valueMark.FindAllStringSubmatch(text, -1); len(m) {
	case 0:
	case 1:
		s.value = m[0][1]
	default:
		panic(fmt.Sprintf("corpus: %d values in the template %q", len(m), template))
	}
	for _, m := range besideMark.FindAllStringSubmatch(text, -1) {
		s.beside = append(s.beside, m[1])
	}
	s.text = base64Mark.ReplaceAllStringFunc(text, func(mark string) string {
		inner := base64Mark.FindStringSubmatch(mark)[1]
		encoded := base64.StdEncoding.EncodeToString([]byte(unmarked(inner)))
		if strings.Contains(inner, "\x01") {
			s.forms = append(s.forms, encoded)
		}
		return encoded
	})
	s.text = unmarked(s.text)
	return s
}
