package secrets

import (
	"regexp"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// credibility says how much to trust a match of a rule that goes by names and places and not by
// a form that only credentials have: by what the value looks like, and what it is called.
func credibility(rule, name, value string, given finding.Confidence) finding.Confidence {
	if given == finding.Unsure {
		return given
	}
	switch rule {
	case ruleGeneric:
		switch {
		case placeholder(value), sequence(value), uuidForm.MatchString(value), describesContent(name), reference(value):
			return finding.Unsure
		case wordiness(value) <= looksRandom && len(value) >= 12:
			return finding.Sure
		case wordiness(value) >= looksWordy && !mixed(value):
			return finding.Unsure
		}
		return finding.Likely
	case ruleURL, ruleVariable, ruleFile, "curl-auth-user", "curl-auth-header", "hashicorp-tf-password", "kubernetes-secret-yaml":
		switch {
		case placeholder(value), sequence(value), reference(value):
			return finding.Unsure
		case given == finding.Likely && len(value) >= 8 && (mixed(value) || wordiness(value) <= looksRandom) && !describesContent(name):
			return finding.Sure
		}
	}
	return given
}

// vendorCredibility is credibility for rules that ask for an issuer's name beside a value of a
// common form, such as 32 hexadecimal digits.
func vendorCredibility(name, value string, given finding.Confidence) finding.Confidence {
	switch {
	case given == finding.Unsure:
		return given
	case placeholder(value), sequence(value), describesContent(name):
		return finding.Unsure
	case given == finding.Likely && wordiness(value) <= looksRandom && len(value) >= 16:
		return finding.Sure
	case wordiness(value) >= looksWordy && !mixed(value):
		return finding.Unsure
	}
	return given
}

var uuidForm = regexp.MustCompile(`(?i)^(?:urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// mixed reports whether a value has digits among its letters, as people are told to have in passwords.
func mixed(v string) bool {
	letters := strings.ContainsFunc(v, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
	return letters && strings.ContainsAny(v, "0123456789")
}

// sequence reports whether a value is, for the most part, the alphabet, digits counted up, or
// the same few characters again and again.
func sequence(v string) bool {
	if len(v) < 6 {
		return false
	}
	steps, distinct := 0, map[byte]bool{}
	for i := range len(v) {
		distinct[v[i]|0x20] = true
		if i > 0 {
			if d := int(v[i]|0x20) - int(v[i-1]|0x20); d == 1 || d == 0 || d == -1 {
				steps++
			}
		}
	}
	return 3*steps >= 2*(len(v)-1) || len(v) >= 12 && len(distinct) <= 3 ||
		strings.Contains(strings.ToLower(v), "0123456789") || strings.Contains(v, "123456789") || strings.Contains(strings.ToLower(v), "abcdefghij") || strings.Contains(strings.ToLower(v), "deadbeef")
}

// Words of names whose values identify content, software or a request and open nothing.
var contentWords = []string{
	"sha", "sha1", "sha256", "sha384", "sha512", "md5", "checksum", "digest", "hash", "integrity", "commit", "revision", "rev", "build", "etag", "fingerprint",
	"thumbprint", "nonce", "uuid", "guid", "address", "public", "publishable", "pub", "site", "sitekey", "challenge", "ciphertext", "encrypted", "sealed", "kms", "arn", "resourceid",
	"algorithm", "locale", "schema", "slug",
}

// describesContent reports whether a name says that its value is no credential.
func describesContent(name string) bool {
	words := nameWords(name)
	for i, w := range words {
		if slices.Contains(contentWords, w) && !(i+1 < len(words) && slices.Contains(credentialWords, words[len(words)-1]) && w != "public" && w != "encrypted") {
			return true
		}
	}
	return false
}

// reference reports whether a value names a place where the credential is kept, or code that gets it.
func reference(v string) bool {
	low := strings.ToLower(v)
	return strings.HasPrefix(low, "arn:") || strings.HasPrefix(low, "vault:") || strings.HasPrefix(low, "op://") ||
		strings.Contains(low, "secretsmanager") || strings.Contains(low, ".vault.azure.net") || strings.HasPrefix(low, "sha256:") ||
		codeForm.MatchString(v)
}

// codeForm is a call, a member or an index in source code.
var codeForm = regexp.MustCompile(`^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*){1,}$|[\w$]\(|\w\[["'\w]|^\$|->|::`)
