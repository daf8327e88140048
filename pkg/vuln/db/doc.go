// Package db keeps the local vulnerability database: it opens, imports, updates and
// builds databases of Grype's schema, version 6.
//
// A database is a directory with the files vulnerability.db (SQLite) and import.json, which
// has its checksum, as Grype itself keeps them; Grype's own directory can be opened too.
// [Open] verifies the checksum and gives Grype's provider for matching. [Import] takes the
// archive that Grype publishes, or one that [Build] has written; [Update] fetches one from
// an address, but only when it is called: nothing here opens a socket by itself. [Build]
// makes a database from records in the OSV format, for those who cannot get Grype's.
//
// A new database is made ready beside the old one and put in its place in one step. When
// anything goes wrong, the old one stands. Archives and records can be a stranger's: sizes
// are bounded, names that lead out of an archive are refused, checksums are verified.
//
// Errors can be told apart with [errors.Is]: [ErrNone], [ErrSchema], [ErrDamaged],
// [ErrChecksum], [ErrTooLarge].
package db
