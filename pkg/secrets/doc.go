// Package secrets finds secrets in the content of layers, in configurations and
// in histories.
//
// A [Scanner] is given to the walk of package layers. For each layer it leaves
// [LayerFacts]: the files with secrets, and where in them. Afterwards
// [Scanner.Findings] joins the facts of all layers with the images' final views
// and with what their configurations and histories hold: one finding for each
// secret value, with every place where it was seen and what became of it there.
//
// The rules are gitleaks' default ones, parsed by its library, and a few of our own.
// The engine is ours: it reads each byte once, looks for what the rules' matches must
// contain, and matches an expression only where it can succeed. gitleaks'
// detector is the oracle in the tests.
//
// Archives are opened as they stream by (zip and its kin, tar, ar, cpio, rpm, 7z, and what
// gzip, zstd, bzip2, xz, LZMA or lzip compressed, one inside the other), and their members scanned in
// place of their bytes, also behind a program (a jar that starts itself); small ones beside the walk, as far as
// there is memory for them. The objects of Git repositories
// are scanned where they lie, and named by commit and path once the graph is joined. Files in
// which programs keep credentials are read by their own formats; so are the constants of Java classes and of
// Python's bytecode and the rows of SQLite databases. What is encoded in content (base64, hexadecimal, UTF-16, escapes
// and the like, one inside the other) is scanned as it is and decoded.
//
// Where it differs from gitleaks on purpose:
//   - No path is exempt. Path conditions that say what a rule is for
//     (kubernetes-secret-yaml: YAML files) are kept.
//   - Inline allow comments silence nothing here, because whoever wrote the
//     image wrote them; they are told, and package suppress may honour them.
//   - A token that begins as only its issuer's do may end at any sign that it cannot
//     hold, not at quotes, blanks and semicolons alone.
//   - pkcs12-file, which looks at names alone, is left to the hygiene rules.
//   - See the oracle test for what differs in matching.
//
// The confidence of a finding follows from what can be shown without a network (checksums, structure,
// expiry, well-known test keys), from whether the value looks made up or like words, from the place, and
// from whether a package manager recorded the file as it is. What is doubted stays in the report.
//
// Promises:
//   - Each byte of each regular file is scanned, whatever the size of the file
//     or its lines, or, in an archive, what it unpacks to; a secret of up to 32 KiB across
//     the edge of two pieces is found once. An encoded stretch that is longer than a piece
//     is decoded in parts.
//   - Memory is bounded by the number of workers, and by [MostHits] in a file and
//     [MostLayerHits] in a layer; what is beyond them is a gap.
//   - Facts and findings do not depend on the order of the scan.
//   - No goroutine is left when Facts has returned, or soon after the context ended.
package secrets
