// Package proof says what can be shown about a secret without a network: that its
// checksum is right, whose account issued it, when it ended, which key it is.
//
// A secret and the id of the rule that found it go in, a [Result] comes out: facts in
// words that anybody can check again, and the confidence that follows from them.
// [Keys] reads the private keys and [Certificate] the certificate of a text or a
// file; both name the public key by one fingerprint, so that a key and a certificate
// of one image can be joined.
//
// Some private keys are known to everybody, because they lie in the tests of
// well-known software. Only fingerprints of their public keys are kept here; see
// known_keys.txt and the program beside it that makes it.
//
// Promises:
//   - Everything is pure and works on the bytes at hand: no network, no file, no clock.
//   - Work and memory are bounded by [MaxContent], [MaxKeys] and [MaxFacts]. Private
//     operations on keys are done only up to sizes that are in use.
//   - No fact holds a secret or a control character.
//   - A checksum disproves a secret only where the issuer documents it. Where it is known
//     from elsewhere, a match still counts, and a mismatch says nothing.
package proof
