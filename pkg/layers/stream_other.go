//go:build !unix

package layers

import (
	"context"
	"io"
)

// waitReadable does nothing where files cannot be polled.
func waitReadable(context.Context, io.Reader) error { return nil }
