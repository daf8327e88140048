//go:build unix

package layers

import (
	"context"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// pollMillis is how often a read that waits for its writer looks whether it was
// cancelled.
const pollMillis = 100

// waitReadable waits until a pipe has something to read or its writer is gone,
// so that a cancelled context ends a read that would wait for ever. What is no
// file ends its reads itself.
func waitReadable(ctx context.Context, in io.Reader) error {
	f, ok := in.(*os.File)
	if !ok {
		return nil
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return nil
	}
	var failed error
	err = conn.Control(func(fd uintptr) {
		for {
			fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
			n, err := unix.Poll(fds, pollMillis)
			if failed = ctx.Err(); failed != nil || n > 0 || err != nil && err != unix.EINTR {
				return
			}
		}
	})
	if err != nil {
		return nil // closed: the read will say so
	}
	return failed
}
