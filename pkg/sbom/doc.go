// Package sbom catalogues the packages of images with Syft's catalogers, without
// unpacking an image and without reading it twice.
//
// A [Cataloger] gives a scanner that stands beside others in the one walk over
// the layers. It keeps what the catalogers will ask for: files whose paths, types
// or first bytes they look for, as a recording of their requests says (plan.txt),
// and the files that stand beside a package database. Small files are kept in
// memory, others in a temporary file that has no name, so that a killed process
// leaves nothing behind. After the walk the catalogers run over the final view
// of the image through a resolver of this package's own.
//
// What was not kept and is asked for all the same costs one more reading of its
// layer, which is counted. A stream cannot be read again: there it is a gap, and
// the bill of materials is not complete.
//
// [Write] writes a bill of materials as SPDX, CycloneDX or Syft's own JSON. Each
// package names the layer that brought it and the instruction of that layer. The
// same image gives the same bytes when a time is given in [WriteOptions].
//
// The package prints nothing and leaves Syft's logger and event bus, which belong
// to the whole process, as they are. RPM databases need a database/sql driver
// named "sqlite"; this package brings one.
package sbom
