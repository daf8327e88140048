package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/internal/decompress"
	"github.com/imgaudit/imgaudit/pkg/finding"
)

// Open opens a target:
//
//	registry:REF          an image of a registry
//	oci-dir:DIR           an OCI image layout; oci:DIR is the same
//	oci-archive:FILE      a tar of such a layout
//	docker-archive:FILE   a tar as docker save and podman save write it
//	docker:REF            an image that the Docker daemon has
//	podman:REF            an image that Podman's service has
//	dir:DIR               a root file system, or any tree of files, as one layer
//	-                     any of the archives on standard input
//
// Without a scheme a path that exists is recognised by what lies there, and
// everything else is the reference of an image in a registry. :NAME, :TAG or
// @DIGEST behind a path (or -) chooses one image of several. Archives may be compressed
// as a whole; those and standard input are a [Stream], which can be read once.
//
// Only registry and daemon targets open a socket.
func Open(ctx context.Context, target string, opts Options) (Source, error) {
	if target == "" {
		return nil, errors.New("opening the target: it is empty; name an image, as alpine:3.20, a file or a directory")
	}
	if target == "-" || strings.HasPrefix(target, "-:") || strings.HasPrefix(target, "-@") {
		return openStdin(target[1:], opts)
	}
	scheme, rest := splitScheme(target)
	switch scheme {
	case "registry":
		return openRegistry(ctx, rest, opts)
	case "docker", "podman":
		return openDaemon(ctx, scheme, rest, opts)
	case "dir":
		return openDir(rest)
	case "oci-dir", "oci-archive", "docker-archive":
		path, choice := splitPath(rest)
		src, err := openPath(ctx, scheme, path, choice, opts)
		if err != nil {
			return nil, fmt.Errorf("opening %s %s: %w", scheme, display(path), err)
		}
		return src, nil
	}
	return openBare(ctx, target, opts)
}

// schemes are the names before the first colon of a target that are not part of
// an image's name.
var schemes = []string{"registry", "oci-dir", "oci-archive", "docker-archive", "docker", "podman", "dir"}

func splitScheme(target string) (scheme, rest string) {
	scheme, rest, found := strings.Cut(target, ":")
	if scheme == "oci" {
		scheme = "oci-dir"
	}
	if !found || !slices.Contains(schemes, scheme) {
		return "", target
	}
	return scheme, rest
}

// openBare recognises a target without a scheme.
func openBare(ctx context.Context, target string, opts Options) (Source, error) {
	path, choice := splitPath(target)
	switch kind, err := recognise(path); {
	case err == nil && !(choice != "" && kind == "dir"):
		if kind == "dir" {
			return openDir(path)
		}
		src, err := openPath(ctx, kind, path, choice, opts)
		if err != nil && choice != "" && !looksLikePath(path) && errors.Is(err, errNotAnArchive) {
			break // "app:1" where a file "app" happens to lie about
		}
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", display(path), err)
		}
		return src, nil
	case looksLikePath(target):
		if err == nil {
			err = errors.New("it is a directory, but no OCI layout (it has no oci-layout file), so nothing can be chosen in it")
		}
		return nil, fmt.Errorf("opening %s: %w", display(path), pathError(err))
	}
	return openRegistry(ctx, target, opts)
}

// recognise tells what lies at a path: dir, oci-dir, or "" for a file, whose
// content will tell.
func recognise(path string) (kind string, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case !info.IsDir():
		return "", nil
	case exists(filepath.Join(path, "oci-layout")),
		exists(filepath.Join(path, "index.json")) && exists(filepath.Join(path, "blobs")):
		return "oci-dir", nil
	}
	return "dir", nil
}

// openPath opens a layout or an archive. An empty kind is recognised by content.
func openPath(ctx context.Context, kind, path, choice string, opts Options) (Source, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, pathError(err)
	case kind == "oci-dir" && !info.IsDir():
		return nil, errors.New("it is a file, not a directory; for a tar of a layout write oci-archive:FILE")
	case kind == "oci-dir":
		return openLayout(path, choice, opts)
	case info.IsDir():
		return nil, errors.New("it is a directory, not a file; for an OCI layout write oci-dir:DIR, for a root file system dir:DIR")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, pathError(err)
	}
	src, err := openFile(ctx, f, info, bundle{kind: kind, form: formOf(kind), place: path, choice: parseChoice(choice), opts: opts})
	if err != nil {
		f.Close()
		return nil, err
	}
	return src, nil
}

// openFile opens an archive: at its members if it is a plain tar, as a stream
// if it is compressed or a pipe.
func openFile(ctx context.Context, f *os.File, info fs.FileInfo, b bundle) (Source, error) {
	if !info.Mode().IsRegular() {
		return newStream(b, f, f), nil
	}
	if info.Size() == 0 {
		return nil, fmt.Errorf("%w: it is empty; was the command that wrote it cut short?", errNotAnArchive)
	}
	head := make([]byte, decompress.SniffBytes)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, pathError(err)
	}
	if decompress.Sniff(head[:n]) != decompress.None {
		return newStream(b, f, f), nil
	}
	return openArchive(ctx, f, info.Size(), b)
}

// errNotAnArchive says that a file is no tar at all.
var errNotAnArchive = errors.New("it is not an image archive")

// splitPath splits a target into the longest path that exists and the choice
// behind it, with its separator. If nothing exists, what stands before the first
// separator is the path.
func splitPath(s string) (path, choice string) {
	if exists(s) {
		return s, ""
	}
	for i := len(s) - 1; i > 0; i-- {
		if (s[i] == ':' || s[i] == '@') && exists(s[:i]) {
			return s[:i], s[i:]
		}
	}
	if i := strings.IndexAny(s, ":@"); i > 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// exists reports whether there is something at a path, also if we may not look at it.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil || errors.Is(err, fs.ErrPermission)
}

// looksLikePath reports whether somebody who writes this means a file.
func looksLikePath(s string) bool {
	for _, prefix := range []string{"/", "./", "../", "~/"} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	if s == "." || s == ".." {
		return true
	}
	name, _, _ := strings.Cut(s, ":")
	for _, suffix := range []string{".tar", ".tgz", ".txz", ".tar.gz", ".tar.zst", ".tar.xz", ".tar.bz2", ".oci"} {
		if strings.HasSuffix(strings.ToLower(name), suffix) {
			return true
		}
	}
	return false
}

// pathError says what to do about an error of the file system. The caller names
// the path, so the error's own mention of it is left out.
func pathError(err error) error {
	var p *fs.PathError
	cause := err
	if errors.As(err, &p) {
		cause = p.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &inWords{"there is no such file or directory; for an image of a registry write registry:REF", cause}
	case errors.Is(err, fs.ErrPermission):
		return &inWords{"it may not be read; change its permissions, or run as a user who may", cause}
	}
	return errors.New(finding.EscapeText(cause.Error()))
}

// inWords says an error in other words.
type inWords struct {
	words string
	cause error
}

func (e *inWords) Error() string { return e.words }
func (e *inWords) Unwrap() error { return e.cause }
