// Package osvmake makes vulnerability records in the OSV format, and says for versions of
// their packages which of the records apply: for tests of what builds a database from
// such records and of what matches packages with it.
//
// The verdicts follow from the schema's evaluation algorithm alone. Each kind of package
// has a ladder: versions in ascending order, written down by hand after the documented
// order of that kind (deb-version(7), apk's and RPM's, Semantic Versioning, PEP 440,
// Maven's), with epochs, tildes and pre-releases where it has them. A record's events
// point at steps of the ladder, so that no version has to be compared to know whether one
// lies in a range.
//
// Names, numbers and texts are made up; the same call gives the same bytes.
package osvmake
