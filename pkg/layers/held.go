package layers

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

const (
	maxHeld      = 64 << 20 // documents of one stream, held in memory together
	maxPlainHeld = 64 << 10 // of one JSON file that is no manifest, index or configuration
)

// heldFiles are the documents of a stream, and the names of all its members.
type heldFiles struct {
	members
	docs map[string][]byte
	size int64
}

// hold keeps a document if it may be needed. JSON that is neither manifest nor
// index nor configuration nor attestation nor bill of materials is kept only if it is small: it may be a
// damaged one of those.
func (h *heldFiles) hold(name string, raw []byte) {
	named := name == dockerManifest || name == ociIndex
	if !named && len(raw) > maxPlainHeld && !isDocument(raw) {
		return
	}
	h.size += int64(len(raw) - len(h.docs[name]))
	if h.size > maxHeld {
		h.size -= int64(len(raw) - len(h.docs[name]))
		h.notes = AddRemark(h.notes, Remark{Reason: "limit-documents", Files: 1, Bytes: int64(len(raw)), Examples: []string{finding.EscapePath(name)},
			Detail: fmt.Sprintf("the stream has more than %d MiB of documents; the rest was not kept", maxHeld>>20)})
		return
	}
	h.docs[name] = raw
}

func (h *heldFiles) open(at string) (io.ReadCloser, error) {
	raw, ok := h.docs[at]
	if !ok {
		return nil, fmt.Errorf("%s is no document, or was not kept: %w", finding.EscapeText(at), fs.ErrNotExist)
	}
	return io.NopCloser(bytes.NewReader(raw)), nil
}

// isDocument reports whether JSON has a field that manifests, indexes, configurations,
// attestations and bills of materials have.
func isDocument(raw []byte) bool {
	for _, field := range []string{`"manifests"`, `"layers"`, `"rootfs"`, `"Layers"`, `"predicateType"`, `"payloadType"`, `"spdxVersion"`, `"bomFormat"`} {
		if bytes.Contains(raw, []byte(field)) {
			return true
		}
	}
	return false
}

func looksLikeJSON(head []byte) bool {
	head = bytes.TrimLeft(head, " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[')
}

// isTarHeader reports whether a tar begins with this block; its checksum says so.
// Two blocks of zeros are a tar without members.
func isTarHeader(block []byte) bool {
	if len(block) < tarBlock {
		return false
	}
	_, err := tar.NewReader(bytes.NewReader(block)).Next()
	return !errors.Is(err, tar.ErrHeader)
}
