package db

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	v6 "github.com/anchore/grype/grype/db/v6"

	"github.com/imgaudit/imgaudit/internal/decompress"
	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Limits bound what an archive may cost. A zero field means its default.
type Limits struct {
	Bytes int64 // of the database, and of all that an archive holds; default 16 GiB
	Ratio int64 // unpacked to packed bytes, beyond the first 64 MiB; default 100
}

func (l Limits) orDefault() Limits {
	if l.Bytes == 0 {
		l.Bytes = 16 << 30
	}
	if l.Ratio == 0 {
		l.Ratio = 100
	}
	return l
}

const (
	ratioFrom   = 64 << 20 // bytes that come out before the ratio counts
	maxMetadata = 1 << 20  // bytes of import.json and of a listing
	maxEntries  = 1000     // of an archive
)

// unpack takes the database out of an archive, or copies a bare database file. Messages
// call the archive as shown.
func unpack(ctx context.Context, archive, shown, dir string, limits Limits) error {
	limits = limits.orDefault()
	f, err := os.Open(archive)
	if err != nil {
		return fmt.Errorf("opening the archive: %w", err)
	}
	defer f.Close()
	packed := &counted{r: &watched{ctx, f}}
	in := bufio.NewReaderSize(packed, 128<<10)
	head, err := in.Peek(len(magic))
	if err != nil && err != io.EOF {
		return fmt.Errorf("reading %s: %w", shown, err)
	}
	plain := &meter{r: in, packed: packed, limits: limits}
	switch c := decompress.Sniff(head); {
	case bytes.Equal(head, magic):
		return save(filepath.Join(dir, v6.VulnerabilityDBFileName), plain)
	case c != decompress.None:
		d, err := decompress.New(c, in)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrDamaged, shown, err)
		}
		defer d.Close()
		plain.r = d
	}
	if err := untar(tar.NewReader(plain), shown, dir); err != nil {
		return err
	}
	// Behind the end of the tar archive lies the checksum of what is compressed.
	if _, err := io.Copy(io.Discard, plain); err != nil {
		return broken(shown, err)
	}
	return nil
}

// untar takes the files of a database out of a tar archive.
func untar(t *tar.Reader, archive, dir string) error {
	found := false
	for n := 0; ; n++ {
		h, err := t.Next()
		if err == io.EOF && n > 0 {
			break
		}
		if err == nil && n >= maxEntries {
			err = fmt.Errorf("%w: it has more than %d entries", ErrTooLarge, maxEntries)
		}
		if err != nil {
			return broken(archive, err)
		}
		name := path.Clean(strings.ReplaceAll(h.Name, `\`, "/"))
		if path.IsAbs(name) || name == ".." || strings.HasPrefix(name, "../") {
			return fmt.Errorf("%w: %s has an entry that leads out of it: %s", ErrDamaged, archive, finding.EscapePath(h.Name))
		}
		wanted := name == v6.VulnerabilityDBFileName || name == v6.ImportMetadataFileName
		if !wanted || h.Typeflag == tar.TypeDir {
			continue
		}
		if h.Typeflag != tar.TypeReg {
			return fmt.Errorf("%w: in %s, %s is no regular file", ErrDamaged, archive, name)
		}
		if name == v6.ImportMetadataFileName && h.Size > maxMetadata {
			return fmt.Errorf("%w: in %s, %s has %d bytes", ErrTooLarge, archive, name, h.Size)
		}
		if err := save(filepath.Join(dir, name), t); err != nil {
			return broken(archive, err)
		}
		found = found || name == v6.VulnerabilityDBFileName
	}
	if !found {
		return fmt.Errorf("%w: %s holds no %s", ErrDamaged, archive, v6.VulnerabilityDBFileName)
	}
	return nil
}

// broken says that an archive is damaged, unless it is the limits or the context that
// ended it.
func broken(archive string, err error) error {
	if errors.Is(err, ErrTooLarge) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, new(*os.PathError)) {
		return fmt.Errorf("reading %s: %w", archive, err)
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %s is truncated", ErrDamaged, archive)
	}
	return fmt.Errorf("%w: %s is no archive of one, or a broken one: %w", ErrDamaged, archive, err)
}

// save writes a new file.
func save(path string, r io.Reader) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(f, r)
	return err
}

// counted counts what is read of the archive.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// meter ends what comes out of an archive where the limits are.
type meter struct {
	r      io.Reader
	packed *counted
	limits Limits
	n      int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n += int64(n)
	switch {
	case m.n > m.limits.Bytes:
		return 0, fmt.Errorf("%w: more than %d bytes come out of it", ErrTooLarge, m.limits.Bytes)
	case m.n > ratioFrom && m.n/m.limits.Ratio > m.packed.n:
		return 0, fmt.Errorf("%w: more than %d times its size comes out of it", ErrTooLarge, m.limits.Ratio)
	}
	return n, err
}
