package secrets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/internal/plant"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// member is a file of a layer.
type member struct {
	path    string
	content []byte
}

// scanLayer feeds files to a scanner in writes of the given size.
func scanLayer(t testing.TB, s *Scanner, write int, files ...member) layers.ScanFacts {
	t.Helper()
	l := s.Layer(context.Background(), layers.Layer{})
	for i, f := range files {
		w := l.Entry(&layers.Entry{Seq: i, Path: f.path, Type: layers.Regular, Size: int64(len(f.content))})
		if w == nil {
			continue
		}
		for rest := f.content; len(rest) > 0; {
			n := min(write, len(rest))
			piece := bytes.Clone(rest[:n])
			if _, err := w.Write(piece); err != nil {
				t.Fatal(err)
			}
			clear(piece) // it is valid only during the call
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return l.Facts().Rest()
}

func hitsOf(t testing.TB, facts layers.ScanFacts) map[string][]Hit {
	t.Helper()
	out := map[string][]Hit{}
	for _, f := range facts.Found.(*LayerFacts).Files {
		out[f.Path] = f.Hits
	}
	return out
}

// prose is text without secrets: lines of common words.
func prose(r *rand.Rand, n int) []byte {
	words := strings.Fields("the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years where much your way down should because long each just state those people too mr little good world make very year still see own work men day get here old life both between being under three never know same last another while us off might great go come since against")
	var b bytes.Buffer
	for b.Len() < n {
		for range 9 {
			b.WriteString(words[r.IntN(len(words))])
			b.WriteByte(' ')
		}
		b.WriteByte('\n')
	}
	return b.Bytes()[:n]
}

func TestASecretIsFoundOnceWithItsLineWhereverItLies(t *testing.T) {
	s := mustScanner(t)
	r := rand.New(rand.NewPCG(3, 3))
	big := prose(r, 20<<20)
	secrets := plant.Secrets(r)
	check := func(name string, content []byte, p plant.Secret, write int) {
		t.Helper()
		at := bytes.Index(content, []byte(p.Line))
		hits := hitsOf(t, scanLayer(t, s, write, member{"f", content}))["f"]
		if len(hits) != 1 || hits[0].Rule != p.Rule || hits[0].Value.Reveal() != p.Value {
			t.Fatalf("%s: %s: got %d hits: %+v", name, p.Rule, len(hits), hits)
		}
		if want := 1 + bytes.Count(content[:at], []byte("\n")); hits[0].Line != want {
			t.Errorf("%s: %s: line %d, want %d", name, p.Rule, hits[0].Line, want)
		}
		if want := int64(bytes.Index(content, []byte(p.Value))); hits[0].Offset != want {
			t.Errorf("%s: %s: offset %d, want %d", name, p.Rule, hits[0].Offset, want)
		}
	}
	place := func(at int, line string) []byte {
		out := bytes.Clone(big[:at+len(line)+64<<10])
		at = bytes.LastIndexByte(out[:at+1], '\n') + 1
		copy(out[at:], line+"\n")
		return out
	}
	for i, p := range secrets {
		check("alone", []byte(p.Line), p, 1<<20)
		if i%8 == 0 {
			content := append(append(bytes.Clone(big[:10<<20]), "\n"+p.Line+"\n"...), big[10<<20:]...)
			check("in the middle of 20 MB", content, p, 64<<10)
		}
		edge := zoneSize // of the first piece
		for _, d := range []int{-len(p.Line) - 90, -len(p.Line), -len(p.Line) / 2, -40, -20, -1, 0, 5, reachForward - 50, reachForward, reachForward + 20} {
			check(fmt.Sprintf("%d from an edge", d), place(2*edge+d, p.Line), p, 100_000)
		}
	}
	if testing.Short() {
		return
	}
	// Every offset around an edge.
	for _, p := range []plant.Secret{secrets[0], secrets[2], secrets[24], secrets[25]} {
		line := " x\n" + p.Line + "\n"
		for d := -len(line) - 3; d < 6; d++ {
			at := zoneSize + reachBack + d
			content := bytes.Clone(big[:at+len(line)+400<<10])
			copy(content[at:], line)
			check(fmt.Sprintf("at %d", d), content, p, 1<<20)
		}
	}
}

func TestALongPrivateKeyAcrossAnEdgeIsFoundWhole(t *testing.T) {
	s := mustScanner(t)
	r := rand.New(rand.NewPCG(4, 4))
	var key strings.Builder
	key.WriteString("-----BEGIN " + "PRIVATE KEY-----\n")
	for key.Len() < 16<<10 {
		for range 64 {
			key.WriteByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[r.IntN(64)])
		}
		key.WriteByte('\n')
	}
	key.WriteString("-----END " + "PRIVATE KEY-----")
	for _, at := range []int{zoneSize - 16<<10, zoneSize - 100, zoneSize, zoneSize + reachForward - 8<<10, zoneSize + reachForward} {
		content := append(prose(r, at), '\n')
		content = append(content, key.String()...)
		content = append(content, '\n')
		content = append(content, prose(r, 600<<10)...)
		hits := hitsOf(t, scanLayer(t, s, 32<<10, member{"f", content}))["f"]
		if len(hits) != 1 || hits[0].Value.Reveal() != key.String() {
			t.Errorf("at %d: %d hits", at, len(hits))
		}
	}
}

func TestSmallFilesShareABufferWithoutTouching(t *testing.T) {
	s := mustScanner(t)
	p := plant.Secrets(rand.New(rand.NewPCG(5, 5)))[2]
	half := len(p.Value) / 2
	var files []member
	for i := range 3000 {
		content := []byte(p.Value[:half])
		switch i % 3 {
		case 1:
			content = []byte(p.Value[half:]) // completes the file before it, if they touched
		case 2:
			content = bytes.Repeat([]byte("filler\n"), i)
		}
		files = append(files, member{fmt.Sprintf("dir/%d", i), content})
	}
	files = append(files, member{"dir/last", []byte("token " + p.Value + "\n")})
	hits := hitsOf(t, scanLayer(t, s, 512, files...))
	if len(hits) != 1 || len(hits["dir/last"]) != 1 {
		t.Errorf("hits in %d files", len(hits))
	}
}

func TestFilesOfAnUnknownSizeAreSearchedLikeOthers(t *testing.T) {
	s := mustScanner(t)
	search := func(size func(content []byte) int64) []FileFacts {
		l := s.Layer(t.Context(), layers.Layer{}).(*layerScan)
		for i, n := range []int{0, 10, 3000, smallFile, smallFile + 1, 100, pieceSize - 1000, pieceSize + 1, 5 * pieceSize, 200, pieceSize} {
			line := githubToken(t, uint64(60+i)).Line
			content := append(prose(rand.New(rand.NewPCG(6, 6)), n), "\n"+line+"\n"...)
			w := l.writer(l.file(i, fmt.Sprintf("dir/%d", i)), size(content))
			for at := 0; at < len(content); at += 10_000 {
				if _, err := w.Write(content[at:min(len(content), at+10_000)]); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		return l.Facts().Rest().Found.(*LayerFacts).Files
	}
	want := search(func(content []byte) int64 { return int64(len(content)) })
	if len(want) != 11 {
		t.Fatalf("hits in %d files", len(want))
	}
	if got := search(func([]byte) int64 { return -1 }); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBinaryContentHasNoLines(t *testing.T) {
	s := mustScanner(t)
	p := plant.Secrets(rand.New(rand.NewPCG(6, 6)))[2]
	content := append([]byte("\x7fELF\x00\n\n\n"), p.Value...)
	content = append(content, 0, '\n')
	hits := hitsOf(t, scanLayer(t, s, 9, member{"bin", content}))["bin"]
	if len(hits) != 1 || hits[0].Line != 0 {
		t.Errorf("%+v", hits)
	}
}

func TestTooManyMatchesAreBoundedAndTheRestIsAGap(t *testing.T) {
	s := mustScanner(t)
	r := rand.New(rand.NewPCG(7, 7))
	var b bytes.Buffer
	n := 100_000
	if testing.Short() {
		n = 30_000
	}
	for range n {
		b.WriteString("gh" + "p_")
		for range 36 {
			b.WriteByte("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"[r.IntN(55)])
		}
		b.WriteByte(' ')
	}
	facts := scanLayer(t, s, 1<<20, member{"f", b.Bytes()})
	hits := hitsOf(t, facts)["f"]
	if len(hits) != MostHits || len(facts.Gaps) != 1 || facts.Gaps[0].Reason != ReasonTooMany {
		t.Fatalf("%d hits, gaps %+v", len(hits), facts.Gaps)
	}
	if want := fmt.Sprint(n - MostHits); !strings.HasPrefix(facts.Gaps[0].Detail, want+" ") {
		t.Errorf("the gap says %q, want %s", facts.Gaps[0].Detail, want)
	}
	for i := range hits[1:] {
		if hits[i+1].Offset != hits[i].Offset+41 {
			t.Fatalf("hit %d is not the next in the file", i+1)
		}
	}
}

func TestHostileTextTakesLinearTime(t *testing.T) {
	s := mustScanner(t)
	for name, unit := range map[string]string{
		"beginnings of keys": "-----BEGIN " + "PRIVATE KEY-----\n",
		"assignments":        "key=",
		"long values":        "token = " + strings.Repeat("aB3-", 40),
		"curl":               "curl ",
		"schemes":            "a://a:",
		"one letter":         "e",
		"dots":               ".ey",
	} {
		content := bytes.Repeat([]byte(unit), (256<<10)/len(unit))
		start := time.Now()
		scanLayer(t, s, 1<<20, member{"f", content})
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: %v for 256 KiB", name, took)
		} else {
			t.Logf("%s: %v for 256 KiB", name, took)
		}
	}
}

func TestACancelledLayerEndsWithNoGoroutineLeft(t *testing.T) {
	s := mustScanner(t)
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l := s.Layer(ctx, layers.Layer{})
	w := l.Entry(&layers.Entry{Path: "f", Type: layers.Regular, Size: 1 << 30})
	content := prose(rand.New(rand.NewPCG(8, 8)), 1<<20)
	var err error
	for i := 0; err == nil; i++ {
		if i == 20 {
			cancel()
		}
		_, err = w.Write(content)
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("writing after the context ended: %v", err)
	}
	_ = w.Close()
	l.Facts().Rest()
	goroutinesEnd(t, before)
}

// goroutinesEnd waits until no more goroutines run than before.
func goroutinesEnd(t testing.TB, before int) {
	t.Helper()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

func TestWhatATimeLimitLeavesUnsearchedIsAGap(t *testing.T) {
	for name, c := range map[string]struct {
		ends bool
		want int
	}{"in time": {false, 0}, "too late": {true, 1}} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			l := mustScanner(t).Layer(ctx, layers.Layer{})
			w := l.Entry(&layers.Entry{Path: "f", Type: layers.Regular, Size: 5})
			if _, err := w.Write([]byte("hello")); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if c.ends {
				cancel()
			}
			gaps := l.Facts().Rest().Gaps
			if len(gaps) != c.want || c.want > 0 && gaps[0].Reason != layers.ReasonDeadline {
				t.Errorf("got gaps %+v", gaps)
			}
		})
	}
}

func TestFilesWithHitsCarryTheirDigests(t *testing.T) {
	s := mustScanner(t)
	p := plant.Secrets(rand.New(rand.NewPCG(14, 1)))[2]
	small := []byte(p.Line + "\n")
	middle := append(prose(rand.New(rand.NewPCG(15, 1)), 200<<10), small...)
	large := append(prose(rand.New(rand.NewPCG(16, 1)), WholeFile), small...)
	found := scanLayer(t, s, 5000, member{"small", small}, member{"middle", middle}, member{"large", large}).Found.(*LayerFacts)
	want := [][3]string{digests(small), digests(middle), {}}
	for i, f := range found.Files {
		if got := [3]string{f.MD5, f.SHA1, f.SHA256}; got != want[i] {
			t.Errorf("%s: %q, want %q", f.Path, got, want[i])
		}
	}
	if len(found.Files) != 3 || len(found.Files[0].SHA256) != 64 || len(found.Files[0].MD5) != 32 {
		t.Errorf("%+v", found.Files)
	}
}

func TestAValueThatIsCutByAPieceIsNoMatchOfItsOwn(t *testing.T) {
	s := mustScanner(t)
	// A rule that is matched on whole pieces takes forty hexadecimal digits. Here
	// are sixty-four, of which the second piece begins with forty and the first ends with forty.
	r := rand.New(rand.NewPCG(17, 1))
	content := prose(r, 2*pieceSize)
	for _, at := range []int{zoneSize - 24, pieceSize - 40} {
		line := "\n"
		for range 64 {
			line += string("0123456789abcdef"[r.IntN(16)])
		}
		copy(content[at-1:], line+"\nsourcegraph\n")
		copy(content[at-40:], "\nsourcegraph\n")
	}
	for _, h := range hitsOf(t, scanLayer(t, s, 1<<16, member{"f", content}))["f"] {
		t.Errorf("%s at %d", h.Rule, h.Offset)
	}
}

func TestALayersMatchesAreBoundedInTheOrderOfTheTar(t *testing.T) {
	if testing.Short() {
		t.Skip("half a minute under the race detector")
	}
	s := mustScanner(t)
	r := rand.New(rand.NewPCG(18, 1))
	var files []member
	for i := range 50 {
		var b bytes.Buffer
		for range 9000 {
			b.WriteString("gh" + "o_")
			for range 36 {
				b.WriteByte("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"[r.IntN(55)])
			}
			b.WriteByte('\n')
		}
		files = append(files, member{fmt.Sprint(i), b.Bytes()})
	}
	facts := scanLayer(t, s, 1<<20, files...)
	total := 0
	for i, f := range facts.Found.(*LayerFacts).Files {
		want := min(9000, MostLayerHits-total)
		if total += len(f.Hits); f.Seq != i || len(f.Hits) != want {
			t.Errorf("file %d has %d hits, want %d", f.Seq, len(f.Hits), want)
		}
	}
	if total != MostLayerHits || len(facts.Gaps) != 1 || !strings.HasPrefix(facts.Gaps[0].Detail, fmt.Sprint(50*9000-MostLayerHits)+" ") {
		t.Errorf("%d hits, gaps %+v", total, facts.Gaps)
	}
}
