package gitobj

import (
	"bytes"
	"errors"
	"fmt"
)

// maxRefName bounds the name of a ref. File systems stop long before.
const maxRefName = 4096

var errNoID = errors.New("no object's ID where there should be one")

// ref reads a file of one ref: an ID, or the name of another ref.
func (g *graphBuilder) ref(file, name string, content []byte) error {
	line, _ := cutLine(content)
	line = bytes.TrimSpace(line)
	if target, ok := bytes.CutPrefix(line, []byte("ref:")); ok {
		target = bytes.TrimSpace(target)
		if len(target) == 0 || len(target) > maxRefName {
			return errors.New("reading the ref: it names no other ref")
		}
		g.keepRef(Ref{File: file, Name: name, Symbolic: string(target)})
		return nil
	}
	id, _, ok := parseID(line)
	if !ok {
		return fmt.Errorf("reading the ref: %w", errNoID)
	}
	g.refTo(file, name, id)
	return nil
}

func (g *graphBuilder) refTo(file, name string, id ID) {
	n, ok := g.id(id)
	if !ok {
		g.dropped++
		return
	}
	g.keepRef(Ref{File: file, Name: name, Target: n})
}

func (g *graphBuilder) keepRef(r Ref) {
	if !g.budget.spend(lineCost + len(r.Name) + len(r.Symbolic)) {
		g.dropped++
		return
	}
	g.graph.Refs = append(g.graph.Refs, r)
}

// packedRefs reads lines of an ID and a ref. Lines that begin with # are comments,
// and those with ^ tell what a tag leads to.
func (g *graphBuilder) packedRefs(file string, content []byte) error {
	var bad int
	for line := range bytes.Lines(content) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' || line[0] == '^' {
			continue
		}
		digits, name, _ := bytes.Cut(line, []byte(" "))
		id, _, ok := parseID(digits)
		if !ok || len(name) == 0 || len(name) > maxRefName {
			bad++
			continue
		}
		g.refTo(file, string(name), id)
	}
	return badLines("packed refs", bad)
}

// fetchHead reads what the last fetch brought: lines of an ID, a mark, and words.
func (g *graphBuilder) fetchHead(file, name string, content []byte) error {
	var bad int
	for line := range bytes.Lines(content) {
		digits, _, _ := bytes.Cut(bytes.TrimSpace(line), []byte("\t"))
		if id, _, ok := parseID(digits); ok {
			g.refTo(file, name, id)
		} else if len(digits) > 0 {
			bad++
		}
	}
	return badLines("fetched heads", bad)
}

// log reads a reflog: lines of the old ID, the new one, who, when, and after a tab why.
func (g *graphBuilder) log(file, ref string, content []byte) error {
	var bad int
	for line := range bytes.Lines(content) {
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			continue
		}
		first, rest, _ := bytes.Cut(line, []byte(" "))
		second, rest, _ := bytes.Cut(rest, []byte(" "))
		before, f, okBefore := parseID(first)
		after, f2, okAfter := parseID(second)
		if !okBefore || !okAfter || f != f2 {
			bad++
			continue
		}
		g.logEntry(file, ref, before, after, rest)
	}
	return badLines("reflog", bad)
}

func (g *graphBuilder) logEntry(file, ref string, before, after ID, rest []byte) {
	who, message, _ := bytes.Cut(rest, []byte("\t"))
	p := parsePerson(who)
	e := LogEntry{
		File: file, Ref: ref, HasOld: before != ID{}, HasNew: after != ID{},
		Who: string(p.name) + " <" + string(p.email) + ">", Date: p.date, Message: firstLine(message),
	}
	fits := g.budget.spend(lineCost + len(e.Who) + len(e.Message))
	for _, side := range []struct {
		id   ID
		has  bool
		into *uint32
	}{{before, e.HasOld, &e.Old}, {after, e.HasNew, &e.New}} {
		if fits && side.has {
			*side.into, fits = g.id(side.id)
		}
	}
	if !fits {
		g.dropped++
		return
	}
	g.graph.Log = append(g.graph.Log, e)
}

// shallow reads the commits at which the history was cut off.
func (g *graphBuilder) shallow(content []byte) error {
	var bad int
	for line := range bytes.Lines(content) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		id, _, ok := parseID(line)
		if !ok {
			bad++
			continue
		}
		if n, ok := g.id(id); ok && g.budget.spend(4) {
			g.graph.Shallow = append(g.graph.Shallow, n)
		} else {
			g.dropped++
		}
	}
	return badLines("list of shallow commits", bad)
}

// alternates reads the other directories that hold objects of the repository.
func (g *graphBuilder) alternates(content []byte) {
	for line := range bytes.Lines(content) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if !g.budget.spend(nameCost + len(line)) {
			g.dropped++
			continue
		}
		g.graph.Alternates = append(g.graph.Alternates, string(line))
	}
}

func badLines(of string, n int) error {
	if n == 0 {
		return nil
	}
	return fmt.Errorf("reading the %s: %d lines are malformed", of, n)
}
