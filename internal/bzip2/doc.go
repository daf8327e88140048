// Package bzip2 decodes bzip2, at more than twice the speed of compress/bzip2.
//
// A [Reader] takes its input from a [bufio.Reader] and never takes more of it than the
// streams, so that what follows is the caller's. It verifies the checksums of blocks and
// streams. What compress/bzip2 refuses it refuses, and nothing else; the tests
// hold it against that. Blocks that were randomised, as before version 0.9.5 of bzip2, are refused by both.
//
// A Reader allocates five bytes for each byte of a block, and some 250 KiB, and so less than 5 MiB
// however the input looks; no goroutine. Use Reset to read many files with one Reader.
//
// There is no specification of the format; "BZIP2 Format Specification" by Joe Tsai
// describes what the program does.
package bzip2
