package secrets

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"

	"github.com/imgaudit/imgaudit/internal/unpack"
)

// prefixed is a file that begins as a program and may go on as a zip: a jar that can be
// started, a zipped Python program, an archive that unpacks itself. What stands before the zip is scanned as it is.
type prefixed struct {
	f    *feeder
	file *fileScan
	left int64          // bytes of the file that were not written yet
	to   io.WriteCloser // what the program is written to
	zip  io.WriteCloser // the zip, once it has begun
	tail []byte         // held back, as a header may begin in it
}

// mayHaveZip reports whether a file is of a kind before which programs are put.
func mayHaveZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("#!")) || bytes.HasPrefix(head, []byte("MZ"))
}

func (f *feeder) openPrefixed(file *fileScan, size int64) io.WriteCloser {
	return &prefixed{f: f, file: file, left: size, to: f.writer(file, -1)}
}

func (p *prefixed) Write(b []byte) (int, error) {
	if p.zip != nil {
		return p.zip.Write(b)
	}
	p.left -= int64(len(b))
	rest := b
	if len(p.tail) > 0 {
		rest = slices.Concat(p.tail, b)
	}
	for {
		at := bytes.Index(rest, []byte("PK\x03\x04"))
		switch {
		case at < 0:
			at = max(0, len(rest)-3)
		case len(rest)-at < zipHeader:
		case isZipHeader(rest[at:]):
			if _, err := p.to.Write(rest[:at]); err != nil {
				return 0, err
			}
			p.zip = p.f.openArchive(unpack.Zip, p.file, p.left+int64(len(rest)-at))
			if _, err := p.zip.Write(rest[at:]); err != nil {
				return 0, err
			}
			return len(b), nil
		default:
			if _, err := p.to.Write(rest[:at+4]); err != nil {
				return 0, err
			}
			rest = rest[at+4:]
			continue
		}
		if _, err := p.to.Write(rest[:at]); err != nil {
			return 0, err
		}
		p.tail = append([]byte(nil), rest[at:]...)
		return len(b), nil
	}
}

func (p *prefixed) Close() error {
	if p.zip == nil {
		if _, err := p.to.Write(p.tail); err != nil {
			return err
		}
		return p.to.Close()
	}
	// The zip is ended first: it is open on a goroutine of its own.
	if err := p.zip.Close(); err != nil {
		return err
	}
	return p.to.Close()
}

// zipHeader is the length of the fixed part of a local file header (APPNOTE.TXT, 4.3.7).
const zipHeader = 30

// isZipHeader reports whether a local file header makes sense.
func isZipHeader(b []byte) bool {
	version, method, name := binary.LittleEndian.Uint16(b[4:]), binary.LittleEndian.Uint16(b[8:]), binary.LittleEndian.Uint16(b[26:])
	return version <= 63 && (method == 0 || method == 8 || method == 9 || method == 12 || method == 14 || method == 93 || method == 95) && name > 0 && name < 4096
}
