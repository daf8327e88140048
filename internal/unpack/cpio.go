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
