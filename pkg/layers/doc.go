// Package layers reads container images from anywhere and walks their layers.
//
// [Open] gives a [Source]: a registry, an OCI layout or archive, a docker-archive
// tar, a daemon, a directory, or a stream on standard input. [Walk] reads every
// layer of its images once, in parallel, while it streams: it verifies both
// digests, decompresses, walks the tar, hands each entry and its content to any
// number of [Scanner]s side by side, and records what the layer says as [Facts].
// [Func] makes a scanner of a function; [Extract] gives one file of one layer.
// [NewView] lays the layers over each other and tells the fate of each path.
//
// Facts depend on a layer's bytes alone. Nothing in them knows which image the
// layer belongs to; verdicts about images are made of them afterwards.
//
// Promises:
//   - A layer blob is read once, and never unpacked to disk.
//   - Memory is bounded by [Limits] and [WalkOptions], not by the image.
//   - What could not be read is in the ledger ([Remark]); nothing is skipped in
//     silence, and nothing that a layer says makes the walk panic.
//   - A cancelled context ends the walk with no goroutine left.
//
// The package knows nothing of secrets, packages or scores.
package layers
