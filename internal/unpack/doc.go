// Package unpack opens archives as they stream by: zip and its kin (jar, war, whl, apk of
// Android), 7z, tar, ar (deb), cpio, rpm, and what gzip, zstd, bzip2, xz, LZMA or lzip
// compressed, one inside the other.
//
// [Opener.Walk] reads an archive once, from front to back, and hands each member to a
// [Visitor] piece by piece; no member and no archive is held in memory or written to
// disk. A member that is an archive itself, told by its first bytes whatever its name,
// is opened instead. Bytes of an archive that belong to no member (what a damaged one
// holds behind the damage, say) are handed over too, as a member without a path.
//
// What a stranger's archive may cost is bounded by [Limits], over all that lies inside
// each other. A zip is read by its local headers, so that overlapping members and
// lies of the central directory cost nothing; where the two disagree, that is a remark.
// What could not be read as it should is a [Remark] that says whether something is
// missing; what came before it stands. Nothing panics.
//
// Rar, and members that are encrypted or compressed in other ways are not opened: their
// bytes are handed over as they are.
package unpack
