package unpack

import (
	"io"
)

// Visitor gets what is in an archive.
type Visitor interface {
	// Member begins a member. Its content is written to the returned writer, if that is not
	// nil, and then closed; the pieces are valid only during the call.
	Member(Member) io.WriteCloser
	// Remark says what of an archive was not read as it should be.
	Remark(Remark)
}

// Member is one file of an archive.
type Member struct {
	// Path leads from the archive that was opened inwards, with "!/" between one archive
	// and the next: lib/a.jar!/b/c. Names are escaped as [finding.EscapePath] does. It
	// is empty for bytes that belong to no member.
	Path string
	Size int64 // bytes, as the archive says; -1 if it does not
}

// Remark is one thing that was not read as it should be.
type Remark struct {
	Path   string // of the archive or member, as in [Member]; empty for the outermost
	Reason string // one of the Reason constants
	Detail string
	Gap    bool // content is missing; else it was handed over in another form
}

// The reasons of remarks.
const (
	ReasonCorrupt   = "archive-corrupt"
	ReasonTruncated = "archive-truncated"
	ReasonEncrypted = "archive-encrypted"
	ReasonMethod    = "archive-method" // an unknown way of compression
	ReasonDepth     = "archive-depth"
	ReasonMembers   = "archive-members"
	ReasonBytes     = "archive-bytes"
	ReasonRatio     = "archive-ratio"
	ReasonNames     = "archive-names"  // that lead out of the archive
	ReasonHidden    = "archive-hidden" // members that one of a zip's two lists does not have
)
