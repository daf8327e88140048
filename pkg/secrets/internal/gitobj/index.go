package gitobj

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
)

// staged is an entry of an index.
type staged struct {
	path  []byte // valid until the next entry
	id    ID
	stage uint8
}

// What stands before an ID in an entry: times, numbers, mode, size
// (gitformat-index(5)).
const indexStat = 40

// The bits of an entry's flags.
const (
	indexExtended = 1 << 14
	indexStages   = 3 << 12
	indexNameBits = 1<<12 - 1
)

var errIndexShort = errors.New("reading the index: it ends early")

// parseIndex reads the entries of an index of version 2, 3 or 4, and those that
// the resolve-undo extension remembers. each is called for every entry up to the
// first that is malformed.
func parseIndex(content []byte, f Format, each func(staged)) error {
	if len(content) < 12 || !bytes.HasPrefix(content, []byte("DIRC")) {
		return errors.New("reading the index: it does not begin as one")
	}
	version, count := binary.BigEndian.Uint32(content[4:]), binary.BigEndian.Uint32(content[8:])
	if version < 2 || version > 4 {
		return fmt.Errorf("reading the index: version %d is not known", version)
	}
	f = indexFormat(content, f)
	p := indexParser{rest: content[12:], idBytes: f.bytes(), version: version}
	for range count {
		e, err := p.entry()
		if err != nil {
			return err
		}
		each(e)
	}
	return p.extensions(each)
}

// indexFormat tells the format from the checksum at the end. The given one counts
// where there is no checksum, which Git allows too.
func indexFormat(content []byte, f Format) Format {
	if n := len(content) - sha1.Size; n > 0 {
		if sum := sha1.Sum(content[:n]); bytes.Equal(sum[:], content[n:]) {
			return SHA1
		}
	}
	if n := len(content) - sha256.Size; n > 0 {
		if sum := sha256.Sum256(content[:n]); bytes.Equal(sum[:], content[n:]) {
			return SHA256
		}
	}
	return f
}

type indexParser struct {
	rest    []byte
	idBytes int
	version uint32
	path    []byte // the last one: version 4 says what differs from it
}

func (p *indexParser) entry() (e staged, _ error) {
	fixed := indexStat + p.idBytes + 2
	if len(p.rest) < fixed {
		return e, errIndexShort
	}
	copy(e.id[:], p.rest[indexStat:indexStat+p.idBytes])
	flags := binary.BigEndian.Uint16(p.rest[fixed-2:])
	e.stage = uint8(flags & indexStages >> 12)
	if flags&indexExtended != 0 && p.version >= 3 {
		fixed += 2
	}
	if len(p.rest) < fixed {
		return e, errIndexShort
	}
	name := p.rest[fixed:]
	if p.version == 4 {
		return p.suffixed(e, name)
	}
	end := bytes.IndexByte(name, 0)
	if n := int(flags & indexNameBits); n < indexNameBits && end != n {
		return e, errors.New("reading the index: a name has another length than its entry says")
	}
	if end < 0 {
		return e, errIndexShort
	}
	e.path = name[:end]
	// One to eight zeros fill the entry up to a multiple of eight bytes.
	whole := (fixed + end + 8) &^ 7
	if len(p.rest) < whole {
		return e, errIndexShort
	}
	p.rest = p.rest[whole:]
	return e, nil
}

// suffixed reads a name that is the last one without its final bytes, and a new end.
func (p *indexParser) suffixed(e staged, name []byte) (staged, error) {
	drop, used := offsetVarint(name)
	if used == 0 || drop > uint64(len(p.path)) {
		return e, errors.New("reading the index: a name shares more with the last than that has")
	}
	end := bytes.IndexByte(name[used:], 0)
	if end < 0 {
		return e, errIndexShort
	}
	p.path = append(p.path[:len(p.path)-int(drop)], name[used:used+end]...)
	if len(p.path) > maxName {
		return e, fmt.Errorf("reading the index: a name has more than %d bytes", maxName)
	}
	e.path = p.path
	p.rest = name[used+end+1:]
	return e, nil
}

// extensions reads what follows the entries: four letters, a length, data.
func (p *indexParser) extensions(each func(staged)) error {
	for len(p.rest) >= p.idBytes+8 {
		size := binary.BigEndian.Uint32(p.rest[4:])
		if uint64(len(p.rest)-8) < uint64(size) {
			return errIndexShort
		}
		if bytes.HasPrefix(p.rest, []byte("REUC")) {
			if err := resolveUndo(p.rest[8:8+size], p.idBytes, each); err != nil {
				return err
			}
		}
		p.rest = p.rest[8+size:]
	}
	return nil
}

// resolveUndo reads the sides of conflicts that were resolved: a path, three octal
// modes as text, and an ID for each mode that is not zero.
func resolveUndo(data []byte, idBytes int, each func(staged)) error {
	bad := errors.New("reading the index: a resolved conflict is malformed")
	for len(data) > 0 {
		path, rest, ok := bytes.Cut(data, []byte{0})
		var has [3]bool
		for i := range has {
			var mode []byte
			if !ok {
				return bad
			}
			mode, rest, ok = bytes.Cut(rest, []byte{0})
			m, err := strconv.ParseUint(string(cut(mode, 16)), 8, 32)
			if err != nil {
				return bad
			}
			has[i] = m != 0
		}
		if !ok {
			return bad
		}
		for i, here := range has {
			if !here {
				continue
			}
			if len(rest) < idBytes {
				return bad
			}
			e := staged{path: path, stage: uint8(i + 1)}
			copy(e.id[:], rest[:idBytes])
			each(e)
			rest = rest[idBytes:]
		}
		data = rest
	}
	return nil
}

// index adds what an index holds.
func (g *graphBuilder) index(file string, content []byte) error {
	return parseIndex(content, g.graph.Format, func(e staged) {
		id, ok := g.id(e.id)
		path := cut(e.path, maxName)
		if !ok || !g.budget.spend(lineCost+len(path)) {
			g.dropped++
			return
		}
		g.graph.Index = append(g.graph.Index, IndexEntry{File: file, Path: string(path), ID: id, Stage: e.stage})
	})
}
