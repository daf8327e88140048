package secrets

import (
	"bytes"
	"io"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/credfile"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/gitobj"
)

// gitObject says which object of a repository a content is.
type gitObject struct {
	repo, id string
	kind     gitobj.Kind
}

// What is kept of blobs until their paths are known, so that files in which programs keep
// credentials are told by their names.
const (
	mostUnnamed    = 64 << 10 // bytes of one
	mostAllUnnamed = 32 << 20 // of a layer
)

// repositories reads the Git repositories of a layer. Objects are scanned as files.
type repositories struct {
	layer     *layerScan
	objects   *feeder // beside the layer's, because objects come while a file is written
	collector *gitobj.Collector
	seq       map[string]int // of the files that hold objects
	seen      map[[2]string]bool
	unnamed   []unnamed
	held      int // bytes of unnamed
	over      int64
}

// unnamed is a blob whose path is not known yet.
type unnamed struct {
	file    *fileScan
	content []byte
}

func newRepositories(l *layerScan) *repositories {
	r := &repositories{layer: l, objects: &feeder{s: l.s, layer: l}, seq: map[string]int{}, seen: map[[2]string]bool{}}
	r.collector = gitobj.New(l.ctx, gitobj.Limits{}, gitobj.Hooks{Object: r.object, Large: r.large, Text: r.text})
	return r
}

// file gives a writer for a file that is part of a repository, and nil for others.
func (r *repositories) file(e *layers.Entry) io.WriteCloser {
	w := r.collector.File(e.Path, e.Size)
	if w != nil {
		r.seq[e.Path] = e.Seq
	}
	return w
}

// begin gives a writer for an object. It is nil for one that was scanned already and for
// trees: they hold names alone.
func (r *repositories) begin(o gitobj.Object) (*opener, *fileScan) {
	key := [2]string{o.Repo, o.ID}
	if o.Kind == gitobj.Tree || o.ID != "" && r.seen[key] {
		return nil, nil
	}
	r.seen[key] = true
	file := r.objects.file(r.seq[o.From], o.From)
	file.object = &gitObject{repo: o.Repo, id: o.ID, kind: o.Kind}
	return &opener{f: r.objects, file: file, size: o.Size}, file
}

func (r *repositories) object(o gitobj.Object, content []byte) {
	w, file := r.begin(o)
	if w == nil || len(content) == 0 {
		return
	}
	// Writing fails only when the context has ended, which the walk reports.
	_, _ = w.Write(content)
	_ = w.Close()
	if o.Kind != gitobj.Blob || len(content) > mostUnnamed {
		return
	}
	if r.held+len(content) > mostAllUnnamed {
		r.over++
		return
	}
	r.held += len(content)
	r.unnamed = append(r.unnamed, unnamed{file, bytes.Clone(content)})
}

// large begins an object whose ID is known when it ends.
func (r *repositories) large(o *gitobj.Object) io.WriteCloser {
	w, file := r.begin(*o)
	if w == nil {
		return nil
	}
	return &largeObject{opener: w, object: o, file: file}
}

type largeObject struct {
	*opener
	object *gitobj.Object
	file   *fileScan
}

func (w *largeObject) Close() error {
	w.file.object.id = w.object.ID
	return w.opener.Close()
}

// text scans what the configuration of a repository says in quotes.
func (r *repositories) text(_, from string, text []byte) {
	file := r.objects.file(r.seq[from], from)
	file.binary = true // its lines would be those of the text
	w := &opener{f: r.objects, file: file, size: int64(len(text))}
	_, _ = w.Write(text)
	_ = w.Close()
}

// end waits for all that is being scanned and gives the graphs.
func (r *repositories) end() []*gitobj.Graph {
	facts := r.collector.Facts()
	_ = r.objects.flush()
	l := r.layer
	l.wg.Wait()
	r.name(facts.Graphs)
	for _, m := range facts.Remarks {
		remark := layers.Remark{Reason: m.Reason, Detail: m.Detail, Files: max(1, m.Objects)}
		if m.Path != "" {
			remark.Examples = []string{finding.EscapePath(m.Path)}
		}
		if m.Gap {
			l.gaps = layers.AddRemark(l.gaps, remark)
		} else {
			l.notes = layers.AddRemark(l.notes, remark)
		}
	}
	if r.over > 0 {
		l.notes = append(l.notes, layers.Remark{
			Reason: "git-names", Files: r.over,
			Detail: "the repositories have many objects; in some, formats that are told by a file's name were not looked for",
		})
	}
	return facts.Graphs
}

// name looks for credentials in the blobs whose paths tell their format.
func (r *repositories) name(graphs []*gitobj.Graph) {
	if len(r.unnamed) == 0 {
		return
	}
	repos := map[string]*gitobj.Repo{}
	for _, g := range graphs {
		repos[g.Repo] = gitobj.Join(gitobj.Part{Graph: g})
	}
	for _, u := range r.unnamed {
		repo := repos[u.file.object.repo]
		if repo == nil {
			continue
		}
		seen := map[string]bool{}
		for _, o := range repo.Find(u.file.object.id) {
			if seen[o.Path] || len(credfile.Match(o.Path, u.content)) == 0 {
				continue
			}
			seen[o.Path] = true
			hits := r.layer.credentialsAs(o.Path, u.file.binary, u.content)
			r.layer.keep(piece{file: u.file}, hits)
		}
	}
	r.unnamed = nil
}

// both writes a file to two places.
type both struct{ scan, part io.WriteCloser }

func (b *both) Write(p []byte) (int, error) {
	_, _ = b.part.Write(p) // never fails
	return b.scan.Write(p)
}

func (b *both) Close() error {
	_ = b.part.Close()
	return b.scan.Close()
}
