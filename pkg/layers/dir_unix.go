//go:build unix

package layers

import (
	"io/fs"
	"os"
	"syscall"
)

// openInside opens a file or directory of a tree, without waiting for the writer
// of a pipe that took its place.
func openInside(root *os.Root, name string) (*os.File, error) {
	return root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// inodeOf tells which file a name belongs to, and whether it has other names.
func inodeOf(info fs.FileInfo) (node inode, several bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return inode{}, false
	}
	return inode{uint64(st.Dev), st.Ino}, st.Nlink > 1 //nolint:unconvert // Dev is signed on some systems
}
