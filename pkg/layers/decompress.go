package layers

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/imgaudit/imgaudit/internal/decompress"
)

// cutByDecoder says what a decoder's error means for the ledger.
func cutByDecoder(compression string, err error, out int64) *cut {
	switch {
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, decompress.ErrWindow):
		return &cut{reason: ReasonLimitWindow, err: err, detail: fmt.Sprintf(
			"the %s data ask for a window of more than %d MiB; compress the layer anew with a smaller one", compression, decompress.WindowBytes>>20)}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &cut{reason: ReasonTruncated, err: err, detail: fmt.Sprintf(
			"the %s data end early, after %d bytes uncompressed", compression, out)}
	}
	return &cut{reason: ReasonCorrupt, err: err, detail: fmt.Sprintf(
		"the %s data are damaged after %d bytes uncompressed: %v", compression, out, err)}
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
