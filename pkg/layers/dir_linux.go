package layers

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// isPseudo reports whether an open directory lies on a file system that holds no
// files of an image, but what the kernel makes up.
func isPseudo(f *os.File) bool {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return false
	}
	switch uint32(st.Type) {
	case unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.CGROUP_SUPER_MAGIC, unix.CGROUP2_SUPER_MAGIC, unix.DEVPTS_SUPER_MAGIC,
		unix.DEBUGFS_MAGIC, unix.TRACEFS_MAGIC, unix.SECURITYFS_MAGIC, unix.BPF_FS_MAGIC, unix.PSTOREFS_MAGIC, unix.EFIVARFS_MAGIC,
		unix.SELINUX_MAGIC, unix.BINFMTFS_MAGIC, unix.NSFS_MAGIC, unix.RDTGROUP_SUPER_MAGIC,
		0x62656570, // configfs
		0x65735543, // fusectl
		0x19800202: // mqueue
		return true
	}
	return false
}

// readXattrs gives the extended attributes of a file, without following a link.
// Labels of SELinux are left out: they are the machine's, not the tree's.
func readXattrs(root *os.Root, name string) (map[string]string, error) {
	path := filepath.Join(root.Name(), name)
	names := make([]byte, 1024)
	n, err := xattrBuffer(&names, func(b []byte) (int, error) { return unix.Llistxattr(path, b) })
	if err != nil || n == 0 {
		return nil, err
	}
	found := map[string]string{}
	value := make([]byte, 256)
	for _, attr := range strings.Split(strings.TrimRight(string(names[:n]), "\x00"), "\x00") {
		if attr == "security.selinux" || strings.ContainsAny(attr, "=") {
			continue
		}
		n, err := xattrBuffer(&value, func(b []byte) (int, error) { return unix.Lgetxattr(path, attr, b) })
		if err != nil {
			return found, err
		}
		found[attr] = string(value[:n])
	}
	return found, nil
}

// xattrBuffer calls get with a larger buffer until its answer fits; the kernel
// allows no more than 64 KiB. A file system without attributes has none.
func xattrBuffer(buf *[]byte, get func([]byte) (int, error)) (int, error) {
	for {
		n, err := get(*buf)
		switch {
		case errors.Is(err, unix.ERANGE) && len(*buf) < 1<<17:
			*buf = make([]byte, 2*len(*buf))
		case errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENODATA):
			return 0, nil
		default:
			return max(n, 0), err
		}
	}
}
