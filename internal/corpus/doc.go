// Package corpus makes an image full of planted secrets whose places are known, and
// judges a scanner by it.
//
// [Build] gives one image and its ground truth: a [Plant] for each secret, with the
// layer, the path, and what became of it, and one for each look-alike that is no
// secret. The forms of the values follow what their issuers and the programs that
// read them document; no scanner's rules were looked at. [Judge] compares what a
// scanner found with the truth and gives recall and precision as a [Result].
//
// Promises:
//   - The same seed gives the same bytes, and the identifiers of plants are the same for all seeds.
//   - Each value is random and stands in one place alone; none opens anything, and
//     none lies in the source code.
//   - Every plant is where it claims to be: the tests decode it back with other
//     readers than the writers here.
//
// A change of the corpus changes what recall means, so that CHANGES.md lists them.
package corpus
