//go:build unix

package sbom

import "os"

// nameless makes a temporary file that has no name: whatever ends the process,
// nothing of it stays.
func nameless(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, "imgaudit-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func discard(file *os.File) error { return file.Close() }
