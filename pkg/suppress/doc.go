// Package suppress silences findings that somebody has decided about: with a baseline, an
// ignore file of this project or of another scanner, or a comment beside the secret.
//
// [Read] reads a file of any of the known kinds into rules, [Baseline] a report of an earlier run.
// [Apply] takes away the places that rules name and says for each what silenced it and
// why. A finding is gone when no place of it is left.
//
// Promises:
//   - Nothing is silenced without an entry that says so.
//   - A rule that has expired silences nothing and is named in the result.
//   - A file that cannot be understood is an error: a rule that was mistyped must not be lost.
package suppress
