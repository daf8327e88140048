package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"path"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/rpmdb"
)

// mostRecords is how many bytes of package databases are kept while a layer is scanned.
const mostRecords = 64 << 20

// record is a package manager's list of the files it wrote, with their hashes.
type record struct {
	path    string
	content []byte
}

// isRecord reports whether a file is such a list: dpkg's, apk's, RPM's, or that of a Python package.
func isRecord(p string) bool {
	dir, base := path.Split(p)
	switch {
	case rpmdb.IsDatabase(p):
		return true
	case strings.HasSuffix(base, ".md5sums"):
		return strings.HasSuffix(dir, "var/lib/dpkg/info/") || strings.HasSuffix(dir, "var/lib/dpkg/status.d/")
	case base == "installed":
		return strings.HasSuffix(dir, "lib/apk/db/")
	case base == "RECORD":
		return strings.HasSuffix(dir, ".dist-info/")
	}
	return false
}

// isOldRPM reports whether a file is a database of RPM in its old form, which is not read.
func isOldRPM(p string) bool {
	dir, base := path.Split(p)
	return base == "Packages" && (strings.HasSuffix(dir, "var/lib/rpm/") || strings.HasSuffix(dir, "lib/sysimage/rpm/"))
}

// record keeps a list until the layer has been scanned.
func (l *layerScan) record(p piece) {
	f := p.file
	if len(p.whole) == 0 || f.inner != "" || f.object != nil || !isRecord(f.path) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.recorded += len(p.whole); l.recorded > mostRecords {
		return
	}
	content := p.whole
	if len(content) <= pieceSize { // it lies in a buffer that others use after it
		content = bytes.Clone(content)
	}
	l.records = append(l.records, record{f.path, content})
}

// vendors says of the files with hits which are still what a package manager wrote, and
// for which package. A package's list lies in the layer that its files came with.
func (l *layerScan) vendors(files []FileFacts) {
	at := map[string][]int{}
	for i, f := range files {
		if f.MD5 != "" {
			at[f.Path] = append(at[f.Path], i)
		}
	}
	if len(at) == 0 {
		return
	}
	if l.oldRPM != "" {
		l.notes = append(l.notes, layers.Remark{
			Reason: "rpm-database", Files: 1, Examples: []string{finding.EscapePath(l.oldRPM)},
			Detail: "a database of RPM has the old form of Berkeley DB, which is not read: of files with findings it is not told which are as their packages have them",
		})
	}
	mark := func(name, owner string, same func(*FileFacts) bool) {
		for _, i := range at[name] {
			if same(&files[i]) {
				files[i].Vendor = owner
			}
		}
	}
	for _, r := range l.records {
		switch base := path.Base(r.path); {
		case strings.HasSuffix(base, ".md5sums"):
			owner, _, _ := strings.Cut(strings.TrimSuffix(base, ".md5sums"), ":")
			dpkgFiles(r.content, func(name, sum string) {
				mark(name, "Debian package "+owner, func(f *FileFacts) bool { return f.MD5 == sum })
			})
		case base == "installed":
			apkFiles(r.content, func(name, owner, sum string) {
				mark(name, "Alpine package "+owner, func(f *FileFacts) bool { return f.SHA1 == sum })
			})
		case rpmdb.IsDatabase(r.path):
			rpmdb.Files(r.content, func(file rpmdb.File) {
				mark(file.Path, "RPM package "+file.Package, func(f *FileFacts) bool {
					return file.Digest == f.SHA256 || file.Digest == f.MD5 || file.Digest == f.SHA1
				})
			})
		default:
			info := path.Dir(r.path)
			owner, _, _ := strings.Cut(strings.TrimSuffix(path.Base(info), ".dist-info"), "-")
			pythonFiles(r.content, func(name, sum string) {
				mark(path.Join(path.Dir(info), name), pythonPackage+owner, func(f *FileFacts) bool { return f.SHA256 == sum })
			})
		}
	}
}

// dpkgFiles reads lines of an MD5 in hexadecimal, two blanks and a path (deb-md5sums(5)).
func dpkgFiles(content []byte, visit func(name, md5 string)) {
	for line := range bytes.Lines(content) {
		sum, name, ok := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte("  "))
		if ok && len(sum) == 32 {
			visit(string(bytes.TrimPrefix(name, []byte("./"))), string(sum))
		}
	}
}

// apkFiles reads the database of apk (apk(5)): P: is a package's name, F: a directory, R: a file in it, and
// Z:Q1 that file's SHA-1 in base64.
func apkFiles(content []byte, visit func(name, owner, sha1 string)) {
	owner, dir, name := "", "", ""
	for line := range bytes.Lines(content) {
		text := strings.TrimRight(string(line), "\r\n")
		if len(text) < 2 || text[1] != ':' {
			if text == "" {
				owner, dir, name = "", "", ""
			}
			continue
		}
		switch value := text[2:]; text[0] {
		case 'P':
			owner = value
		case 'F':
			dir = value
		case 'R':
			name = path.Join(dir, value)
		case 'Z':
			encoded, ok := strings.CutPrefix(value, "Q1")
			if sum, err := base64.StdEncoding.DecodeString(encoded); ok && err == nil && name != "" {
				visit(name, owner, hex.EncodeToString(sum))
			}
		}
	}
}

// pythonFiles reads lines of a path, sha256= and the hash in base64 without padding, and a
// size (the recording of installed projects, PEP 376 and 627).
func pythonFiles(content []byte, visit func(name, sha256 string)) {
	for line := range bytes.Lines(content) {
		name, rest, _ := strings.Cut(strings.TrimRight(string(line), "\r\n"), ",sha256=")
		encoded, _, _ := strings.Cut(rest, ",")
		if sum, err := base64.RawURLEncoding.DecodeString(encoded); err == nil && len(sum) == 32 {
			visit(strings.Trim(name, `"`), hex.EncodeToString(sum))
		}
	}
}

// compiledPython is where Python keeps what it compiled of a file.
var compiledPython = newExpression(`^(.*/)?__pycache__/([^/]+)\.[a-z]+-\d+(?:\.opt-\d)?\.pyc$`)

// sources are the Python files of a layer that are as their vendors shipped them, by path.
type sources map[string]*FileFacts

func sourcesOf(files []FileFacts) sources {
	all := sources{}
	for i := range files {
		if f := &files[i]; f.Vendor != "" && f.Inner == "" && strings.HasSuffix(f.Path, ".py") {
			all[f.Path] = f
		}
	}
	return all
}

// vendor gives the vendor of the file that a hit was compiled from, if that has the value as well.
func (s sources) vendor(compiled string, h Hit) string {
	if len(s) == 0 || !strings.HasSuffix(compiled, ".pyc") {
		return ""
	}
	f := s[compiledPython.compiled().ReplaceAllString(compiled, "${1}${2}.py")]
	if f == nil || !slices.ContainsFunc(f.Hits, func(o Hit) bool { return o.Value.Reveal() == h.Value.Reveal() }) {
		return ""
	}
	return f.Vendor
}
