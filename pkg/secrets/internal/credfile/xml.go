package credfile

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// xmlText is the grammar of XML 1.0. The keys of a setting are the names of elements
// without prefix; an attribute's key begins with "@". An element with an attribute
// called key, name or id gives its value once more under "=" and that name: an
// attribute "value", or its text. Entities that the file declares are not resolved.
func xmlText(f *file, emit func(setting)) error {
	r := xmlReader{text: f.text, emit: named(emit)}
	if !strings.HasPrefix(strings.TrimLeft(f.text, " \t\r\n"), "<") {
		return errFormat
	}
	return r.read(0, len(f.text), false)
}

type xmlReader struct {
	text     string
	emit     func(setting)
	keys     []string
	elements []xmlElement
	groups   int
}

type xmlElement struct {
	group int    // its own, which its attributes and children belong to
	named string // by its attribute key, name or id
}

// read reads the text from one offset to another: the file, or a comment in it.
func (r *xmlReader) read(from, to int, commented bool) error {
	d := xml.NewDecoder(strings.NewReader(r.text[from:to]))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	bottom := len(r.elements)
	for {
		start := from + int(d.InputOffset())
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.Join(errFormat, err)
		}
		end := from + int(d.InputOffset())
		switch t := token.(type) {
		case xml.StartElement:
			if len(r.elements)-bottom >= MaxDepth {
				return ErrTooDeep
			}
			r.open(t, start, end, commented)
		case xml.EndElement:
			if len(r.elements) > bottom {
				r.elements = r.elements[:len(r.elements)-1]
				r.keys = r.keys[:len(r.keys)-1]
			}
		case xml.CharData:
			if len(r.elements) > bottom {
				r.content(string(t), start, end, commented)
			}
		case xml.Comment:
			if !commented && strings.Contains(string(t), "<") {
				r.comment(start+len("<!--"), end-len("-->"))
			}
		}
	}
}

// comment reads an element that was commented out. Its errors are nobody's.
func (r *xmlReader) comment(from, to int) {
	from, to = trimmed(r.text, from, max(from, to))
	if from >= to || r.text[from] != '<' {
		return
	}
	keys, elements := r.keys, r.elements
	_ = r.read(from, to, true)
	r.keys, r.elements = keys[:len(keys):len(keys)], elements[:len(elements):len(elements)]
}

func (r *xmlReader) open(t xml.StartElement, start, end int, commented bool) {
	r.groups++
	r.keys = append(r.keys, t.Name.Local)
	e := xmlElement{group: r.groups}
	places := attributePlaces(r.text[start:end], start)
	value := -1
	for i, a := range t.Attr {
		switch strings.ToLower(a.Name.Local) {
		case "key", "name", "id":
			if e.named == "" {
				e.named = a.Value
			}
		case "value", "val":
			value = i
		}
		if i < len(places) {
			r.emit(setting{keys: append(r.keys, "@"+a.Name.Local), group: e.group, value: a.Value, at: places[i], commented: commented})
		}
	}
	if e.named != "" && value >= 0 && value < len(places) {
		// The pair belongs to what the element stands in.
		r.emit(setting{keys: append(r.keys, "="+e.named), group: r.parent(), value: t.Attr[value].Value, at: places[value], commented: commented})
	}
	r.elements = append(r.elements, e)
}

// parent is the group of the innermost open element.
func (r *xmlReader) parent() int {
	if len(r.elements) == 0 {
		return 0
	}
	return r.elements[len(r.elements)-1].group
}

func (r *xmlReader) content(value string, start, end int, commented bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return
	}
	if strings.HasPrefix(r.text[start:end], "<![CDATA[") {
		start, end = start+len("<![CDATA["), end-len("]]>")
	}
	start, end = trimmed(r.text, start, max(start, end))
	group := 0
	if n := len(r.elements); n > 1 {
		group = r.elements[n-2].group
	}
	at := span{start, end - start}
	r.emit(setting{keys: r.keys, group: group, value: value, at: at, commented: commented})
	if e := r.elements[len(r.elements)-1]; e.named != "" {
		r.emit(setting{keys: append(r.keys, "="+e.named), group: group, value: value, at: at, commented: commented})
	}
}

// attributePlaces finds the values of a start tag's attributes, in their order.
func attributePlaces(tag string, offset int) []span {
	var out []span
	for i := 0; i < len(tag); {
		eq := strings.IndexByte(tag[i:], '=')
		if eq < 0 {
			return out
		}
		i += eq + 1
		for i < len(tag) && strings.IndexByte(" \t\r\n", tag[i]) >= 0 {
			i++
		}
		if i >= len(tag) {
			return out
		}
		if q := tag[i]; q == '"' || q == '\'' {
			n := strings.IndexByte(tag[i+1:], q)
			if n < 0 {
				return out
			}
			out = append(out, span{offset + i + 1, n})
			i += n + 2
			continue
		}
		n := strings.IndexAny(tag[i:], " \t\r\n>")
		if n < 0 {
			return out
		}
		out = append(out, span{offset + i, n})
		i += n
	}
	return out
}
