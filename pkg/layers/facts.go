package layers

import (
	"archive/tar"
	"time"
)

// Facts is what one layer alone says. It depends on the layer's bytes, the
// scanners and the limits, on nothing else.
type Facts struct {
	Digest      string // sha256 of the blob as stored, computed; empty if it was not read to its end
	DiffID      string // sha256 of the uncompressed tar, computed; likewise
	Compression string // gzip, zstd, bzip2, xz, lzip or none, by magic bytes
	StoredBytes int64  // of the blob as stored, that were read
	Bytes       int64  // uncompressed, that were read
	Files       int64  // regular files and hard links seen
	FileBytes   int64  // content of regular files that was scanned

	Entries  []Entry  // the file index, in the order of the tar
	Oddities []Oddity // what is odd about the tar
	Gaps     []Remark // what could not be read as promised
	Notes    []Remark // what was read but not opened further

	// Scans holds what each scanner found, by [Scanner] name.
	Scans map[string]any
}

// Complete reports whether the whole layer was read and both digests held.
func (f *Facts) Complete() bool { return f != nil && len(f.Gaps) == 0 }

// Entry is one entry of a layer's tar.
type Entry struct {
	Seq      int               // position in the tar, from 0
	Path     string            // cleaned: no leading or trailing slash, no dot segments; raw bytes; "." is the root
	RawName  string            // the name as the tar has it, if that differs from Path by more than "./" or a slash
	Type     Type              //
	Mode     int64             // permission, setuid (04000), setgid (02000) and sticky (01000) bits
	UID, GID int               //
	Size     int64             // of the content of a regular file
	ModTime  time.Time         //
	Link     string            // target of a symbolic link as written; of a hard link cleaned like Path
	Xattrs   map[string]string // extended attributes, among them security.capability
	DevMajor int64
	DevMinor int64
	Whiteout WhiteoutKind // for .wh. entries: Path is then the path it hides or the opaque directory
}

// Type is the type of an entry.
type Type byte

// The types of entries.
const (
	Regular   Type = tar.TypeReg
	HardLink  Type = tar.TypeLink
	Symlink   Type = tar.TypeSymlink
	CharDev   Type = tar.TypeChar
	BlockDev  Type = tar.TypeBlock
	Directory Type = tar.TypeDir
	FIFO      Type = tar.TypeFifo
)

// WhiteoutKind tells the markers of the OCI layer format apart.
type WhiteoutKind byte

// The kinds of whiteouts.
const (
	NoWhiteout     WhiteoutKind = iota
	PathWhiteout                // .wh.NAME hides NAME of lower layers
	OpaqueWhiteout              // .wh..wh..opq hides all that lower layers have in the directory
)

// Oddity is something about a tar that no honest builder writes, or that makes
// readers disagree. Rule is the id of the integrity rule that it breaks.
type Oddity struct {
	Rule   string // tar-path-escape, tar-duplicate-entry, …
	Path   string // as the tar has it
	Detail string // in words, with control characters as they are
}

// Remark is one line of the ledger: all that was not read, or not opened, for
// one reason. It is a gap where content could not be read as promised, and a
// note where it was scanned as bytes but not opened further.
type Remark struct {
	Reason   string   // stable and short: truncated, digest-mismatch, limit-bytes, …
	Detail   string   // in words, for people
	Files    int64    // how many paths it stands for; 0 when it is about a layer or image as a whole
	Bytes    int64    // how much, where known
	Examples []string // a few of the paths
}

// The reasons of gaps.
const (
	ReasonTruncated      = "truncated"
	ReasonCorrupt        = "corrupt" // the compressed data or the tar is damaged
	ReasonDigestMismatch = "digest-mismatch"
	ReasonDiffIDMismatch = "diffid-mismatch"
	ReasonSizeMismatch   = "size-mismatch"
	ReasonMissingBlob    = "missing-blob"
	ReasonReadError      = "read-error" // the source failed in mid-layer
	ReasonEncrypted      = "encrypted-layer"
	ReasonForeign        = "non-distributable-layer"
	ReasonUnknownType    = "unknown-media-type"
	ReasonUnnamed        = "no-manifest" // a stream ended before it named its layers
	ReasonBadConfig      = "bad-config"
	ReasonLimitEntries   = "limit-entries"
	ReasonLimitBytes     = "limit-bytes"
	ReasonLimitRatio     = "limit-ratio"
	ReasonLimitName      = "limit-name"
	ReasonLimitHeader    = "limit-header"
	ReasonLimitIndex     = "limit-index"
	ReasonLimitWindow    = "limit-window"
	ReasonDeadline       = "deadline"
	ReasonScannerFailed  = "scanner-failed"
)
