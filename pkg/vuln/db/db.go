package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/vulnerability"
	_ "github.com/glebarez/go-sqlite" // the driver of Grype itself
	"github.com/spf13/afero"
)

// OpenOptions say how a database is opened.
type OpenOptions struct {
	// SkipChecksum opens a database without reading it whole to verify its checksum.
	SkipChecksum bool
}

// DB is an open database. It may be used by several goroutines.
type DB struct {
	reader   v6.Reader
	provider vulnerability.Provider
	status   Status

	mu      sync.Mutex
	covered bool // covers was read
	covers  map[string]bool
}

// Open opens the database in a directory. The errors are [ErrNone], [ErrSchema] and
// [ErrDamaged], with what was found.
func Open(dir string, opts OpenOptions) (*DB, error) {
	file, err := find(dir)
	if err != nil {
		return nil, err
	}
	status, err := inspect(file, file)
	if err != nil {
		return nil, err
	}
	meta, err := v6.ReadImportMetadata(afero.NewOsFs(), filepath.Dir(file))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, dir, err)
	}
	status.Checksum, status.Source = meta.Digest, meta.Source
	if !opts.SkipChecksum {
		digest, err := v6.CalculateDBDigest(afero.NewOsFs(), file)
		if err != nil {
			return nil, fmt.Errorf("reading the vulnerability database: %w", err)
		}
		if digest != meta.Digest {
			return nil, fmt.Errorf("%w: %s is %s, but %s was imported", ErrDamaged, file, digest, meta.Digest)
		}
	}
	reader, err := v6.NewReader(v6.Config{DBDirPath: filepath.Dir(file)})
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, file, err)
	}
	return &DB{reader: reader, provider: v6.NewVulnerabilityProvider(reader), status: status}, nil
}

// Provider is what Grype's matchers ask.
func (d *DB) Provider() vulnerability.Provider { return d.provider }

// Status says which database it is.
func (d *DB) Status() Status { return d.status }

// Close lets go of the database and of its provider.
func (d *DB) Close() error { return d.reader.Close() }

// magic begins each SQLite file.
var magic = []byte("SQLite format 3\x00")

// find gives the path of a directory's database file, after a look at its first bytes.
func find(dir string) (string, error) {
	dir, err := absolute(dir)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, v6.VulnerabilityDBFileName)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w in %s", ErrNone, dir)
	}
	if err != nil {
		return "", fmt.Errorf("opening the vulnerability database: %w", err)
	}
	defer f.Close()
	return path, genuine(f, path)
}

// genuine says whether a file is an SQLite database with all its pages.
func genuine(f *os.File, path string) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("opening the vulnerability database: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: %s is no regular file", ErrDamaged, path)
	}
	head := make([]byte, 100)
	if _, err := io.ReadFull(f, head); err != nil || !bytes.HasPrefix(head, magic) {
		return fmt.Errorf("%w: %s is no SQLite file", ErrDamaged, path)
	}
	// The header tells the size of a page and their number (sqlite.org/fileformat2.html).
	size := int64(head[16])<<8 | int64(head[17])
	if size == 1 {
		size = 65536
	}
	pages := int64(head[28])<<24 | int64(head[29])<<16 | int64(head[30])<<8 | int64(head[31])
	if want := size * pages; want > info.Size() {
		return fmt.Errorf("%w: %s is truncated: it has %d bytes of %d", ErrDamaged, path, info.Size(), want)
	}
	return nil
}

// absolute gives the path of a directory in a form that SQLite's addresses of files
// carry unchanged.
func absolute(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no directory for the vulnerability database is given")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if strings.ContainsAny(abs, "?#%") {
		return "", fmt.Errorf("the directory %s cannot hold a vulnerability database: its path has one of ?, # and %%", abs)
	}
	return abs, nil
}

// connect opens a database file for reading beside Grype's own connection.
func connect(path string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+path+"?mode=ro&immutable=1")
}

// inspect reads which database a file is, and refuses one of another schema. Messages call
// it by the name that is shown.
func inspect(path, shown string) (Status, error) {
	s := Status{Path: path}
	c, err := connect(path)
	if err != nil {
		return s, fmt.Errorf("opening the vulnerability database: %w", err)
	}
	defer c.Close()
	tables, err := tablesOf(c)
	if err != nil {
		return s, fmt.Errorf("%w: %s: %w", ErrDamaged, shown, err)
	}
	if !tables["db_metadata"] {
		if tables["vulnerability"] && tables["vulnerability_metadata"] {
			return s, fmt.Errorf("%w: %s is of version 5 or older, %d is needed", ErrSchema, shown, v6.ModelVersion)
		}
		return s, fmt.Errorf("%w: %s is an SQLite file, but no vulnerability database of Grype's", ErrSchema, shown)
	}
	var model, revision, addition int
	row := c.QueryRowContext(context.Background(), "SELECT model, revision, addition, build_timestamp FROM db_metadata")
	if err := row.Scan(&model, &revision, &addition, &s.Built); err != nil {
		return s, fmt.Errorf("%w: %s: %w", ErrDamaged, shown, err)
	}
	s.Schema = fmt.Sprintf("%d.%d.%d", model, revision, addition)
	s.Built = s.Built.UTC()
	if model != v6.ModelVersion {
		return s, fmt.Errorf("%w: %s is of version %s, %d is needed", ErrSchema, shown, s.Schema, v6.ModelVersion)
	}
	if err := s.count(c, tables); err != nil {
		return s, fmt.Errorf("%w: %s: %w", ErrDamaged, shown, err)
	}
	return s, nil
}

func tablesOf(c *sql.DB) (map[string]bool, error) {
	rows, err := c.QueryContext(context.Background(), "SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	tables := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		tables[name] = true
	}
	return tables, rows.Err()
}
