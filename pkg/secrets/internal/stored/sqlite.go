package stored

import (
	"encoding/binary"
	"regexp"
	"strings"
)

// The kinds of pages (https://www.sqlite.org/fileformat2.html, 1.6).
const (
	interiorPage = 5
	leafPage     = 13
)

// database is a file of pages.
type database struct {
	b       []byte
	page    int // bytes of a page
	usable  int
	visited []bool
	out     *lines

	overflow uint64 // bytes that rows may still have on more pages than one
	values   int    // that rows may still have: cells can lie over each other
}

type table struct {
	name    string
	root    int
	columns []string
}

// open reads the head of a database; nil if there is none.
func open(b []byte) *database {
	if len(b) < 100 {
		return nil
	}
	d := &database{b: b, page: int(binary.BigEndian.Uint16(b[16:])), overflow: 2 * uint64(len(b)), values: len(b)}
	if d.page == 1 {
		d.page = 65536
	}
	if d.page < 512 || d.page&(d.page-1) != 0 {
		return nil
	}
	d.usable = d.page - int(b[20])
	d.visited = make([]bool, len(b)/d.page+2)
	return d
}

// tables gives the tables that the schema names.
func (d *database) tables() []table {
	var out []table
	d.walk(1, 0, func(row []value) {
		d.emit(nil, row)
		if len(row) < 5 || string(row[0].text) != "table" {
			return
		}
		out = append(out, table{string(row[1].text), int(row[3].number), columnsOf(string(row[4].text))})
	})
	return out
}

// Blobs gives the longest value of each row of a table.
func Blobs(content []byte, name string, visit func([]byte)) {
	if Detect(content[:min(len(content), HeadBytes)]) != SQLite {
		return
	}
	d := open(content)
	if d == nil {
		return
	}
	d.out = &lines{}
	for _, t := range d.tables() {
		if t.name != name {
			continue
		}
		d.walk(t.root, 0, func(row []value) {
			var longest []byte
			for _, v := range row {
				if len(v.text) > len(longest) {
					longest = v.text
				}
			}
			visit(longest)
		})
	}
}

// sqlite gives the texts of all rows with the names of their columns, those on pages that
// no table has any more included.
func sqlite(b []byte, out *lines) {
	d := open(b)
	if d == nil {
		return
	}
	d.out = out
	for _, t := range d.tables() {
		d.walk(t.root, 0, func(row []value) { d.emit(t.columns, row) })
	}
	for n := 1; n < len(d.visited); n++ {
		if !d.visited[n] {
			d.leaf(n, func(row []value) { d.emit(nil, row) })
		}
	}
}

// emit gives the texts of a row. In a table of settings the text before a value is its name.
func (d *database) emit(columns []string, row []value) {
	for i, v := range row {
		name := ""
		if i < len(columns) {
			name = columns[i]
		}
		if i > 0 && !speaksOfSecret.MatchString(name) && settingName.Match(row[i-1].text) {
			name = string(row[i-1].text)
		}
		d.out.add([]byte(name), v.text)
	}
}

var (
	settingName    = regexp.MustCompile(`^[A-Za-z_][\w.:/-]{2,99}$`)
	speaksOfSecret = regexp.MustCompile(`(?i)pass|secret|token|key|auth|credential`)
)

// walk goes through the pages of a table.
func (d *database) walk(n, depth int, visit func([]value)) {
	h := d.header(n)
	if h == nil || d.visited[n] || depth > 20 {
		return
	}
	if h[0] == leafPage {
		d.leaf(n, visit)
		return
	}
	if h[0] != interiorPage || len(h) < 12 {
		return
	}
	d.visited[n] = true
	start := (n - 1) * d.page
	for i := range int(binary.BigEndian.Uint16(h[3:])) {
		if 12+2*i+2 > len(h) {
			break
		}
		if at := start + int(binary.BigEndian.Uint16(h[12+2*i:])); at+4 <= len(d.b) {
			d.walk(int(binary.BigEndian.Uint32(d.b[at:])), depth+1, visit)
		}
	}
	d.walk(int(binary.BigEndian.Uint32(h[8:])), depth+1, visit)
}

// header gives a page from its header on; nil if there is no such page.
func (d *database) header(n int) []byte {
	if n < 1 || n >= len(d.visited) {
		return nil
	}
	start, end := (n-1)*d.page, min(n*d.page, len(d.b))
	if n == 1 {
		start = 100
	}
	if end-start < 8 {
		return nil
	}
	return d.b[start:end]
}

// leaf gives the rows of a page.
func (d *database) leaf(n int, visit func([]value)) {
	h := d.header(n)
	if h == nil || h[0] != leafPage {
		return
	}
	d.visited[n] = true
	start, end := (n-1)*d.page, min(n*d.page, len(d.b))
	for i := range int(binary.BigEndian.Uint16(h[3:])) {
		if 8+2*i+2 > len(h) {
			return
		}
		at := start + int(binary.BigEndian.Uint16(h[8+2*i:]))
		if at >= end {
			continue
		}
		if d.values == 0 {
			return
		}
		if row := d.row(d.b[at:end]); row != nil {
			visit(row)
		}
	}
}

// value is a column of a row.
type value struct {
	text   []byte
	number int64
}

// mostColumns is SQLite's own limit.
const mostColumns = 2000

// row reads a cell.
func (d *database) row(cell []byte) []value {
	size, cell := varint(cell)
	_, cell = varint(cell)
	payload := d.payload(cell, size)
	headSize, rest := varint(payload)
	if headSize > uint64(len(payload)) || headSize < uint64(len(payload)-len(rest)) {
		return nil
	}
	types := payload[len(payload)-len(rest) : headSize]
	body := payload[headSize:]
	var row []value
	for len(types) > 0 && len(row) < mostColumns && d.values > 0 {
		d.values--
		var kind uint64
		kind, types = varint(types)
		var v value
		n := uint64(0)
		switch {
		case kind >= 12:
			n = (kind - 12) / 2
		case kind >= 1 && kind <= 7:
			n = []uint64{0, 1, 2, 3, 4, 6, 8, 8}[kind]
		}
		part := body[:min(n, uint64(len(body)))]
		body = body[len(part):]
		switch {
		case kind >= 12:
			v.text = part
		case kind <= 6:
			for _, b := range part {
				v.number = v.number<<8 | int64(b)
			}
		case kind == 9:
			v.number = 1
		}
		row = append(row, v)
	}
	return row
}

// payload gives what a cell holds, with what flows over to other pages (1.5 and 1.6 of the format).
func (d *database) payload(cell []byte, size uint64) []byte {
	usable := uint64(d.usable)
	if d.usable < 480 || size <= usable-35 || size > uint64(len(d.b)) || size > d.overflow {
		return cell[:min(uint64(len(cell)), size)]
	}
	least := (usable-12)*32/255 - 23
	local := least + (size-least)%(usable-4)
	if local > usable-35 {
		local = least
	}
	if local+4 > uint64(len(cell)) {
		return cell[:min(uint64(len(cell)), size)]
	}
	d.overflow -= size
	out := append(make([]byte, 0, size), cell[:local]...)
	next := binary.BigEndian.Uint32(cell[local:])
	for uint64(len(out)) < size {
		start := (uint64(next) - 1) * uint64(d.page)
		if next == 0 || start+usable > uint64(len(d.b)) {
			break
		}
		page := d.b[start : start+usable]
		next = binary.BigEndian.Uint32(page)
		out = append(out, page[4:4+min(usable-4, size-uint64(len(out)))]...)
	}
	return out
}

// varint reads SQLite's integer of one to nine bytes.
func varint(b []byte) (uint64, []byte) {
	n := uint64(0)
	for i := 0; i < len(b) && i < 9; i++ {
		if i == 8 {
			return n<<8 | uint64(b[i]), b[i+1:]
		}
		n = n<<7 | uint64(b[i]&0x7f)
		if b[i] < 0x80 {
			return n, b[i+1:]
		}
	}
	return n, nil
}

var columnName = regexp.MustCompile("^[\\s]*[\"'`\\[]?([A-Za-z_][\\w$]*)")

// columnsOf gives the names of a table's columns from the statement that made it.
func columnsOf(sql string) []string {
	_, list, ok := strings.Cut(sql, "(")
	if !ok {
		return nil
	}
	var names []string
	depth, from := 0, 0
	add := func(part string) {
		if m := columnName.FindStringSubmatch(part); m != nil && len(names) < mostColumns {
			names = append(names, m[1])
		}
	}
	for i := range len(list) {
		switch list[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				add(list[from:i])
				return names
			}
		case ',':
			if depth == 0 {
				add(list[from:i])
				from = i + 1
			}
		}
	}
	return names
}
