// Package rpmdb reads from the databases of RPM which files its packages have, and the digests that it
// recorded of them: rpmdb.sqlite of today's distributions, and SUSE's Packages.db. The old
// Packages of Berkeley DB is not read.
//
// [Files] never panics, and visits at most [MostFiles] files; what is damaged ends a package's list.
package rpmdb
