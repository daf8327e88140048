package corpus

import (
	"encoding/binary"
	"fmt"
)

const sqlitePage = 4096

// sqliteFile is a database with one table of names and values, by "Database File Format" of
// sqlite.org: the schema on page 1, below it one interior page and leaves.
func sqliteFile(_ *random, items []item) []byte {
	var leaves [][]sqliteRow
	var leaf []sqliteRow
	used := 8
	for i, it := range items {
		row := sqliteRow{id: i + 1, record: sqliteRecord(it.variable, it.entry)}
		if used+len(row.cell())+2 > sqlitePage {
			leaves, leaf, used = append(leaves, leaf), nil, 8
		}
		leaf, used = append(leaf, row), used+len(row.cell())+2
	}
	leaves = append(leaves, leaf)

	schema := sqliteRow{id: 1, record: sqliteRecord("table", "setting", "setting", 2, "CREATE TABLE setting (name TEXT, value TEXT)")}
	pages := [][]byte{sqlitePageOf(0x0d, 100, [][]byte{schema.cell()}, 0)}
	copy(pages[0], sqliteHeader(len(leaves)+2))
	var children [][]byte
	for i, rows := range leaves[:len(leaves)-1] {
		child := binary.BigEndian.AppendUint32(nil, uint32(i+3))
		children = append(children, append(child, sqliteVarint(rows[len(rows)-1].id)...))
	}
	pages = append(pages, sqlitePageOf(0x05, 0, children, uint32(len(leaves)+2)))
	for _, rows := range leaves {
		var cells [][]byte
		for _, row := range rows {
			cells = append(cells, row.cell())
		}
		pages = append(pages, sqlitePageOf(0x0d, 0, cells, 0))
	}
	var b []byte
	for _, p := range pages {
		b = append(b, p...)
	}
	return b
}

type sqliteRow struct {
	id     int
	record []byte
}

func (r sqliteRow) cell() []byte {
	return append(append(sqliteVarint(len(r.record)), sqliteVarint(r.id)...), r.record...)
}

func sqliteHeader(pages int) []byte {
	h := make([]byte, 100)
	copy(h, "SQLite format 3\x00")
	be := binary.BigEndian
	be.PutUint16(h[16:], sqlitePage)
	copy(h[18:], []byte{1, 1, 0, 64, 32, 32})
	be.PutUint32(h[24:], 1)             // changes
	be.PutUint32(h[28:], uint32(pages)) // size
	be.PutUint32(h[40:], 1)             // schema's cookie
	be.PutUint32(h[44:], 4)             // schema's format
	be.PutUint32(h[56:], 1)             // UTF-8
	be.PutUint32(h[92:], 1)             // the size is valid for this change
	be.PutUint32(h[96:], 3045000)       // version of the writer
	return h
}

// sqlitePageOf lays a b-tree page out: its head at the offset, cells from the end backwards.
func sqlitePageOf(kind byte, offset int, cells [][]byte, rightmost uint32) []byte {
	p := make([]byte, sqlitePage)
	be := binary.BigEndian
	p[offset] = kind
	pointers := offset + 8
	if kind == 0x05 {
		be.PutUint32(p[offset+8:], rightmost)
		pointers += 4
	}
	content := sqlitePage
	for i, c := range cells {
		content -= len(c)
		if content < pointers+2*len(cells) {
			panic(fmt.Sprintf("corpus: %d cells do not fit a page of SQLite", len(cells)))
		}
		copy(p[content:], c)
		be.PutUint16(p[pointers+2*i:], uint16(content))
	}
	be.PutUint16(p[offset+3:], uint16(len(cells)))
	be.PutUint16(p[offset+5:], uint16(content))
	return p
}

// sqliteRecord has texts and small numbers.
func sqliteRecord(values ...any) []byte {
	var kinds, body []byte
	for _, v := range values {
		switch v := v.(type) {
		case string:
			kinds, body = append(kinds, sqliteVarint(2*len(v)+13)...), append(body, v...)
		case int:
			kinds, body = append(kinds, 1), append(body, byte(v))
		}
	}
	return append(append(sqliteVarint(len(kinds)+1), kinds...), body...)
}

// sqliteVarint is big-endian with seven bits a byte; two bytes are enough here.
func sqliteVarint(n int) []byte {
	if n < 0x80 {
		return []byte{byte(n)}
	}
	return []byte{byte(n>>7) | 0x80, byte(n & 0x7f)}
}
