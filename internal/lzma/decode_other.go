//go:build !amd64

package lzma

// fast decodes nothing, where there is nothing faster.
func (*decoder) fast(_ *input, pos, _, _ int) (int, error) { return pos, nil }
