package secrets

import (
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// doubts are our own reasons to put little trust in a match of one of gitleaks'
// rules: the match is kept, at low confidence.
var doubts = map[string]func(secret string) bool{
	"private-key":         emptyKey,
	"square-access-token": partOfBase64,
	"vault-service-token": memberOfS,
}

// emptyKey tells a private key from source code that only names its first and last line:
// it has no body of base64, which words are not. Line ends may be escaped, as in JSON.
func emptyKey(secret string) bool {
	_, body, _ := strings.Cut(strings.TrimPrefix(secret, "-----BEGIN"), "-----")
	if i := strings.LastIndex(body, "-----END"); i >= 0 {
		body = body[:i]
	}
	const wordsForCertain = 0.3 // the first bytes of a key of Ed25519, most of which are always the same, reach 0
	var run [40]byte
	n := 0
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case isLetter(b) || b >= '0' && b <= '9' || b == '+' || b == '/' || b == '=':
			run[n] = b
			if n++; n < len(run) {
				break
			}
			if wordiness(string(run[:])) < wordsForCertain {
				return false
			}
			n = 0
		case b == '\\' && i+1 < len(body) && (body[i+1] == 'r' || body[i+1] == 'n'):
			i++
		case b != '\r' && b != '\n' && b != ' ' && b != '\t':
			n = 0
		}
	}
	return true
}

// partOfBase64 tells a token that begins with EAAA from encoded binary content,
// where that is four bytes of which three are zero, and more of them follow.
func partOfBase64(secret string) bool {
	return strings.HasPrefix(secret, "EAAA") && strings.Contains(secret[4:], "AAA")
}

// memberOfS tells a token of Vault in its old form, s. and 24 characters, from a member of something called s.
func memberOfS(secret string) bool {
	body, old := strings.CutPrefix(secret, "s.")
	return old && wordiness(body) > looksRandom
}

// systemLibrary is where distributions put shared libraries.
var systemLibrary = newExpression(`^(?:usr/)?lib(?:32|64|x32)?/(?:.*/)?[^/]+\.so(?:\.[^/]*)?$`)

// leastTested is how many forms of private keys a library has in it that tests itself with them.
const leastTested = 3

// withoutTests leaves out the private keys of a library of the system that has them in many forms: those of RSA, of DSA
// and of curves, as a cryptographic library has to test itself. A program that uses a key has one.
func withoutTests(path string, hits []Hit) []Hit {
	forms := map[string]bool{}
	inSystem := systemLibrary.MatchString(path)
	tests := func(h Hit) bool {
		return inSystem && h.Rule == "private-key" && h.Line == 0 && !emptyKey(h.Value.Reveal())
	}
	for _, h := range hits {
		if tests(h) {
			form, _, _ := strings.Cut(strings.TrimPrefix(h.Value.Reveal(), "-----BEGIN "), "-----")
			forms[form] = true
		}
	}
	if len(forms) < leastTested {
		return hits
	}
	return slices.DeleteFunc(slices.Clone(hits), tests)
}

// trustIn gives the confidence in a hit at a place: the least that the file and, in an archive, each
// member on the way justify. It is empty if the hit is no secret there. The vendor is whose file it is, as shipped.
func trustIn(h Hit, path, vendor string) finding.Confidence {
	least := h.Confidence
	for part := range strings.SplitSeq(path, "!/") {
		if h.isNone(part, vendor) {
			return ""
		}
		if c := doubtfulPlace(h, part); c.Rank() < least.Rank() {
			least = c
		}
	}
	return least
}

// doubtfulPlace tells places where a secret of a kind is most often none. The keys
// in shared libraries of cryptography (GnuTLS, libgcrypt, NSS) are for their self-tests.
//
// What a distribution documents, in manuals and change logs, are examples; a credential of
// a form of its own is one there as well.
func doubtfulPlace(h Hit, path string) finding.Confidence {
	switch h.Rule {
	case "private-key":
		if h.Line == 0 && systemLibrary.MatchString(path) {
			return finding.Unsure
		}
	case ruleGeneric, ruleLiteral, ruleCommand, ruleOption, ruleConnection, ruleSQL, ruleBearer, ruleBasic, ruleCrypt, "curl-auth-user", "curl-auth-header", ruleURL, ruleFile:
		switch {
		case documentation.MatchString(path), h.Rule != ruleFile && manual.MatchString(path):
			return finding.Unsure
		case (h.Rule == ruleGeneric || h.Rule == ruleLiteral) &&
			(lockFile.MatchString(path) || translation.MatchString(path) && wordiness(h.Value.Reveal()) > looksRandom):
			return finding.Unsure
		case published.MatchString(path):
			if slices.Contains([]string{ruleGeneric, ruleLiteral, ruleConnection, ruleOption}, h.Rule) {
				return finding.Unsure
			}
			return finding.Likely
		}
	}
	return h.Confidence
}

// published is where package managers put what others published: an API key that a
// library calls by name is an example or a test there, most often.
var published = newExpression(`(?:^|/)(?:node_modules|site-packages|dist-packages|bower_components|gems/[^/]+|go/pkg/mod|\.m2/repository|\.cargo/registry)/|` +
	`^(?:usr/)?s?bin/|^usr/(?:lib|lib32|lib64|libx32|libexec|include)/|^usr/share/(?:[^n]|n[^g]|ng[^i])|^lib(?:32|64|x32)?/|^var/lib/apt/lists/`)

// lockFile is where package managers keep the versions and checksums of packages, whose names may speak of
// keys and tokens, and what they know of those that are installed.
var lockFile = newExpression(`(?:^|/)(?:go(?:\.work)?\.sum|(?:package-lock|npm-shrinkwrap|packages\.lock)\.json|(?:pnpm-lock|pubspec\.lock)\.ya?ml|[\w.-]+\.lock|` +
	`bun\.lockb|Package\.resolved|\.package-lock\.json|SHA\d{0,3}SUMS|rpmdb\.sqlite|Packages\.db)(?:-wal)?$|^var/lib/(?:rpm|dpkg)/`)

// translation is where programs keep what they say to people, by language: there "password" is a label.
var translation = newExpression(`(?i)(?:^|/)(?:locales?|i18n|l10n|lang|langs|languages|translations?|lproj|LC_MESSAGES)/|(?:^|/)(?:messages|strings)(?:[._-][a-z]{2}(?:[_-][A-Za-z]{2,4})?)?\.(?:properties|xml|json|ya?ml|strings|arb)$|` +
	`\.(?:po|pot|mo|xlf|xliff|resx|arb|strings|lproj/[^/]*)$`)

// manual is a text that explains to people.
var manual = newExpression(`(?i)(?:^|/)(?:readme|changelog|changes|news|history|contributing)(?:[.-][^/]*)?$`)

// documentation is where distributions put manuals and documents.
var documentation = newExpression(`^usr/(?:local/)?share/(?:doc|man|info|help|gtk-doc)/`)
