// Package finding holds the one record that every detector emits and every
// writer prints.
//
// A [Finding] is one thing that is wrong with an image: one secret value, one
// file that should not ship, one failed check. Its [Location]s say every place
// where it was seen, what became of that place in higher layers ([Fate],
// [FateBy]) and which instruction wrote it. The package imports nothing else of
// the project: detectors fill its types in, writers print them, and neither
// knows the other.
//
// Promises:
//   - The zero value of every type marshals to valid JSON.
//   - A secret's value never leaves through JSON, fmt or log by accident:
//     [Value] prints and marshals as a fixed mark. Only [Value.Reveal] gives it.
//   - [Finding.ID] is stable over rebuilds, moved layers and other forms of the
//     same image, and never lets a weak value be guessed from it; see [SecretID].
package finding
