package report

import (
	"io"
	"strings"
	"sync"
)

// maxHeld is the most that a [RedactingWriter] keeps back.
const maxHeld = 128 << 10

// RedactingWriter redacts a stream, for standard error and logs. It keeps back
// what may be the beginning of a value, which is most often nothing; [Flush] and
// [Close] write that too. It is safe for use by several goroutines at once.
type RedactingWriter struct {
	r    *Redactor
	w    io.Writer
	mu   sync.Mutex
	held string
	prev byte // the last byte that was written, 0 at first
	err  error
}

// Writer gives a writer to w that replaces every value, also one that is split
// over several writes.
func (r *Redactor) Writer(w io.Writer) *RedactingWriter { return &RedactingWriter{r: r, w: w} }

// Write implements [io.Writer]. An error of the writer below sticks.
func (rw *RedactingWriter) Write(p []byte) (int, error) {
	rw.mu.Lock()
	defer rw.mu.Unlock()
	if rw.err == nil {
		rw.held += string(p)
		rw.write(len(rw.held) > maxHeld)
	}
	if rw.err != nil {
		return 0, rw.err
	}
	return len(p), nil
}

// Flush writes what was kept back. A value that is cut in two by it goes
// unseen: call it where a text ends.
func (rw *RedactingWriter) Flush() error {
	rw.mu.Lock()
	defer rw.mu.Unlock()
	if rw.err == nil {
		rw.write(true)
	}
	return rw.err
}

// Close is Flush. It does not close the writer below.
func (rw *RedactingWriter) Close() error { return rw.Flush() }

func (rw *RedactingWriter) write(all bool) {
	if rw.held == "" {
		return
	}
	if rw.r.empty() {
		_, rw.err = io.WriteString(rw.w, rw.held)
		rw.held = ""
		return
	}
	// The byte that went out before decides whether a short value stands alone.
	text := string([]byte{rw.prev}) + rw.held
	spans, end := rw.r.spans(text), len(text)
	if !all {
		spans, end = rw.r.settled(text, spans)
	}
	if end <= 1 {
		return
	}
	for i := range spans {
		spans[i].start = max(spans[i].start-1, 0)
		spans[i].end--
	}
	_, rw.err = io.WriteString(rw.w, replace(text[1:end], spans))
	rw.prev, rw.held = text[end-1], text[end:]
}

// settled gives the part of text that no later text can change: its length, and
// the spans within.
func (r *Redactor) settled(text string, spans []span) ([]span, int) {
	end := min(len(text), r.mayBegin(text))
	// An escape that is not yet whole, and what may go on with it.
	for i := max(0, len(text)-maxEntity); i < len(text); i++ {
		if strings.IndexByte(`\%&`, text[i]) >= 0 {
			end = min(end, i, r.mayBegin(text[:i]))
		}
	}
	// A span at the end of the text may become longer; one across the end stays whole.
	for n := len(spans); n > 0 && (spans[n-1].end > end || spans[n-1].end == len(text)); n-- {
		end = min(end, spans[n-1].start)
		spans = spans[:n-1]
	}
	return spans, end
}

// minWrapped is how much of a value must stand at the end of a line before the
// next line is waited for.
const minWrapped = 8

// mayBegin gives where in text the beginning of a value stands that the end of the text cuts off.
func (r *Redactor) mayBegin(text string) int {
	begin := len(text)
	for _, v := range r.decoded(text) {
		n := len(v.text)
		for i := max(0, n-max(r.long.longest, r.short.longest)); i < n; i++ {
			if v.unwrapped && n-i < minWrapped {
				break
			}
			if r.long.mayGrow(v.text[i:]) || r.short.mayGrow(v.text[i:]) {
				start, _ := v.span(i, i+1)
				begin = min(begin, start)
				break
			}
		}
	}
	return begin
}
