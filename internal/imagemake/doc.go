// Package imagemake makes container images in memory, layer by layer, and writes
// them in every form that builders and daemons use. Tests and the demo are its users.
package imagemake
