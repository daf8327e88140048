package gitobj

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Bounds of a bundle's header.
const (
	maxBundleLine  = 8 << 10
	maxBundleLines = 1 << 20
)

// readBundle reads a bundle: a line with its version, capabilities, commits
// that it builds on, refs, an empty line, and a pack (gitformat-bundle(5)). Other
// files have names in .bundle too; they are left alone.
func (c *Collector) readBundle(in io.Reader, path string) {
	r := bufio.NewReaderSize(in, maxBundleLine)
	var version int
	if first, err := r.ReadSlice('\n'); err != nil {
		return
	} else if n, _ := fmt.Sscanf(string(first), "# v%d git bundle\n", &version); n != 1 {
		return
	}
	to := sink{graph: c.repo(path), repo: path, path: path, format: SHA1}
	if version != 2 && version != 3 {
		c.remark(path, ReasonCorrupt, fmt.Sprintf("reading the bundle: version %d is not known", version), true, 0)
		return
	}
	if err := bundleHeader(r, &to); err != nil {
		c.remark(path, ReasonCorrupt, fmt.Sprintf("reading the bundle: %v", err), true, 0)
		return
	}
	c.readPack(r, to)
}

// bundleHeader reads what stands before the pack.
func bundleHeader(r *bufio.Reader, to *sink) error {
	for range maxBundleLines {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return errors.New("its header has no end, or a line that is too long")
		}
		line = line[:len(line)-1]
		switch {
		case len(line) == 0:
			return nil
		case line[0] == '@':
			if bytes.HasPrefix(line, []byte("@filter=")) {
				continue // objects were left out on purpose
			}
			switch string(line) {
			case "@object-format=sha1":
				to.format = SHA1
			case "@object-format=sha256":
				to.format = SHA256
			default:
				return errors.New("it has a capability that is not known")
			}
		case line[0] == '-':
			// A commit that whoever reads the bundle has to have.
		default:
			digits, name, _ := bytes.Cut(line, []byte(" "))
			id, _, ok := parseID(digits)
			if !ok || len(name) == 0 {
				return errors.New("a ref is malformed")
			}
			to.graph.refTo(to.path, string(name), id)
		}
	}
	return fmt.Errorf("its header has more than %d lines", maxBundleLines)
}
