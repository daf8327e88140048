package gitobj

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// commit is what a commit object says.
type commit struct {
	tree    ID
	parents []ID
	author  person
	subject string
}

// person is an author line: who and when.
type person struct {
	name, email []byte
	date        int64 // seconds since 1970
	zone        int32 // seconds east of UTC
}

// maxParents bounds the parents of a commit that are read. Git writes far fewer.
const maxParents = 10_000

// parseCommit reads a commit object: header lines, an empty line, the message.
func parseCommit(content []byte) (commit, error) {
	var c commit
	line, rest := cutLine(content)
	digits, isTree := bytes.CutPrefix(line, []byte("tree "))
	tree, format, ok := parseID(digits)
	if !isTree || !ok {
		return c, errors.New("reading the commit: it begins with no tree")
	}
	c.tree = tree
	for len(rest) > 0 {
		line, rest = cutLine(rest)
		if len(line) == 0 {
			break
		}
		if digits, ok := bytes.CutPrefix(line, []byte("parent ")); ok {
			parent, f, ok := parseID(digits)
			if !ok || f != format {
				return c, errors.New("reading the commit: a parent is no ID")
			}
			if len(c.parents) == maxParents {
				return c, fmt.Errorf("reading the commit: it has more than %d parents", maxParents)
			}
			c.parents = append(c.parents, parent)
		} else if who, ok := bytes.CutPrefix(line, []byte("author ")); ok {
			c.author = parsePerson(who)
		}
	}
	c.subject = firstLine(rest)
	return c, nil
}

// parsePerson reads `Name <address> seconds ±hhmm`. What is malformed stays empty.
func parsePerson(line []byte) (p person) {
	end := bytes.LastIndexByte(line, '>')
	begin := bytes.IndexByte(line, '<')
	if begin < 0 || end < begin {
		p.name = cut(bytes.TrimSpace(line), maxPerson)
		return p
	}
	p.name = cut(bytes.TrimSpace(line[:begin]), maxPerson)
	p.email = cut(bytes.TrimSpace(line[begin+1:end]), maxPerson)
	when := strings.Fields(string(cut(line[end+1:], 64)))
	if len(when) == 0 {
		return p
	}
	// Years beyond 9999 cannot be written in most formats.
	const year10000 = 253_402_300_800
	if s, err := strconv.ParseInt(when[0], 10, 64); err == nil && s >= 0 && s < year10000 {
		p.date = s
	}
	if len(when) > 1 {
		if z, err := strconv.ParseInt(when[1], 10, 32); err == nil && z > -2400 && z < 2400 && z%100 < 60 && z%100 > -60 {
			p.zone = int32(z/100*3600 + z%100*60)
		}
	}
	return p
}

// firstLine gives the first line of a message that has text, as valid UTF-8.
func firstLine(message []byte) string {
	line, _ := cutLine(bytes.TrimLeft(message, " \t\r\n"))
	line = bytes.TrimRight(cut(line, maxMessage), " \t\r")
	return strings.ToValidUTF8(string(line), string(utf8.RuneError))
}

// cut gives at most the first n bytes, and no part of a character.
func cut(text []byte, n int) []byte {
	if len(text) <= n {
		return text
	}
	for m := n; m > n-utf8.UTFMax; m-- {
		if utf8.RuneStart(text[m]) {
			return text[:m]
		}
	}
	return text[:n]
}

// parseTag reads an annotated tag's target.
func parseTag(content []byte) (ID, error) {
	line, _ := cutLine(content)
	digits, ok := bytes.CutPrefix(line, []byte("object "))
	target, _, isID := parseID(digits)
	if !ok || !isID {
		return ID{}, errors.New("reading the tag: it begins with no object")
	}
	return target, nil
}
