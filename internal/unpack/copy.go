package unpack

import (
	"bufio"
	"bytes"
	"io"
)

// handOver hands over the rest of a reader, as it lies in its buffer. A writer's error ends the walk.
func handOver(to io.WriteCloser, from *bufio.Reader) (err error) {
	if to == nil {
		to = discard{}
	}
	defer func() {
		if cerr := to.Close(); cerr != nil && err == nil {
			err = fatal{cerr}
		}
	}()
	for {
		piece, err := ready(from)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := to.Write(piece); err != nil {
			return fatal{err}
		}
		_, _ = from.Discard(len(piece)) // which is there
	}
}

// ready gives the next bytes of a reader, as they lie in its buffer.
func ready(from *bufio.Reader) ([]byte, error) {
	if _, err := from.Peek(1); err != nil {
		return nil, err
	}
	return from.Peek(from.Buffered())
}

// onlyReader hides WriteTo.
type onlyReader struct{ io.Reader }

// drain hands over what an archive inside another leaves unread.
func (w *walker) drain(at string, in *bufio.Reader) error {
	var out io.WriteCloser
	for {
		piece, err := ready(in)
		if err != nil {
			if out != nil {
				if cerr := out.Close(); cerr != nil {
					return fatal{cerr}
				}
			}
			if err == io.EOF {
				return nil
			}
			return err
		}
		if out == nil && len(bytes.TrimLeft(piece, "\x00")) > 0 {
			if out = w.visitor.Member(Member{Path: at, Size: -1}); out == nil {
				out = discard{}
			}
		}
		if out != nil {
			if _, err := out.Write(piece); err != nil {
				return fatal{err}
			}
		}
		_, _ = in.Discard(len(piece))
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Close() error                { return nil }

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

func pad(r *bufio.Reader, n, align int64) error {
	_, err := r.Discard(int((align - n%align) % align))
	return err
}
