package unpack

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
)

// maxCpioName is how long a name in a cpio archive may be, in bytes.
const maxCpioName = 64 << 10

// cpio reads the formats newc, crc and odc: see cpio(5).
func (w *walker) cpio(at string, r *bufio.Reader, depth int) error {
	for {
		h, err := readCpioHeader(r)
		if err != nil {
			return err
		}
		name := make([]byte, h.nameSize)
		if _, err := io.ReadFull(r, name); err != nil {
			return err
		}
		if err := pad(r, h.bytes+int64(h.nameSize), h.align); err != nil {
			return err
		}
		text := strings.TrimRight(string(name), "\x00")
		if text == "TRAILER!!!" {
			return nil
		}
		body := &io.LimitedReader{R: r, N: int64(h.size)}
		if h.mode&0o170000 == 0o100000 && h.size > 0 {
			if err := w.member(placeOf(at, strings.TrimPrefix(text, "./")), int64(h.size), body, depth); err != nil {
				return err
			}
		}
		if err := skip(body); err != nil {
			return err
		}
		if err := pad(r, int64(h.size), h.align); err != nil {
			return err
		}
	}
}

// cpioHeader is what stands before the name of a member.
type cpioHeader struct {
	mode, nameSize, size uint64
	bytes, align         int64 // of the header itself; of names and contents
}

func readCpioHeader(r *bufio.Reader) (h cpioHeader, err error) {
	magic, err := r.Peek(6)
	if err != nil {
		return h, err
	}
	odc := string(magic) == "070707"
	switch {
	case odc:
		h.bytes, h.align = 76, 1
	case string(magic) == "070701" || string(magic) == "070702":
		h.bytes, h.align = 110, 4
	default:
		return h, errors.New("the header of a member of a cpio archive is damaged")
	}
	text := make([]byte, h.bytes)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, err
	}
	field := func(from, to int) string { return string(text[from:to]) }
	if odc {
		h.mode, h.nameSize, h.size, err = numbers(8, field(18, 24), field(59, 65), field(65, 76))
	} else {
		h.mode, h.nameSize, h.size, err = numbers(16, field(14, 22), field(94, 102), field(54, 62))
	}
	if err == nil && (h.nameSize == 0 || h.nameSize > maxCpioName || h.size > 1<<62) {
		err = errors.New("the name of a member of a cpio archive is damaged")
	}
	return h, err
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
