//go:build unix

package layers

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"github.com/imgaudit/imgaudit/internal/tooltest"
	"io/fs"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestViewIsWhatUmociUnpacks makes random images that umoci accepts, lets it
// unpack them, and holds the tree on disk against the view: paths, types,
// targets of links, which names are one file, content and permissions.
//
// Wanted differences, none of which this comparison can see:
//   - umoci refuses the whole image for one entry that cannot be made (below a
//     file, a hard link to nothing, links in circles, a root that is no
//     directory); the view places what it can. Such entries are left out here.
//   - In a directory that a whiteout hides and that has something of the whiteout's
//     own layer, umoci keeps the lower directory's mode if the whiteout stands
//     behind in the tar, and not if it stands before. In the view the order makes no
//     difference: no entry made that directory, so it has no mode to compare.
func TestViewIsWhatUmociUnpacks(t *testing.T) {
	tooltest.Need(t, "umoci")
	images := 300
	if testing.Short() {
		images = 40
	}
	layout := newLayout(t)
	all := make([][]Layer, images)
	entries, lost := 0, 0
	for i := range all {
		all[i] = randomLayers(rand.New(rand.NewSource(int64(i))))
		layout.add(fmt.Sprint("i", i), all[i])
		v := NewView(all[i])
		for j, l := range all[i] {
			for _, e := range l.Facts.Entries {
				if entries++; v.Outcome(Ref{j, e.Seq}).By != "" {
					lost++
				}
			}
		}
	}
	layout.close()
	if entries < 20*images || lost < entries/10 {
		t.Fatalf("%d images have %d entries, %d of them lost: too few to prove anything", images, entries, lost)
	}
	t.Logf("%d images, %d entries, %d of them lost", images, entries, lost)

	var wait sync.WaitGroup
	next := make(chan int)
	for range 4 {
		wait.Go(func() {
			for i := range next {
				bundle := filepath.Join(scratch(t), "bundle")
				args := []string{"raw", "unpack", "--image", layout.dir + ":i" + fmt.Sprint(i), bundle}
				if os.Getuid() != 0 {
					args = slices.Insert(args, 2, "--rootless")
				}
				if out, err := exec.Command("umoci", args...).CombinedOutput(); err != nil {
					t.Errorf("image %d: %v\n%s\n%s", i, err, out, words(all[i]))
					continue
				}
				got, bare := viewTree(NewView(all[i]))
				if want := diskTree(t, bundle, bare); got != want {
					t.Errorf("image %d\nthe view has\n%s\numoci has\n%s\nof\n%s", i, got, want, words(all[i]))
				}
				_ = os.RemoveAll(bundle)
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	wait.Wait()
}

// TestUmociRefusesWhatTheModelSays keeps the entries that the other test leaves
// out from hiding a difference: umoci does refuse them.
func TestUmociRefusesWhatTheModelSays(t *testing.T) {
	tooltest.Need(t, "umoci")
	for name, layers := range map[string][]Layer{
		"an entry below a file":              stack(l("f"), l("f/g")),
		"a hard link to nothing":             stack(l("h=f")),
		"a hard link to itself":              stack(l("f", "f=f")),
		"a hard link to a directory":         stack(l("d/", "h=d")),
		"an entry below links in circles":    stack(l("a->b", "b->a", "a/f")),
		"a root that is no directory":        stack(l(".->x")),
		"a hard link before what it names":   stack(l("h=f", "f")),
		"a path that is longer than Linux's": stack(l(strings.Repeat("d/", 3000) + "f")),
	} {
		layout := newLayout(t)
		layout.add("i", layers)
		layout.close()
		args := []string{"raw", "unpack", "--image", layout.dir + ":i", filepath.Join(scratch(t), "bundle")}
		if os.Getuid() != 0 {
			args = slices.Insert(args, 2, "--rootless")
		}
		if err := exec.Command("umoci", args...).Run(); err == nil {
			t.Errorf("%s: umoci unpacks it", name)
		}
	}
}

// randomLayers makes an image that umoci does not refuse.
func randomLayers(rnd *rand.Rand) []Layer {
	data := make([]byte, 5*(20+rnd.Intn(120)))
	rnd.Read(data)
	for i := 0; i < len(data); i += 5 { // no hostile entries, fewer ends of layers
		switch data[i] %= 20; {
		case data[i] > 17, data[i] > 15 && rnd.Intn(2) == 0:
			data[i] = 0
		}
	}
	m := newModel()
	return decodeLayers(data, m.begin, func(e *Entry) bool {
		if m.clone().lay(e) != "" {
			return false
		}
		m.lay(e)
		return true
	})
}

// viewTree prints the final file system, one path a line, and gives the
// directories in it that no entry made.
func viewTree(v *View) (tree string, bare map[string]bool) {
	bare = map[string]bool{}
	names := map[Ref][]string{}
	for p, r := range v.Files() {
		names[v.Origin(r)] = append(names[v.Origin(r)], p)
	}
	var lines []string
	for p, r := range v.Files() {
		o := v.Origin(r)
		e := v.Entry(o)
		if p == "." {
			continue
		}
		switch e.Type {
		case Directory:
			lines = append(lines, fmt.Sprintf("%s dir %o", p, e.Mode))
		case Symlink:
			lines = append(lines, fmt.Sprintf("%s link %s %q", p, e.Link, names[o]))
		case FIFO:
			lines = append(lines, fmt.Sprintf("%s pipe %o %q", p, e.Mode, names[o]))
		default:
			lines = append(lines, fmt.Sprintf("%s file %o %s %q", p, e.Mode, content(o.Layer, o.Seq), names[o]))
		}
	}
	for n := range v.tree.nodes {
		if n := int32(n); n != rootID && v.tree.nodes[n].entry == noID && attached(v.tree, n) {
			bare[v.tree.path(n)] = true
			lines = append(lines, v.tree.path(n)+" dir made by no entry")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), bare
}

func attached(t *tree, n int32) bool {
	for ; n != rootID; n = t.nodes[n].parent {
		if t.lookup(t.nodes[n].parent, t.nodes[n].name) != n {
			return false
		}
	}
	return true
}

// diskTree prints what umoci unpacked in the same way, without the modes of
// directories that no entry made.
func diskTree(t *testing.T, rootfs string, bare map[string]bool) string {
	names := map[string][]string{} // by inode
	visit := func(each func(rel, full string, info fs.FileInfo, inode string)) {
		err := filepath.WalkDir(rootfs, func(full string, d fs.DirEntry, err error) error {
			if err != nil || full == rootfs {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			s := info.Sys().(*syscall.Stat_t)
			rel, _ := filepath.Rel(rootfs, full)
			each(rel, full, info, fmt.Sprint(s.Dev, s.Ino))
			return nil
		})
		if err != nil {
			t.Errorf("reading what umoci unpacked: %v", err)
		}
	}
	visit(func(rel, _ string, _ fs.FileInfo, inode string) { names[inode] = append(names[inode], rel) })
	var lines []string
	visit(func(rel, full string, info fs.FileInfo, inode string) {
		slices.Sort(names[inode])
		switch mode := info.Mode(); {
		case mode.IsDir() && bare[rel]:
			lines = append(lines, rel+" dir made by no entry")
		case mode.IsDir():
			lines = append(lines, fmt.Sprintf("%s dir %o", rel, mode.Perm()))
		case mode&fs.ModeSymlink != 0:
			target, _ := os.Readlink(full)
			lines = append(lines, fmt.Sprintf("%s link %s %q", rel, target, names[inode]))
		case mode&fs.ModeNamedPipe != 0:
			lines = append(lines, fmt.Sprintf("%s pipe %o %q", rel, mode.Perm(), names[inode]))
		default:
			text, _ := os.ReadFile(full)
			lines = append(lines, fmt.Sprintf("%s file %o %s %q", rel, mode.Perm(), text, names[inode]))
		}
	})
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func content(layer, seq int) string { return fmt.Sprintf("%02x%02x", layer, seq) }

// words prints layers for the eye.
func words(layers []Layer) string {
	var b strings.Builder
	for i, l := range layers {
		for _, e := range l.Facts.Entries {
			fmt.Fprintf(&b, "%d.%d %c %s %s %o whiteout=%d\n", i, e.Seq, e.Type, e.Path, e.Link, e.Mode, e.Whiteout)
		}
	}
	return b.String()
}

// scratch is a directory in memory where there is one: a thousand small trees are
// five times faster there.
func scratch(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "imgaudit-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// layout is an OCI layout directory in the making.
type layout struct {
	t         *testing.T
	dir       string
	manifests []any
}

func newLayout(t *testing.T) *layout {
	l := &layout{t: t, dir: filepath.Join(scratch(t), "layout")}
	if err := os.MkdirAll(filepath.Join(l.dir, "blobs", "sha256"), 0o755); err != nil {
		t.Fatal(err)
	}
	l.write("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
	return l
}

func (l *layout) write(name string, data []byte) {
	if err := os.WriteFile(filepath.Join(l.dir, name), data, 0o644); err != nil {
		l.t.Fatal(err)
	}
}

func (l *layout) blob(mediaType string, data []byte) map[string]any {
	sum := sha256.Sum256(data)
	l.write("blobs/sha256/"+hex.EncodeToString(sum[:]), data)
	return map[string]any{"mediaType": mediaType, "digest": "sha256:" + hex.EncodeToString(sum[:]), "size": len(data)}
}

func (l *layout) json(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		l.t.Fatal(err)
	}
	return data
}

func (l *layout) add(tag string, layers []Layer) {
	const oci = "application/vnd.oci.image."
	var blobs, diffIDs []any
	for i, layer := range layers {
		b := l.blob(oci+"layer.v1.tar", l.tar(i, layer.Facts.Entries))
		blobs, diffIDs = append(blobs, b), append(diffIDs, b["digest"])
	}
	config := l.blob(oci+"config.v1+json", l.json(map[string]any{
		"architecture": "amd64", "os": "linux", "config": map[string]any{},
		"rootfs": map[string]any{"type": "layers", "diff_ids": diffIDs},
	}))
	manifest := l.blob(oci+"manifest.v1+json", l.json(map[string]any{"schemaVersion": 2, "config": config, "layers": blobs}))
	manifest["annotations"] = map[string]string{"org.opencontainers.image.ref.name": tag}
	l.manifests = append(l.manifests, manifest)
}

func (l *layout) close() {
	l.write("index.json", l.json(map[string]any{"schemaVersion": 2, "manifests": l.manifests}))
}

// tar writes the entries as a layer; a file's content names its layer and entry.
func (l *layout) tar(layer int, entries []Entry) []byte {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, e := range entries {
		h := &tar.Header{Name: e.Path, Typeflag: byte(e.Type), Mode: e.Mode, Linkname: e.Link, Uid: os.Getuid(), Gid: os.Getgid()}
		text := ""
		switch {
		case e.Whiteout == PathWhiteout:
			h.Name = filepath.Join(filepath.Dir(e.Path), ".wh."+filepath.Base(e.Path))
		case e.Whiteout == OpaqueWhiteout:
			h.Name = filepath.Join(e.Path, ".wh..wh..opq")
		case e.Type == Regular:
			text = content(layer, e.Seq)
		case e.Type == Directory:
			h.Name += "/"
		}
		h.Size = int64(len(text))
		if err := w.WriteHeader(h); err != nil {
			l.t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			l.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		l.t.Fatal(err)
	}
	return buf.Bytes()
}
