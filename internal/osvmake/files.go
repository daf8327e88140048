package osvmake

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
)

// WriteDir writes each record into a file of its own, <id>.json, in a directory that
// is made if it is not there.
func WriteDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, r := range Records() {
		if err := os.WriteFile(filepath.Join(dir, r.ID+".json"), r.JSON, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Zip gives an archive with a file for each record, as osv.dev exports them.
func Zip() ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, r := range Records() {
		w, err := z.Create(r.ID + ".json")
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(r.JSON); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}

// Tar gives an uncompressed tar archive with a file for each record.
func Tar() ([]byte, error) {
	var out bytes.Buffer
	t := tar.NewWriter(&out)
	for _, r := range Records() {
		if err := t.WriteHeader(&tar.Header{Name: "osv/" + r.ID + ".json", Mode: 0o644, Size: int64(len(r.JSON))}); err != nil {
			return nil, err
		}
		if _, err := t.Write(r.JSON); err != nil {
			return nil, err
		}
	}
	err := t.Close()
	return out.Bytes(), err
}
