package checks

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

// The bounds of what is kept of a layer's accounts.
const (
	maxAccountFile  = 1 << 20
	maxAccountFiles = 64
	maxAccounts     = 10_000
)

// Scanner keeps of each layer what the checks need of the content of files: the
// names and numbers in etc/passwd, and which accounts in etc/shadow have an empty
// password. No password or hash is kept.
type Scanner struct{}

const scannerName = "checks"

// Name implements [layers.Scanner].
func (Scanner) Name() string { return scannerName }

// Layer implements [layers.Scanner].
func (Scanner) Layer(context.Context, layers.Layer) layers.LayerScanner {
	return &accountScan{found: accounts{}}
}

// accounts are the files with accounts of one layer, by the entry's Seq.
type accounts map[int]accountFile

// accountFile is a passwd or a shadow file.
type accountFile struct {
	shadow bool
	cut    bool // longer than is read
	users  []account
}

type account struct {
	name string
	uid  int64 // -1 for none
	open bool  // has an empty password
}

type accountScan struct{ found accounts }

func (s *accountScan) Entry(e *layers.Entry) io.WriteCloser {
	if e.Type != layers.Regular || e.Whiteout != layers.NoWhiteout || len(s.found) >= maxAccountFiles {
		return nil
	}
	switch {
	case e.Path == "etc/passwd" || strings.HasSuffix(e.Path, "/etc/passwd"):
	case e.Path == "etc/shadow" || strings.HasSuffix(e.Path, "/etc/shadow"):
	default:
		return nil
	}
	return &accountWriter{scan: s, seq: e.Seq, shadow: strings.HasSuffix(e.Path, "shadow")}
}

func (s *accountScan) Facts() layers.ScanFacts { return layers.ScanFacts{Found: s.found} }

type accountWriter struct {
	scan   *accountScan
	seq    int
	shadow bool
	cut    bool
	text   bytes.Buffer
}

func (w *accountWriter) Write(p []byte) (int, error) {
	if room := maxAccountFile - w.text.Len(); room < len(p) {
		w.cut = true
		w.text.Write(p[:max(room, 0)])
	} else {
		w.text.Write(p)
	}
	return len(p), nil
}

func (w *accountWriter) Close() error {
	f := parseAccounts(w.text.String(), w.shadow)
	f.cut = f.cut || w.cut
	w.scan.found[w.seq] = f
	return nil
}

// parseAccounts reads name:password:uid:… or, of a shadow file, name:password:…
func parseAccounts(text string, shadow bool) accountFile {
	f := accountFile{shadow: shadow}
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimRight(line, "\r\n"), ":")
		if len(fields) < 3 || fields[0] == "" || fields[0][0] == '#' || fields[0][0] == '+' || fields[0][0] == '-' {
			continue
		}
		if len(f.users) == maxAccounts {
			f.cut = true
			break
		}
		a := account{name: strings.Clone(fields[0]), uid: -1, open: fields[1] == ""}
		if uid, err := strconv.ParseInt(fields[2], 10, 64); err == nil && !shadow {
			a.uid = uid
		}
		f.users = append(f.users, a)
	}
	return f
}

// accountsAt gives the accounts of the file that is seen at a path of the final
// view; false if there is none or it was not read.
func accountsAt(image *layers.Image, view *layers.View, path string) (f accountFile, exists, read bool) {
	if view == nil {
		return f, false, false
	}
	ref, ok := view.Resolve(path)
	if !ok {
		return f, false, true
	}
	ref = view.Origin(ref)
	facts := image.Layers[ref.Layer].Facts
	if facts == nil {
		return f, true, false
	}
	found, _ := facts.Scans[scannerName].(accounts)
	f, read = found[ref.Seq]
	return f, true, read && !f.cut
}
