package unpack

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestEveryFormatGivesItsMembers(t *testing.T) {
	a, b := file{"etc/a.conf", "token = one\n"}, file{"b", strings.Repeat("two and more ", 10_000)}
	two := map[string]string{a.name: a.body, b.name: b.body}
	cpio := cpioOf(a, b)
	alpine := append(gz(tarOf(a)[:1024]), gz(tarOf(b))...)
	for _, c := range []struct {
		name string
		data []byte
		want map[string]string
	}{
		{"a.zip", zipOf(zip.Deflate, a, b), two},
		{"a zip of stored members with descriptors", zipOf(zip.Store, a, b), two},
		{"a zip of stored members with sizes", rawZip(a, b), two},
		{"a.tar", tarOf(a, b), two},
		{"a.tar.gz", gz(tarOf(a, b)), two},
		{"a.tar.zst", zst(tarOf(a, b)), two},
		{"a.tar.xz", xzOf(tarOf(a, b)), two},
		{"a.tar.lzma", lzmaOf(tarOf(a, b)), two},
		{"a.tlz", lzmaOf(tarOf(a, b)), two},
		{"a.txt.lzma", lzmaOf([]byte(b.body)), map[string]string{"a.txt": b.body}},
		{"a.tar.lz", lzipOf(tarOf(a, b)), two},
		{"a package of Alpine", alpine, two},
		{"a.txt.gz", gz([]byte(b.body)), map[string]string{"a.txt": b.body}},
		{"x.tgz", gz([]byte(b.body)), map[string]string{"x.tar": b.body}},
		{"odd", zst([]byte(a.body)), map[string]string{"odd": a.body}},
		{"a.a", arOf(file{"a.o/", a.body}, file{"b.o/", b.body}), map[string]string{"a.o": a.body, "b.o": b.body}},
		{"a.deb", arOf(file{"debian-binary", "2.0\n"}, file{"control.tar.xz", string(xzOf(tarOf(a)))}, file{"data.tar.zst", string(zst(tarOf(b)))}),
			map[string]string{"debian-binary": "2.0\n", "control.tar.xz!/etc/a.conf": a.body, "data.tar.zst!/b": b.body}},
		{"long names in ar", arOf(file{"//", "a_very_long_name_of_a_member.o/\n"}, file{"/0", a.body}), map[string]string{"a_very_long_name_of_a_member.o": a.body}},
		{"names of BSD in ar", arOf(file{"#1/8", "long.obj" + a.body}), map[string]string{"long.obj": a.body}},
		{"a.cpio", cpio, two},
		{"odc.cpio", odcOf(a, b), two},
		{"a.rpm", rpmOf(gz(cpio)), two},
		{"zstd.rpm", rpmOf(zst(cpio)), two},
		{"lzma.rpm", rpmOf(lzmaOf(cpio)), two},
		{"lzma.deb", arOf(file{"data.tar.lzma", string(lzmaOf(tarOf(a)))}), map[string]string{"data.tar.lzma!/etc/a.conf": a.body}},
		{"jar in war in tar.gz", gz(tarOf(file{"app.war", string(zipOf(zip.Store, file{"WEB-INF/lib/x.jar", string(zipOf(zip.Deflate, a))}, b))})),
			map[string]string{"app.war!/WEB-INF/lib/x.jar!/etc/a.conf": a.body, "app.war!/b": b.body}},
		{"gz in zip", zipOf(zip.Deflate, file{"log.gz", string(gz([]byte(a.body)))}), map[string]string{"log.gz!/log": a.body}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := walkBytes(t, c.name, c.data, Limits{})
			if !maps.Equal(v.members, c.want) {
				t.Errorf("members %.300q, want %.300q", fmt.Sprint(v.members), fmt.Sprint(c.want))
			}
			if len(v.remarks) > 0 {
				t.Errorf("remarks %+v", v.remarks)
			}
		})
	}
}

func TestOnlyNamesSpeakForLZMA(t *testing.T) {
	data := lzmaOf([]byte("some text"))
	for name, want := range map[string]Format{"a.lzma": LZMA, "A.LZMA": LZMA, "a.tlz": LZMA, "a.bin": "", "lzma": "", "a.lzma.txt": ""} {
		if got := DetectNamed(name, data); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := DetectNamed("a.lzma", []byte("]\x00\x00\x80 is how some text may begin")); got != "" {
		t.Errorf("text is %q", got)
	}
	// Where the name does not speak for it, it is a file.
	v := walkBytes(t, "a.tar", tarOf(file{"x.bin", string(data)}), Limits{})
	if v.members["x.bin"] != string(data) {
		t.Errorf("%v", v.members)
	}
}

func TestDamageIsARemarkAndWhatCameBeforeStands(t *testing.T) {
	a, b := file{"a", "first of two"}, file{"b", strings.Repeat("second ", 500)}
	deflated := zipOf(zip.Deflate, a, b)
	wrongSum := rawZip(a, b)
	copy(wrongSum[bytes.Index(wrongSum, []byte("first")):], "worst")
	encrypted := rawZip(a, b)
	encrypted[6] |= 1
	hidden := rawZip(a, b)
	copy(hidden[bytes.LastIndex(hidden, []byte("PK\x01\x02"))+46:], "c")
	junk := bytes.Replace(rawZip(a, b), []byte("PK\x03\x04"), []byte("token = in the gap PK\x03\x04"), 2)
	junk = junk[bytes.Index(junk, []byte("PK")):]
	unknown := rawZip(a, b)
	unknown[8] = 9
	badBlock := bytes.Clone(deflated)
	badBlock[bytes.Index(badBlock, []byte("a"))+1] = 0xff // a block of a kind that is none
	for _, c := range []struct {
		name    string
		data    []byte
		members map[string]string // at least
		reasons []string
	}{
		{"a wrong checksum", wrongSum, map[string]string{"a": "worst of two", "b": b.body}, []string{ReasonCorrupt}},
		{"an encrypted member", encrypted, map[string]string{"a": a.body, "b": b.body}, []string{ReasonEncrypted}},
		{"an unknown method", unknown, map[string]string{"a": a.body, "b": b.body}, []string{ReasonMethod}},
		{"a directory that lies", hidden, map[string]string{"a": a.body, "b": b.body}, []string{ReasonHidden}},
		{"bytes between members", junk, map[string]string{"": "token = in the gap ", "a": a.body, "b": b.body}, []string{ReasonCorrupt}},
		{"a damaged member before a whole one", badBlock, map[string]string{"b": b.body}, []string{ReasonCorrupt}},
		{"names that lead out", tarOf(file{"../../etc/passwd", "x"}, file{"/root/y", "y"}), map[string]string{"etc/passwd": "x", "root/y": "y"}, []string{ReasonNames}},
		{"a tar cut in a member", tarOf(a, b)[:1024+512+600], map[string]string{"a": a.body, "b": b.body[:600]}, []string{ReasonTruncated}},
		{"text behind a tar", append(tarOf(a), "token = behind"...), map[string]string{"a": a.body, "": "token = behind"}, nil},
		{"text behind a gzip file", append(gz([]byte(a.body)), "token = behind"...), map[string]string{"x": a.body, "": "token = behind"}, nil},
		{"text behind a zstd file", append(zst([]byte(a.body)), "token = behind"...), map[string]string{"x": a.body, "": "token = behind"}, nil},
		{"text behind an xz file", append(xzOf([]byte(a.body)), "token = behind"...), map[string]string{"x": a.body, "": "token = behind"}, nil},
		{"text behind a tar in a gzip file", append(gz(tarOf(a)), "token = behind"...), map[string]string{"a": a.body, "": "token = behind"}, nil},
		{"text behind a gzip file inside", tarOf(file{"in.gz", string(gz([]byte(a.body))) + "token = behind"}, b), map[string]string{"in.gz!/in": a.body, "in.gz": "token = behind", "b": b.body}, nil},
		{"zeros behind a gzip file", append(gz([]byte(a.body)), make([]byte, 512)...), map[string]string{"x": a.body}, nil},
		{"a gzip file cut", gz([]byte(b.body))[:30], nil, []string{ReasonTruncated}},
		{"an archive inside that is cut", tarOf(file{"in.zip", string(deflated[:40])}, b), map[string]string{"b": b.body}, []string{ReasonTruncated}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := walkBytes(t, "x", c.data, Limits{})
			for path, body := range c.members {
				if v.members[path] != body {
					t.Errorf("%q holds %.60q, want %.60q", path, v.members[path], body)
				}
			}
			if got := v.reasons(); !slices.Equal(got, c.reasons) {
				t.Errorf("reasons %q, want %q: %+v", got, c.reasons, v.remarks)
			}
		})
	}
}

func TestLimitsEndTheWalkWithAGap(t *testing.T) {
	zeros := strings.Repeat("\x00", 100<<20)
	deep := string(zipOf(zip.Store, file{"a", "bottom"}))
	for range 5 {
		deep = string(zipOf(zip.Store, file{"z.zip", deep}))
	}
	var many []file
	for i := range 200 {
		many = append(many, file{fmt.Sprint(i), "x"})
	}
	for _, c := range []struct {
		name   string
		data   []byte
		limits Limits
		reason string
		gap    bool
	}{
		{"a zip bomb", zipOf(zip.Deflate, file{"zeros", zeros}), Limits{}, ReasonRatio, true},
		{"a gzip bomb in a zip", zipOf(zip.Deflate, file{"z.gz", string(gz([]byte(zeros)))}), Limits{}, ReasonRatio, true},
		{"a bomb of LZMA", arOf(file{"zeros.lzma", string(lzmaOf([]byte(zeros)))}), Limits{}, ReasonRatio, true},
		{"an xz bomb", xzOf([]byte(zeros)), Limits{}, ReasonRatio, true},
		{"many bytes", zipOf(zip.Deflate, file{"zeros", zeros}), Limits{Bytes: 1 << 20, Ratio: 1 << 40}, ReasonBytes, true},
		{"many members", tarOf(many...), Limits{Members: 50}, ReasonMembers, true},
		{"deep archives", []byte(deep), Limits{Depth: 3}, ReasonDepth, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := walkBytes(t, "x", c.data, c.limits)
			if i := slices.IndexFunc(v.remarks, func(r Remark) bool { return r.Reason == c.reason }); i < 0 || v.remarks[i].Gap != c.gap {
				t.Errorf("remarks %+v", v.remarks)
			}
		})
	}
	if v := walkBytes(t, "x", []byte(deep), Limits{Depth: 3}); !strings.Contains(fmt.Sprint(v.members), "bottom") {
		t.Error("what was not opened was not handed over")
	}
}

func TestErrorsThatAreNotTheArchivesComeThrough(t *testing.T) {
	data := gz(tarOf(file{"a.zip", string(zipOf(zip.Deflate, file{"b", "content"}))}))
	full := errors.New("the scanner is full")
	if err := (&Opener{}).Walk(t.Context(), Gzip, "x", bytes.NewReader(data), &visited{fail: full}); !errors.Is(err, full) {
		t.Errorf("a writer's error became %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&Opener{}).Walk(ctx, Gzip, "x", bytes.NewReader(data), &visited{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the context's error became %v", err)
	}
	broken := errors.New("the disk is gone")
	in := io.MultiReader(bytes.NewReader(data[:40]), errReader{broken})
	if err := (&Opener{}).Walk(t.Context(), Gzip, "x", in, &visited{}); !errors.Is(err, broken) {
		t.Errorf("the source's error became %v", err)
	}
}

type errReader struct{ error }

func (e errReader) Read([]byte) (int, error) { return 0, e.error }

func TestEveryPrefixEndsWellAndIsReadWhole(t *testing.T) {
	a, b := file{"a", "first"}, file{"b/c", "second file"}
	for name, data := range map[string][]byte{
		"zip": zipOf(zip.Deflate, a, b), "stored zip": zipOf(zip.Store, a, b), "tar": tarOf(a, b)[:2100], "ar": arOf(a, b), "cpio": cpioOf(a, b),
		"lzip": lzipOf(tarOf(a)), "rpm": rpmOf(gz(cpioOf(a, b))), "nested": gz(tarOf(file{"x.zip", string(zipOf(zip.Deflate, a))})), "xz": xzOf(tarOf(a)),
	} {
		format := Detect(data[:min(len(data), HeadBytes)])
		for n := range len(data) {
			in := bytes.NewReader(data[:n])
			if err := (&Opener{}).Walk(t.Context(), format, "x", in, &visited{}); err != nil || in.Len() > 0 {
				t.Fatalf("%s, %d of %d bytes: %v, %d left", name, n, len(data), err, in.Len())
			}
		}
	}
}

func FuzzWalk(f *testing.F) {
	a, b := file{"a", "first"}, file{"b/c", strings.Repeat("second file ", 20)}
	deflated := zipOf(zip.Deflate, a, b)
	for _, data := range [][]byte{
		deflated, zipOf(zip.Store, a, b), rawZip(a, b), tarOf(a, b), gz(tarOf(a)), zst(tarOf(b)), xzOf([]byte(b.body)), lzipOf([]byte(b.body)), arOf(a, b), arOf(file{"x.lzma", string(lzmaOf([]byte(b.body)))}), arOf(file{"//", "name/\n"}, file{"/0", "x"}),
		cpioOf(a, b), odcOf(a, b), rpmOf(gz(cpioOf(a))), tarOf(file{"z.zip", string(deflated)}, b), zipOf(zip.Store, file{"y.zip", string(deflated)}),
	} {
		f.Add(data)
	}
	o := &Opener{Limits: Limits{Bytes: 4 << 20, Members: 1000, Depth: 4}}
	f.Fuzz(func(t *testing.T, data []byte) {
		format := Detect(data[:min(len(data), HeadBytes)])
		if format == "" {
			return
		}
		in := bytes.NewReader(data)
		v := &visited{most: 1024}
		if err := o.Walk(t.Context(), format, "x", in, v); err != nil {
			t.Fatal(err)
		}
		if in.Len() > 0 {
			t.Errorf("%d bytes were not read", in.Len())
		}
		for _, path := range v.order {
			if strings.HasPrefix(path, "/") || slices.Contains(strings.Split(path, "/"), "..") {
				t.Errorf("the path %q leads out", path)
			}
		}
	})
}

func TestNamesOfMembersBecomePathsBelowTheArchive(t *testing.T) {
	for name, want := range map[string]struct {
		path    string
		escapes bool
	}{
		"a/b":         {"a/b", false},
		"a//b/":       {"a/b", false},
		"./a":         {"a", false},
		".a/..b":      {".a/..b", false},
		`a\b`:         {"a/b", false},
		"a/../b":      {"b", true},
		"a/../../b":   {"b", true},
		"../../a":     {"a", true},
		`..\a`:        {"a", true},
		"/a":          {"a", true},
		"":            {"unnamed", false},
		".":           {"unnamed", false},
		"..":          {"unnamed", true},
		"a/..":        {"unnamed", true},
		"a\x00":       {"a\x00", true},
		"a..b/c..":    {"a..b/c..", false},
		"//a/./b/../": {"a", true},
	} {
		if got := clean(name); got != want.path {
			t.Errorf("%q becomes %q, want %q", name, got, want.path)
		}
		if got := escapes(name); got != want.escapes {
			t.Errorf("%q escapes: %v", name, got)
		}
	}
}
