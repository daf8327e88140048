package layers

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// openDir opens a tree of files, a root file system or a source tree, as an image of one
// layer without a configuration.
func openDir(dir string) (Source, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		if info, statErr := os.Stat(dir); statErr == nil && !info.IsDir() {
			err = errors.New("it is a file, not a directory; without dir: its kind is recognised")
		}
		return nil, fmt.Errorf("opening dir %s: %w", display(dir), pathError(err))
	}
	s := &dirSource{root: root}
	s.image = &Image{Reference: dir, Source: "dir", Layers: []Layer{{Key: "dir", Size: -1}}}
	s.image.Notes = skopeoNote(root)
	return s, nil
}

// skopeoNote is for who takes dir: for what skopeo calls so.
func skopeoNote(root *os.Root) []Remark {
	raw, err := root.ReadFile("version")
	if err != nil || len(raw) > 100 || !strings.HasPrefix(string(raw), "Directory Transport Version:") {
		return nil
	}
	return []Remark{{Reason: "skopeo-dir", Detail: "the directory is an image in skopeo's dir: format, whose layers were read as files; " +
		"make a layout of it with skopeo copy dir:… oci:…, and scan that"}}
}

// dirSource gives a tree of files as one layer, written as a tar while it is
// read. What could not be read stands in the image's ledger when the layer has
// been read to its end.
type dirSource struct {
	root  *os.Root
	image *Image
	mu    sync.Mutex // of the image's ledger, which the writer of the tar fills
}

func (s *dirSource) Images(context.Context) ([]*Image, error) { return []*Image{s.image}, nil }

func (s *dirSource) Close() error { return s.root.Close() }

// Blob writes the tree as a tar into a pipe. The writer ends when the reader is
// closed or the context is done.
func (s *dirSource) Blob(ctx context.Context, layer Layer) (io.ReadCloser, error) {
	if layer.Key != "dir" {
		return nil, fmt.Errorf("opening layer %s: a directory has one layer: %w", finding.EscapeText(layer.Key), fs.ErrNotExist)
	}
	pr, pw := io.Pipe()
	out := bufio.NewWriterSize(pw, pipeBuffer) // each write to a pipe wakes its reader
	w := &treeWriter{ctx: ctx, root: s.root, tar: tar.NewWriter(out), links: map[inode]string{}, buf: make([]byte, 64<<10)}
	stop := context.AfterFunc(ctx, func() { pr.CloseWithError(ctx.Err()); pw.CloseWithError(ctx.Err()) })
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer stop()
		err := w.tree()
		if err == nil {
			err = w.tar.Close()
		}
		if err == nil {
			err = s.told(w, out)
		}
		pw.CloseWithError(err)
	}()
	return &treeReader{pr, done}, nil
}

// told writes the ledger before the reader sees the end.
func (s *dirSource) told(w *treeWriter, out *bufio.Writer) error {
	s.mu.Lock()
	s.image.Gaps, s.image.Notes = w.gaps, append(skopeoNote(s.root), w.notes...)
	s.mu.Unlock()
	return out.Flush()
}

const pipeBuffer = 256 << 10

// treeReader waits in Close for the writer to end.
type treeReader struct {
	*io.PipeReader
	done chan struct{}
}

func (r *treeReader) Close() error {
	r.PipeReader.Close()
	<-r.done
	return nil
}

// treeWriter writes a tree of files as a tar, in the order of the names.
type treeWriter struct {
	ctx   context.Context
	root  *os.Root
	tar   *tar.Writer
	links map[inode]string // first name of files that have several
	buf   []byte
	gaps  []Remark
	notes []Remark
}

// nameless leaves out the names of owners: they are this machine's, not the tree's.
type nameless struct{ fs.FileInfo }

func (nameless) Uname() (string, error) { return "", nil }
func (nameless) Gname() (string, error) { return "", nil }

// inode is what all hard links of a file share.
type inode struct{ device, number uint64 }

// maxDepth is how deep directories may lie within each other. As many are open
// at once.
const maxDepth = 500

func (w *treeWriter) tree() error { return w.directory(w.root, ".", 0) }

// directory writes what a directory holds; name is its path in the tree. An
// error is about the tar; what is wrong with a file becomes a gap.
func (w *treeWriter) directory(dir *os.Root, name string, depth int) error {
	if depth > maxDepth {
		w.gap(name, ReasonLimitName, fmt.Sprintf("directories deeper than %d were not read", maxDepth))
		return nil
	}
	entries, err := w.list(dir, name, depth)
	if err != nil {
		w.unreadable(name, err)
	}
	for _, e := range entries {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := w.entry(dir, e, path.Join(name, e), depth); err != nil {
			return err
		}
	}
	return nil
}

// list gives the names in a directory, sorted.
func (w *treeWriter) list(dir *os.Root, name string, depth int) ([]string, error) {
	f, err := dir.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if depth > 0 && isPseudo(f) {
		w.note(name, "pseudo-filesystem", "file systems that the kernel makes up, as /proc and /sys are, were not read")
		return nil, nil
	}
	names, err := f.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}

// below writes what a directory in another holds.
func (w *treeWriter) below(parent *os.Root, base, name string, depth int) error {
	dir, err := parent.OpenRoot(base)
	if err != nil {
		w.unreadable(name, err)
		return nil
	}
	defer dir.Close()
	return w.directory(dir, name, depth)
}

// entry writes one entry of a directory: base is its name there, name its path
// in the tree.
func (w *treeWriter) entry(dir *os.Root, base, name string, depth int) error {
	info, err := dir.Lstat(base)
	if err != nil {
		w.unreadable(name, err)
		return nil
	}
	link := ""
	switch mode := info.Mode(); {
	case mode&fs.ModeSocket != 0:
		return nil // no tar can hold one
	case mode&fs.ModeSymlink != 0:
		if link, err = dir.Readlink(base); err != nil {
			w.unreadable(name, err)
			return nil
		}
	}
	h, err := tar.FileInfoHeader(nameless{info}, link)
	if err != nil {
		w.unreadable(name, err)
		return nil
	}
	h.Name, h.Format = name, tar.FormatPAX
	h.AccessTime, h.ChangeTime = time.Time{}, time.Time{}
	if info.IsDir() {
		h.Name += "/"
	}
	xattrs, err := readXattrs(dir, base)
	if err != nil {
		w.note(name, "xattrs", "extended attributes could not be read")
	}
	for attr, value := range xattrs {
		if h.PAXRecords == nil {
			h.PAXRecords = map[string]string{}
		}
		h.PAXRecords[xattrPrefix+attr] = value
	}
	if info.Mode().IsRegular() {
		return w.file(dir, base, h, name, info)
	}
	if err := w.tar.WriteHeader(h); err != nil {
		return w.refused(name, err)
	}
	if info.IsDir() {
		return w.below(dir, base, name, depth+1)
	}
	return nil
}

// file writes a regular file, or a link to one that was written before.
func (w *treeWriter) file(dir *os.Root, base string, h *tar.Header, name string, info fs.FileInfo) error {
	node, several := inodeOf(info)
	if first, written := w.links[node]; several && written {
		h.Typeflag, h.Linkname, h.Size = tar.TypeLink, first, 0
		if err := w.tar.WriteHeader(h); err != nil {
			return w.refused(name, err)
		}
		return nil
	}
	f, err := openInside(dir, base)
	if err != nil {
		w.unreadable(name, err)
		return nil
	}
	defer f.Close()
	now, err := f.Stat()
	if err != nil || !now.Mode().IsRegular() {
		w.changed(name)
		return nil
	}
	h.Size = now.Size()
	if several {
		w.links[node] = h.Name
	}
	if err := w.tar.WriteHeader(h); err != nil {
		return w.refused(name, err)
	}
	return w.content(f, name, h.Size)
}

// content writes exactly size bytes, whatever the file has become meanwhile.
func (w *treeWriter) content(f *os.File, name string, size int64) error {
	left := size
	for left > 0 {
		n, readErr := f.Read(w.buf[:min(left, int64(len(w.buf)))])
		if n > 0 {
			if _, err := w.tar.Write(w.buf[:n]); err != nil {
				return err
			}
			left -= int64(n)
		}
		if readErr == nil {
			continue
		}
		if readErr == io.EOF {
			w.changed(name)
		} else {
			w.unreadable(name, readErr)
		}
		return w.zeros(left)
	}
	if n, _ := f.Read(w.buf[:1]); n > 0 {
		w.changed(name)
	}
	return nil
}

// zeros fills up a file that became shorter.
func (w *treeWriter) zeros(n int64) error {
	clear(w.buf)
	for n > 0 {
		k := min(n, int64(len(w.buf)))
		if _, err := w.tar.Write(w.buf[:k]); err != nil {
			return err
		}
		n -= k
	}
	return nil
}

// refused tells an entry that no tar can hold from a reader that is gone.
func (w *treeWriter) refused(name string, err error) error {
	if errors.Is(err, tar.ErrHeader) || errors.Is(err, tar.ErrFieldTooLong) {
		w.gap(name, ReasonReadError, "names or attributes that no tar can hold")
		return nil
	}
	return err
}

func (w *treeWriter) unreadable(name string, err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		w.changed(name)
	case errors.Is(err, fs.ErrPermission):
		w.gap(name, ReasonReadError, "files that may not be read; run as a user who may")
	default:
		w.gap(name, ReasonReadError, "files could not be read: "+pathError(err).Error())
	}
}

func (w *treeWriter) changed(name string) {
	w.note(name, "changed", "files changed while they were read")
}

func (w *treeWriter) gap(name, reason, detail string) {
	w.gaps = AddRemark(w.gaps, Remark{Reason: reason, Detail: detail, Files: 1, Examples: []string{finding.EscapePath(name)}})
}

func (w *treeWriter) note(name, reason, detail string) {
	w.notes = AddRemark(w.notes, Remark{Reason: reason, Detail: detail, Files: 1, Examples: []string{finding.EscapePath(name)}})
}
