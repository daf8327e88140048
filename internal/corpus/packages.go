package corpus

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"unicode/utf16"

	"github.com/ulikunitz/xz/lzma"
)

// alpinePackage is three gzip streams in a row: signature, control, data. The first two tars
// have no end mark, so that all are one tar when they are read as one (apk-package(5)).
func alpinePackage(ms []member) []byte {
	endless := func(ms []member) []byte {
		t := tarBytes(ms)
		return gzipped(t[:len(t)-1024])
	}
	signature := endless([]member{{".SIGN.RSA.ops@corp.internal.rsa.pub", "unsigned"}})
	control := endless([]member{{".PKGINFO", "pkgname = agent\npkgver = 2.0-r0\narch = x86_64\n"}})
	return bytes.Join([][]byte{signature, control, gzipped(tarBytes(ms))}, nil)
}

// rpmBytes is an RPM of format 3 with a gzip payload: the lead, two headers, a cpio (RPM's manual,
// "RPM v4 package format"). Its signature header has sizes alone.
func rpmBytes(ms []member) []byte {
	dottedNames := cpioBytes(dotted(ms))
	payload := gzipped(dottedNames)
	lead := make([]byte, 96)
	copy(lead, []byte{0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0, 0, 1})
	copy(lead[10:76], "agent-2.0-1")
	lead[77] = 1 // Linux
	lead[79] = 5 // signature by header
	header := rpmHeader([]rpmTag{
		{1000, "agent"}, {1001, "2.0"}, {1002, "1"}, {1021, "linux"}, {1022, "x86_64"},
		{1124, "cpio"}, {1125, "gzip"}, {1126, "9"},
	})
	size := binary.BigEndian.AppendUint32(nil, uint32(len(header)+len(payload)))
	signature := rpmIntro(1, 4)
	signature = append(signature, rpmEntry(1000, 4, 0, 1)...)
	signature = append(signature, size...)
	for len(signature)%8 != 0 {
		signature = append(signature, 0)
	}
	return bytes.Join([][]byte{lead, signature, header, payload}, nil)
}

type rpmTag struct {
	number uint32
	text   string
}

func rpmHeader(tags []rpmTag) []byte {
	var index, store []byte
	for _, t := range tags {
		index = append(index, rpmEntry(t.number, 6, uint32(len(store)), 1)...)
		store = append(append(store, t.text...), 0)
	}
	return append(append(rpmIntro(len(tags), len(store)), index...), store...)
}

func rpmIntro(entries, size int) []byte {
	b := []byte{0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0}
	b = binary.BigEndian.AppendUint32(b, uint32(entries))
	return binary.BigEndian.AppendUint32(b, uint32(size))
}

// rpmEntry is one entry of an index: tag, type, offset, count.
func rpmEntry(fields ...uint32) []byte {
	var b []byte
	for _, f := range fields {
		b = binary.BigEndian.AppendUint32(b, f)
	}
	return b
}

// sevenZipBytes is a solid 7z archive with one LZMA2 stream, by 7zFormat.txt of the LZMA SDK.
func sevenZipBytes(ms []member) []byte {
	var all []byte
	for _, m := range ms {
		all = append(all, m.body...)
	}
	var packed bytes.Buffer
	w, err := lzma.Writer2Config{DictCap: 1 << 20}.NewWriter2(&packed)
	must(err)
	stream := finished(&packed, w, all)

	const (
		end, header, mainStreams, files           = 0x00, 0x01, 0x04, 0x05
		packInfo, unpackInfo, subStreams          = 0x06, 0x07, 0x08
		size, crc, folder, coderSizes, counts, nm = 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x11
	)
	h := []byte{header, mainStreams, packInfo, 0, 1, size}
	h = append(append(h, sevenZipNumber(len(stream))...), end)
	h = append(h, unpackInfo, folder, 1, 0, 1, 0x21, 0x21, 1, 16) // one coder, LZMA2, a dictionary of 1 MiB
	h = append(append(h, coderSizes), sevenZipNumber(len(all))...)
	h = append(append(h, end, subStreams, counts), sevenZipNumber(len(ms))...)
	h = append(h, size)
	for _, m := range ms[:len(ms)-1] {
		h = append(h, sevenZipNumber(len(m.body))...)
	}
	h = append(h, crc, 1)
	for _, m := range ms {
		h = binary.LittleEndian.AppendUint32(h, crc32.ChecksumIEEE([]byte(m.body)))
	}
	h = append(append(h, end, end, files), sevenZipNumber(len(ms))...)
	names := []byte{0}
	for _, m := range ms {
		for _, unit := range append(utf16.Encode([]rune(m.name)), 0) {
			names = binary.LittleEndian.AppendUint16(names, unit)
		}
	}
	h = append(append(append(h, nm), sevenZipNumber(len(names))...), names...)
	h = append(h, end, end)

	start := binary.LittleEndian.AppendUint64(nil, uint64(len(stream)))
	start = binary.LittleEndian.AppendUint64(start, uint64(len(h)))
	start = binary.LittleEndian.AppendUint32(start, crc32.ChecksumIEEE(h))
	b := append([]byte("7z\xbc\xaf\x27\x1c"), 0, 4)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(start))
	return bytes.Join([][]byte{b, start, stream, h}, nil)
}

// sevenZipNumber is the format's variable number; four bytes follow where one is not enough.
func sevenZipNumber(n int) []byte {
	if n < 0x80 {
		return []byte{byte(n)}
	}
	return binary.LittleEndian.AppendUint32([]byte{0xf0}, uint32(n))
}
