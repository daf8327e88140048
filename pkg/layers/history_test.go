package layers

import (
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestInstructionIsReadableAndTrue(t *testing.T) {
	for _, c := range []struct{ name, by, comment, want string }{
		{"the classic builder's COPY loses its shell", "/bin/sh -c #(nop) COPY file:0a in /x ", "", "COPY file:0a in /x"},
		{"two spaces behind nop are gone too", `/bin/sh -c #(nop)  CMD ["bash"]`, "", `CMD ["bash"]`},
		{"a shell command is a RUN", "/bin/sh -c apt-get update", "", "RUN apt-get update"},
		{"build arguments of the classic builder stay and it is a RUN", "|2 A=1 B=2 /bin/sh -c make", "", "RUN |2 A=1 B=2 /bin/sh -c make"},
		{"an argument with a line break too", "|1 A=1\n2 /bin/sh -c make", "", "RUN |1 A=1\n2 /bin/sh -c make"},
		{"BuildKit's RUN loses its mark", "RUN /bin/sh -c apt-get update # buildkit", "buildkit.dockerfile.v0", "RUN /bin/sh -c apt-get update"},
		{"BuildKit's arguments stay", "RUN |2 A=1 B=2 /bin/sh -c make # buildkit", "", "RUN |2 A=1 B=2 /bin/sh -c make"},
		{"BuildKit's COPY loses its mark", "COPY . . # buildkit", "", "COPY . ."},
		{"a mark within a word stays", "RUN echo x# buildkit", "", "RUN echo x# buildkit"},
		{"without words the comment stands", " ", "Imported from -", "Imported from -"},
		{"without both there is nothing", "", "", ""},
		{"unknown words stay", "bazel build ...", "", "bazel build ..."},
		{"a shell alone stays a RUN of nothing less", "/bin/sh", "", "/bin/sh"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := instruction(v1.History{CreatedBy: c.by, Comment: c.comment}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// entries reads one history entry a line; a line that begins with "-" made no layer.
func entries(lines ...string) []v1.History {
	var hs []v1.History
	for i, l := range lines {
		by, empty := strings.CutPrefix(l, "-")
		hs = append(hs, v1.History{CreatedBy: by, EmptyLayer: empty, Created: v1.Time{Time: time.Unix(int64(i+1), 0)}})
	}
	return hs
}

func TestBaseIsGuessedFromHistory(t *testing.T) {
	nop := "/bin/sh -c #(nop) "
	for _, c := range []struct {
		name    string
		history []v1.History
		base    int
	}{
		{"a base image ends with its CMD", entries(nop+"ADD file:1 in /", "-"+nop+` CMD ["sh"]`, "COPY . ."), 1},
		{"the image's own CMD has no layer behind it", entries("ADD file:1 in /", "-CMD a", "RUN x", "RUN y", "-ENTRYPOINT b"), 1},
		{"a base of a base counts whole", entries("ADD file:1 in /", "-CMD a", "RUN x", "-CMD b", "RUN y"), 2},
		{"CMD behind ENTRYPOINT is one end", entries("A", "B", "-ENTRYPOINT a", "-CMD b", "C"), 2},
		{"ENTRYPOINT alone is an end", entries("A", "B", "-ENTRYPOINT a", "C"), 2},
		{"a base of one layer need not be a root file system", entries("A", "-CMD a", "C"), 1},
		{"an ENV is no end", entries("A", "-ENV a=b", "C"), 0},
		{"a CMD that made a layer is no end", entries("A", "CMD x", "C"), 0},
		{"without CMD a root file system is the base", entries(nop+"ADD file:1 in / ", "RUN x"), 1},
		{"also as an archive", entries("ADD rootfs.tar.xz / # buildkit", "RUN x"), 1},
		{"also with flags", entries("ADD --chown=0:0 alpine.tar.gz / # buildkit", "RUN x"), 1},
		{"also one of debuerreotype", entries("# debian.sh --arch 'amd64' out/ 'bookworm'", "RUN x"), 1},
		{"a download is no root file system", entries("ADD https://example.org/a.tar /", "RUN x"), 0},
		{"a file into a directory is no root file system", entries("ADD file:1 in /app", "RUN x"), 0},
		{"several files are no root file system", entries("ADD a.tar b.tar /", "RUN x"), 0},
		{"a root file system alone is the image itself", entries("ADD file:1 in /"), 0},
		{"a base image itself has no base", entries("ADD file:1 in /", "-CMD sh"), 0},
		{"a CMD below the first layer ends nothing", entries("-CMD a", "A", "B"), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := len(entriesWithLayer(c.history))
			ls := make([]Layer, n)
			if notes := applyHistory(ls, &v1.ConfigFile{History: c.history}); len(notes) > 0 {
				t.Fatalf("notes %v", notes)
			}
			for i, l := range ls {
				if l.Base != (i < c.base) {
					t.Errorf("layer %d of %d: base %v, want the first %d", i, n, l.Base, c.base)
				}
			}
		})
	}
}

func entriesWithLayer(hs []v1.History) []v1.History {
	return slices.DeleteFunc(slices.Clone(hs), func(h v1.History) bool { return h.EmptyLayer })
}

func TestHistoryGoesToItsLayers(t *testing.T) {
	ls := make([]Layer, 3)
	cfg := &v1.ConfigFile{History: entries("A", "-ENV x=y", "B", "")}
	if notes := applyHistory(ls, cfg); notes != nil {
		t.Fatalf("notes %v", notes)
	}
	if *ls[0].Instruction != "A" || *ls[1].Instruction != "B" || ls[2].Instruction != nil {
		t.Errorf("instructions %v %v %v", ls[0].Instruction, ls[1].Instruction, ls[2].Instruction)
	}
	if ls[1].Created.Unix() != 3 {
		t.Errorf("layer 1 was created at %v, want that of the third entry", ls[1].Created)
	}
}

func TestHistoryThatDoesNotFitGivesNothing(t *testing.T) {
	x := "left over"
	for _, n := range []int{1, 3} {
		ls := make([]Layer, n)
		ls[0] = Layer{Instruction: &x, Base: true, Created: time.Unix(1, 0)}
		notes := applyHistory(ls, &v1.ConfigFile{History: entries("ADD file:1 in /", "-CMD a", "B")})
		if len(notes) != 1 || notes[0].Reason != ReasonHistoryMismatch {
			t.Errorf("%d layers: notes %v, want one of history-mismatch", n, notes)
		}
		for i, l := range ls {
			if l.Instruction != nil || l.Base || !l.Created.IsZero() {
				t.Errorf("%d layers: layer %d has %+v, want nothing", n, i, l)
			}
		}
	}
	if notes := applyHistory(make([]Layer, 2), nil); notes != nil {
		t.Errorf("no configuration: notes %v, want none", notes)
	}
	if notes := applyHistory(nil, &v1.ConfigFile{}); notes != nil {
		t.Errorf("no layers and no history: notes %v, want none", notes)
	}
	if notes := applyHistory(make([]Layer, 2), &v1.ConfigFile{}); len(notes) != 1 {
		t.Errorf("a configuration without history: notes %v, want one", notes)
	}
}

// Whatever a history says, instructions are its own words, and the base is the
// first layers and never all of them.
func FuzzHistory(f *testing.F) {
	f.Add("ADD file:1 in /\n-CMD a\nRUN b", 2)
	f.Add("/bin/sh -c #(nop) ADD file:1 in / \n|1 a=b /bin/sh -c c\n-/bin/sh -c #(nop)  ENTRYPOINT [\"x\"]\nCOPY . . # buildkit", 3)
	f.Add("ADD --x a.tar in /\n# buildkit\n# debian.sh", 3)
	f.Add("", 1)
	f.Fuzz(func(t *testing.T, text string, layers int) {
		ls := make([]Layer, max(0, min(layers, 100)))
		hs := entries(strings.Split(text, "\n")...)
		notes := applyHistory(ls, &v1.ConfigFile{History: hs})
		made := entriesWithLayer(hs)
		if (len(notes) > 0) != (len(made) != len(ls)) {
			t.Fatalf("%d of %d layers: notes %v", len(made), len(ls), notes)
		}
		for i, l := range ls {
			if len(notes) > 0 && (l.Instruction != nil || l.Base) {
				t.Fatalf("layer %d has %+v from a history that does not fit", i, l)
			}
			if l.Base && (i == len(ls)-1 || i > 0 && !ls[i-1].Base) {
				t.Fatalf("layer %d of %d is of the base", i, len(ls))
			}
			if l.Instruction == nil {
				continue
			}
			own := *l.Instruction
			if !strings.Contains(made[i].CreatedBy, own) && !strings.Contains(made[i].CreatedBy, strings.TrimPrefix(own, "RUN ")) {
				t.Fatalf("layer %d: %q is not of %q", i, own, made[i].CreatedBy)
			}
		}
	})
}
