package osv

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/imgaudit/imgaudit/internal/unpack"
)

// Limits bound what a source may cost. A zero field means its default.
type Limits struct {
	Records int64 // default 5,000,000
	Bytes   int64 // of all records; default 64 GiB
}

// Visit gets the bytes of one file or one line that should be a record, which are valid
// during the call only. where names it in messages.
type Visit func(where string, raw []byte) error

// Remark is something of a source that could not be read.
type Remark struct {
	Where string
	Text  string
}

// Walk hands over each record of a source in a fixed order: a directory with JSON files at
// any depth, one JSON file, a file of records line by line or in one array, or an archive
// of such files (zip, or tar compressed with gzip, zstd, xz or bzip2). The remarks are what
// of an archive was damaged or too large. The error is that of a source that cannot be
// opened, of a limit or of visit.
func Walk(ctx context.Context, source string, limits Limits, visit Visit) ([]Remark, error) {
	if limits.Records == 0 {
		limits.Records = 5_000_000
	}
	if limits.Bytes == 0 {
		limits.Bytes = 64 << 30
	}
	w := &walk{ctx: ctx, limits: limits, visit: visit}
	info, err := os.Stat(source)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		err = w.file(source, filepath.Base(source))
		return w.remarks, err
	}
	err = filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.Type().IsRegular() || !isJSON(path) {
			return nil
		}
		inside, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		return w.file(path, filepath.ToSlash(inside))
	})
	return w.remarks, err
}

func isJSON(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".json" || ext == ".jsonl" || ext == ".ndjson"
}

type walk struct {
	ctx     context.Context
	limits  Limits
	visit   Visit
	records int64
	bytes   int64
	remarks []Remark
}

// file reads a file that is an archive or has records.
func (w *walk) file(path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 64<<10)
	head, err := in.Peek(unpack.HeadBytes)
	if err != nil && err != io.EOF {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	format := unpack.Detect(head)
	if format == "" {
		return w.all(name, in)
	}
	o := unpack.Opener{Limits: unpack.Limits{Depth: 3, Members: w.limits.Records, Bytes: w.limits.Bytes, Ratio: 1000}}
	v := &visitor{walk: w}
	if err := o.Walk(w.ctx, format, name, in, v); v.err == nil {
		v.err = err
	}
	return v.err
}

// all reads the records of a file: one, several one after the other, or an array.
func (w *walk) all(where string, in io.Reader) error {
	buffered := bufio.NewReaderSize(in, 64<<10)
	first, err := firstByte(buffered)
	if err == io.EOF {
		w.remark(where, "it is empty")
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", where, err)
	}
	meter := &meter{r: buffered, left: recordRoom}
	d := json.NewDecoder(meter)
	if first == '[' {
		if _, err := d.Token(); err != nil {
			w.remark(where, "it is no JSON")
			return nil
		}
	}
	for n := 1; d.More(); n++ {
		meter.left = recordRoom
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			w.remark(where, "it is no JSON: "+err.Error())
			return nil
		}
		at := where
		if n > 1 || first == '[' {
			at = fmt.Sprintf("%s, record %d", where, n)
		}
		if err := w.record(at, raw); err != nil {
			return err
		}
		meter.left = recordRoom
	}
	return nil
}

// recordRoom is what may be read at once for one record, and ahead of the next.
const recordRoom = MaxRecord + 1<<20

// meter ends a reader that gives more bytes than one record may have.
type meter struct {
	r    io.Reader
	left int64
}

var errRecord = fmt.Errorf("a record has more than %d bytes", MaxRecord)

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errRecord
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	return n, err
}

func firstByte(in *bufio.Reader) (byte, error) {
	for {
		b, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if !bytes.ContainsRune([]byte(" \t\r\n"), rune(b)) {
			return b, in.UnreadByte()
		}
	}
}

func (w *walk) record(where string, raw []byte) error {
	if err := w.ctx.Err(); err != nil {
		return context.Cause(w.ctx)
	}
	w.records++
	w.bytes += int64(len(raw))
	switch {
	case w.records > w.limits.Records:
		return fmt.Errorf("the source has more than %d records", w.limits.Records)
	case w.bytes > w.limits.Bytes:
		return fmt.Errorf("the source has more than %d bytes", w.limits.Bytes)
	}
	return w.visit(where, raw)
}

func (w *walk) remark(where, text string) {
	w.remarks = append(w.remarks, Remark{where, text})
}

// visitor takes the records out of an archive.
type visitor struct {
	*walk
	err error
}

func (v *visitor) Member(m unpack.Member) io.WriteCloser {
	if !isJSON(m.Path) || v.err != nil {
		return nil
	}
	return &member{v: v, path: m.Path}
}

func (v *visitor) Remark(r unpack.Remark) {
	if r.Gap || r.Reason == unpack.ReasonEncrypted {
		v.remark(r.Path, r.Detail)
	}
}

// member gathers one file of an archive.
type member struct {
	v    *visitor
	path string
	buf  bytes.Buffer
	over bool
}

// maxMember is how many bytes a file of an archive may have, which can hold many records.
const maxMember = 256 << 20

func (m *member) Write(p []byte) (int, error) {
	if m.v.err != nil {
		return 0, m.v.err
	}
	if m.buf.Len()+len(p) > maxMember {
		m.over = true
	}
	if !m.over {
		m.buf.Write(p)
	}
	return len(p), nil
}

func (m *member) Close() error {
	if m.over {
		m.v.remark(m.path, fmt.Sprintf("it has more than %d bytes", maxMember))
		return nil
	}
	m.v.err = m.v.all(m.path, &m.buf)
	return m.v.err
}
