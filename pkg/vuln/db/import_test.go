package db

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/db/v6/distribution"
	"github.com/anchore/grype/grype/db/v6/installation"
	"github.com/anchore/grype/grype/search"
)

// one is the record of a small database.
const one = `{"id": "MADE-2099-1", "modified": "2099-02-01T10:00:00Z", "aliases": ["CVE-2099-0001"], "affected": [
	{"package": {"ecosystem": "npm", "name": "left"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.3"}]}]}]}`

// small builds a database of one record.
func small(t testing.TB, target string, opts BuildOptions) BuildResult {
	t.Helper()
	source := filepath.Join(t.TempDir(), "one.json")
	if err := os.WriteFile(source, []byte(one), 0o600); err != nil {
		t.Fatal(err)
	}
	if opts.Time.IsZero() {
		opts.Time = builtAt
	}
	r, err := Build(t.Context(), []string{source}, target, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// bare are the two files of a small database.
func bare(t testing.TB) (database, metadata []byte) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "db")
	small(t, dir, BuildOptions{})
	database, err1 := os.ReadFile(filepath.Join(dir, v6.VulnerabilityDBFileName))
	metadata, err2 := os.ReadFile(filepath.Join(dir, v6.ImportMetadataFileName))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return database, metadata
}

func TestArchivesOfEveryFormAreImported(t *testing.T) {
	for _, name := range []string{"a.tar.zst", "a.tar.gz", "a.tar.xz"} {
		t.Run(name, func(t *testing.T) {
			archive := filepath.Join(t.TempDir(), name)
			built := small(t, archive, BuildOptions{Listing: true})
			dir := filepath.Join(t.TempDir(), "cache", "db")
			imported, err := Import(t.Context(), archive, dir, ImportOptions{Checksum: built.Checksum})
			if err != nil {
				t.Fatal(err)
			}
			s := opened(t, dir).Status()
			if s.Counts.Vulnerabilities != 1 || !s.Built.Equal(builtAt) || s.Source != name || s.Schema != "6.1.10" || s.Checksum != imported.Checksum || s.Path != filepath.Join(dir, "vulnerability.db") {
				t.Errorf("%+v", s)
			}
		})
	}
	t.Run("a bare database file", func(t *testing.T) {
		database, _ := bare(t)
		file, dir := filepath.Join(t.TempDir(), "x.db"), filepath.Join(t.TempDir(), "db")
		if err := os.WriteFile(file, database, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := Import(t.Context(), file, dir, ImportOptions{}); err != nil || s.Counts.Vulnerabilities != 1 {
			t.Errorf("%+v, %v", s, err)
		}
	})
}

// tarOf packs entries as a gzip-compressed tar archive.
func tarOf(t testing.TB, entries ...*tar.Header) func(contents ...[]byte) []byte {
	return func(contents ...[]byte) []byte {
		t.Helper()
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		w := tar.NewWriter(z)
		for i, h := range entries {
			h.Mode = 0o644
			if i < len(contents) {
				h.Size = int64(len(contents[i]))
			}
			if err := w.WriteHeader(h); err != nil {
				t.Fatal(err)
			}
			if i < len(contents) {
				if _, err := w.Write(contents[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := errors.Join(w.Close(), z.Close()); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
}

// altered gives a database file after statements.
func altered(t testing.TB, database []byte, statements ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.db")
	if err := os.WriteFile(file, database, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := c.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestTheOldDatabaseStandsWhenAnArchiveIsNotAsItShouldBe(t *testing.T) {
	database, metadata := bare(t)
	db := func() *tar.Header { return &tar.Header{Name: "vulnerability.db"} }
	meta := func() *tar.Header { return &tar.Header{Name: "./import.json"} }
	good := tarOf(t, db(), meta())(database, metadata)
	page := bytes.Clone(database)
	for i := 4096 * 3; i < 4096*5; i++ { // pages in the middle
		page[i] ^= 0x5a
	}
	for name, c := range map[string]struct {
		archive  []byte
		checksum string
		limits   Limits
		kind     error
		want     string
	}{
		"garbage":                         {archive: bytes.Repeat([]byte("garbage "), 100), kind: ErrDamaged, want: "no archive"},
		"an empty file":                   {archive: nil, kind: ErrDamaged, want: "truncated"},
		"a truncated archive":             {archive: good[:len(good)*2/3], kind: ErrDamaged, want: "truncated"},
		"a truncated database":            {archive: tarOf(t, db())(database[:len(database)/2]), kind: ErrDamaged, want: "is truncated"},
		"a bare truncated database":       {archive: database[:len(database)/2], kind: ErrDamaged, want: "is truncated"},
		"another checksum at its end":     {archive: append(bytes.Clone(good[:len(good)-8]), make([]byte, 8)...), kind: ErrDamaged, want: "checksum"},
		"no database in it":               {archive: tarOf(t, meta())(metadata), kind: ErrDamaged, want: "holds no vulnerability.db"},
		"a database of garbage":           {archive: tarOf(t, db())(bytes.Repeat([]byte("x"), 5000)), kind: ErrDamaged, want: "no SQLite file"},
		"another checksum of it":          {archive: good, checksum: "sha256:" + strings.Repeat("0", 64), kind: ErrChecksum, want: "is expected"},
		"a checksum of another form":      {archive: good, checksum: "md5:0", want: "not of the form sha256:"},
		"another checksum inside":         {archive: tarOf(t, db(), meta())(altered(t, database, "DELETE FROM packages"), metadata), kind: ErrChecksum, want: "the archive tells"},
		"metadata that are none":          {archive: tarOf(t, db(), meta())(database, []byte("{}")), kind: ErrDamaged, want: "digest"},
		"damaged pages":                   {archive: tarOf(t, db())(page), kind: ErrDamaged},
		"a schema of the future":          {archive: tarOf(t, db())(altered(t, database, "UPDATE db_metadata SET model = 7")), kind: ErrSchema, want: "version 7.1.10, 6 is needed"},
		"the schema of version 5":         {archive: tarOf(t, db())(altered(t, database, "DROP TABLE db_metadata", "CREATE TABLE vulnerability (id)", "CREATE TABLE vulnerability_metadata (id)")), kind: ErrSchema, want: "version 5 or older"},
		"another SQLite file":             {archive: altered(t, nil, "CREATE TABLE x (y)"), kind: ErrSchema, want: "no vulnerability database"},
		"a table that is not there":       {archive: tarOf(t, db())(altered(t, database, "DROP TABLE operating_systems")), kind: ErrDamaged, want: "no table operating_systems"},
		"an entry that leads out":         {archive: tarOf(t, &tar.Header{Name: "../../evil"}, db())([]byte("x"), database), kind: ErrDamaged, want: "leads out of it: ../../evil"},
		"an absolute entry":               {archive: tarOf(t, &tar.Header{Name: "/etc/evil"})([]byte("x")), kind: ErrDamaged, want: "leads out"},
		"a link in the database's place":  {archive: tarOf(t, &tar.Header{Name: "vulnerability.db", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"})(), kind: ErrDamaged, want: "no regular file"},
		"an archive bomb":                 {archive: tarOf(t, db())(make([]byte, 90<<20)), kind: ErrTooLarge, want: "times its size"},
		"more than the limit":             {archive: good, limits: Limits{Bytes: 50_000}, kind: ErrTooLarge, want: "more than 50000 bytes"},
		"metadata of a size without need": {archive: tarOf(t, meta())(make([]byte, 2<<20)), kind: ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "db")
			small(t, dir, BuildOptions{})
			before := opened(t, dir).Status()
			archive := filepath.Join(t.TempDir(), "vulnerability-db.tar.gz")
			if err := os.WriteFile(archive, c.archive, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Import(t.Context(), archive, dir, ImportOptions{Checksum: c.checksum, Limits: c.limits})
			if err == nil || c.kind != nil && !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %v with %q", err, c.kind, c.want)
			}
			t.Log(err)
			if after := opened(t, dir).Status(); after.Checksum != before.Checksum {
				t.Errorf("the old database is gone: %+v", after)
			}
			if entries, _ := os.ReadDir(parent); len(entries) != 1 {
				t.Errorf("left behind: %v", entries)
			}
		})
	}
}

func TestAListingBesideAnArchiveCounts(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a.tar.gz")
	small(t, archive, BuildOptions{Listing: true})
	raw, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-9] ^= 1
	if err := os.WriteFile(archive, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Import(t.Context(), archive, filepath.Join(t.TempDir(), "db"), ImportOptions{})
	if !errors.Is(err, ErrChecksum) || !strings.Contains(err.Error(), "listing beside it") {
		t.Error(err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	database, metadata := bare(t)
	for name, c := range map[string]struct {
		database, metadata []byte
		kind               error
		want               string
	}{
		"nothing":              {kind: ErrNone},
		"no metadata":          {database: database, kind: ErrDamaged, want: "import metadata"},
		"an empty file":        {database: []byte{}, metadata: metadata, kind: ErrDamaged, want: "no SQLite file"},
		"truncated":            {database: database[:len(database)-4096], metadata: metadata, kind: ErrDamaged, want: "truncated"},
		"changed":              {database: altered(t, database, "DELETE FROM packages"), metadata: metadata, kind: ErrDamaged, want: "was imported"},
		"of another version":   {database: altered(t, database, "UPDATE db_metadata SET model = 5"), metadata: metadata, kind: ErrSchema, want: "6 is needed"},
		"without any version":  {database: altered(t, database, "DELETE FROM db_metadata"), metadata: metadata, kind: ErrDamaged},
		"no time of its build": {database: altered(t, database, "UPDATE db_metadata SET build_timestamp = 'soon'"), metadata: metadata, kind: ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, raw := range map[string][]byte{v6.VulnerabilityDBFileName: c.database, v6.ImportMetadataFileName: c.metadata} {
				if raw == nil {
					continue
				}
				if err := os.WriteFile(filepath.Join(dir, file), raw, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d, err := Open(dir, OpenOptions{})
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, %v", d, err)
			}
			t.Log(err)
		})
	}
	if _, err := Open(filepath.Join(t.TempDir(), "what?"), OpenOptions{}); err == nil || !strings.Contains(err.Error(), "?") {
		t.Errorf("a path that SQLite would misread: %v", err)
	}
}

func TestADirectoryWithOtherFilesIsNotReplaced(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a.tar.gz")
	small(t, archive, BuildOptions{})
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Import(t.Context(), archive, dir, ImportOptions{}); err == nil || !strings.Contains(err.Error(), "thesis.txt") {
		t.Error(err)
	}
}

func TestTheOldDatabaseCanBeReadWhileItIsReplaced(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	made := small(t, dir, BuildOptions{})
	old := opened(t, dir)
	archive := filepath.Join(t.TempDir(), "a.tar.gz")
	small(t, archive, BuildOptions{Time: builtAt.AddDate(0, 1, 0)})
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Import(t.Context(), archive, link, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if v, err := old.Provider().FindVulnerabilities(search.ByID("MADE-2099-1")); err != nil || len(v) != 1 {
		t.Errorf("%v, %v", v, err)
	}
	if s := opened(t, dir).Status(); !s.Built.After(made.Status.Built) {
		t.Errorf("%+v", s)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
}

func TestCancelledImportChangesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	archive := filepath.Join(t.TempDir(), "a.tar.gz")
	small(t, archive, BuildOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Import(ctx, archive, dir, ImportOptions{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := Open(dir, OpenOptions{}); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
}

// TestGrypeImportsTheArchive lets Grype's own code import an archive and open the database.
func TestGrypeImportsTheArchive(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a.tar.zst")
	small(t, archive, BuildOptions{})
	client, err := distribution.NewClient(distribution.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	c, err := installation.NewCurator(installation.Config{DBRootDir: root, ValidateChecksum: true}, client)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Import(archive); err != nil {
		t.Fatal(err)
	}
	if s := c.Status(); s.Error != nil || !s.Built.Equal(builtAt) {
		t.Errorf("%+v", s)
	}
	// And what Grype keeps is opened here.
	if s := opened(t, filepath.Join(root, "6")).Status(); s.Counts.Vulnerabilities != 1 || s.Source != "manual import" {
		t.Errorf("%+v", s)
	}
}
