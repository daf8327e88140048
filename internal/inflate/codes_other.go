//go:build !amd64

package inflate

// run is the fast loop, where there is nothing faster.
func (r *Reader) run(s *fastState, in []byte) { r.runGeneric(s, in) }
