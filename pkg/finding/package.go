package finding

// Package is one package of an image.
type Package struct {
	ID      string // the cataloguer's own, unique in its bill
	Name    string
	Version string
	Type    string   // as the cataloguer names its kinds: deb, npm, python, java-archive, …
	PURL    string   // package URL; may be empty
	Layer   int      // the layer that brought it in this version, from 0; -1 if that is not known
	Changed int      // the last layer that wrote files of it, or what describes it, again; the same as Layer if none did
	Paths   []string // files that give evidence of it, without a leading slash

	// Licenses are SPDX expressions, or what the package says in words of its own; sorted.
	// Each holds for a part of the package or for all of it: which, the cataloguer does not know.
	Licenses []string
}

// Hidden is a package that a layer had and that the final image does not have: a later
// layer deleted it, or put another version in its place. Its files are still in the
// image, for everyone who pulls it.
type Hidden struct {
	Package
	Fate      Fate   // deleted, or overwritten by another version
	FateBy    FateBy // what happened to the file that gave evidence of it
	FateLayer int    // the layer that did it
	Successor string // the version that came in its place; empty if none did
}

// Bill is the bill of materials of one image.
type Bill struct {
	Packages []Package // of the final image, sorted by name, version, type and URL
	Hidden   []Hidden  // of lower layers, sorted alike
	Complete bool      // nothing that could hold packages went unread

	// Owner names the package that a file belongs to, as "gcc 12.2.0-14"; empty if no
	// package database lists it. The path has no leading slash. It may be nil.
	Owner func(path string) string

	// Others are the bills of materials that lay in or beside the image already.
	Others []OtherBill

	// Layers are what a document says of the image's layers, of a bill that was read from one;
	// nil if the image is at hand.
	Layers []BillLayer

	// Document is what the cataloguer's own writers need to write the whole
	// document; nil if there is none.
	Document any
}

// BillLayer is a layer as a document names it.
type BillLayer struct {
	DiffID      string
	Instruction *string // nil if it is not said
}

// OtherBill is a bill of materials that somebody else made of an image or of a part of it.
type OtherBill struct {
	Path     string    // where it lies: in the image, without a leading slash, or as "referrer!/0" beside it
	Layer    int       // that has it; -1 for one beside the image
	Digest   string    // of one beside the image
	Format   string    // as spdx-json
	Whole    bool      // it says that it is about the image; else about some part of it
	Packages []Package // name, version and URL
}
