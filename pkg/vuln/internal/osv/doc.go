// Package osv reads vulnerability records in the Open Source Vulnerability format
// (ossf.github.io/osv-schema, up to version 1.7) and what goes with them: EPSS
// scores of FIRST and CISA's catalogue of known exploited vulnerabilities.
//
// [Walk] reads records from a directory, a file or an archive; [Decode] reads one.
// [Range.Windows] turns the events of a range into the intervals that they mean, by the
// schema's own algorithm, with the order of versions left to the caller. [Ecosystem]
// tells languages from distributions and which release is meant.
//
// Whoever wrote the records may be hostile: everything is bounded, nothing panics, and
// what cannot be read is an error that says why. The package knows no database.
package osv
