package layers

import (
	"archive/tar"
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func rulesOf(f *Facts) string {
	var s []string
	for _, o := range f.Oddities {
		s = append(s, o.Rule)
	}
	return strings.Join(s, " ")
}

func TestEntriesAreRecordedAsTheTarHasThem(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	plain := tarOf(t,
		&entryOf{tar.Header{Name: "./", Typeflag: tar.TypeDir, Mode: 0o755}, ""},
		&entryOf{tar.Header{Name: "./usr/bin/su", Typeflag: tar.TypeReg, Mode: 0o4755, Uid: 7, Gid: 8, Size: 2, ModTime: at, Uname: "root"}, "su"},
		hardlink("usr/bin/doas", "./usr/bin/su"),
		symlink("usr/bin/sh", "../lib/dash"),
		&entryOf{tar.Header{Name: "run/pipe", Typeflag: tar.TypeFifo}, ""},
		&entryOf{tar.Header{Name: "usr/bin/ping", Typeflag: tar.TypeReg, PAXRecords: map[string]string{
			"SCHILY.xattr.security.capability": "\x01\x00\x02", "comment": "no attribute"}}, ""},
	)
	f := walkBytes(t, plain, WalkOptions{})
	if !f.Complete() || len(f.Oddities) > 0 {
		t.Fatalf("gaps %v, oddities %v", f.Gaps, f.Oddities)
	}
	want := []Entry{
		{Seq: 0, Path: ".", Type: Directory, Mode: 0o755},
		{Seq: 1, Path: "usr/bin/su", Type: Regular, Mode: 0o4755, UID: 7, GID: 8, Size: 2, ModTime: at},
		{Seq: 2, Path: "usr/bin/doas", Type: HardLink, Mode: 0o644, Link: "usr/bin/su"},
		{Seq: 3, Path: "usr/bin/sh", Type: Symlink, Mode: 0o777, Link: "../lib/dash"},
		{Seq: 4, Path: "run/pipe", Type: FIFO},
		{Seq: 5, Path: "usr/bin/ping", Type: Regular, Xattrs: map[string]string{"security.capability": "\x01\x00\x02"}},
	}
	for i, w := range want {
		g := f.Entries[i]
		if !w.ModTime.IsZero() && !g.ModTime.Equal(w.ModTime) {
			t.Errorf("entry %d has the time %v", i, g.ModTime)
		}
		g.ModTime, w.ModTime = time.Time{}, time.Time{}
		if fmt.Sprintf("%+v", g) != fmt.Sprintf("%+v", w) {
			t.Errorf("got  %+v\nwant %+v", g, w)
		}
	}
}

func TestNamesAreMadePathsThatStayInTheRoot(t *testing.T) {
	tests := []struct {
		name, path, rules string
	}{
		{"a/b", "a/b", ""},
		{"./a/b", "a/b", ""},
		{"a/b/", "a/b", ""},
		{"./", ".", ""},
		{".", ".", ""},
		{"a//b", "a/b", ""},
		{"a/./b", "a/b", ""},
		{"a/../b", "b", ""},
		{"...", "...", ""},
		{"..a/b..", "..a/b..", ""},
		{"././a", "a", ""},
		{"/etc/passwd", "etc/passwd", "tar-absolute-name"},
		{"/", ".", "tar-absolute-name"},
		{"//", ".", "tar-absolute-name"},
		{"../etc/passwd", "etc/passwd", "tar-path-escape"},
		{"a/../../b", "b", "tar-path-escape"},
		{"/../b", "b", "tar-path-escape"},
		{"..", ".", "tar-path-escape"},
		{"a\nb", "a\nb", "tar-bad-name"},
		{"a\x1b[2Jb", "a\x1b[2Jb", "tar-bad-name"},
		{"\xff\xfe", "\xff\xfe", "tar-bad-name"},
		{strings.Repeat("n", 256), strings.Repeat("n", 256), "tar-bad-name"},
		{strings.Repeat("nnn/", 1025) + "x", strings.Repeat("nnn/", 1025) + "x", "tar-bad-name"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%.40q", tt.name), func(t *testing.T) {
			e := dir(tt.name)
			e.hdr.Format = tar.FormatGNU // takes any bytes
			f := walkBytes(t, tarOf(t, e), WalkOptions{})
			if len(f.Entries) != 1 || f.Entries[0].Path != tt.path || rulesOf(f) != tt.rules {
				t.Errorf("got %+v, %q, gaps %v", f.Entries, rulesOf(f), f.Gaps)
			}
		})
	}
}

func TestWhiteouts(t *testing.T) {
	tests := []struct {
		name  string
		entry *entryOf
		kind  WhiteoutKind
		path  string // empty: the entry is not in the index
		rules string
	}{
		{"of a file", file("etc/.wh.shadow", ""), PathWhiteout, "etc/shadow", ""},
		{"in the root", file(".wh.a", ""), PathWhiteout, "a", ""},
		{"of a name that begins like one", file(".wh..wh", ""), PathWhiteout, ".wh", ""},
		{"opaque", file("etc/.wh..wh..opq", ""), OpaqueWhiteout, "etc", ""},
		{"opaque root", file("./.wh..wh..opq", ""), OpaqueWhiteout, ".", ""},
		{"aufs' hard links", dir(".wh..wh.plnk"), NoWhiteout, "", "tar-aufs-metadata"},
		{"aufs' file with content is kept to be scanned", file(".wh..wh.aufs", "x"), NoWhiteout, ".wh..wh.aufs", "tar-aufs-metadata"},
		{"of nothing", file("etc/.wh.", ""), NoWhiteout, "", "tar-bad-whiteout"},
		{"of the directory itself", file("etc/.wh..", ""), NoWhiteout, "", "tar-bad-whiteout"},
		{"of the directory above", file("etc/.wh...", ""), NoWhiteout, "", "tar-bad-whiteout"},
		{"with content", file("etc/.wh.a", "hidden"), PathWhiteout, "etc/a", "tar-bad-whiteout"},
		{"that is a directory", dir("etc/.wh.a"), PathWhiteout, "etc/a", "tar-bad-whiteout"},
		{"only below such a directory", file(".wh.d/a", ""), NoWhiteout, ".wh.d/a", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := walkBytes(t, tarOf(t, tt.entry), WalkOptions{})
			if rulesOf(f) != tt.rules {
				t.Errorf("got rules %q", rulesOf(f))
			}
			switch {
			case tt.path == "" && len(f.Entries) > 0:
				t.Errorf("got %+v", f.Entries)
			case tt.path != "" && (len(f.Entries) != 1 || f.Entries[0].Path != tt.path || f.Entries[0].Whiteout != tt.kind):
				t.Errorf("got %+v", f.Entries)
			}
		})
	}
}

func TestOdditiesOfATar(t *testing.T) {
	device := func(kind byte, major, minor int64) *entryOf {
		return &entryOf{tar.Header{Name: "dev/x", Typeflag: kind, Devmajor: major, Devminor: minor}, ""}
	}
	otherMode := dir("d")
	otherMode.hdr.Mode = 0o700
	tests := []struct {
		name    string
		entries []*entryOf
		rules   string
	}{
		{"an honest tar", []*entryOf{dir("d"), file("d/a", "x"), hardlink("d/b", "d/a"), symlink("l", "d/a"), symlink("d/m", "../l"), symlink("abs", "/etc")}, ""},
		{"a file twice", []*entryOf{file("a", "1"), file("./a", "2")}, "tar-duplicate-entry"},
		{"a directory repeated", []*entryOf{dir("d"), dir("d/")}, ""},
		{"a directory with other rights", []*entryOf{dir("d"), otherMode}, "tar-duplicate-entry"},
		{"a file over a directory", []*entryOf{dir("d"), file("d", "")}, "tar-duplicate-entry"},
		{"deleted and written", []*entryOf{file("a", "1"), file(".wh.a", "")}, "tar-whiteout-and-entry"},
		{"deleted and then written", []*entryOf{file(".wh.a", ""), file("a", "1")}, "tar-whiteout-and-entry"},
		{"an opaque directory with new content", []*entryOf{dir("d"), file("d/.wh..wh..opq", ""), file("d/a", "1")}, ""},
		{"a disk", []*entryOf{device(tar.TypeBlock, 8, 0)}, "tar-device-node"},
		{"a terminal", []*entryOf{device(tar.TypeChar, 5, 1)}, "tar-device-node"},
		{"overlayfs' whiteout", []*entryOf{device(tar.TypeChar, 0, 0)}, "tar-overlay-whiteout"},
		{"a link out of the root", []*entryOf{symlink("a/l", "../../etc/passwd")}, "tar-link-escape"},
		{"an absolute link out of the root", []*entryOf{symlink("a/l", "/../etc/passwd")}, "tar-link-escape"},
		{"a link that goes up and down inside", []*entryOf{symlink("a/b/l", "../../x/../y")}, ""},
		{"a hard link out of the root", []*entryOf{file("etc/passwd", ""), hardlink("l", "../etc/passwd")}, "tar-link-escape"},
		{"a hard link to nothing", []*entryOf{hardlink("l", "gone")}, "tar-link-missing"},
		{"a hard link to itself", []*entryOf{hardlink("l", "l")}, "tar-link-missing"},
		{"a file below a link", []*entryOf{symlink("d", "etc"), file("d/x/a", "1"), file("d/x/b", "1")}, "tar-entry-through-link tar-entry-through-link"},
		{"a file below a link that became a directory", []*entryOf{symlink("d", "etc"), dir("d"), file("d/a", "1")}, "tar-duplicate-entry"},
		{"a type of its own", []*entryOf{{tar.Header{Name: "v", Typeflag: 'V', Size: 1}, "x"}}, "tar-unknown-type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := walkBytes(t, tarOf(t, tt.entries...), WalkOptions{})
			if rulesOf(f) != tt.rules || !f.Complete() {
				t.Errorf("got %+v, gaps %v", f.Oddities, f.Gaps)
			}
		})
	}
}

func TestWhatATarEndsWith(t *testing.T) {
	plain := tarOf(t, file("a", "b"))
	cut := plain[:1024]
	tests := []struct {
		name  string
		blob  []byte
		rules string
	}{
		{"as it should", plain, ""},
		{"padded with zeros", append(slices.Clone(plain), make([]byte, 9000)...), ""},
		{"no end marker", cut, "tar-missing-end"},
		{"half an end marker", append(slices.Clone(cut), make([]byte, 512)...), "tar-missing-end"},
		{"something behind", append(slices.Clone(plain), "hidden"...), "tar-trailing-data"},
		{"something far behind", append(append(slices.Clone(plain), make([]byte, 1<<20)...), tarOf(t, file("c", "d"))...), "tar-trailing-data"},
		{"something behind the gzip data", append(gzipped(t, plain), "hidden"...), "tar-trailing-data"},
		{"something behind the zstd data", append(zstded(t, plain), "hidden"...), "tar-trailing-data"},
		{"an empty tar", tarOf(t), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := walkBytes(t, tt.blob, WalkOptions{})
			if rulesOf(f) != tt.rules || !f.Complete() || f.Digest != sum(tt.blob) {
				t.Errorf("got %+v, gaps %v", f.Oddities, f.Gaps)
			}
		})
	}
}

func TestHeadersThatDisagreeOnTheSizeAreOdd(t *testing.T) {
	plain := tarOf(t, &entryOf{tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 5, PAXRecords: map[string]string{"comment": "size=5"}}, "12345"})
	// The record of the comment becomes one of the size; ustar keeps another.
	plain = bytes.Replace(plain, []byte("18 comment=size=5\n"), []byte("18 size=000000005\n"), 1)
	rewriteHeader(plain[1024:], func(h []byte) { copy(h[124:136], "00000000000\x00") })
	f := walkBytes(t, plain, WalkOptions{})
	if rulesOf(f) != "tar-size-mismatch" || f.Entries[0].Size != 5 || !f.Complete() {
		t.Errorf("got %+v, %+v, gaps %v", f.Oddities, f.Entries, f.Gaps)
	}
	link := tarOf(t, symlink("l", "a"))
	rewriteHeader(link, func(h []byte) { copy(h[124:136], "00000000777\x00") })
	if f := walkBytes(t, link, WalkOptions{}); rulesOf(f) != "tar-size-mismatch" {
		t.Errorf("a link with a size: got %+v", f.Oddities)
	}
}

func TestManyOdditiesOfOneKindAreCounted(t *testing.T) {
	var es []*entryOf
	for range maxOdd + 7 {
		es = append(es, file("same", ""))
	}
	f := walkBytes(t, tarOf(t, es...), WalkOptions{})
	if len(f.Oddities) != maxOdd+1 || f.Oddities[maxOdd].Detail != "and 6 more of this kind" {
		t.Errorf("got %d, the last %+v", len(f.Oddities), f.Oddities[len(f.Oddities)-1])
	}
}

func TestWindowsLayersHavePlainPaths(t *testing.T) {
	windows := func(e *entryOf) *entryOf {
		e.hdr.PAXRecords = map[string]string{"MSWINDOWS.fileattr": "32"}
		return e
	}
	f := walkBytes(t, tarOf(t, windows(dir("Files")), windows(file("Files/app/secret.txt", "x")),
		windows(file("Files/app/.wh.old", "")), windows(file("Hives/System_Delta", "y"))), WalkOptions{})
	var paths []string
	for _, e := range f.Entries {
		paths = append(paths, e.Path)
	}
	if got := strings.Join(paths, " "); got != ". app/secret.txt app/old Hives/System_Delta" {
		t.Errorf("got %s", got)
	}
	if f.Entries[1].RawName != "Files/app/secret.txt" || f.Entries[2].Whiteout != PathWhiteout {
		t.Errorf("got %+v", f.Entries)
	}
	f = walkBytes(t, tarOf(t, dir("Files"), file("Files/a", "x")), WalkOptions{})
	if f.Entries[1].Path != "Files/a" {
		t.Errorf("a directory of Linux that is called Files became %q", f.Entries[1].Path)
	}
}

func TestSparseFilesAreExpandedAndTheirBombsBounded(t *testing.T) {
	// A PAX 1.0 sparse file: 4 bytes of data behind a hole.
	sparse := func(size int64) []byte {
		blocks := fmt.Sprintf("1\n%d\n4\n", size-4)
		content := blocks + strings.Repeat("\x00", 512-len(blocks)) + "DATA"
		e := &entryOf{tar.Header{Name: "GNUSparseFile.0/a", Typeflag: tar.TypeReg, Size: int64(len(content)), PAXRecords: map[string]string{
			"xxx.sparse.major": "1", "xxx.sparse.minor": "0", "xxx.sparse.name": "a", "xxx.sparse.realsize": fmt.Sprint(size)}}, content}
		return bytes.ReplaceAll(tarOf(t, e, file("behind", "x")), []byte("xxx.sparse."), []byte("GNU.sparse."))
	}
	got := &recorder{}
	f := walkBytes(t, sparse(10_000), WalkOptions{}, got)
	if !f.Complete() || f.Entries[0].Path != "a" || f.Entries[0].Size != 10_000 || len(f.Entries) != 2 {
		t.Fatalf("got %+v, gaps %v", f.Entries, f.Gaps)
	}
	if c := got.content["a"]; len(c) != 10_000 || !strings.HasSuffix(c, "\x00DATA") {
		t.Errorf("got %d bytes", len(c))
	}
	f = walkBytes(t, sparse(1<<50), WalkOptions{}, &counter{})
	if reasons(f) != ReasonLimitRatio || len(f.Entries) != 2 || f.DiffID == "" {
		t.Errorf("got %+v, gaps %v", f.Entries, f.Gaps)
	}
}

func TestManyLargeAttributesDoNotFillTheMemory(t *testing.T) {
	var es []*entryOf
	for i := range 100 {
		es = append(es, &entryOf{tar.Header{Name: fmt.Sprint(i), Typeflag: tar.TypeReg, PAXRecords: map[string]string{
			"SCHILY.xattr.user.a": strings.Repeat("v", 100_000)}}, ""})
	}
	plain := tarOf(t, es...)
	f := walkBytes(t, gzipped(t, plain), WalkOptions{Limits: Limits{IndexBytes: 2 << 20}})
	if reasons(f) != ReasonLimitIndex || len(f.Entries) != 20 || f.Gaps[0].Files != 80 || f.DiffID != sum(plain) {
		t.Errorf("got %d entries, gaps %+v", len(f.Entries), f.Gaps)
	}
}

func TestHalfAMillionEmptyFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const files = 500_000
	b := make([]byte, 0, (files+2)*tarBlock)
	header := tarOf(t, file("template", ""))[:tarBlock]
	for i := range files {
		rewriteHeader(header, func(h []byte) {
			copy(h[:100], fmt.Sprintf("app/node_modules/package-%05d/lib/file-%06d.js", i/20, i))
		})
		b = append(b, header...)
	}
	blob := b[:cap(b)]
	start := time.Now()
	f := walkBytes(t, blob, WalkOptions{}, &counter{})
	if len(f.Entries) != files || !f.Complete() || len(f.Oddities) > 0 {
		t.Errorf("got %d entries, gaps %v, oddities %v", len(f.Entries), f.Gaps, f.Oddities)
	}
	took := time.Since(start)
	var mem runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&mem)
	t.Logf("%v; index holds %d MiB", took, mem.HeapAlloc>>20)
	runtime.KeepAlive(f)
}
