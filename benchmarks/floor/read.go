//go:build unix

package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/imgaudit/imgaudit/internal/decompress"
)

const bufferBytes = 1 << 20

// sums is what was read of a layer.
type sums struct {
	stored, raw int64
	compression string
}

// read reads a layer to its end and checks both digests. Of a layer that is stored as
// it is they are one.
func (l layer) read() (sums, error) {
	f, err := os.Open(l.path)
	if err != nil {
		return sums{}, err
	}
	defer f.Close()

	stored, raw := newHasher(), newHasher()
	compressed := &tee{from: f, to: stored}
	compression, err := uncompress(compressed, raw)
	if err == nil { // what lies behind the compressed data is part of the digest
		_, err = io.CopyBuffer(io.Discard, compressed, make([]byte, bufferBytes))
	}
	s := sums{compression: compression}
	var digest, diffID string
	s.stored, digest = stored.sum()
	s.raw, diffID = raw.sum()
	if compression == "none" {
		s.raw, diffID = s.stored, digest
	}
	switch {
	case err != nil:
		return s, fmt.Errorf("reading %s: %w", l.path, err)
	case digest != l.digest:
		return s, fmt.Errorf("%s: digest is %s", l.path, digest)
	case diffID != l.diffID:
		return s, fmt.Errorf("%s: diffID is %s, not %s", l.path, diffID, l.diffID)
	}
	return s, nil
}

// uncompress writes the raw bytes of a stream to w, by its first bytes; nothing if the
// stream is not compressed.
func uncompress(r *tee, w io.Writer) (string, error) {
	magic := make([]byte, 4)
	n, err := io.ReadFull(r, magic)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	magic = magic[:n]
	whole := io.MultiReader(bytes.NewReader(magic), r)
	buffer := make([]byte, bufferBytes)
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := decompress.New(decompress.Gzip, bufio.NewReaderSize(whole, 64<<10))
		if err != nil {
			return "gzip", err
		}
		defer z.Close()
		_, err = io.CopyBuffer(w, onlyReader{z}, buffer)
		return "gzip", err
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(whole)
		if err != nil {
			return "zstd", err
		}
		defer z.Close()
		_, err = io.CopyBuffer(w, onlyReader{z}, buffer)
		return "zstd", err
	}
	return "none", nil
}

// onlyReader hides WriteTo, which would choose pieces of its own size.
type onlyReader struct{ io.Reader }

// tee hands what is read on to a hasher.
type tee struct {
	from io.Reader
	to   io.Writer
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.from.Read(p)
	_, _ = t.to.Write(p[:n])
	return n, err
}

// hasher computes SHA-256 on a goroutine of its own.
type hasher struct {
	hash  hash.Hash
	bytes int64
	full  chan []byte
	free  chan []byte
	now   []byte
	done  sync.WaitGroup
}

func newHasher() *hasher {
	h := &hasher{hash: sha256.New(), full: make(chan []byte, 2), free: make(chan []byte, 3)}
	for range cap(h.free) {
		h.free <- make([]byte, 0, bufferBytes)
	}
	h.now = <-h.free
	h.done.Go(func() {
		for b := range h.full {
			_, _ = h.hash.Write(b)
			h.free <- b[:0]
		}
	})
	return h
}

func (h *hasher) Write(p []byte) (int, error) {
	n := len(p)
	h.bytes += int64(n)
	for len(p) > 0 {
		k := min(len(p), cap(h.now)-len(h.now))
		h.now = append(h.now, p[:k]...)
		p = p[k:]
		if len(h.now) == cap(h.now) {
			h.full <- h.now
			h.now = <-h.free
		}
	}
	return n, nil
}

func (h *hasher) sum() (int64, string) {
	h.full <- h.now
	close(h.full)
	h.done.Wait()
	return h.bytes, fmt.Sprintf("%x", h.hash.Sum(nil))
}
