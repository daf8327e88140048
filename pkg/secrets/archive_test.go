package secrets

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/internal/unpack"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// withMemory makes a scanner that has pieces of memory for archives, and many workers.
func withMemory(t testing.TB, pieces int64) *Scanner {
	t.Helper()
	s, err := New(Options{Workers: 16})
	if err != nil {
		t.Fatal(err)
	}
	s.packed.left.Store(pieces)
	return s
}

// halt takes all turns, so that no archive that is in memory is searched until the function is called.
func halt(s *Scanner) (goOn func()) {
	for range cap(s.turns) {
		s.turns <- struct{}{}
	}
	return func() {
		for range cap(s.turns) {
			<-s.turns
		}
	}
}

// begin writes files of a layer, each of as many bytes as it is said to have.
func begin(t testing.TB, l layers.LayerScanner, files ...member) {
	t.Helper()
	for i, f := range files {
		w := l.Entry(&layers.Entry{Seq: i, Path: f.path, Type: layers.Regular, Size: int64(len(f.content))})
		if _, err := w.Write(f.content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// manyArchives are small ones with secrets, some of them damaged, among files that are none.
func manyArchives(t testing.TB, n int) []member {
	t.Helper()
	r := rand.New(rand.NewPCG(41, 42))
	var files []member
	for i := range n {
		content := append(prose(r, r.IntN(40_000)), "\n"+githubToken(t, uint64(i)).Line+"\n"...)
		inner := zipped(t, fmt.Sprintf("inner/%d", i), content)
		for _, f := range []member{
			{fmt.Sprintf("%d.txt", i), []byte(githubToken(t, uint64(1000+i)).Line)},
			{fmt.Sprintf("%d.tar.gz", i), gzipped(t, tarred(t, "a.conf", content))},
			{fmt.Sprintf("%d.jar", i), zipped(t, "b.jar", inner)},
			{fmt.Sprintf("%d.sh", i), append([]byte("#!/bin/sh\nexec java -jar \"$0\"\n"+githubToken(t, uint64(2000+i)).Line+"\n"), inner...)},
			{fmt.Sprintf("%d.gz", i), gzipped(t, content)},
		} {
			switch r.IntN(4) {
			case 0:
				f.content = f.content[:max(1, len(f.content)-r.IntN(40))]
			case 1:
				f.content[r.IntN(len(f.content))] ^= 0x55
			}
			files = append(files, f)
		}
	}
	return files
}

func TestWhatArchivesHoldDoesNotDependOnWhenTheyAreSearched(t *testing.T) {
	files := manyArchives(t, 24)
	s := withMemory(t, 0)
	s.opener.Limits.Bytes = 30_000
	want := scanLayer(t, s, 1<<20, files...)
	found := want.Found.(*LayerFacts)
	if len(found.Files) < 60 || len(want.Gaps) == 0 || len(want.Notes) < 2 || len(want.Notes[0].Examples) < 5 {
		t.Fatalf("%d files, gaps %+v, notes %+v", len(found.Files), want.Gaps, want.Notes)
	}
	for run := range 20 {
		memory := []int64{mostPacked / conduitPiece, 3, 1}[run%3]
		s := withMemory(t, memory)
		s.opener.Limits.Bytes = 30_000
		got := scanLayer(t, s, 1<<20, files...)
		if !reflect.DeepEqual(got.Found.(*LayerFacts).Files, found.Files) {
			t.Errorf("run %d: other files", run)
		}
		if !reflect.DeepEqual(got.Gaps, want.Gaps) || !reflect.DeepEqual(got.Notes, want.Notes) {
			t.Errorf("run %d: gaps %+v, notes %+v; want %+v, %+v", run, got.Gaps, got.Notes, want.Gaps, want.Notes)
		}
		if left := s.packed.left.Load(); left != memory {
			t.Errorf("run %d: %d of %d pieces of memory are left", run, left, memory)
		}
	}
}

func TestLayersThatShareTheMemoryForArchivesFindWhatOneAloneDoes(t *testing.T) {
	files := manyArchives(t, 10)
	want := scanLayer(t, withMemory(t, 0), 1<<20, files...).Found.(*LayerFacts).Files
	s := withMemory(t, 4)
	got := make(chan []FileFacts)
	const many = 8
	for range many {
		go func() {
			l := s.Layer(t.Context(), layers.Layer{})
			begin(t, l, files...)
			got <- l.Facts().Rest().Found.(*LayerFacts).Files
		}()
	}
	for range many {
		if !reflect.DeepEqual(<-got, want) {
			t.Error("other files")
		}
	}
	if left := s.packed.left.Load(); left != 4 {
		t.Errorf("%d pieces of memory are left", left)
	}
}

func TestTheWalkDoesNotWaitForArchivesThatFitIntoMemory(t *testing.T) {
	s := withMemory(t, mostPacked/conduitPiece)
	goOn := halt(s)
	p := githubToken(t, 51)
	zip := zipped(t, "a", []byte(p.Line+"\n"))
	l := s.Layer(t.Context(), layers.Layer{})
	begin(t, l, member{"a.zip", zip}, member{"a.sh", append([]byte("#!/bin/sh\n"), zip...)}, member{"a.gz", gzipped(t, []byte(p.Line))})
	if held := mostPacked/conduitPiece - s.packed.left.Load(); held != 3 {
		t.Errorf("%d pieces wait", held)
	}
	goOn()
	if files := l.Facts().Rest().Found.(*LayerFacts).Files; len(files) != 3 {
		t.Errorf("%+v", files)
	}
}

func TestAnArchiveOfAnotherSizeThanWasSaidIsSearchedAsFarAsItGoes(t *testing.T) {
	random := make([]byte, 3*conduitPiece)
	for i := range random {
		random[i] = byte(rand.Uint32())
	}
	p := githubToken(t, 52)
	content := gzipped(t, slices.Concat([]byte(p.Line+"\n"), random, []byte("\n"+p.Line)))
	for name, c := range map[string]struct {
		said, written int
		hits          int
		cut           bool
	}{
		"cut short":                {len(content), len(content) / 2, 1, true},
		"cut before its head ends": {len(content), 100, 0, true},
		"longer":                   {conduitPiece / 2, len(content), 2, false},
		"longer by a byte":         {len(content) - 1, len(content), 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			s := withMemory(t, mostPacked/conduitPiece)
			l := s.Layer(t.Context(), layers.Layer{})
			w := l.Entry(&layers.Entry{Path: "a.gz", Type: layers.Regular, Size: int64(c.said)})
			for rest := content[:c.written]; len(rest) > 0; {
				n, err := w.Write(rest[:min(len(rest), 1000)])
				if err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			facts := l.Facts().Rest()
			files := facts.Found.(*LayerFacts).Files
			hits := 0
			for _, f := range files {
				hits += len(f.Hits)
			}
			if hits != c.hits {
				t.Errorf("%+v", files)
			}
			if cut := len(facts.Notes) == 1 && facts.Notes[0].Reason == unpack.ReasonTruncated; cut != c.cut || len(facts.Gaps) > 0 {
				t.Errorf("gaps %+v, notes %+v", facts.Gaps, facts.Notes)
			}
			if left := s.packed.left.Load(); left != mostPacked/conduitPiece {
				t.Errorf("%d pieces of memory are left", left)
			}
			goroutinesEnd(t, before)
		})
	}
}

func TestArchivesThatWaitWhenTheWalkIsCancelledAreAGapAndLeaveNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	s := withMemory(t, mostPacked/conduitPiece)
	goOn := halt(s)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := s.Layer(ctx, layers.Layer{})
	zip := zipped(t, "a", []byte(githubToken(t, 53).Line+"\n"))
	begin(t, l, member{"a.zip", zip}, member{"b.zip", zip}, member{"c.zip", zip})
	cancel()
	goOn()
	gaps := l.Facts().Rest().Gaps
	if len(gaps) != 1 || gaps[0].Reason != layers.ReasonScannerFailed || !slices.Equal(gaps[0].Examples, []string{"a.zip", "b.zip", "c.zip"}) || gaps[0].Files != 3 ||
		!strings.Contains(gaps[0].Detail, context.Canceled.Error()) {
		t.Errorf("gaps %+v", gaps)
	}
	if left := s.packed.left.Load(); left != mostPacked/conduitPiece {
		t.Errorf("%d pieces of memory are left", left)
	}
	goroutinesEnd(t, before)
}

// A scanner that broke down is not asked to close what it has open.
func TestAnArchiveThatIsNeverClosedLeavesNoGoroutineAndNoMemoryTaken(t *testing.T) {
	content := gzipped(t, prose(rand.New(rand.NewPCG(54, 54)), 1<<20))
	for name, memory := range map[string]int64{"in memory": mostPacked / conduitPiece, "beside the walk": 0} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			s := withMemory(t, memory)
			l := s.Layer(t.Context(), layers.Layer{})
			w := l.Entry(&layers.Entry{Path: "a.gz", Type: layers.Regular, Size: int64(len(content))})
			if _, err := w.Write(content[:len(content)/2]); err != nil {
				t.Fatal(err)
			}
			if notes := l.Facts().Rest().Notes; len(notes) != 1 || notes[0].Reason != unpack.ReasonTruncated {
				t.Errorf("notes %+v", notes)
			}
			if left := s.packed.left.Load(); left != memory {
				t.Errorf("%d pieces of memory are left", left)
			}
			goroutinesEnd(t, before)
		})
	}
}

func TestAnArchiveIsHeldOnlyIfAllOfItFits(t *testing.T) {
	for name, c := range map[string]struct {
		size, left, reserved int64
	}{
		"no size":                   {-1, 100, 0},
		"one byte":                  {1, 100, 1},
		"a piece":                   {conduitPiece, 1, 1},
		"a byte more than a piece":  {conduitPiece + 1, 1, 0},
		"the most":                  {mostPacked, 200, mostPacked / conduitPiece},
		"a byte more than the most": {mostPacked + 1, 1000, 0},
		"more than any memory":      {1 << 62, 1000, 0},
		"a size that overflows":     {1<<63 - 1, 1000, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var m packed
			m.left.Store(c.left)
			conduit := m.conduit(c.size)
			if conduit.reserved != c.reserved || m.left.Load() != c.left-c.reserved {
				t.Errorf("%d pieces are reserved and %d left", conduit.reserved, m.left.Load())
			}
			conduit.abandon()
			if m.left.Load() != c.left {
				t.Errorf("%d pieces are left", m.left.Load())
			}
		})
	}
}

func TestWhatIsWrittenToAConduitInAnyPiecesComesOutAsItWas(t *testing.T) {
	r := rand.New(rand.NewPCG(55, 55))
	want := prose(r, 5*conduitPiece+77)
	for _, write := range []int{1, 1000, conduitPiece, conduitPiece + 1, len(want)} {
		var m packed
		m.left.Store(6)
		c := m.conduit(int64(len(want)))
		for rest := want; len(rest) > 0; rest = rest[min(write, len(rest)):] {
			if !c.send(rest[:min(write, len(rest))]) {
				t.Fatal("nobody reads")
			}
		}
		c.end()
		got, err := io.ReadAll(c)
		if err != nil || !bytes.Equal(got, want) || m.left.Load() != 6 {
			t.Errorf("writes of %d: %d bytes, %v, %d pieces left", write, len(got), err, m.left.Load())
		}
	}
}

func TestALayersMatchesAreBoundedInTheOrderOfFilesAndOfTheirMembers(t *testing.T) {
	s := mustScanner(t)
	l := newLayerScan(t.Context(), s)
	for n := range 5 {
		for nth := range 5 {
			f := &fileScan{n: n, nth: nth}
			for i := range MostHits {
				f.hits = append(f.hits, rawHit{base: int64(i)})
			}
			l.files = append(l.files, f)
		}
	}
	rand.Shuffle(len(l.files), func(i, j int) { l.files[i], l.files[j] = l.files[j], l.files[i] })
	l.trim()
	for i, f := range l.files {
		if f.n != i/5 || f.nth != i%5 || len(f.hits) > 0 != (i < MostLayerHits/MostHits) {
			t.Errorf("at %d is member %d of file %d with %d matches", i, f.nth, f.n, len(f.hits))
		}
	}
}
