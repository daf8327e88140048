package db

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/db/v6/distribution"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// isArchive reports whether a name is that of an archive that [Build] is to write.
func isArchive(name string) bool {
	return strings.HasSuffix(name, ".tar.zst") || strings.HasSuffix(name, ".tar.gz") || strings.HasSuffix(name, ".tar.xz")
}

// writeArchive packs the database of a directory as Grype's own archives are.
func writeArchive(ctx context.Context, path, dir string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := compressor(path, f)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, name := range files[:2] {
		if err := addFile(ctx, t, dir, name); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return z.Close()
}

func compressor(name string, w io.Writer) (io.WriteCloser, error) {
	switch {
	case strings.HasSuffix(name, ".gz"):
		return gzip.NewWriter(w), nil
	case strings.HasSuffix(name, ".xz"):
		return xz.NewWriter(w)
	}
	return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression))
}

func addFile(ctx context.Context, t *tar.Writer, dir, name string) error {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: info.Size()}); err != nil {
		return err
	}
	_, err = io.Copy(t, &watched{ctx, f})
	return err
}

// writeListing writes the listing that tells [Update] and Grype of an archive.
func writeListing(archive, dir string, built time.Time) error {
	a, err := distribution.NewArchive(archive, built, v6.ModelVersion, v6.Revision, v6.Addition)
	if err != nil {
		return fmt.Errorf("writing the listing: %w", err)
	}
	listing := distribution.NewLatestDocument(*a)
	if listing == nil {
		return errors.New("writing the listing: the archive is of another schema")
	}
	var out bytes.Buffer
	if err := listing.Write(&out); err != nil {
		return fmt.Errorf("writing the listing: %w", err)
	}
	out.WriteByte('\n')
	if err := os.WriteFile(filepath.Join(dir, distribution.LatestFileName), out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing the listing: %w", err)
	}
	return nil
}

// fileChecksum is the checksum of a file, as sha256:….
func fileChecksum(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, &watched{ctx, f}); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// watched is a reader that ends with its context.
type watched struct {
	ctx context.Context
	r   io.Reader
}

func (w *watched) Read(p []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx)
	}
	return w.r.Read(p)
}
