// Package report holds the one value that says everything about a target, its
// JSON Schema, the writers behind one interface, and the redactor.
//
// In goes a [Report]; out goes text for people (text), one JSON object (json) or
// one JSON object a line (jsonl), through [NewWriter]. The package knows findings,
// and nothing of how any of them was found.
//
// # The contract of the JSON report
//
//   - [Schema] gives the JSON Schema. Every report that is written keeps it.
//   - Within version 1 fields are only added. Readers must let unknown fields
//     pass.
//   - Lists are never null. A field that may be null is null, not absent,
//     except where the schema does not require it.
//   - One report gives the same bytes each time.
//   - JSON Lines: the first line is of type report (fields schema and tool), then
//     come the types image, finding, suppressed, sbom, vulnerabilities and score in this order,
//     and the last line is of type coverage: without it the report was cut off.
//     Such a line is the element of the JSON report with "type" before its fields; [JSONL] names the
//     definition in the schema that it keeps.
//   - No control character and none that is invisible or reorders text stands
//     in JSON but as an escape.
//
// # The text report
//
// It is for people, and no contract. No line is wider than asked for, from 60
// columns on; without colours it says the same; no character of it but line breaks
// and its own colours controls a terminal. It stays short for any number of
// findings: what is not shown is counted, and -v or JSON has all of it.
//
// # The redactor
//
// No writer sees a secret: it is given a deep copy in which every string went
// through a [Redactor] and every [finding.Value] is gone, unless
// [WriterOptions] ask to show secrets. For standard error and logs there is [Redactor.Writer].
// Each found value is replaced by its redacted form
//
//   - as it is;
//   - with any of its characters escaped as in JSON, Go, C, shells ("\x"), URLs, HTML forms or
//     HTML, and with two of these within each other;
//   - as [finding.EscapeText] and [finding.EscapePath] give it;
//   - in hexadecimal;
//   - in base64 of either alphabet, padded or not, also in the midst of a longer
//     base64 text;
//   - with other line ends and, from 16 bytes on, across line breaks that it does not have;
//   - if it is a key of several lines, each line of 16 characters or more by itself.
//
// Where values overlap, the whole stretch goes. A value shorter than 6 bytes is
// replaced only between characters that are neither letters nor digits. Enumerations,
// rule ids and digests are left alone, as are plain words in the prose of the rule catalogue: see [Redactor.Report].
//
// Of a value longer than 4 KiB each chunk is looked for by itself, and nothing behind its first 64 KiB.
//
// Not undone are compression, encryption, UTF-16, base64 within base64, and a value
// that somebody cut off before it came here: detectors must not cut a value in a title.
package report
