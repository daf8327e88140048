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
	var long string // the names that GNU ar keeps in a member of their own
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
		body := &io.LimitedReader{R: r, N: size}
		name, err := arName(strings.TrimRight(string(h[:16]), " "), body, &long)
		if err != nil {
			return err
		}
		if name != "" {
			if err := w.member(placeOf(at, name), size, body, depth); err != nil {
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

// arName gives the name of a member out of its header's field, of the names in long, or from before
// its content. What is no file has none: indices, and the list that becomes long.
func arName(field string, body *io.LimitedReader, long *string) (string, error) {
	switch {
	case field == "//":
		text, err := io.ReadAll(io.LimitReader(body, 1<<20))
		*long = string(text)
		return "", err
	case field == "/" || field == "/SYM64/":
		return "", nil
	case strings.HasPrefix(field, "/"):
		if i, err := strconv.Atoi(field[1:]); err == nil && i >= 0 && i < len(*long) {
			field, _, _ = strings.Cut((*long)[i:], "\n")
		}
	case strings.HasPrefix(field, "#1/"): // BSD: the name stands before the content
		return arNameOfBSD(field[3:], body)
	}
	return strings.TrimSuffix(field, "/"), nil
}

func arNameOfBSD(length string, body *io.LimitedReader) (string, error) {
	n, err := strconv.ParseInt(length, 10, 32)
	if err != nil || n < 0 || n > body.N || n > 4096 {
		return "", errors.New("the name of a member of an ar archive is damaged")
	}
	name := make([]byte, n)
	if _, err := io.ReadFull(body, name); err != nil {
		return "", err
	}
	return strings.TrimRight(string(name), "\x00"), nil
}
