package proof

import (
	"bytes"
	"encoding/base64"
	"iter"
	"regexp"
	"slices"
	"strings"
)

// block is what stands between the first and the last line of a PEM block (RFC 7468).
type block struct {
	label string // RSA PRIVATE KEY
	body  string // as it stands in the text
	cut   bool   // there is no last line
}

// maxLabel bounds the label of a block; the longest in use has 33 bytes.
const maxLabel = 80

// pemBlocks yields the blocks of a text, each byte of which is looked at a bounded number of
// times.
func pemBlocks(content []byte) iter.Seq[block] {
	return func(yield func(block) bool) {
		begin, end, dashes := []byte("-----BEGIN "), []byte("-----END "), []byte("-----")
		for {
			at := bytes.Index(content, begin)
			if at < 0 {
				return
			}
			content = content[at+len(begin):]
			size := bytes.Index(content[:min(len(content), maxLabel)], dashes)
			if size < 0 {
				continue
			}
			b := block{label: string(content[:size]), cut: true}
			content = content[size+len(dashes):]
			stop := len(content)
			if next := bytes.Index(content, dashes); next >= 0 {
				stop = next
				b.cut = !bytes.HasPrefix(content[next:], end)
			}
			b.body = string(content[:stop])
			content = content[stop:]
			if !yield(b) {
				return
			}
		}
	}
}

// labelled is what a label says of its block.
type labelled struct{ kind, format string }

var labels = map[string]labelled{
	"RSA PRIVATE KEY":       {"RSA", "PKCS#1"},
	"EC PRIVATE KEY":        {"EC", "SEC1"},
	"DSA PRIVATE KEY":       {"DSA", "OpenSSL"},
	"PRIVATE KEY":           {"private key", "PKCS#8"},
	"ENCRYPTED PRIVATE KEY": {"private key", "PKCS#8"},
	"OPENSSH PRIVATE KEY":   {"private key", "OpenSSH"},
	"PGP PRIVATE KEY BLOCK": {"private key", "PGP"},
}

// readBlock reads the keys of one block. Blocks that are no private keys have none.
func readBlock(b block) []Key {
	if !strings.Contains(b.label, "PRIVATE KEY") {
		return nil
	}
	named, ok := labels[b.label]
	if !ok {
		named = labelled{"private key", "PEM"}
	}
	kind, format := named.kind, named.format
	broken := Key{Kind: kind, Format: format, Problem: "not valid base64"}
	if b.cut {
		broken.Problem = "cut off"
	}
	text := unescape(b.body)
	info := dekInfo.FindStringSubmatch(text)
	text = pemHeader.ReplaceAllString(text, "\n")
	for _, marked := range []bool{false, true} {
		der, ok := pemBody(text, marked)
		if !ok {
			continue
		}
		switch {
		case info != nil:
			k := Key{Kind: kind, Format: format, Encrypted: true, Cipher: info[1], KDF: "MD5, 1 round"}
			if len(der) < 16 {
				k.Problem = "too short"
			}
			return []Key{k}
		case format == "OpenSSH":
			if keys := readOpenSSH(der); len(keys) > 0 {
				return keys
			}
			broken.Problem = "not in OpenSSH's format"
		case format == "PGP":
			if keys := readPGP(der); len(keys) > 0 {
				return keys
			}
			broken.Problem = "no private key packets"
		default:
			if k, ok := readDER(der); ok {
				return []Key{k}
			}
			broken.Problem = "not a private key in DER"
		}
	}
	if b.cut {
		broken.Problem = "cut off"
	}
	return []Key{broken}
}

var (
	// dekInfo is the header of a key that OpenSSL encrypted its old way (RFC 1421, section 4.6.1.3).
	dekInfo = regexp.MustCompile(`DEK-Info:\s{0,4}([A-Za-z0-9-]{3,24}),[0-9A-Fa-f]{8,64}`)

	// pemHeader are headers of that kind and armor headers of PGP.
	pemHeader = regexp.MustCompile(`Proc-Type:\s{0,4}4,\s?ENCRYPTED|DEK-Info:\s{0,4}[A-Za-z0-9-]{3,24},[0-9A-Fa-f]{8,64}|` +
		`(?m:^[ \t]*(?:Version|Comment|Hash|Charset|MessageID|Key-ID|X-[A-Za-z-]{1,30}|Subject|Localkeyid|friendlyName|Bag Attributes)[ \t]*:.*$)`)

	// escapes are what line ends, and characters of base 64, become in source code and JSON.
	escapes = regexp.MustCompile(`\\+(?:r\\*\\n|[nr]|t|u000[aAdD]|\n|\r\n)|\\+/|\\+u00(?:2[bBfF]|3[dD])|%0[aA]|&#(?:10|xA|13|xD);`)
)

var quotes = strings.NewReplacer(`"`, " ", `'`, " ", "`", " ", ",", " ")

// unescape undoes what languages do to line ends within strings.
func unescape(s string) string {
	if !strings.ContainsAny(s, `\%&`) {
		return s
	}
	return escapes.ReplaceAllStringFunc(s, func(e string) string {
		switch low := strings.ToLower(strings.TrimLeft(e, `\`)); low {
		case "/", "u002f":
			return "/"
		case "u002b":
			return "+"
		case "u003d":
			return "="
		}
		return "\n"
	})
}

// pemBody joins the lines of base 64 and decodes them. Quotes, commas and the plus signs by which
// languages join strings are dropped; so are lines behind a comment's mark, or, if marked
// is set, the marks alone.
func pemBody(text string, marked bool) ([]byte, bool) {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "//" || line == "--" { // the mark before the last line
			continue
		}
		if bare := strings.TrimLeft(line, "#*;|>"); bare != line || strings.HasPrefix(line, "// ") || strings.HasPrefix(line, "-- ") {
			if !marked {
				continue
			}
			line = strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(bare, "// "), "-- "), " ")
		}
		line = quotes.Replace(line)
		fields := slices.DeleteFunc(strings.Fields(line), func(f string) bool {
			return len(f) <= 2 && strings.Trim(f, `+.;\)`) == ""
		})
		if !base64Fields(fields) {
			continue
		}
		for _, f := range fields {
			if strings.HasPrefix(f, "=") && len(f) == 5 { // the CRC-24 of PGP's armor
				continue
			}
			b.WriteString(strings.TrimRight(f, `\=`))
		}
	}
	der, err := base64.RawStdEncoding.DecodeString(b.String())
	return der, err == nil && len(der) > 0
}

// base64Fields reports whether all words of a line are base 64. Several on one line must be long,
// as they are where a block's line ends became spaces: words of a comment are not.
func base64Fields(fields []string) bool {
	for i, f := range fields {
		if !only(strings.TrimRight(f, `\`), alnum+"+/=") || len(fields) > 1 && i < len(fields)-1 && len(f) < 32 {
			return false
		}
	}
	return true
}
