package inflate

import xcpu "golang.org/x/sys/cpu"

var hasBMI2 = xcpu.X86.HasBMI2

//go:noescape
func decodeBMI2(s *fastState, in, out *byte, lit, dist *uint32)

// run is the fast loop: runGeneric, by a faster way where the processor has one.
func (r *Reader) run(s *fastState, in []byte) {
	if !hasBMI2 {
		r.runGeneric(s, in)
		return
	}
	decodeBMI2(s, &in[0], &r.out[0], &r.lit[0], &r.dist[0])
}
