package unpack

import (
	"bufio"
	"bytes"
	"io"
)

// copy hands content over. A writer's error ends the walk.
func (w *walker) copy(to io.WriteCloser, from io.Reader, depth int) (err error) {
	if to == nil {
		_, err := io.Copy(io.Discard, onlyReader{from})
		return err
	}
	defer func() {
		if cerr := to.Close(); cerr != nil && err == nil {
			err = fatal{cerr}
		}
	}()
	for len(w.pieces) <= depth {
		w.pieces = append(w.pieces, make([]byte, bufferBytes))
	}
	for piece := w.pieces[depth]; ; {
		n, err := from.Read(piece)
		if n > 0 {
			if _, werr := to.Write(piece[:n]); werr != nil {
				return fatal{werr}
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

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
		switch _, err := from.Peek(1); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
		piece, _ := from.Peek(from.Buffered())
		if _, err := to.Write(piece); err != nil {
			return fatal{err}
		}
		_, _ = from.Discard(len(piece)) // which is there
	}
}

// onlyReader hides WriteTo.
type onlyReader struct{ io.Reader }

// drain hands over what an archive inside another leaves unread.
func (w *walker) drain(at string, in *bufio.Reader) error {
	var out io.WriteCloser
	for {
		if _, err := in.Peek(1); err != nil {
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
		piece, _ := in.Peek(in.Buffered())
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
		if _, err := in.Discard(len(piece)); err != nil {
			return err
		}
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
