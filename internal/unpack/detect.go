package unpack

import (
	"bytes"
	"path"
	"strconv"
	"strings"

	"github.com/imgaudit/imgaudit/internal/decompress"
	"github.com/imgaudit/imgaudit/internal/lzma"
)

// Format is a kind of archive or compressed file.
type Format string

// The formats.
const (
	Zip   Format = "zip"
	Seven Format = "7z"
	Tar   Format = "tar"
	Ar    Format = "ar"
	Cpio  Format = "cpio"
	RPM   Format = "rpm"
	Gzip  Format = decompress.Gzip
	Zstd  Format = decompress.Zstd
	Bzip2 Format = decompress.Bzip2
	XZ    Format = decompress.XZ
	LZMA  Format = decompress.LZMA
	Lzip  Format = decompress.Lzip
)

// HeadBytes is how much of a file tells its format.
const HeadBytes = 512

// DetectNamed tells an archive by its first bytes, or where these say too little by its name
// as well: a .lzma file has no magic bytes. It gives "" for what is none.
func DetectNamed(name string, head []byte) Format {
	format := Detect(head)
	if format == "" && lzma.IsAlone(head) {
		switch strings.ToLower(path.Ext(name)) {
		case ".lzma", ".tlz":
			return LZMA
		}
	}
	return format
}

// Detect tells an archive by its first bytes; it gives "" for what is none.
func Detect(head []byte) Format {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return Zip
	case bytes.HasPrefix(head, []byte("7z\xbc\xaf\x27\x1c")):
		return Seven
	case bytes.HasPrefix(head, []byte("!<arch>\n")):
		return Ar
	case bytes.HasPrefix(head, []byte("\xed\xab\xee\xdb")):
		return RPM
	case bytes.HasPrefix(head, []byte("070701")), bytes.HasPrefix(head, []byte("070702")), bytes.HasPrefix(head, []byte("070707")):
		if _, err := strconv.ParseUint(string(head[6:min(len(head), 14)]), 16, 64); err == nil && len(head) >= 76 {
			return Cpio
		}
		return ""
	case isTar(head):
		return Tar
	}
	switch c := decompress.Sniff(head); c {
	case decompress.Gzip:
		if len(head) >= 4 && head[2] == 8 && head[3]&0xe0 == 0 {
			return Gzip
		}
	case decompress.Bzip2:
		if len(head) >= 10 && head[3] >= '1' && head[3] <= '9' && (string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17rE8P\x90") {
			return Bzip2
		}
	case decompress.Zstd, decompress.XZ, decompress.Lzip:
		return Format(c)
	}
	return ""
}

// isTar knows the header of a tar by its checksum, which tars of every age have.
func isTar(head []byte) bool {
	if len(head) < 512 || head[0] == 0 {
		return false
	}
	field := strings.Trim(string(head[148:156]), " \x00")
	want, err := strconv.ParseInt(field, 8, 32)
	if err != nil {
		return false
	}
	var unsigned, signed int64
	for i, b := range head[:512] {
		if i >= 148 && i < 156 {
			b = ' '
		}
		unsigned += int64(b)
		signed += int64(int8(b))
	}
	return want == unsigned || want == signed
}
