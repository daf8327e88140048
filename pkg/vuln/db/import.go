package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/db/v6/distribution"
	"github.com/spf13/afero"
)

// ImportOptions say how an archive is imported.
type ImportOptions struct {
	// Checksum is that of the archive, as sha256:… in hexadecimal. If it is empty and a
	// listing (latest.json) that names the archive lies beside it, the listing's counts.
	Checksum string
	Limits   Limits

	source string // where the archive is from, if that is not its name
}

// Import puts the database of an archive into a directory, in place of the one that is
// there: the archive that Grype publishes (vulnerability-db_v6….tar.zst, also .tar.gz and
// .tar.xz), one that [Build] has written, or a bare database file. What is there stands
// until the new one is unpacked, verified and complete.
//
// Verified are the checksum of the archive, if one is known, that of the database, if the
// archive has it, its schema, and the soundness of all its pages.
func Import(ctx context.Context, archive, dir string, opts ImportOptions) (Status, error) {
	shown := cmp.Or(opts.source, archive)
	if err := verify(ctx, archive, shown, opts.Checksum); err != nil {
		return Status{}, err
	}
	s, err := newStage(dir, false)
	if err != nil {
		return Status{}, err
	}
	defer s.discard()
	if err := unpack(ctx, archive, shown, s.dir, opts.Limits); err != nil {
		return Status{}, err
	}
	if err := sound(ctx, s.dir, "the database in "+path.Base(filepath.ToSlash(shown))); err != nil {
		return Status{}, err
	}
	status, err := ready(s, cmp.Or(opts.source, filepath.Base(archive)))
	if err != nil {
		return Status{}, err
	}
	if err := ctx.Err(); err != nil {
		return Status{}, context.Cause(ctx)
	}
	return status, s.install()
}

var sha256Pattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// verify compares an archive with the checksum that is given, or that a listing beside it
// tells.
func verify(ctx context.Context, archive, shown, want string) error {
	told := "expected"
	if want == "" {
		want, told = listed(archive), "told by the listing beside it"
	}
	if want == "" {
		return nil
	}
	want = strings.ToLower(want)
	if !sha256Pattern.MatchString(want) {
		return fmt.Errorf("the checksum %.100q is not of the form sha256:… with 64 hexadecimal digits", want)
	}
	have, err := fileChecksum(ctx, archive)
	if err != nil {
		return fmt.Errorf("opening the archive: %w", err)
	}
	if have != want {
		return fmt.Errorf("%w: %s has %s, but %s is %s", ErrChecksum, shown, have, want, told)
	}
	return nil
}

// listed is the checksum that a listing beside an archive tells of it; empty if there is
// none, or it is about another archive.
func listed(archive string) string {
	l, err := readListing(filepath.Join(filepath.Dir(archive), distribution.LatestFileName))
	if err != nil || path.Base(l.Path) != filepath.Base(archive) {
		return ""
	}
	return l.Checksum
}

// sound says what is wrong with an unpacked database, which messages call as shown.
func sound(ctx context.Context, dir, shown string) error {
	file := filepath.Join(dir, v6.VulnerabilityDBFileName)
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("opening the vulnerability database: %w", err)
	}
	defer f.Close()
	if err := genuine(f, shown); err != nil {
		return err
	}
	meta, err := v6.ReadImportMetadata(afero.NewOsFs(), dir)
	_, missing := os.Stat(filepath.Join(dir, v6.ImportMetadataFileName))
	switch {
	case errors.Is(missing, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("%w: %s: %w", ErrDamaged, shown, err)
	default:
		digest, err := v6.CalculateDBDigest(afero.NewOsFs(), file)
		if err != nil {
			return fmt.Errorf("reading the vulnerability database: %w", err)
		}
		if digest != meta.Digest {
			return fmt.Errorf("%w: %s has %s, but the archive tells %s", ErrChecksum, shown, digest, meta.Digest)
		}
	}
	if _, err := inspect(file, shown); err != nil {
		return err
	}
	c, err := connect(file)
	if err != nil {
		return fmt.Errorf("opening the vulnerability database: %w", err)
	}
	defer c.Close()
	var verdict string
	if err := c.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("%w: %s: checking its pages: %w", ErrDamaged, shown, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s: checking its pages: %s", ErrDamaged, shown, verdict)
	}
	return nil
}
