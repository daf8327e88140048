// Package lzma decodes LZMA and LZMA2: in .xz files (with all checks, filters, blocks,
// streams and padding), in .lzma files, in lzip files, and raw as 7z and zip archives
// have them. It is faster than the libraries are, because what it decodes with lives
// in local variables.
//
// A [Reader] takes its input from a [bufio.Reader] and never reads beyond the end of
// what it decodes. It verifies checksums and lengths. The window that matches may reach back
// to grows with what comes out, up to what the data ask for; what asks for more than a
// limit is refused ([ErrLimit]).
//
// The formats: "The .xz File Format" (xz-file-format.txt of XZ Utils), "LZMA specification"
// (lzma-specification.txt of the LZMA SDK), and the chapter on the file format in the
// manual of lzip.
package lzma
