package gitobj

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// maxLooseHeader bounds `commit 9223372036854775807` and its zero.
const maxLooseHeader = 32

// readLoose reads a file that holds one object: a header and the content, compressed
// together (gitformat-loose is part of gitrepository-layout(5)).
func (c *Collector) readLoose(in io.Reader, to sink) {
	c.wide.Reset(in)
	c.z.reset(c.wide)
	id, err := c.looseObject(to)
	switch {
	case errors.Is(err, errTooMuch):
		c.remark(to.path, ReasonLimit, err.Error(), true, 1)
		return
	case err != nil:
		c.remark(to.path, ReasonCorrupt, fmt.Sprintf("reading the loose object: %v", err), true, 1)
		return
	}
	if _, err := c.wide.ReadByte(); err == nil {
		c.remark(to.path, ReasonCorrupt, "reading the loose object: more data follow it", false, 1)
	}
	dir, file := path.Split(to.path)
	name := path.Base(dir) + file
	if formatOfHex(len(name)) == to.format && !strings.HasPrefix(file, "tmp_") && id.hex(to.format) != name {
		c.remark(to.path, ReasonObjectMismatch, "the object's ID is "+id.hex(to.format), false, 1)
	}
}

func (c *Collector) looseObject(to sink) (id ID, err error) {
	if err := c.allow(0); err != nil {
		return id, err
	}
	kind, size, err := looseHeader(&c.z)
	if err != nil {
		return id, err
	}
	if err := c.allow(size); err != nil {
		return id, err
	}
	ids := newIDHash(to.format)
	if size > c.limits.Object {
		return c.large(to, kind, size, ids)
	}
	c.content, err = c.z.whole(c.content, size)
	c.spend(int64(len(c.content)))
	if err != nil {
		return id, err
	}
	id = ids.of(kind, c.content)
	c.object(to, kind, id, c.content)
	return id, nil
}

// looseHeader reads a kind, a space, a size in decimal, and a zero.
func looseHeader(in io.Reader) (Kind, int64, error) {
	var head [maxLooseHeader]byte
	for i := range head {
		if n, err := in.Read(head[i : i+1]); n == 0 {
			return 0, 0, short(err)
		}
		if head[i] != 0 {
			continue
		}
		word, digits, _ := bytes.Cut(head[:i], []byte(" "))
		kind, known := kindOf(word)
		size, err := strconv.ParseInt(string(digits), 10, 64)
		if !known || err != nil || size < 0 || digits[0] == '+' || digits[0] == '-' {
			break
		}
		return kind, size, nil
	}
	return 0, 0, errors.New("its header is malformed")
}

// formatOfName tells the format from the name of a loose object or a pack.
func formatOfName(at place) Format {
	dir, file := path.Split(at.name)
	switch at.part {
	case loosePart:
		return formatOfHex(len(path.Base(dir)) + len(file))
	case packPart:
		return formatOfHex(len(strings.TrimSuffix(strings.TrimPrefix(file, "pack-"), ".pack")))
	}
	return Unknown
}
