// Package audit is the front door: it opens a target, walks it once with every
// scanner that was asked for, and joins what they found into one report.
//
// [Run] takes a target as a user writes it (registry:REF, oci-dir:DIR, a tar,
// "-" for standard input, …) and gives a [Result]: the report value, the images
// with their facts, and the final view of each image.
//
// Promises:
//   - Run fails only if nothing could be judged. What could not be read of an
//     image that could be judged stands in the report's coverage as a gap.
//   - Two runs on one image give equal reports, and the form of the image (a
//     registry, a layout, an archive, a stream) changes no finding.
//   - The report holds the secrets' values in memory. They leave the process
//     through the writers of pkg/report alone, which redact them.
//   - A local target opens no socket.
package audit
