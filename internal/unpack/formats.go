package unpack

import (
	"archive/tar"
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

func (w *walker) tar(at string, r *bufio.Reader, depth int) error {
	in := tar.NewReader(r)
	for {
		hdr, err := in.Next()
		switch {
		case err == io.EOF:
			return nil
		case hdr == nil || err != nil && !errors.Is(err, tar.ErrInsecurePath):
			return err
		}
		if hdr.Typeflag != tar.TypeReg && hdr.Typeflag != tar.TypeGNUSparse && hdr.Typeflag != tar.TypeCont {
			continue
		}
		// Holes of sparse files are bytes that the archive does not have.
		if err := w.member(at, hdr.Name, hdr.Size, &unpacked{w: w, r: in, at: at}, depth); err != nil {
			return err
		}
	}
}

// Headers of ar archives: see ar(5), and deb(5) for the members of packages.
const arHeader = 60

func (w *walker) ar(at string, r *bufio.Reader, depth int) error {
	if _, err := r.Discard(8); err != nil {
		return err
	}
	var names string // long ones, of GNU ar
	for {
		var h [arHeader]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(string(h[48:58])), 10, 64)
		if err != nil || size < 0 || string(h[58:]) != "`\n" {
			return errors.New("the header of a member of an ar archive is damaged")
		}
		name := strings.TrimRight(string(h[:16]), " ")
		body := &io.LimitedReader{R: r, N: size}
		switch {
		case name == "//":
			text, err := io.ReadAll(io.LimitReader(body, 1<<20))
			if err != nil {
				return err
			}
			names = string(text)
			name = ""
		case name == "/" || name == "/SYM64/":
			name = ""
		case strings.HasPrefix(name, "/"):
			if i, err := strconv.Atoi(name[1:]); err == nil && i >= 0 && i < len(names) {
				name, _, _ = strings.Cut(names[i:], "\n")
			}
			name = strings.TrimSuffix(name, "/")
		case strings.HasPrefix(name, "#1/"): // BSD: the name stands before the content
			n, err := strconv.ParseInt(name[3:], 10, 32)
			if err != nil || n < 0 || n > size || n > 4096 {
				return errors.New("the name of a member of an ar archive is damaged")
			}
			text := make([]byte, n)
			if _, err := io.ReadFull(body, text); err != nil {
				return err
			}
			name = strings.TrimRight(string(text), "\x00")
		default:
			name = strings.TrimSuffix(name, "/")
		}
		if name != "" {
			if err := w.member(at, name, size, body, depth); err != nil {
				return err
			}
		}
		if err := skip(body); err != nil {
			return err
		}
		if size%2 == 1 {
			if _, err := r.Discard(1); err != nil {
				return nil //nolint:nilerr // the last member's padding may be missing
			}
		}
	}
}

// skip passes over what is left of a member.
func skip(body *io.LimitedReader) error {
	if body.N == 0 {
		return nil
	}
	_, err := io.Copy(io.Discard, onlyReader{body})
	if err == nil && body.N > 0 {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// maxCpioName is how long a name in a cpio archive may be, in bytes.
const maxCpioName = 64 << 10

// cpio reads the formats newc, crc and odc: see cpio(5).
func (w *walker) cpio(at string, r *bufio.Reader, depth int) error {
	for {
		magic, err := r.Peek(6)
		if err != nil {
			return err
		}
		var mode, nameSize, size uint64
		var header, align int64
		switch string(magic) {
		case "070701", "070702":
			var h [110]byte
			if _, err := io.ReadFull(r, h[:]); err != nil {
				return err
			}
			header, align = 110, 4
			mode, nameSize, size, err = numbers(16, string(h[14:22]), string(h[94:102]), string(h[54:62]))
		case "070707":
			var h [76]byte
			if _, err := io.ReadFull(r, h[:]); err != nil {
				return err
			}
			header, align = 76, 1
			mode, nameSize, size, err = numbers(8, string(h[18:24]), string(h[59:65]), string(h[65:76]))
		default:
			err = errors.New("the header of a member of a cpio archive is damaged")
		}
		if err == nil && (nameSize == 0 || nameSize > maxCpioName || size > 1<<62) {
			err = errors.New("the name of a member of a cpio archive is damaged")
		}
		if err != nil {
			return err
		}
		name := make([]byte, nameSize)
		if _, err := io.ReadFull(r, name); err != nil {
			return err
		}
		if err := pad(r, header+int64(nameSize), align); err != nil {
			return err
		}
		text := strings.TrimRight(string(name), "\x00")
		if text == "TRAILER!!!" {
			return nil
		}
		body := &io.LimitedReader{R: r, N: int64(size)}
		if mode&0o170000 == 0o100000 && size > 0 {
			if err := w.member(at, strings.TrimPrefix(text, "./"), int64(size), body, depth); err != nil {
				return err
			}
		}
		if err := skip(body); err != nil {
			return err
		}
		if err := pad(r, int64(size), align); err != nil {
			return err
		}
	}
}

func numbers(base int, a, b, c string) (x, y, z uint64, err error) {
	var all [3]uint64
	for i, s := range []string{a, b, c} {
		n, perr := strconv.ParseUint(s, base, 64)
		if perr != nil {
			return 0, 0, 0, errors.New("a number in the header of a cpio archive is damaged")
		}
		all[i] = n
	}
	return all[0], all[1], all[2], nil
}

func pad(r *bufio.Reader, n, align int64) error {
	_, err := r.Discard(int((align - n%align) % align))
	return err
}

// rpm passes over lead, signature and header of a package and opens its payload: see the
// chapter on the package format in the RPM manual.
func (w *walker) rpm(at, name string, r *bufio.Reader, depth int) error {
	if _, err := r.Discard(96); err != nil {
		return err
	}
	for i, align := range []int64{8, 1} {
		var h [16]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return err
		}
		if string(h[:3]) != "\x8e\xad\xe8" {
			return fmt.Errorf("header %d of the package is damaged", i+1)
		}
		entries, bytes := int64(binary.BigEndian.Uint32(h[8:])), int64(binary.BigEndian.Uint32(h[12:]))
		body := entries*16 + bytes
		if body > 512<<20 {
			return fmt.Errorf("header %d of the package claims %d bytes", i+1, body)
		}
		if err := skip(&io.LimitedReader{R: r, N: body}); err != nil {
			return err
		}
		if err := pad(r, body, align); err != nil {
			return err
		}
	}
	head, err := r.Peek(HeadBytes)
	if err != nil && err != io.EOF {
		return err
	}
	format := DetectNamed("payload.lzma", head) // as old packages have it
	if format == "" {
		w.remark(at, ReasonMethod, "the payload of the package is compressed in a way that is not known here", true)
		return nil
	}
	return w.open(format, at, name, r, depth)
}
