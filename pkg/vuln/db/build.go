package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/anchore/grype/grype/db/data"
	v6 "github.com/anchore/grype/grype/db/v6"
	build "github.com/anchore/grype/grype/db/v6/build"
	"github.com/spf13/afero"

	"github.com/imgaudit/imgaudit/pkg/vuln/internal/osv"
)

// BuildOptions say how a database is built.
type BuildOptions struct {
	// EPSS is a file of scores as FIRST publishes them, in CSV; empty for none.
	EPSS string
	// KEV is CISA's catalogue of known exploited vulnerabilities, in JSON; empty for none.
	KEV string
	// Time is when the database was built, for the same bytes of its dates; zero means now.
	Time time.Time
	// Listing writes a latest.json beside an archive, so that its directory can be served
	// as a mirror.
	Listing bool
	// MaxRecords and MaxBytes bound what is read of all sources; 0 means 5,000,000 records
	// and 64 GiB.
	MaxRecords, MaxBytes int64
}

// BuildResult says what was built, and what was left out.
type BuildResult struct {
	Status   Status
	Archive  string // the file, if one was asked for
	Checksum string // of the archive, as sha256:…

	Records         int64 // that were read
	Vulnerabilities int64 // records that are in the database
	Withdrawn       int64 // records that are not, because they were withdrawn
	Duplicates      int64 // records that are there in a later version
	EPSS, KEV       int64 // scores and known exploited vulnerabilities that are in the database
	Left            []Left
	Notes           []string
}

// Build makes a database from sources of OSV records: directories, files, and archives (zip,
// or tar, also compressed). The target is a directory, whose database is replaced when the
// new one is complete, or the name of an archive that [Import] and Grype read: one that
// ends with .tar.zst, .tar.gz or .tar.xz.
//
// Records that were withdrawn are left out. Of two with one id the one that was modified
// later counts. The error is that of a source that cannot be read, of a limit, or of
// writing; when no record can be used, there is no database either.
func Build(ctx context.Context, sources []string, target string, opts BuildOptions) (BuildResult, error) {
	if opts.Time.IsZero() {
		opts.Time = time.Now()
	}
	opts.Time = opts.Time.UTC().Truncate(time.Second)
	b := &builder{
		opts: opts, sources: sources,
		converter: converter{now: opts.Time, captured: map[string]time.Time{}, left: leftOut{}, cves: map[string]bool{}, cwes: map[string]bool{}},
	}
	s, err := newStage(target, isArchive(target))
	if err != nil {
		return BuildResult{}, err
	}
	defer s.discard()
	if err := b.build(ctx, s.dir); err != nil {
		return BuildResult{}, err
	}
	if isArchive(target) {
		err = b.pack(ctx, s.dir, target)
	} else {
		err = b.install(s)
	}
	if err != nil {
		return BuildResult{}, err
	}
	if merged := b.result.Vulnerabilities - b.result.Status.Counts.Vulnerabilities; merged > 0 {
		b.result.Vulnerabilities -= merged
		b.left["records of the Go database that GitHub's cover, which have its symbols now"] = &Left{Count: merged}
	}
	b.result.Left = b.left.list()
	return b.result, nil
}

type builder struct {
	converter
	opts    BuildOptions
	sources []string
	result  BuildResult
	best    map[string]time.Time // when each record was modified last, until it is written
}

// build writes the database into a directory.
func (b *builder) build(ctx context.Context, dir string) error {
	if len(b.sources) == 0 {
		return errors.New("no source of OSV records is given")
	}
	if err := b.survey(ctx); err != nil {
		return err
	}
	if len(b.best) == 0 {
		return errors.New("the sources have no OSV record")
	}
	w, err := build.NewWriter(dir, nil, false, 0)
	if err != nil {
		return fmt.Errorf("making the vulnerability database: %w", err)
	}
	t, err := takeOver(ctx, w)
	if err == nil {
		err = b.fill(ctx, w)
	}
	if closing := errors.Join(w.Close(), t.end(ctx)); err == nil && closing != nil {
		err = fmt.Errorf("writing the vulnerability database: %w", closing)
	}
	if err == nil && b.result.Vulnerabilities == 0 {
		err = fmt.Errorf("none of %d records can be used", b.result.Records)
	}
	if err != nil {
		return err
	}
	return b.finish(ctx, filepath.Join(dir, v6.VulnerabilityDBFileName))
}

// fill writes all rows.
func (b *builder) fill(ctx context.Context, w data.Writer) error {
	if err := b.write(ctx, w); err != nil {
		return err
	}
	return b.decorate(w)
}

// survey reads the heads of all records: which of two with one id counts, whose records
// they are, and what their checksum is.
func (b *builder) survey(ctx context.Context) error {
	b.best = map[string]time.Time{}
	sums := map[string]hash.Hash{}
	err := b.walk(ctx, func(where string, raw []byte) error {
		head, err := osv.DecodeHead(raw)
		if err != nil {
			b.left.add("files and lines that are no OSV records", where+": "+err.Error())
			return nil
		}
		if last, ok := b.best[head.ID]; !ok || head.Modified.After(last) {
			b.best[head.ID] = head.Modified
		}
		origin := originOf(head.ID)
		if head.Modified.After(b.captured[origin]) && !head.Modified.After(b.now) {
			b.captured[origin] = head.Modified
		}
		if strings.HasPrefix(head.ID, "RHSA-") || slices.ContainsFunc(head.Ecosystems, isRedHat) {
			b.redHat = true
		}
		if sums[origin] == nil {
			sums[origin] = sha256.New()
		}
		sums[origin].Write(raw)
		return nil
	}, true)
	b.digests = map[string]string{}
	for origin, sum := range sums {
		b.digests[origin] = hex.EncodeToString(sum.Sum(nil))
	}
	return err
}

func isRedHat(ecosystem string) bool {
	d, _, err := osv.Distro(ecosystem)
	return err == nil && d.ID == "rhel"
}

// walk goes through all sources.
func (b *builder) walk(ctx context.Context, visit osv.Visit, remark bool) error {
	limits := osv.Limits{Records: b.opts.MaxRecords, Bytes: b.opts.MaxBytes}
	for _, source := range b.sources {
		remarks, err := osv.Walk(ctx, source, limits, visit)
		if err != nil {
			return fmt.Errorf("reading the OSV records in %s: %w", source, err)
		}
		for _, r := range remarks {
			if remark {
				b.left.add("files that cannot be read whole", fmt.Sprintf("%s in %s: %s", r.Where, source, r.Text))
			}
		}
	}
	return nil
}

// write writes each record that counts.
func (b *builder) write(ctx context.Context, w data.Writer) error {
	return b.walk(ctx, func(where string, raw []byte) error {
		r, err := osv.Decode(raw)
		if err != nil {
			head, err := osv.DecodeHead(raw)
			if err != nil {
				return nil // counted before
			}
			r = &osv.Record{ID: head.ID, Modified: head.Modified}
		}
		b.result.Records++
		if best, ok := b.best[r.ID]; !ok || !r.Modified.Equal(best) {
			b.result.Duplicates++
			return nil
		}
		delete(b.best, r.ID)
		switch {
		case err != nil:
			b.left.add("files and lines that are no OSV records", where+": "+err.Error())
			return nil
		case r.Withdrawn:
			b.result.Withdrawn++
			return nil
		}
		entries, packages, err := b.convert(r, raw)
		if err != nil || packages == 0 {
			return err
		}
		b.result.Vulnerabilities++
		if err := w.Write(entries...); err != nil {
			return fmt.Errorf("writing %s: %w", r.ID, err)
		}
		return nil
	}, false)
}

// finish sets what Grype's writer gives no say in: the time of the build, and that Rocky
// Linux is not matched by Red Hat's data when it has its own.
func (b *builder) finish(ctx context.Context, file string) error {
	c, err := sql.Open("sqlite", "file:"+file+"?mode=rw")
	if err != nil {
		return fmt.Errorf("finishing the vulnerability database: %w", err)
	}
	defer c.Close()
	_, err = c.ExecContext(ctx, "UPDATE db_metadata SET build_timestamp = ?", b.now.Format("2006-01-02 15:04:05-07:00"))
	if err == nil && b.rocky {
		_, err = c.ExecContext(ctx, "DELETE FROM operating_system_specifier_overrides WHERE alias IN ('rocky', 'rockylinux')")
	}
	if err != nil {
		return fmt.Errorf("finishing the vulnerability database: %w", err)
	}
	if b.alma {
		b.result.Notes = append(b.result.Notes, "there is no data of Red Hat: AlmaLinux's advisories stand in for it, and are matched on Red Hat as well")
	}
	return c.Close()
}

// install puts the database in its place.
func (b *builder) install(s *stage) error {
	status, err := ready(s, "built from "+strings.Join(bases(b.sources), ", "))
	if err != nil {
		return err
	}
	b.result.Status = status
	return s.install()
}

func bases(paths []string) []string {
	var out []string
	for _, p := range paths {
		out = append(out, filepath.Base(p))
	}
	return out
}

// pack writes the archive.
func (b *builder) pack(ctx context.Context, dir, target string) error {
	meta, err := v6.WriteImportMetadata(afero.NewOsFs(), dir, "built from "+strings.Join(bases(b.sources), ", "))
	if err != nil {
		return fmt.Errorf("writing the checksum: %w", err)
	}
	b.result.Status, err = inspect(filepath.Join(dir, v6.VulnerabilityDBFileName), target)
	if err != nil {
		return err
	}
	b.result.Status.Checksum, b.result.Status.Source = meta.Digest, meta.Source
	packed := filepath.Join(dir, filepath.Base(target))
	if err := writeArchive(ctx, packed, dir); err != nil {
		return fmt.Errorf("packing the vulnerability database: %w", err)
	}
	b.result.Archive = target
	b.result.Status.Path = target
	if b.result.Checksum, err = fileChecksum(ctx, packed); err != nil {
		return err
	}
	if b.opts.Listing {
		if err := writeListing(packed, filepath.Dir(target), b.now); err != nil {
			return err
		}
	}
	return os.Rename(packed, target)
}
