// Package credfile reads the files in which programs keep credentials in a
// format of their own: .pgpass, wp-config.php, a Docker client's config.json.
// Beside such a secret there is often no keyword that an expression could look for.
//
// [Match] says by path, and where a name is common by the first bytes, which
// formats a file may have. [Candidate.Parse] takes the whole file and gives its
// [Credential] values with their places. [Formats] is the table of all formats, with
// the document that each row was written from.
//
// A format is read with the rules of its own grammar (quotes, escapes, comments,
// continued lines, entities). Passwords that a program keeps under a key it
// published are decoded. Password hashes are named by kind, and the cheap kinds are
// tried with blank and common passwords.
//
// Promises:
//   - Nothing leaves the process and nothing is opened but the bytes that are given.
//   - Offsets lie inside the content. A reference to a secret (${NAME},
//     {{ .Values.name }}, vault:…) and a placeholder (<password>) are no
//     credentials. A commented-out one is Unsure.
//   - Files larger than [MaxBytes], nested deeper than [MaxDepth], or with more than
//     [MaxCredentials] give an error, and beside it what was found until then.
//   - Guessing costs each file at most a fixed amount of work, about a quarter of a second.
//   - Match allocates nothing for a path that no format has.
package credfile
