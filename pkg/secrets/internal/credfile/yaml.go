package credfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// yamlText is the grammar of YAML 1.2, all documents of the file. Aliases are not
// followed: what they stand for is given where it is written.
func yamlText(f *file, emit func(setting)) (err error) {
	if f.binaryText() {
		return errFormat
	}
	// The library panics on some documents that it cannot read.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errFormat, p)
		}
	}()
	r := yamlReader{text: f.text, emit: named(emit)}
	r.starts = append(r.starts, 0)
	for i := range len(f.text) {
		if f.text[i] == '\n' {
			r.starts = append(r.starts, i+1)
		}
	}
	r.comments(f)
	d := yaml.NewDecoder(strings.NewReader(f.text))
	for {
		var n yaml.Node
		switch err := d.Decode(&n); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%w: %w", errFormat, err)
		}
		if err := r.node(&n, 0, 0); err != nil {
			return err
		}
	}
}

type yamlReader struct {
	text   string
	starts []int // of lines

	line, column, offset int // where seek was last

	keys   []string
	within []int // the groups of the keys
	groups int
	emit   func(setting)
}

func (r *yamlReader) push(key string, group int) {
	r.keys, r.within = append(r.keys, key), append(r.within, group)
}

func (r *yamlReader) pop() {
	r.keys, r.within = r.keys[:len(r.keys)-1], r.within[:len(r.within)-1]
}

// comments gives commented lines of the form "key: value", with no other key
// than their own.
func (r *yamlReader) comments(f *file) {
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		if !commented {
			return
		}
		key, _, ok := strings.Cut(body.text, ": ")
		if !ok || !isName(key) {
			return
		}
		from, to := trimmed(body.text, len(key)+1, len(body.text))
		if to-from > 1 && (body.text[from] == '"' || body.text[from] == '\'') && body.text[to-1] == body.text[from] {
			from, to = from+1, to-1
		}
		r.emit(setting{keys: []string{key}, group: -1, value: body.text[from:to], at: body.part(from, to), commented: true})
	})
}

func (r *yamlReader) node(n *yaml.Node, depth, group int) error {
	if depth > MaxDepth {
		return ErrTooDeep
	}
	switch n.Kind {
	case yaml.DocumentNode:
		for _, c := range n.Content {
			if err := r.node(c, depth+1, 0); err != nil {
				return err
			}
		}
	case yaml.MappingNode:
		r.groups++
		group := r.groups
		for i := 0; i+1 < len(n.Content); i += 2 {
			r.push(n.Content[i].Value, group)
			err := r.node(n.Content[i+1], depth+1, group)
			r.pop()
			if err != nil {
				return err
			}
		}
	case yaml.SequenceNode:
		r.groups++
		group := r.groups
		r.push(listItem, group)
		defer r.pop()
		for _, c := range n.Content {
			if err := r.node(c, depth+1, group); err != nil {
				return err
			}
		}
	case yaml.ScalarNode:
		if n.Tag == "!!null" || n.Tag == "!!bool" || strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
			return nil // own tags (!vault, !secret, !Ref) are references
		}
		r.emit(setting{keys: r.keys, group: group, groups: r.within, value: n.Value, at: r.place(n)})
	}
	return nil
}

// place finds the form of a scalar from the line and column where it begins.
func (r *yamlReader) place(n *yaml.Node) span {
	if n.Line < 1 || n.Line > len(r.starts) {
		return span{}
	}
	i := r.seek(n.Line, n.Column)
	for i < len(r.text) && (r.text[i] == '&' || r.text[i] == '!') { // an anchor or tag
		for i < len(r.text) && strings.IndexByte(" \t\r\n", r.text[i]) < 0 {
			i++
		}
		for i < len(r.text) && strings.IndexByte(" \t\r\n", r.text[i]) >= 0 {
			i++
		}
	}
	rest := r.text[i:]
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		for j := 1; j < len(rest); j++ {
			switch rest[j] {
			case '\\':
				j++
			case '"':
				return span{i + 1, j - 1}
			}
		}
	case n.Style&yaml.SingleQuotedStyle != 0:
		for j := 1; j < len(rest); j++ {
			if rest[j] == '\'' {
				if j+1 < len(rest) && rest[j+1] == '\'' {
					j++
					continue
				}
				return span{i + 1, j - 1}
			}
		}
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return r.block(n.Line)
	case strings.HasPrefix(rest, n.Value):
		return span{i, len(n.Value)}
	}
	end := strings.IndexByte(rest, '\n')
	if end < 0 {
		end = len(rest)
	}
	from, to := trimmed(r.text, i, i+end)
	return span{from, to - from}
}

// seek gives the offset of a line and column, both counted from one. It goes on from
// where it was last, because a line may have as many scalars as the file.
func (r *yamlReader) seek(line, column int) int {
	if line != r.line || column < r.column {
		r.line, r.column, r.offset = line, 1, r.starts[line-1]
	}
	for r.column < column && r.offset < len(r.text) {
		_, size := utf8.DecodeRuneInString(r.text[r.offset:])
		r.offset += size
		r.column++
	}
	return r.offset
}

// block is the place of a block scalar whose header stands on a line (counted from one).
func (r *yamlReader) block(header int) span {
	start, end, indent := -1, 0, 0
	for n := header; n < len(r.starts); n++ {
		one, _, _ := strings.Cut(r.text[r.starts[n]:], "\n")
		one = strings.TrimRight(one, "\r")
		body := strings.TrimLeft(one, " ")
		depth := len(one) - len(body)
		switch {
		case body == "":
			continue
		case start < 0:
			start, indent = r.starts[n]+depth, depth
		}
		if depth < indent {
			return span{start, max(0, end-start)}
		}
		end = r.starts[n] + len(one)
	}
	if start < 0 {
		return span{}
	}
	return span{start, end - start}
}
