package secrets

import (
	"bytes"

	"github.com/imgaudit/imgaudit/pkg/secrets/internal/credfile"
)

// smallWriter puts a file beside others into one buffer.
type smallWriter struct {
	l     *feeder
	file  *fileScan
	start int
	large *largeWriter // the file is longer than it said, or than was thought
	begun bool
}

func (w *smallWriter) Write(p []byte) (int, error) {
	if w.large != nil {
		return w.large.Write(p)
	}
	l := w.l
	if !w.begun {
		w.begun = true
		if l.batch != nil && len(l.batch.buf)+smallFile > cap(l.batch.buf) {
			if err := l.flush(); err != nil {
				return 0, err
			}
		}
		if l.batch == nil {
			l.batch = l.s.newBatch()
		}
		w.start = len(l.batch.buf)
	}
	if len(l.batch.buf)+len(p) > cap(l.batch.buf) {
		w.large = &largeWriter{l: l, file: w.file}
		begun := bytes.Clone(l.batch.buf[w.start:])
		l.batch.buf = l.batch.buf[:w.start]
		if _, err := w.large.Write(begun); err != nil {
			return 0, err
		}
		return w.large.Write(p)
	}
	l.batch.buf = append(l.batch.buf, p...)
	return len(p), nil
}

func (w *smallWriter) Close() error {
	if w.large != nil {
		return w.large.Close()
	}
	if !w.begun || len(w.l.batch.buf) == w.start {
		return nil
	}
	content := w.l.batch.buf[w.start:]
	w.file.begin(content)
	w.file.pieces = 1
	content = content[:len(content):len(content)]
	w.l.batch.pieces = append(w.l.batch.pieces, piece{file: w.file, whole: content, text: text{
		bytes: content, to: len(content), first: true, last: true, path: w.file.name(),
	}})
	return nil
}

// largeWriter cuts a file into overlapping pieces.
type largeWriter struct {
	l    *feeder
	file *fileScan
	b    *batch
	from int    // where the zone begins in the buffer
	base int64  // of the buffer in the file
	held []byte // the file so far, if its format is to be read

	mostHeld int // bytes of it
}

func (w *largeWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if w.b == nil {
			w.b = w.l.s.newBatch()
		}
		if len(w.b.buf) == pieceSize {
			if err := w.next(); err != nil {
				return 0, err
			}
		}
		k := min(len(p), pieceSize-len(w.b.buf))
		w.b.buf = append(w.b.buf, p[:k]...)
		if w.held != nil && len(w.held) <= w.mostHeld {
			w.held = append(w.held, p[:k]...)
		}
		p = p[k:]
	}
	return n, nil
}

// next hands the full buffer over and begins another with its end.
func (w *largeWriter) next() error {
	full := w.b
	if w.base == 0 {
		if name := w.file.name(); hasFormat(name, full.buf) {
			w.held, w.mostHeld = bytes.Clone(full.buf), credfile.MaxBytes
			if isRecord(name) {
				w.mostHeld = mostRecords
			}
		}
	}
	to := pieceSize - reachForward
	w.b = w.l.s.newBatch()
	w.b.buf = append(w.b.buf, full.buf[to-reachBack:]...)
	err := w.submit(full, to, false)
	w.base += int64(to - reachBack)
	w.from = reachBack
	return err
}

func (w *largeWriter) submit(b *batch, to int, last bool) error {
	if w.base == 0 {
		w.file.begin(b.buf)
	}
	var whole []byte
	if last {
		whole = w.held
		if w.base == 0 {
			whole = b.buf
		}
	}
	b.pieces = append(b.pieces, piece{file: w.file, index: w.file.pieces, base: w.base, whole: whole, text: text{
		bytes: b.buf, from: w.from, to: to, first: w.base == 0, last: last, path: w.file.name(),
	}})
	w.file.pieces++
	return w.l.submit(b)
}

func (w *largeWriter) Close() error {
	if w.b == nil {
		return nil
	}
	b := w.b
	w.b = nil
	return w.submit(b, len(b.buf), true)
}
