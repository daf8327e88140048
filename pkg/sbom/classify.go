package sbom

import (
	"cmp"
	"reflect"

	"github.com/anchore/syft/syft/file"
	syftpkg "github.com/anchore/syft/syft/pkg"
	"github.com/anchore/syft/syft/pkg/cataloger/binary"
	"github.com/bmatcuk/doublestar/v4"

	"github.com/imgaudit/imgaudit/pkg/sbom/internal/rows"
)

// Syft's classifiers look for versions in programs of certain names, one after another and with
// expressions that take a tenth of a second for a megabyte. Of large programs it is found out beside the walk
// which of them find nothing there, if need be by asking them; the others are asked where Syft asks them.

// Bounds of a program that is classified beside the walk, in bytes.
const (
	minClassified = 1 << 20
	maxClassified = 32 << 20
)

// classifier is one of Syft's.
type classifier struct {
	glob string     // of the paths that it is asked about
	rows []rows.Row // one of them is in each file that it finds something in; none if that is not known
	// findsNothing asks it about one file.
	findsNothing func(file.Resolver, file.Location) bool
}

// classified says which classifiers find nothing in a file, by their place in the list.
type classified struct {
	path    string
	asked   string        // the path by which they are asked about it: its own, or that of a link
	done    chan struct{} // closed when all were asked
	nothing map[int]bool  // by classifier, true if it finds nothing
}

// classifiersOf gives the classifiers of a configuration, and puts such in their place that
// know what was found out in the walk.
func classifiersOf(cfg *binary.ClassifierCatalogerConfig) []classifier {
	var all []classifier
	known := rowsOf(cfg, syftInUse(), recordedRows)
	for i := range cfg.Classifiers {
		c := &cfg.Classifiers[i]
		all = append(all, classifier{c.FileGlob, known[i], asking(*c, c.EvidenceMatcher)})
		c.EvidenceMatcher = knowing(i, c.EvidenceMatcher)
	}
	return all
}

// The types of what a classifier is asked with have no public name. Their fields are reached by name; if
// Syft renames one nothing is found out beforehand, and a test fails.

func asking[C, M any](c C, ask func(C, M) ([]syftpkg.Package, error)) func(file.Resolver, file.Location) bool {
	return func(r file.Resolver, l file.Location) (nothing bool) {
		defer func() {
			if recover() != nil {
				nothing = false // it will panic again, where Syft expects that
			}
		}()
		var about M
		fields := reflect.ValueOf(&about).Elem()
		fields.FieldByName("Resolver").Set(reflect.ValueOf(r))
		fields.FieldByName("Location").Set(reflect.ValueOf(l))
		found, err := ask(c, about)
		return len(found) == 0 && err == nil
	}
}

func knowing[C, M any](i int, ask func(C, M) ([]syftpkg.Package, error)) func(C, M) ([]syftpkg.Package, error) {
	return func(c C, about M) ([]syftpkg.Package, error) {
		fields := reflect.ValueOf(about)
		r, _ := fields.FieldByName("Resolver").Interface().(ofExecutables)
		l, ok := fields.FieldByName("Location").Interface().(file.Location)
		if ok && r != nil && r.of(l).knownToHaveNothing(i, l) {
			return nil, nil
		}
		return ask(c, about)
	}
}

// knownToHaveNothing reports whether it was found out that a classifier finds nothing in a file, by the
// path that it is asked about.
func (r *resolver) knownToHaveNothing(classifier int, l file.Location) bool {
	n := r.located(l)
	if n == nil || r.era.rest(n) != nil {
		return false
	}
	k := keptOf(r.image, n.origin.Layer)
	if k == nil {
		return false
	}
	c := k.classified[n.origin.Seq]
	if c == nil || l.RealPath != c.path || l.AccessPath != c.asked {
		return false
	}
	<-c.done
	return c.nothing[classifier]
}

// classifyProgram has a kept file looked at beside the walk, if it is a program that classifiers will be asked about.
func (l *layerKeeper) classifyProgram(seq int, path string, c *content) {
	x, ok := l.kept.executables[seq]
	if !ok {
		return
	}
	asked := path
	if !l.plan.wants(path) {
		asked = cmp.Or(l.links[path], path)
	}
	if looked := l.classify(path, asked, x.mime, c); looked != nil {
		l.kept.classified[seq] = looked
	}
}

// classify finds out beside the walk what classifiers find nothing in a program that was kept, and that
// they will be asked about by its own path or by that of a link.
func (k *keeper) classify(path, asked, mime string, c *content) *classified {
	if c.size < minClassified || c.size > maxClassified {
		return nil
	}
	var those []int
	for i, one := range k.classifiers {
		if doublestar.MatchUnvalidated(absolute(one.glob), "/"+asked) {
			those = append(those, i)
		}
	}
	if len(those) == 0 {
		return nil
	}
	out := &classified{path: "/" + path, asked: "/" + asked, done: make(chan struct{}), nothing: map[int]bool{}}
	k.classifying.Go(func() {
		defer close(out.done)
		k.oneProgram.Lock()
		defer k.oneProgram.Unlock()
		for _, i := range those {
			can, will := k.classifiers[i].foretells(c)
			if !can || will {
				out.nothing[i] = !can
				continue
			}
			r := newAlone(k.plan, path, mime, c)
			r.narrow = true
			at := file.NewVirtualLocationFromDirectory(out.path, out.asked, r.location.Reference())
			out.nothing[i] = k.classifiers[i].findsNothing(r, at) && !r.wider
		}
	})
	return out
}
