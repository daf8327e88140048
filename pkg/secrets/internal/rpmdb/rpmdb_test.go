package rpmdb

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/internal/tooltest"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/stored"
)

// database makes a package of many files, and a database of RPM's that has it.
func database(t testing.TB, algorithm string) []byte {
	t.Helper()
	tooltest.Need(t, "rpm", "rpmbuild")
	dir := t.TempDir()
	// The header does not fit a page of SQLite's: it has many files.
	spec := `Name: sample
Version: 1
Release: 1
Summary: a sample
License: none
BuildArch: noarch
%description
A sample.
%install
mkdir -p %{buildroot}/etc/sample/many
printf one > %{buildroot}/etc/sample/one.conf
printf two > %{buildroot}/etc/sample/two.key
for i in $(seq 500); do printf $i > %{buildroot}/etc/sample/many/file-$i; done
ln -s one.conf %{buildroot}/etc/sample/link
%files
/etc/sample
`
	if err := os.WriteFile(filepath.Join(dir, "sample.spec"), []byte(spec), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(program string, arguments ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), program, arguments...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", program, err, out)
		}
	}
	db := filepath.Join(dir, "db")
	run("rpmbuild", "-bb", "--define", "_topdir "+dir, "--define", "_binary_filedigest_algorithm "+algorithm, "sample.spec")
	run("rpm", "--define", "_db_backend sqlite", "--dbpath", db, "--initdb")
	run("rpm", "--define", "_db_backend sqlite", "--dbpath", db, "-i", "--justdb", "--nodeps", "--ignorearch", filepath.Join(dir, "RPMS/noarch/sample-1-1.noarch.rpm"))
	content, err := os.ReadFile(filepath.Join(db, "rpmdb.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestFilesAndTheirDigestsAreReadFromDatabasesOfRPM(t *testing.T) {
	sum := func(s string) string { d := sha256.Sum256([]byte(s)); return hex.EncodeToString(d[:]) }
	old := md5.Sum([]byte("two"))
	for _, c := range []struct{ name, algorithm, two string }{{"SHA-256", "8", sum("two")}, {"MD5", "1", hex.EncodeToString(old[:])}} {
		t.Run(c.name, func(t *testing.T) {
			content := database(t, c.algorithm)
			check := func(content []byte) {
				t.Helper()
				found := map[string]string{}
				Files(content, func(f File) {
					if f.Package != "sample" {
						t.Errorf("the package of %s is %q", f.Path, f.Package)
					}
					found[f.Path] = f.Digest
				})
				if found["etc/sample/two.key"] != c.two || len(found) != 502 || found["etc/sample/many/file-500"] == "" {
					t.Errorf("%d files, two.key has %q, want %q", len(found), found["etc/sample/two.key"], c.two)
				}
			}
			check(content)
			// Debian's rpm does not write the other form, which holds the same headers.
			var headers [][]byte
			stored.Blobs(content, "Packages", func(b []byte) { headers = append(headers, b) })
			check(ndbOf(headers))
		})
	}
}

// ndbOf writes headers as rpm's lib/backend/ndb/rpmpkg.c does: one page of slots, blobs with a head of 16 bytes.
func ndbOf(headers [][]byte) []byte {
	le := binary.LittleEndian
	out := append([]byte("RpmP"), make([]byte, 28)...)
	le.PutUint32(out[12:], 1)
	slots := append(out, make([]byte, 4096-len(out))...)
	for at := 32; at < 4096; at += 16 {
		copy(slots[at:], "Slot")
	}
	all := slots
	for i, h := range headers {
		slot := 48 + 16*i // the first is free
		le.PutUint32(all[slot+4:], uint32(i+1))
		le.PutUint32(all[slot+8:], uint32(len(all)/16))
		all = append(all, "BlbS"...)
		all = le.AppendUint32(all, uint32(i+1))
		all = le.AppendUint32(all, 7)
		all = le.AppendUint32(all, uint32(len(h)))
		all = append(all, h...)
		all = append(all, make([]byte, 32-len(all)%16)...)
	}
	return all
}

func TestPathsOfDatabases(t *testing.T) {
	for path, want := range map[string]bool{
		"var/lib/rpm/rpmdb.sqlite": true, "usr/lib/sysimage/rpm/Packages.db": true, "usr/share/rpm/rpmdb.sqlite": true,
		"var/lib/rpm/Packages": false, "home/x/rpmdb.sqlite": false, "Packages.db": false,
	} {
		if IsDatabase(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}

// header is a package's header of one file.
func header(bases, digests string, count byte) []byte {
	data := "sample\x00/etc/\x00" + bases + digests
	at := func(n int) string { return "\x00\x00\x00" + string(rune(n)) }
	end := len("sample\x00/etc/\x00")
	entries := "\x00\x00\x03\xe8" + at(6) + at(0) + at(1) +
		"\x00\x00\x04\x5e" + at(8) + at(7) + at(1) +
		"\x00\x00\x04\x5d" + at(8) + at(end) + "\x00\x00\x00" + string(count) +
		"\x00\x00\x04\x0b" + at(8) + at(end+len(bases)) + "\x00\x00\x00" + string(count) +
		"\x00\x00\x04\x5c" + at(4) + at(len(data)) + "\x00\x00\x00" + string(count)
	data += "\x00\x00\x00\x00"
	return []byte(at(5) + at(len(data)) + entries + data)
}

func TestADamagedHeaderGivesWhatComesBefore(t *testing.T) {
	whole := header("a\x00b\x00", "11\x0022\x00", 2)
	var got []string
	left := MostFiles
	visit := func(f File) { got = append(got, f.Path+"="+f.Digest) }
	packageFiles(whole, &left, visit) // the second has no directory
	if strings.Join(got, " ") != "etc/a=11" {
		t.Errorf("got %q", got)
	}
	for n := range whole {
		packageFiles(whole[:n], &left, visit)
	}
	if len(got) != 1 {
		t.Errorf("got %q of parts", got)
	}
	left = 0
	if packageFiles(whole, &left, visit); len(got) != 1 {
		t.Errorf("got %q beyond the limit", got)
	}
}

func FuzzFiles(f *testing.F) {
	h := header("a\x00", "11\x00", 1)
	f.Add(append([]byte("RpmP\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00"+strings.Repeat("\x00", 16)+"Slot\x01\x00\x00\x00\x03\x00\x00\x00\x10\x00\x00\x00BlbS\x01\x00\x00\x00\x00\x00\x00\x00"+string(rune(len(h)))+"\x00\x00\x00"), h...))
	f.Add([]byte("SQLite format 3\x00\x02\x00\x01\x01\x00"))
	f.Add(h)
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		visit := func(File) { n++ }
		left := MostFiles
		packageFiles(b, &left, visit)
		Files(b, visit)
		if n > 2*len(b)+2*len(b)/512*len(b) {
			t.Errorf("%d files of %d bytes", n, len(b))
		}
	})
}
