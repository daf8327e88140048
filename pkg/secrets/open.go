package secrets

import (
	"io"

	"github.com/imgaudit/imgaudit/internal/unpack"
)

// opener takes the content of one file. By its first bytes it decides whether the file is
// scanned as it is or opened as an archive.
type opener struct {
	f    *feeder
	file *fileScan
	size int64
	head []byte
	to   io.WriteCloser
}

func (o *opener) Write(p []byte) (int, error) {
	if o.to != nil {
		return o.to.Write(p)
	}
	if len(o.head) == 0 && (len(p) >= unpack.HeadBytes || int64(len(p)) == o.size) {
		o.decide(p)
		return o.to.Write(p)
	}
	o.head = append(o.head, p...)
	if len(o.head) >= unpack.HeadBytes {
		if err := o.begin(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// begin decides and hands on what was held back.
func (o *opener) begin() error {
	head := o.head
	o.head = nil
	o.decide(head)
	_, err := o.to.Write(head)
	return err
}

func (o *opener) decide(head []byte) {
	if format := unpack.DetectNamed(o.file.path, head[:min(len(head), unpack.HeadBytes)]); format != "" {
		o.to = o.f.openArchive(format, o.file, o.size)
		return
	}
	if mayHaveZip(head) {
		o.to = o.f.openPrefixed(o.file, o.size)
		return
	}
	o.to = o.f.writer(o.file, o.size)
}

func (o *opener) Close() error {
	if o.to == nil {
		if len(o.head) == 0 {
			return nil
		}
		if err := o.begin(); err != nil {
			return err
		}
	}
	return o.to.Close()
}
