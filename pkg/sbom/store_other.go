//go:build !unix

package sbom

import (
	"errors"
	"os"
)

// nameless makes a temporary file. Here an open file cannot be without a name: it
// goes when it is discarded, and stays when the process is killed.
func nameless(dir string) (*os.File, error) { return os.CreateTemp(dir, "imgaudit-*") }

func discard(file *os.File) error {
	return errors.Join(file.Close(), os.Remove(file.Name()))
}
