package finding

// Package is one package of an image.
type Package struct {
	ID      string // the cataloguer's own, unique in its bill
	Name    string
	Version string
	Type    string   // as the cataloguer names its kinds: deb, npm, python, java-archive, …
	PURL    string   // package URL; may be empty
	Layer   int      // the layer that brought it, from 0; -1 if that is not known
	Paths   []string // files that give evidence of it, without a leading slash
}

// Bill is the bill of materials of one image.
type Bill struct {
	Packages []Package // sorted by name, version, type and URL
	Complete bool      // nothing that could hold packages went unread

	// Owner names the package that a file belongs to, as "gcc 12.2.0-14"; empty if no
	// package database lists it. The path has no leading slash. It may be nil.
	Owner func(path string) string

	// Document is what the cataloguer's own writers need to write the whole
	// document; nil if there is none.
	Document any
}
