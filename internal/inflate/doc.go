// Package inflate decodes DEFLATE (RFC 1951), alone or as zlib (RFC 1950) or one gzip
// member (RFC 1952), faster than the libraries do: most of what a scan of a
// compressed layer waits for is this.
//
// A [Reader] takes its input from a [bufio.Reader] and never reads beyond the end
// of the stream, so that whatever follows is the caller's. It verifies checksums
// and lengths. What compress/flate, compress/zlib and compress/gzip refuse it refuses,
// and nothing else; the tests hold it against them.
//
// It allocates some 300 KiB once, of which 260 are the buffer that [Reader.Fill] does without, and no
// more however the input looks; no goroutine. Use Reset to read many streams with one Reader.
package inflate
