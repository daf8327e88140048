package layers

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/imgaudit/imgaudit/internal/decompress"
)

// contentBytes is the size of the pieces in which scanners get content.
const contentBytes = 128 << 10

const tarBlock = 512

// tarRead walks the tar of one layer: it makes the index, notes what is odd, and
// feeds the scanners.
type tarRead struct {
	in     *pipeline
	limits Limits
	index  *budget
	facts  *Facts
	odd    *oddities
	feed   *feed
	buf    []byte

	isTar   bool
	windows bool
	full    string          // the limit on the index that was reached; entries are no longer kept
	at      string          // the path whose content is being read
	end     int64           // where the entry before ends in the tar; -1 if unknown
	tail    decompress.Tail // behind the tar's end
	err     error           // why the tar could not be read to its end
}

func newTarRead(in *pipeline, limits Limits, index *budget) *tarRead {
	return &tarRead{in: in, limits: limits, index: index, facts: &Facts{Scans: map[string]any{}}, odd: newOddities(index)}
}

// read walks the tar to its end, or as far as it can be read.
func (t *tarRead) read() {
	headers := &tarHeaders{in: t.in}
	for {
		start := t.in.given
		hdr, err := headers.next()
		if hdr == nil || err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			if t.end >= 0 && t.in.given >= t.end {
				t.at = "" // its content was there
			}
			if err != io.EOF {
				t.err = err
			}
			return
		}
		t.isTar, t.at = true, ""
		sparse := isSparse(hdr)
		if !sparse {
			t.checkSize(hdr)
		}
		length := t.in.given - start
		if t.end >= 0 {
			length = t.in.given - t.end
		}
		t.end = t.in.given + padded(contentSize(hdr))
		if sparse {
			t.end = -1
		}
		if hdr.Typeflag == tar.TypeXGlobalHeader {
			continue // speaks of the archive's making; runtimes ignore it as well
		}
		if e := t.entry(hdr, length); e != nil {
			t.content(headers, e)
		}
	}
}

// entry puts a header, which is so many bytes long with all that belongs to it, into the
// index. It gives nil if its content is not to be scanned.
func (t *tarRead) entry(hdr *tar.Header, length int64) *Entry {
	if t.full != "" {
		t.skip(t.full, hdr.Name)
		return nil
	}
	switch {
	case len(hdr.Name) > t.limits.NameLength, len(hdr.Linkname) > t.limits.NameLength:
		t.skip(ReasonLimitName, hdr.Name)
		return nil
	case length-2*tarBlock > t.limits.HeaderBytes:
		t.skip(ReasonLimitHeader, hdr.Name)
		return nil
	case int64(len(t.facts.Entries)) >= t.limits.Entries:
		t.full = ReasonLimitEntries
	case !t.index.take(indexBytes(hdr)):
		t.full = ReasonLimitIndex
	}
	if t.full != "" {
		t.skip(t.full, hdr.Name)
		return nil
	}
	e, keep := t.newEntry(hdr)
	if !keep {
		return nil
	}
	e.Seq = len(t.facts.Entries)
	t.facts.Entries = append(t.facts.Entries, e)
	if e.Type == Regular || e.Type == HardLink {
		t.facts.Files++
	}
	t.at = e.Path
	return &e
}

// skip notes an entry that a limit keeps out of the index.
func (t *tarRead) skip(reason, name string) {
	detail := map[string]string{
		ReasonLimitEntries: fmt.Sprintf("the layer has more than %d entries; the rest was hashed but neither listed nor scanned; raise the limit on entries (Limits.Entries)", t.limits.Entries),
		ReasonLimitIndex:   fmt.Sprintf("the file indexes of all layers take more than %d bytes of memory; the rest was hashed but neither listed nor scanned; raise the limit on indexes (Limits.IndexBytes)", t.limits.IndexBytes),
		ReasonLimitName:    fmt.Sprintf("entries whose name or link is longer than %d bytes were neither listed nor scanned; raise the limit on names (Limits.NameLength)", t.limits.NameLength),
		ReasonLimitHeader:  fmt.Sprintf("entries with more than %d bytes of headers were neither listed nor scanned; raise the limit on headers (Limits.HeaderBytes)", t.limits.HeaderBytes),
	}[reason]
	t.facts.Gaps = AddRemark(t.facts.Gaps, Remark{Reason: reason, Detail: detail, Files: 1, Examples: []string{clip(name)}})
}

// content hands the content of an entry to the scanners that want it. An error of the
// tar comes again with the next header.
func (t *tarRead) content(h *tarHeaders, e *Entry) {
	if !t.feed.open(e) {
		return // the next header passes over the content
	}
	if h.library != nil {
		t.sparse(h.library, e)
	} else {
		for t.feed.wants() {
			b := h.ready(contentBytes)
			if len(b) == 0 {
				break
			}
			t.feed.write(b)
			h.pass(len(b))
			t.facts.FileBytes += int64(len(b))
		}
	}
	t.feed.close()
}

// sparse hands on the content of a file whose holes are not in the tar.
func (t *tarRead) sparse(tr *tar.Reader, e *Entry) {
	if t.buf == nil {
		t.buf = make([]byte, contentBytes)
	}
	for t.feed.wants() {
		n, err := tr.Read(t.buf)
		t.feed.write(t.buf[:n])
		t.facts.FileBytes += int64(n)
		if err != nil {
			return
		}
		if t.limits.tooBig(t.facts.FileBytes, t.in.stored.Load()) != nil {
			t.facts.Gaps = AddRemark(t.facts.Gaps, Remark{Reason: ReasonLimitRatio, Files: 1, Examples: []string{clip(e.Path)}, Detail: fmt.Sprintf(
				"sparse files whose holes make more than %g times the layer's bytes, or more than %d bytes, were not scanned to their end; raise the limits (Limits.Ratio, Limits.Bytes)", t.limits.Ratio, t.limits.Bytes)})
			return
		}
	}
}

// gap says why a tar whose bytes could be read was not understood.
func (t *tarRead) gap() Remark {
	r := Remark{Reason: ReasonCorrupt, Bytes: t.in.out - t.end}
	switch n := len(t.facts.Entries); {
	case !t.isTar:
		r.Detail, r.Bytes = "the layer is no tar", t.in.out
	case errors.Is(t.err, io.ErrUnexpectedEOF):
		r.Reason, r.Bytes = ReasonTruncated, 0
		r.Detail = fmt.Sprintf("the tar ends in the middle of an entry, after %d entries", n)
	case errors.Is(t.err, tar.ErrFieldTooLong):
		r.Reason = ReasonLimitHeader
		r.Detail = fmt.Sprintf("the headers of an entry are longer than 1 MiB; the tar was not read further after %d entries", n)
	default:
		r.Detail = fmt.Sprintf("the tar is damaged after %d entries and was not read further: %v", n, t.err)
	}
	if t.at != "" {
		r.Files, r.Examples = 1, []string{clip(t.at)}
	}
	r.Bytes = max(0, r.Bytes)
	return r
}

// checkEnd looks at what a tar that was read to its end ends with.
func (t *tarRead) checkEnd(behindCompressed decompress.Tail) {
	given := t.in.given - t.tail.Bytes
	if t.end >= 0 && given-t.end < 2*tarBlock {
		t.odd.add("tar-missing-end", "", "the tar ends without the two blocks of zeros that mark its end")
	}
	if t.tail.Dirty {
		t.odd.add("tar-trailing-data", "", fmt.Sprintf("%d bytes follow after the tar's end; they were hashed but not scanned", t.tail.Bytes))
	}
	if behindCompressed.Dirty {
		t.odd.add("tar-trailing-data", "", fmt.Sprintf("%d bytes follow after the end of the compressed data; they were hashed but not scanned", behindCompressed.Bytes))
	}
	t.odd.finish(t.facts.Entries)
}

// checkSize compares the size in the entry's last header block with the size
// that rules. Readers that believe the other one see other entries.
func (t *tarRead) checkSize(hdr *tar.Header) {
	if hdr.Typeflag == tar.TypeXGlobalHeader {
		return
	}
	field, ok := tarNumber(t.in.last512[124:136])
	size := contentSize(hdr)
	if ok && field != size {
		t.odd.add("tar-size-mismatch", hdr.Name, fmt.Sprintf("one header says %d bytes of content, another rule says %d", field, size))
	}
}

// tarNumber reads a number as ustar (octal) or GNU (base 256) writes it.
func tarNumber(field []byte) (n int64, ok bool) {
	if field[0]&0x80 != 0 {
		if field[0] != 0x80 {
			return 0, false
		}
		for _, b := range field[1:] {
			if n > 1<<54 {
				return 0, false
			}
			n = n<<8 | int64(b)
		}
		return n, true
	}
	return octal(field)
}

// contentSize is how many bytes of content follow the header of an entry that is
// not sparse: those types that have none may still claim a size.
func contentSize(hdr *tar.Header) int64 {
	switch hdr.Typeflag {
	case tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeDir, tar.TypeFifo, tar.TypeXGlobalHeader:
		return 0
	}
	return hdr.Size
}

// padded rounds up to whole blocks.
func padded(n int64) int64 {
	if n > math.MaxInt64/2 {
		return math.MaxInt64 / 2 // no tar is that long; the sum must not overflow
	}
	return (n + tarBlock - 1) / tarBlock * tarBlock
}

func isSparse(hdr *tar.Header) bool {
	if hdr.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for k := range hdr.PAXRecords {
		if strings.HasPrefix(k, "GNU.sparse.") {
			return true
		}
	}
	return false
}
