package layers

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/imgaudit/imgaudit/internal/decompress"
)

// memory is a source whose blobs lie in memory.
type memory struct {
	images []*Image
	blobs  map[string]func(context.Context) (io.ReadCloser, error)
	mu     sync.Mutex
	opened map[string]int
}

func (m *memory) Images(context.Context) ([]*Image, error) { return m.images, nil }
func (m *memory) Close() error                             { return nil }

func (m *memory) Blob(ctx context.Context, l Layer) (io.ReadCloser, error) {
	m.mu.Lock()
	if m.opened == nil {
		m.opened = map[string]int{}
	}
	m.opened[l.Key]++
	m.mu.Unlock()
	open, ok := m.blobs[l.Key]
	if !ok {
		return nil, fmt.Errorf("opening blob %s: %w", l.Key, fs.ErrNotExist)
	}
	return open(ctx)
}

// add puts a blob into the source and gives a layer with true claims about it.
func (m *memory) add(key string, blob []byte, plain []byte) Layer {
	if m.blobs == nil {
		m.blobs = map[string]func(context.Context) (io.ReadCloser, error){}
	}
	m.blobs[key] = func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(blob)), nil }
	return Layer{Key: key, Size: int64(len(blob)), Digest: sum(blob), DiffID: sum(plain)}
}

// addStream puts in a blob that is made as it is read.
func (m *memory) addStream(key string, open func(context.Context) io.Reader) Layer {
	if m.blobs == nil {
		m.blobs = map[string]func(context.Context) (io.ReadCloser, error){}
	}
	m.blobs[key] = func(ctx context.Context) (io.ReadCloser, error) { return io.NopCloser(open(ctx)), nil }
	return Layer{Key: key, Size: -1}
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(h[:])
}

// oneLayer walks a source of one image with one layer, and gives its facts.
func oneLayer(t testing.TB, m *memory, l Layer, opts WalkOptions, scanners ...Scanner) *Facts {
	t.Helper()
	m.images = []*Image{{Layers: []Layer{l}}}
	w, err := Walk(context.Background(), m, opts, scanners...)
	if err != nil {
		t.Fatal(err)
	}
	return w.Images[0].Layers[0].Facts
}

// walkBytes walks one blob with no claims about it.
func walkBytes(t testing.TB, blob []byte, opts WalkOptions, scanners ...Scanner) *Facts {
	t.Helper()
	m := &memory{}
	l := m.add("blob", blob, nil)
	l.DiffID = ""
	return oneLayer(t, m, l, opts, scanners...)
}

// file is one entry of a tar to be made.
func file(name, content string) *entryOf {
	return &entryOf{tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))}, content}
}
func dir(name string) *entryOf {
	return &entryOf{tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o755}, ""}
}
func symlink(name, to string) *entryOf {
	return &entryOf{tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: to, Mode: 0o777}, ""}
}
func hardlink(name, to string) *entryOf {
	return &entryOf{tar.Header{Name: name, Typeflag: tar.TypeLink, Linkname: to, Mode: 0o644}, ""}
}

type entryOf struct {
	hdr     tar.Header
	content string
}

// tarOf makes a tar.
func tarOf(t testing.TB, entries ...*entryOf) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if err := w.WriteHeader(&e.hdr); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rewriteHeader changes the header at the start of b and makes its checksum fit.
func rewriteHeader(b []byte, change func(h []byte)) {
	h := b[:512]
	change(h)
	copy(h[148:156], "        ")
	total := 0
	for _, c := range h {
		total += int(c)
	}
	copy(h[148:156], fmt.Sprintf("%06o\x00 ", total))
}

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstded(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

func xzed(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// noise gives bytes that do not compress, the same every time.
func noise(n int) []byte {
	b := make([]byte, n)
	s := uint64(0x9e3779b97f4a7c15)
	for i := range b {
		s ^= s << 13
		s ^= s >> 7
		s ^= s << 17
		b[i] = byte(s)
	}
	return b
}

func reasons(f *Facts) string {
	var s []string
	for _, g := range f.Gaps {
		s = append(s, g.Reason)
	}
	return strings.Join(s, " ")
}

func TestEveryCompressionIsReadAndBothDigestsAreComputed(t *testing.T) {
	plain := tarOf(t, dir("etc/"), file("etc/motd", "hello"), file("big", string(noise(3*blockBytes+17))))
	tests := []struct {
		name, compression string
		blob              []byte
	}{
		{"none", "none", plain},
		{"gzip", "gzip", gzipped(t, plain)},
		{"gzip of several members", "gzip", append(gzipped(t, plain[:700]), gzipped(t, plain[700:])...)},
		{"gzip with zeros behind it", "gzip", append(gzipped(t, plain), make([]byte, 512)...)},
		{"zstd", "zstd", zstded(t, plain)},
		{"zstd of several frames", "zstd", append(zstded(t, plain[:700]), zstded(t, plain[700:])...)},
		{"zstd with a skippable frame first", "zstd", append([]byte{0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3}, zstded(t, plain)...)},
		{"xz", "xz", xzed(t, plain)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &memory{}
			f := oneLayer(t, m, m.add("a", tt.blob, plain), WalkOptions{})
			if !f.Complete() || len(f.Oddities) > 0 {
				t.Fatalf("gaps %v, oddities %v", f.Gaps, f.Oddities)
			}
			if f.Compression != tt.compression || f.Digest != sum(tt.blob) || f.DiffID != sum(plain) {
				t.Errorf("got %s %s %s", f.Compression, f.Digest, f.DiffID)
			}
			if f.StoredBytes != int64(len(tt.blob)) || f.Bytes != int64(len(plain)) {
				t.Errorf("got %d stored bytes of %d, %d of %d", f.StoredBytes, len(tt.blob), f.Bytes, len(plain))
			}
			if len(f.Entries) != 3 || f.Files != 2 || f.Entries[1].Path != "etc/motd" || f.Entries[0].Path != "etc" {
				t.Errorf("got %d files in %+v", f.Files, f.Entries)
			}
		})
	}
}

func TestBzip2IsRead(t *testing.T) {
	// The tar of one file, etc/motd, as bzip2 writes it: no library here does.
	blob, err := base64.StdEncoding.DecodeString("QlpoOTFBWSZTWdkz+hIAAG97gMmAAAJAAOeAAEBuRp4ACAggAFQ0UNNMjTJkZNpoJJEGTRoaANH1" +
		"IjkIOrEIRLvKBOUb0CGBjebxPYRRyHGoOc5MYYQrUX+9jRFXe6wIiAyLuSKcKEhsmf0JAA==")
	if err != nil {
		t.Fatal(err)
	}
	f := walkBytes(t, blob, WalkOptions{})
	if f.Compression != "bzip2" || len(f.Entries) != 1 || f.Entries[0].Path != "etc/motd" || !f.Complete() {
		t.Errorf("got %+v", f)
	}
	if f := walkBytes(t, blob[:100], WalkOptions{}); reasons(f) != ReasonTruncated {
		t.Errorf("cut: got %+v", f.Gaps)
	}
}

func TestClaimsThatDoNotHoldAreGaps(t *testing.T) {
	plain := tarOf(t, file("a", "b"))
	blob := gzipped(t, plain)
	tests := []struct {
		name   string
		change func(*Layer)
		want   string
	}{
		{"all claims hold", func(*Layer) {}, ""},
		{"nothing is claimed", func(l *Layer) { l.Digest, l.DiffID, l.Size = "", "", -1 }, ""},
		{"another digest", func(l *Layer) { l.Digest = sum([]byte("x")) }, "digest-mismatch"},
		{"another diffID", func(l *Layer) { l.DiffID = sum([]byte("x")) }, "diffid-mismatch"},
		{"another size", func(l *Layer) { l.Size++ }, "size-mismatch"},
		{"nothing of it holds", func(l *Layer) { l.Digest, l.DiffID, l.Size = "x", "y", 1 }, "size-mismatch diffid-mismatch"},
		{"no such blob", func(l *Layer) { l.Key = "elsewhere" }, "missing-blob"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &memory{}
			l := m.add("a", blob, plain)
			tt.change(&l)
			f := oneLayer(t, m, l, WalkOptions{})
			if got := reasons(f); got != tt.want {
				t.Errorf("got gaps %q, want %q", got, tt.want)
			}
		})
	}
}

func TestASharedBlobIsReadOnceAndWrongClaimsStayWithTheirImage(t *testing.T) {
	plain := tarOf(t, file("a", "b"))
	m := &memory{}
	l := m.add("shared", gzipped(t, plain), plain)
	lie := l
	lie.DiffID = sum([]byte("x"))
	m.images = []*Image{{Layers: []Layer{l, l}}, {Layers: []Layer{lie}}, {Layers: []Layer{lie}}, {Layers: []Layer{l}}}
	w, err := Walk(context.Background(), m, WalkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if m.opened["shared"] != 1 {
		t.Errorf("the blob was opened %d times", m.opened["shared"])
	}
	good, bad := w.Images[0].Layers[0].Facts, w.Images[1].Layers[0].Facts
	if good != w.Images[0].Layers[1].Facts || good != w.Images[3].Layers[0].Facts || bad != w.Images[2].Layers[0].Facts {
		t.Error("equal layers do not share their facts")
	}
	if !good.Complete() || reasons(bad) != "diffid-mismatch" {
		t.Errorf("got %q and %q", reasons(good), reasons(bad))
	}
}

func TestUnreadableLayersAreNotRead(t *testing.T) {
	m := &memory{images: []*Image{{Layers: []Layer{{Key: "a", Unreadable: &Remark{Reason: ReasonForeign}}}}}}
	w, err := Walk(context.Background(), m, WalkOptions{})
	if err != nil || w.Images[0].Layers[0].Facts != nil || len(m.opened) > 0 {
		t.Errorf("got %v, %v, opened %v", err, w.Images[0].Layers[0].Facts, m.opened)
	}
}

func TestALayerThatBreaksOffKeepsWhatWasRead(t *testing.T) {
	plain := tarOf(t, file("first", "1"), file("second", string(noise(2*blockBytes))), file("third", "3"))
	for _, blob := range [][]byte{plain, gzipped(t, plain), zstded(t, plain)} {
		half := blob[:len(blob)/2]
		for _, tt := range []struct {
			name string
			end  error
			want string
		}{
			{"the file is cut", io.EOF, "truncated"},
			{"the connection breaks off", io.ErrUnexpectedEOF, "truncated"},
			{"the disk fails", errors.New("input/output error"), "read-error"},
		} {
			t.Run(tt.name+" "+decompress.Sniff(blob), func(t *testing.T) {
				m := &memory{}
				l := m.addStream("a", func(context.Context) io.Reader {
					return io.MultiReader(bytes.NewReader(half), failing{tt.end})
				})
				f := oneLayer(t, m, l, WalkOptions{})
				if reasons(f) != tt.want {
					t.Fatalf("got gaps %+v", f.Gaps)
				}
				if len(f.Entries) != 2 || f.Entries[1].Path != "second" {
					t.Errorf("got entries %+v", f.Entries)
				}
				if g := f.Gaps[0]; len(g.Examples) != 1 || g.Examples[0] != "second" {
					t.Errorf("the gap names %q", g.Examples)
				}
				if (f.Digest == "") != (tt.end != io.EOF) {
					t.Errorf("the digest is %q", f.Digest)
				}
			})
		}
	}
}

func TestNoTruncationAnywherePanicsOrPasses(t *testing.T) {
	plain := tarOf(t, dir("d"), file("d/a", "some content"), symlink("l", "d/a"),
		&entryOf{tar.Header{Name: strings.Repeat("long/", 60) + "x", Typeflag: tar.TypeReg, Size: 3, PAXRecords: map[string]string{"SCHILY.xattr.user.a": "b"}}, "abc"})
	for _, blob := range [][]byte{plain, gzipped(t, plain), zstded(t, plain), xzed(t, plain)} {
		m := &memory{}
		whole := m.add("a", blob, plain)
		for n := range blob {
			m.add("a", blob[:n], nil)
			f := oneLayer(t, m, whole, WalkOptions{})
			if f.Complete() {
				t.Fatalf("%s cut after %d of %d bytes passes", decompress.Sniff(blob), n, len(blob))
			}
		}
	}
}

func TestDamageIsAGapAndTheDigestIsStillComputed(t *testing.T) {
	plain := tarOf(t, file("a", string(noise(8*blockBytes))))
	first, second := gzipped(t, plain[:700]), gzipped(t, plain[700:])
	second[3] = 0xff // flags that do not exist, long before the end
	blob := append(first, second...)
	f := walkBytes(t, blob, WalkOptions{})
	if reasons(f) != "corrupt" || f.Digest != sum(blob) || f.DiffID != "" {
		t.Errorf("got %+v", f)
	}
	if f := walkBytes(t, noise(5000), WalkOptions{}); reasons(f) != "corrupt" || f.Gaps[0].Detail != "the layer is no tar" || f.Digest != f.DiffID {
		t.Errorf("got %+v", f)
	}
}

// endless gives one pattern for ever, and counts.
type endless struct {
	pattern []byte
	n       atomic.Int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e.pattern)
	}
	e.n.Add(int64(n))
	return n, nil
}

// bomb compresses an endless file of zeros as it is read.
func bomb(t testing.TB, size int64, wrap func(io.Writer) io.WriteCloser) func(context.Context) io.Reader {
	return func(ctx context.Context) io.Reader {
		r, w := io.Pipe()
		t.Cleanup(func() { r.Close() })
		context.AfterFunc(ctx, func() { r.CloseWithError(ctx.Err()) })
		go func() {
			z := wrap(w)
			tw := tar.NewWriter(z)
			_ = tw.WriteHeader(&tar.Header{Name: "zeros", Typeflag: tar.TypeReg, Size: size})
			_, err := io.CopyN(tw, &endless{pattern: make([]byte, 64<<10)}, size)
			if err == nil {
				_ = tw.Close()
				_ = z.Close()
			}
			w.CloseWithError(err)
		}()
		return r
	}
}

func TestBombsStopSoon(t *testing.T) {
	gz := func(w io.Writer) io.WriteCloser { z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed); return z }
	zs := func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z }
	for name, wrap := range map[string]func(io.Writer) io.WriteCloser{"gzip": gz, "zstd": zs} {
		t.Run(name, func(t *testing.T) {
			m := &memory{}
			f := oneLayer(t, m, m.addStream("bomb", bomb(t, 10<<30, wrap)), WalkOptions{Limits: Limits{Ratio: 50}})
			if reasons(f) != ReasonLimitRatio || f.Digest != "" || f.DiffID != "" {
				t.Fatalf("got %+v", f.Gaps)
			}
			if f.Bytes > 2<<30 {
				t.Errorf("%d bytes came out before it was stopped", f.Bytes)
			}
		})
	}
}

func TestLimitsAreGapsThatSayHowToRaiseThem(t *testing.T) {
	var many []*entryOf
	for i := range 50 {
		many = append(many, file(fmt.Sprintf("f%d", i), "x"))
	}
	big := file("big", string(noise(1<<20)))
	xattr := &entryOf{tar.Header{Name: "x", Typeflag: tar.TypeReg, PAXRecords: map[string]string{"SCHILY.xattr.user.a": strings.Repeat("v", 20_000)}}, ""}
	tests := []struct {
		name     string
		entries  []*entryOf
		limits   Limits
		want     string
		indexed  int
		verified bool
	}{
		{"entries", many, Limits{Entries: 10}, "limit-entries", 10, true},
		{"index", many, Limits{IndexBytes: 10 * (entryBytes + 3)}, "limit-index", 10, true},
		{"name length", slices.Concat(many, []*entryOf{file(strings.Repeat("n", 90), "")}), Limits{NameLength: 80}, "limit-name", 50, true},
		{"headers", slices.Concat(many, []*entryOf{xattr}), Limits{HeaderBytes: 10_000}, "limit-header", 50, true},
		{"bytes", []*entryOf{file("a", "b"), big, file("c", "d")}, Limits{Bytes: 300 << 10}, "limit-bytes", 2, false},
		{"no limit at all", slices.Concat(many, []*entryOf{big, xattr}), Limits{Entries: -1, Bytes: -1, Ratio: -1, NameLength: -1, HeaderBytes: -1, IndexBytes: -1}, "", 52, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plain := tarOf(t, tt.entries...)
			f := walkBytes(t, gzipped(t, plain), WalkOptions{Limits: tt.limits})
			if reasons(f) != tt.want || len(f.Entries) != tt.indexed {
				t.Fatalf("got %d entries, gaps %+v", len(f.Entries), f.Gaps)
			}
			if (f.DiffID == sum(plain)) != tt.verified {
				t.Errorf("the diffID is %q", f.DiffID)
			}
			if tt.want != "" && !strings.Contains(f.Gaps[0].Detail, "(Limits.") {
				t.Errorf("the gap does not say what to raise: %s", f.Gaps[0].Detail)
			}
		})
	}
}

func TestDataThatAskForALargeWindowAreRefused(t *testing.T) {
	dictionary := xzed(t, tarOf(t, file("a", "b")))
	block := dictionary[12:][:4*(int(dictionary[12])+1)] // the header of the first block, with its checksum at the end
	block[4] = 38                                        // 2 GiB
	binary.LittleEndian.PutUint32(block[len(block)-4:], crc32.ChecksumIEEE(block[:len(block)-4]))
	for name, blob := range map[string][]byte{
		"zstd": {0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 1, 0, 0}, // 256 MiB
		"xz":   dictionary,
	} {
		f := walkBytes(t, blob, WalkOptions{})
		if reasons(f) != ReasonLimitWindow || f.Digest != sum(blob) {
			t.Errorf("%s: got %+v", name, f.Gaps)
		}
	}
}

func TestALongHeaderEndsTheIndexButNotTheHash(t *testing.T) {
	plain := tarOf(t, file("a", "b"), file("pax", strings.Repeat("v", 2<<20)), file("c", "d"))
	rewriteHeader(plain[1024:], func(h []byte) { h[156] = tar.TypeXHeader })
	f := walkBytes(t, plain, WalkOptions{})
	if reasons(f) != ReasonLimitHeader || f.DiffID != sum(plain) || len(f.Entries) != 1 {
		t.Errorf("got %d entries, %+v", len(f.Entries), f.Gaps)
	}
}

func TestTheTimeLimitIsAGap(t *testing.T) {
	m := &memory{}
	l := m.addStream("slow", func(ctx context.Context) io.Reader {
		return io.MultiReader(bytes.NewReader(tarOf(t, file("a", "b"))[:1024]), waiting{ctx})
	})
	f := oneLayer(t, m, l, WalkOptions{Limits: Limits{Time: 20 * time.Millisecond}})
	if reasons(f) != ReasonDeadline || f.Digest != "" {
		t.Errorf("got %+v", f)
	}
}

func TestALimitEndsASourceThatHangs(t *testing.T) {
	m := &memory{}
	l := m.addStream("slow", func(ctx context.Context) io.Reader {
		return io.MultiReader(bytes.NewReader(tarOf(t, file("a", string(noise(2*blockBytes))))), waiting{ctx})
	})
	if f := oneLayer(t, m, l, WalkOptions{Limits: Limits{Bytes: 1000}}); reasons(f) != ReasonLimitBytes {
		t.Errorf("got %+v", f.Gaps)
	}
}

// waiting reads nothing until its context ends, like a server that hangs.
type waiting struct{ ctx context.Context }

func (w waiting) Read([]byte) (int, error) {
	<-w.ctx.Done()
	return 0, w.ctx.Err()
}

func TestACancelledWalkLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	plain := tarOf(t, file("a", string(noise(8*blockBytes))))
	for name, blob := range map[string][]byte{"none": plain, "gzip": gzipped(t, plain), "zstd": zstded(t, plain)} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			m := &memory{}
			for _, key := range []string{"1", "2", "3"} {
				m.images = append(m.images, &Image{Layers: []Layer{m.addStream(key, func(ctx context.Context) io.Reader {
					return io.MultiReader(bytes.NewReader(blob[:len(blob)*3/4]), waiting{ctx})
				})}})
			}
			// Cancelled from within a scanner: surely in mid-layer.
			midway := Func("midway", func(_ context.Context, _ Layer, _ *Entry, content io.Reader) error {
				_, err := io.CopyN(io.Discard, content, int64(2*blockBytes))
				cancel()
				return err
			})
			w, err := Walk(ctx, m, WalkOptions{}, midway)
			if w != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, %v", w, err)
			}
		})
	}
	goroutinesEnd(t, before)
}

func TestProgressTellsStartAndFinishOfEachBlob(t *testing.T) {
	var mu sync.Mutex
	stages := map[Stage]int{}
	var last Event
	blob := tarOf(t, file("a", string(noise(4<<20))))
	f := walkBytes(t, blob, WalkOptions{Progress: func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		stages[e.Stage]++
		last = e
	}})
	if stages[Started] != 1 || stages[Finished] != 1 || stages[Reading] < 2 || last.Stage != Finished || last.Out != f.Bytes || last.Read != f.StoredBytes {
		t.Errorf("got %v, last %+v", stages, last)
	}
}

// blockBytes is what passes through a layer's stages at once.
var blockBytes = len(new(block).buf.Room())
