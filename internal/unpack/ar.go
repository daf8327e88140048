package unpack

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
)

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
