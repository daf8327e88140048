// Package vexdoc reads documents that say which flaws matter in which products: OpenVEX, and
// CycloneDX with analyses, in JSON or XML; also those in in-toto statements and DSSE envelopes. It
// imports nothing of Grype, so that it can be fuzzed.
//
// All become statements of OpenVEX. What a document says of a component by a reference
// that leads nowhere is counted, and stands for nothing.
package vexdoc
