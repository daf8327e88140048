package rpmdb

import (
	"bytes"
	"encoding/binary"
	"path"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/secrets/internal/stored"
)

// MostFiles is how many files of a database are visited.
const MostFiles = 2_000_000

// IsDatabase reports whether a path is that of a database that is read.
func IsDatabase(p string) bool {
	dir, base := path.Split(p)
	switch base {
	case "rpmdb.sqlite", "Packages.db":
		return strings.HasSuffix(dir, "lib/rpm/") || strings.HasSuffix(dir, "lib/sysimage/rpm/") || strings.HasSuffix(dir, "share/rpm/")
	}
	return false
}

// File is a file of a package.
type File struct {
	Package, Path string // the path without a slash before it
	Digest        string // in hexadecimal: MD5, SHA-1, SHA-256 or longer, as its length says
}

// Files visits the regular files of all packages of a database.
func Files(content []byte, visit func(File)) {
	left := MostFiles
	header := func(blob []byte) { packageFiles(blob, &left, visit) }
	if bytes.HasPrefix(content, []byte("RpmP")) {
		ndb(content, header)
		return
	}
	stored.Blobs(content, "Packages", header)
}

// ndb gives the headers in a database of RPM's own form (rpm, lib/backend/ndb/rpmpkg.c): pages of slots of
// 16 bytes say where blobs lie, in units of 16 bytes.
func ndb(b []byte, visit func([]byte)) {
	const (
		unit    = 16
		page    = 4096
		version = 0
	)
	le := binary.LittleEndian
	if len(b) < 2*unit || le.Uint32(b[4:]) != version {
		return
	}
	end := min(uint64(le.Uint32(b[12:]))*page, uint64(len(b)))
	for at := uint64(2 * unit); at+unit <= end; at += unit {
		slot := b[at : at+unit]
		start := uint64(le.Uint32(slot[8:])) * unit
		if string(slot[:4]) != "Slot" || le.Uint32(slot[4:]) == 0 || start+unit > uint64(len(b)) {
			continue
		}
		blob := b[start:]
		size := uint64(le.Uint32(blob[12:]))
		if string(blob[:4]) == "BlbS" && size <= uint64(len(blob)-unit) {
			visit(blob[unit : unit+size])
		}
	}
}

// The tags of a package's header (rpm, include/rpm/rpmtag.h).
const (
	tagName        = 1000
	tagDigests     = 1035
	tagDirIndexes  = 1116
	tagBaseNames   = 1117
	tagDirectories = 1118
)

// packageFiles reads the header of a package (the RPM package format, header structure): a count of entries,
// the size of the data, entries of four numbers, and the data.
func packageFiles(b []byte, left *int, visit func(File)) {
	const entry = 16
	be := binary.BigEndian
	if len(b) < 8 {
		return
	}
	count, size := uint64(be.Uint32(b)), uint64(be.Uint32(b[4:]))
	if count*entry > uint64(len(b)-8) || size > uint64(len(b)-8)-count*entry {
		return
	}
	data := b[8+count*entry:][:size]
	type field struct {
		data  []byte
		count uint64
	}
	fields := map[uint32]field{}
	for i := range count {
		e := b[8+i*entry:]
		if at := uint64(be.Uint32(e[8:])); at <= size {
			fields[be.Uint32(e)] = field{data[at:], uint64(be.Uint32(e[12:]))}
		}
	}
	directories := texts(fields[tagDirectories].data, fields[tagDirectories].count)
	name := ""
	if one := texts(fields[tagName].data, 1); len(one) == 1 {
		name = one[0]
	}
	bases, digests, indexes := fields[tagBaseNames], fields[tagDigests], fields[tagDirIndexes]
	for i := uint64(0); i < min(bases.count, digests.count, indexes.count) && *left > 0; i++ {
		var base, digest string
		var ok bool
		if base, bases.data, ok = text(bases.data); !ok {
			return
		}
		if digest, digests.data, ok = text(digests.data); !ok {
			return
		}
		if uint64(len(indexes.data)) < 4*(i+1) {
			return
		}
		dir := be.Uint32(indexes.data[4*i:])
		if digest == "" || uint64(dir) >= uint64(len(directories)) { // directories and links have none
			continue
		}
		*left--
		visit(File{Package: name, Path: strings.TrimPrefix(directories[dir]+base, "/"), Digest: digest})
	}
}

// texts reads texts that end with a zero.
func texts(b []byte, count uint64) []string {
	var out []string
	for ; count > 0; count-- {
		s, rest, ok := text(b)
		if !ok {
			return out
		}
		out, b = append(out, s), rest
	}
	return out
}

func text(b []byte) (s string, rest []byte, ok bool) {
	i := bytes.IndexByte(b, 0)
	if i < 0 {
		return "", nil, false
	}
	return string(b[:i]), b[i+1:], true
}
