// Package checks holds the rules that judge an image by what lies in it and how it
// was built, not by the content of its files: what should not ship (environment files,
// version control, keys, build tools, package caches, dangerous modes), what its
// configuration and history say (user, ports, variables, the commands of each RUN), and
// what no honest builder writes into a tar.
//
// In go images whose layers have facts, and their final views; out come findings of
// the categories hygiene, config and integrity, and the answer of every rule about every
// image: pass, fail, or not assessed and why ([Judge], of which [See] is the part that needs no
// packages). [Rules] is the catalogue: each rule with its reasons, as data. [Controls] decides the controls of the CIS Docker
// Benchmark by them. [Scanner] keeps of the walk the accounts of etc/passwd.
//
// [Options].Bills has the packages of an image: other bills of materials in and beside it
// are held against them.
//
// Promises:
//   - Every layer is judged, not the final view alone: what a higher layer deleted
//     is still in the image, and its finding says so with fate, layer and instruction.
//   - One finding is one rule at one place, with a location for each layer. A rule that
//     fires at very many places is joined to one finding for each top directory, and says
//     how many places it stands for; see [MaxPlaces] and [MaxLocations].
//   - Of files only names, types, modes, sizes and extended attributes are looked at, and
//     the names and numbers of accounts. A file is
//     what its name says until another room has read it; confidence tells how far to trust that.
//   - Nothing in an image makes it panic, and findings come in one order.
package checks
