// Package decode finds stretches of content that are encoded, and decodes them, so that
// a scanner can look at what they say: base64 of either alphabet, in one line or wrapped,
// hexadecimal digits, UTF-16 and UTF-32, percent encoding, escapes of JSON and of
// programming languages, entities of HTML, gzip and zlib streams inside of them, and
// whatever of these lies in one another.
//
// [Each] is made to be called for every byte of an image: it passes over ordinary text
// and binaries at the speed of memory, and decodes only where what comes out reads
// like text, or is compressed. What a decoded stretch costs is bounded; nothing fails.
package decode
