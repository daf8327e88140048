package db

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/spf13/afero"
)

// files are what a directory of a database may hold: what is put there by [Import], and
// what Grype puts beside it.
var files = [...]string{v6.VulnerabilityDBFileName, v6.ImportMetadataFileName, "last_update_check"}

// stage is a directory beside a database's, in which a new one is made ready.
type stage struct {
	dir    string
	target string // the directory of the database
	inside bool   // the stage lies in the target, because nothing can be made beside it
}

// stale is how old a stage is that no process is working in any more.
const stale = 24 * time.Hour

// newStage makes a stage for a directory, or for a file.
func newStage(target string, file bool) (*stage, error) {
	target, err := absolute(target)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(target); err == nil {
		target = real
	}
	parent, base := filepath.Split(target)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("making the directory for the vulnerability database: %w", err)
	}
	if !file {
		if err := ours(target); err != nil {
			return nil, err
		}
	}
	prefix := "." + base + ".new-"
	sweep(parent, prefix)
	s := &stage{target: target}
	s.dir, err = os.MkdirTemp(parent, prefix)
	if err != nil && !file {
		if info, e := os.Stat(target); e == nil && info.IsDir() { // a mounted directory
			s.inside = true
			sweep(target, ".new-")
			s.dir, err = os.MkdirTemp(target, ".new-")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("making a directory for the new vulnerability database: %w", err)
	}
	return s, nil
}

// ours refuses a directory that holds anything but a database: it is going to be replaced.
func ours(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("looking into the directory for the vulnerability database: %w", err)
	}
	for _, e := range entries {
		if !slices.Contains(files[:], e.Name()) && !strings.HasPrefix(e.Name(), ".new-") {
			return fmt.Errorf("the directory %s holds other files than a vulnerability database, such as %s; give an empty or a new one", dir, e.Name())
		}
	}
	return nil
}

// sweep removes what killed processes have left.
func sweep(dir, prefix string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && e.IsDir() && strings.HasPrefix(e.Name(), prefix) && time.Since(info.ModTime()) > stale {
			os.RemoveAll(filepath.Join(dir, e.Name()))
		}
	}
}

// discard removes the stage, unless it was installed.
func (s *stage) discard() { os.RemoveAll(s.dir) }

// install puts the new database in the place of the old one.
func (s *stage) install() error {
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return fmt.Errorf("installing the vulnerability database: %w", err)
	}
	if !s.inside {
		err := os.Rename(s.dir, s.target) // nothing there, or an empty directory
		if err == nil {
			return nil
		}
		if exchange(s.dir, s.target) == nil {
			return nil // discard removes the old one
		}
	}
	// Where directories cannot be exchanged, file by file: who opens the database between
	// the two renames is told that its checksum is wrong.
	for _, name := range files[:2] {
		if err := os.Rename(filepath.Join(s.dir, name), filepath.Join(s.target, name)); err != nil {
			return fmt.Errorf("installing the vulnerability database: %w", err)
		}
	}
	return nil
}

// ready makes the database in a stage one that can be opened: it adds the indexes and
// writes the checksum.
func ready(s *stage, source string) (Status, error) {
	file := filepath.Join(s.dir, v6.VulnerabilityDBFileName)
	if err := v6.Hydrater()(s.dir); err != nil {
		return Status{}, fmt.Errorf("%w: adding indexes: %w", ErrDamaged, err)
	}
	meta, err := v6.WriteImportMetadata(afero.NewOsFs(), s.dir, source)
	if err != nil {
		return Status{}, fmt.Errorf("writing the checksum: %w", err)
	}
	status, err := inspect(file, file)
	if err != nil {
		return Status{}, err
	}
	status.Path = filepath.Join(s.target, v6.VulnerabilityDBFileName)
	status.Checksum, status.Source = meta.Digest, meta.Source
	return status, nil
}
