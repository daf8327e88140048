//go:build !amd64

package inflate

func withoutAssembly(do func()) { do() }
