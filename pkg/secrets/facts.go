package secrets

import (
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/gitobj"
)

// Name is the scanner's name and the key of its facts.
const Name = "secret"

// LayerFacts is what the scanner finds in one layer: the value under [Name] in
// layers.Facts.Scans is a *LayerFacts.
type LayerFacts struct {
	Files []FileFacts // with hits, in the order of the tar

	certs []certificate
	git   []*gitobj.Graph // what the layer holds of repositories, by their directory
}

// FileFacts is one file with secrets in it.
type FileFacts struct {
	Seq   int // of its entry
	Path  string
	Inner string // where in the file, if that is an archive: as in a report, "a.jar!/b"

	// Digests of the whole content in hexadecimal, to tell whether it is
	// still the file that a package manager shipped. Empty for files above
	// [WholeFile] bytes.
	MD5, SHA1, SHA256 string

	// Vendor is the package that shipped the file as it is, by the hash that a package
	// manager recorded in the same layer; empty if none did.
	Vendor string

	Hits []Hit // by offset; overlapping ones are already one

	object *gitObject // of a repository, if the content is one
}

func (f FileFacts) name() string { return nameOf(f.Path, f.Inner, f.object) }

// Hit is one secret at one place.
type Hit struct {
	Rule        string   // the most specific that matched
	AlsoMatched []string // the others
	Value       finding.Value
	Name        string // of the variable or key that holds it, where one was seen
	Offset      int64  // of the value in the content
	Line        int    // where the match begins, from 1; 0 in binary content
	Confidence  finding.Confidence
	Decoded     string   // how it was encoded, as "base64 > gzip"; empty if it was not
	Facts       []string // what else the file says of it, in words
	Allowed     string   // the reason that a comment on its line gives to let it be

	around surroundings
}
