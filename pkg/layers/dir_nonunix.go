//go:build !unix

package layers

import (
	"io/fs"
	"os"
)

// openInside opens a file or directory of a tree.
func openInside(root *os.Root, name string) (*os.File, error) { return root.Open(name) }

// inodeOf knows no inodes here.
func inodeOf(fs.FileInfo) (node inode, several bool) { return inode{}, false }
