package corpus

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/dsnet/compress/bzip2"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// encoding turns a file into another that holds the same in other letters.
type encoding struct {
	name   string
	suffix string // of the new file's name
	ofText bool   // and not of bytes that are no UTF-8
	encode func(name, text string) []byte
}

// encodings gives every one. The order says which kinds get which.
func encodings() []encoding {
	wide := func(order binary.AppendByteOrder, mark bool) func(string, string) []byte {
		return func(_, text string) []byte { return utf16Bytes(text, order, mark) }
	}
	std := base64.StdEncoding.EncodeToString
	return []encoding{
		{"utf-16le-bom", "", true, wide(binary.LittleEndian, true)},
		{"utf-16be-bom", "", true, wide(binary.BigEndian, true)},
		{"utf-16le", "", true, wide(binary.LittleEndian, false)},
		{"utf-16be", "", true, wide(binary.BigEndian, false)},
		{"utf-32le-bom", "", true, func(_, text string) []byte { return utf32Bytes(text, binary.LittleEndian) }},
		{"utf-32be-bom", "", true, func(_, text string) []byte { return utf32Bytes(text, binary.BigEndian) }},
		{"utf-8-bom", "", true, func(_, text string) []byte { return []byte("\xef\xbb\xbf" + text) }},
		{"base64-line", ".b64", false, func(_, text string) []byte { return []byte(std([]byte(text)) + "\n") }},
		{"base64-yaml", ".yaml", false, func(name, text string) []byte {
			return []byte("write_files:\n- path: /" + name + "\n  encoding: b64\n  content: " + std([]byte(text)) + "\n")
		}},
		{"base64-wrapped-64", ".txt", false, func(_, text string) []byte {
			return []byte("payload: |\n  " + wrapped(std([]byte(text)), 64, "\n  ") + "\n")
		}},
		{"base64-wrapped-76", ".eml", false, func(name, text string) []byte {
			return []byte("MIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=\"" + baseName(name) +
				"\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + wrapped(std([]byte(text)), 76, "\r\n") + "\r\n")
		}},
		{"base64-url", ".url", false, func(_, text string) []byte {
			return []byte("https://relay.internal/put?body=" + unpadded([]byte(text)) + "&v=1\n")
		}},
		{"base64-twice", ".txt", false, func(_, text string) []byte { return []byte("data=" + std([]byte(std([]byte(text)))) + "\n") }},
		{"base64-gzip", ".json", false, func(_, text string) []byte {
			return []byte(`{"release":"` + std(gzipped([]byte(text))) + "\"}\n")
		}},
		{"powershell-encoded-command", ".ps1", true, func(_, text string) []byte {
			return []byte("powershell.exe -NoProfile -EncodedCommand " + std(utf16Bytes(text, binary.LittleEndian, false)) + "\r\n")
		}},
		{"hex", ".hex", false, func(_, text string) []byte { return []byte(hex.EncodeToString([]byte(text)) + "\n") }},
		{"hex-escapes", ".c", false, func(_, text string) []byte {
			var b strings.Builder
			for _, c := range []byte(text) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
			return []byte("static const char data[] = \"" + b.String() + "\";\n")
		}},
		{"percent-encoded", ".txt", false, func(_, text string) []byte { return []byte("body=" + percentEncoded(text) + "&end=1\n") }},
		{"html-entities", ".html", true, func(_, text string) []byte { return []byte("<pre>" + htmlEscaped(text) + "</pre>\n") }},
		{"json-string", ".json", true, func(name, text string) []byte {
			return []byte(`{"path":` + quoted(name) + `,"content":` + string(encodeJSON(text)) + "}\n")
		}},
		{"json-unicode-escapes", ".json", true, func(_, text string) []byte {
			var b strings.Builder
			for _, c := range utf16.Encode([]rune(text)) {
				fmt.Fprintf(&b, `\u%04x`, c)
			}
			return []byte(`{"content":"` + b.String() + "\"}\n")
		}},
		{"gzip-odd-name", ".cache", false, func(_, text string) []byte { return gzipped([]byte(text)) }},
		{"zlib-odd-name", ".dat", false, func(_, text string) []byte { return deflated([]byte(text)) }},
		{"zstd-odd-name", ".idx", false, func(_, text string) []byte { return zstdBytes([]byte(text)) }},
		{"xz-odd-name", ".blob", false, func(_, text string) []byte { return xzBytes([]byte(text)) }},
		{"bzip2-odd-name", ".old", false, func(_, text string) []byte { return bzip2Bytes([]byte(text)) }},
		{"k8s-secret-data", ".yaml", false, func(name, text string) []byte {
			return []byte("apiVersion: v1\nkind: Secret\nmetadata:\n  name: mounted\ntype: Opaque\ndata:\n  " + baseName(name) + ": " + std([]byte(text)) + "\n")
		}},
	}
}

func baseName(name string) string { return name[strings.LastIndex(name, "/")+1:] }

func utf16Bytes(text string, order binary.AppendByteOrder, mark bool) []byte {
	if mark {
		text = "\ufeff" + text
	}
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return b
}

func utf32Bytes(text string, order binary.AppendByteOrder) []byte {
	b := order.AppendUint32(nil, 0xfeff)
	for _, c := range text {
		b = order.AppendUint32(b, uint32(c))
	}
	return b
}

// percentEncoded leaves the unreserved characters of RFC 3986, section 2.3.
func percentEncoded(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if strings.IndexByte(base62+"-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// htmlEscaped writes all but letters, digits and white space as a character reference.
func htmlEscaped(text string) string {
	var b strings.Builder
	for _, c := range text {
		switch {
		case c == '"':
			b.WriteString("&quot;")
		case c == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune(base62+" \n\r\t", c):
			b.WriteRune(c)
		case c%2 == 0:
			fmt.Fprintf(&b, "&#x%X;", c)
		default:
			fmt.Fprintf(&b, "&#%d;", c)
		}
	}
	return b.String()
}

// The compressors are those of pinned modules, not of the standard library, whose output may
// change with a version of Go.

func gzipped(b []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	return finished(&buf, w, b)
}

func deflated(b []byte) []byte { return new(deflater).deflated(b) }

// deflater writes many small zlib streams: its memory is far larger than they are.
type deflater struct{ w *zlib.Writer }

func (d *deflater) deflated(b []byte) []byte {
	var buf bytes.Buffer
	if d.w == nil {
		d.w = zlib.NewWriter(&buf)
	} else {
		d.w.Reset(&buf)
	}
	return finished(&buf, d.w, b)
}

func rawDeflated(b []byte) []byte {
	var buf bytes.Buffer
	w, err := flate.NewWriter(&buf, flate.DefaultCompression)
	must(err)
	return finished(&buf, w, b)
}

func zstdBytes(b []byte) []byte {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	must(err)
	return w.EncodeAll(b, nil)
}

func xzBytes(b []byte) []byte {
	var buf bytes.Buffer
	w, err := xz.WriterConfig{DictCap: 1 << 16}.NewWriter(&buf)
	must(err)
	return finished(&buf, w, b)
}

func bzip2Bytes(b []byte) []byte {
	var buf bytes.Buffer
	w, err := bzip2.NewWriter(&buf, &bzip2.WriterConfig{Level: 1})
	must(err)
	return finished(&buf, w, b)
}

func finished(buf *bytes.Buffer, w io.WriteCloser, b []byte) []byte {
	_, err := w.Write(b)
	must(err)
	must(w.Close())
	return buf.Bytes()
}
