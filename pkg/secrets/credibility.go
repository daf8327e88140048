package secrets

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// credibility says how much to trust a match of a rule that goes by names and places and not by
// a form that only credentials have: by what the value looks like, and what it is called.
func credibility(rule, name, value string, given finding.Confidence) finding.Confidence {
	if given == finding.Unsure {
		return given
	}
	switch rule {
	case ruleGeneric, ruleLiteral:
		switch {
		case encodesText(value), malformed(value), encodesPlaceholder(value):
			return finding.Unsure
		case placeholder(value), sequence(value), describesContent(name), identifies(name), reference(value), isUUID(value) && !credentialName(name):
			return finding.Unsure
		case namesSoftware(value), holdsContent(value):
			return finding.Unsure
		case isUUID(value):
			return finding.Likely
		case looksMadeUp(value) && len(value) >= 12:
			return finding.Sure
		case mixed(value) && passwordName(name):
			if weak(value) || len(value) < 8 {
				return finding.Likely
			}
			return finding.Sure
		case wordiness(value) >= looksWordy && (!mixed(value) || identifierForm.MatchString(value) && !spokenName(name)):
			return finding.Unsure
		}
		return finding.Likely
	case ruleHash:
		if placeholder(value) || elsewhere.MatchString(strings.ToLower(value)) {
			return finding.Unsure
		}
	case "kubernetes-secret-yaml":
		if name, data, ok := strings.Cut(value, ":"); ok && encodesText(strings.Trim(data, " \t\"'")) || strings.Contains(name, ".") {
			return finding.Unsure // of a file, which is looked at by itself
		}
	case ruleURL, ruleVariable, ruleFile, "curl-auth-user", "curl-auth-header", "hashicorp-tf-password", "nuget-config-password":
		if plain, err := url.PathUnescape(value); rule == ruleURL && err == nil {
			value = plain // else the digits of %2F would count as digits of the password
		}
		switch {
		case (rule == ruleFile || rule == ruleVariable) && everybodysPassword(value) && !filler(value): // the place says that it is one
			return finding.Likely
		case rule == "curl-auth-header" && encodesPlaceholder(value):
			return finding.Unsure
		case strings.Contains(strings.TrimSpace(value), "\n") && !strings.HasPrefix(value, "-----BEGIN"): // a file as such
			return finding.Unsure
		case encodesText(value), malformed(value):
			return finding.Unsure
		case placeholder(value), sequence(value), namesAPlace(value), !(rule == ruleFile && (given == finding.Sure || looksMadeUp(value))) && reference(value):
			return finding.Unsure
		case rule == ruleFile && wordiness(value) >= looksWordy && !mixed(value):
			return min2(given, finding.Likely)
		case rule == ruleFile && given == finding.Likely && describesContent(name):
			return finding.Unsure
		case given == finding.Likely && len(value) >= 8 && (mixed(value) || looksMadeUp(value)) && !describesContent(name):
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
	case given == finding.Likely && (isUUID(value) || looksMadeUp(value) && len(value) >= 16):
		return finding.Sure
	case wordiness(value) >= looksWordy && !mixed(value):
		return finding.Unsure
	}
	return given
}

func min2(a, b finding.Confidence) finding.Confidence {
	if a.Rank() < b.Rank() {
		return a
	}
	return b
}

// encodesText reports whether a value is base64 of a text of several words or of compressed
// data, in which secrets are looked for themselves.
func encodesText(v string) bool {
	raw, err := base64.StdEncoding.DecodeString(v)
	if err != nil {
		if raw, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(v, "=")); err != nil {
			return false
		}
	}
	if bytes.HasPrefix(raw, []byte("\x1f\x8b\x08")) {
		return true
	}
	words := len(bytes.Fields(raw))
	return words >= 3 && utf8.Valid(raw) && !bytes.ContainsFunc(raw, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' })
}

// encodesPlaceholder reports whether a value is base64 of a user and a placeholder or no password, as in what
// documentation says of HTTP's basic authentication.
func encodesPlaceholder(v string) bool {
	raw, err := base64.StdEncoding.DecodeString(v)
	if err != nil || bytes.ContainsFunc(raw, func(r rune) bool { return r < ' ' || r > '~' }) {
		return false
	}
	_, password, ok := strings.Cut(string(raw), ":")
	return ok && (password == "" || placeholder(password))
}

// issuerPrefixes are beginnings that issuers give their tokens, with the least length of one. What
// begins so, and no rule for the issuer's tokens knows, is a stump or an example.
var issuerPrefixes = []struct {
	prefix string
	least  int
}{
	{"ghp_", 40}, {"gho_", 40}, {"ghu_", 40}, {"ghs_", 40}, {"ghr_", 40}, {"github_pat_", 82}, {"glpat-", 26}, {"npm_", 40}, {"xoxb-", 30}, {"xoxp-", 30},
	{"sk_live_", 20}, {"rk_live_", 20}, {"AKIA", 20}, {"ASIA", 20}, {"dop_v1_", 71}, {"pypi-", 80}, {"hf_", 37}, {"SG.", 60}, {"shpat_", 38}, {"AIza", 39}, {"glsa_", 41},
}

// malformed reports whether a value begins as the tokens of an issuer do and is too short, is
// publishable, is ciphertext, or is an identifier that everybody may know.
func malformed(v string) bool {
	for _, p := range issuerPrefixes {
		if strings.HasPrefix(v, p.prefix) {
			return len(v) < p.least
		}
	}
	return publicForm.MatchString(v)
}

// ofIssuer reports whether a value begins as the tokens of an issuer do, which has a rule of its own.
func ofIssuer(v string) bool {
	for _, p := range issuerPrefixes {
		if strings.HasPrefix(v, p.prefix) {
			return true
		}
	}
	return false
}

// publicForm is of values that open nothing: publishable keys of Stripe and Mapbox, ciphertexts of AWS KMS and
// of sealed secrets, Ethereum addresses, public keys, certificates, encrypted messages and files.
var publicForm = newExpression(`^(?:pk_(?:live|test)_|pk\.eyJ|AQICAH|Ag[A-D][A-Za-z0-9+/]{300}|0x[0-9a-fA-F]{40}$|ssh-(?:rsa|ed25519|dss) |ecdsa-sha2-|` +
	`-----BEGIN (?:AGE ENCRYPTED|PGP MESSAGE|PGP PUBLIC|CERTIFICATE|PUBLIC KEY|RSA PUBLIC)|\$ANSIBLE_VAULT|ENC\[|@Microsoft\.KeyVault)`)

var uuidForm = newExpression(`(?i)^(?:urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// isUUID reports whether a value is a UUID, written as such or as a name (RFC 9562, RFC 8141).
func isUUID(v string) bool {
	return (len(v) == 36 || len(v) == 45) && uuidForm.MatchString(v)
}

// looksMadeUp reports whether the value, or the longest part of it without signs, is random: a token's
// beginning often says what it is.
func looksMadeUp(v string) bool {
	if wordiness(v) <= looksRandom {
		return true
	}
	longest := ""
	for _, part := range strings.FieldsFunc(v, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	return len(longest) >= 16 && wordiness(longest) <= looksRandom
}

// passwordName reports whether a name is that of a password.
func passwordName(name string) bool {
	low := strings.ToLower(name)
	return strings.Contains(low, "passw") || strings.HasSuffix(low, "pass") || strings.HasSuffix(low, "pwd") || strings.Contains(low, "passphrase")
}

// mixed reports whether a value has digits among its letters, as people are told to have in passwords.
func mixed(v string) bool {
	k := kindsIn(v)
	return k&(kindLower|kindUpper) != 0 && k&kindDigit != 0
}

// weak reports whether a password is one that people make of words: what reads like that is a label or a
// name of something now and then.
func weak(v string) bool {
	return len(v) < 8 || wordiness(v) > -0.2 && !asTold(v) || labelForm.MatchString(v)
}

// labelForm is of values with the name of what they may be a label of.
var labelForm = newExpression(`(?i)passw|contrase|senha|parola|has[lł]o|secret|token|[^ -~]`)

// identifierForm is of names in source code.
var identifierForm = newExpression(`^[A-Za-z_][A-Za-z0-9_]*$`)

// spokenName reports whether a name is that of a password or secret, which people choose: of keys and tokens
// they do not, so that one that reads like a name is a name.
func spokenName(name string) bool {
	words := nameWords(name)
	return passwordName(name) || len(words) > 0 && words[len(words)-1] == "secret"
}

// identifies reports whether a name says that its value tells a thing from others of its kind: the ID of
// a key, the key of a cache's entry. HashiCorp Vault's secret_id is a password.
func identifies(name string) bool {
	words := nameWords(name)
	if len(words) < 2 {
		return false
	}
	last, before := words[len(words)-1], words[len(words)-2]
	switch last {
	case "id", "ids", "identifier":
		return before != "secret" || len(words) > 2 && words[0] != "vault" && words[0] != "approle"
	case "key", "keys":
		return slices.Contains(thingsWithKeys, before)
	}
	return false
}

// thingsWithKeys are what is looked up by a key that opens nothing.
var thingsWithKeys = []string{
	"cache", "column", "dedup", "event", "file", "foreign", "group", "idempotency", "image", "index", "issue", "locale", "lookup", "message", "object", "partition", "primary",
	"product", "project", "query", "registry", "row", "sort", "table", "theme", "translation",
}

// namesSoftware reports whether a value is a version, a file of a kind that programs load, or a time.
func namesSoftware(v string) bool {
	return strings.ContainsAny(v, ".-") && softwareForm.MatchString(v) && (v[0] >= '0' && v[0] <= '9' || wordiness(v) >= looksRandom)
}

// holdsContent reports whether a value is an assignment by itself, to a name of what is no credential: Signature=….
func holdsContent(v string) bool {
	name, rest, ok := strings.Cut(v, "=")
	return ok && strings.Trim(rest, "=") != "" && describesContent(name)
}

// softwareForm is of what namesSoftware tells: 4.5.0-35.el8, jackson-core-2.15.1, libfoo.so.6, report.xml, 2020-01-31T08:00:00Z.
var softwareForm = newExpression(`(?i)^(?:v?\d+\.\d+(?:\.\d+)*(?:[-+~.][\w.+~-]*)?|[a-z][a-z0-9._-]*?-v?\d+(?:\.\d+)+[\w.-]{0,20}|[\w.+-]+\.so(?:\.\d+)*|` +
	`[\w.+/-]+\.(?:gz|xz|bz2|zip|tar|xml|json|ya?ml|toml|html?|css|js|ts|go|py|rb|c|h|hpp|cpp|java|php|sh|conf|cfg|ini|txt|md|pdf|png|jpe?g|svg|gif|ico|eps|pem|crt|cer|pub|key|log|sql|db|dll|exe)|` +
	`\d{4}-\d\d-\d\dT[\d:.]{5,18}(?:Z|[+-][\d:]{4,5})?)$`)

// sequence reports whether a value is, for the most part, the alphabet, digits counted up, or
// the same few characters again and again.
func sequence(v string) bool {
	if len(v) < 6 {
		return false
	}
	const deadbeef = 'd'<<56 | 'e'<<48 | 'a'<<40 | 'd'<<32 | 'b'<<24 | 'e'<<16 | 'e'<<8 | 'f'
	steps, up, longest := 0, 0, 0 // up is how far the last bytes count up
	var few [3]byte               // the first bytes that differ
	distinct, dead := 0, false
	last, word := v[0]|0x20, uint64(v[0]|0x20)
	for i := range len(v) {
		b := v[i] | 0x20
		if distinct <= len(few) && !slices.Contains(few[:min(distinct, len(few))], b) {
			if distinct < len(few) {
				few[distinct] = b
			}
			distinct++
		}
		if i == 0 {
			continue
		}
		d := int(b) - int(last)
		if d >= -1 && d <= 1 {
			steps++
		}
		if up++; d != 1 {
			up = 0
		}
		longest = max(longest, up)
		word = word<<8 | uint64(b)
		dead = dead || word == deadbeef
		last = b
	}
	return 3*steps >= 2*(len(v)-1) || len(v) >= 12 && distinct <= len(few) || dead ||
		longest >= 8 && (strings.Contains(v, "123456789") || strings.Contains(strings.ToLower(v), "abcdefghij"))
}

// Words of names whose values identify content, software or a request and open nothing.
var contentWords = []string{
	"sha", "sha1", "sha256", "sha384", "sha512", "md5", "checksum", "digest", "hash", "integrity", "commit", "revision", "rev", "build", "etag", "fingerprint",
	"thumbprint", "nonce", "uuid", "guid", "address", "public", "publishable", "pub", "site", "sitekey", "challenge", "ciphertext", "encrypted", "sealed", "kms", "arn", "resourceid",
	"publickey", "pubkey", "algorithm", "locale", "schema", "slug", "signature", "csrf", "xsrf", "authenticity",
}

// alwaysContent are those of them that make what follows harmless: a public key, an encrypted password, a token
// that a page has anew for each visitor.
var alwaysContent = []string{"public", "encrypted", "csrf", "xsrf", "authenticity"}

// mayDescribeContent are those words wherever they stand in a name, which costs less to know.
var mayDescribeContent = newWordSet(contentWords...)

// describesContent reports whether a name says that its value is no credential.
func describesContent(name string) bool {
	if !mayDescribeContent.in(name) {
		return false
	}
	words := nameWords(name)
	for i, w := range words {
		if slices.Contains(contentWords, w) && !(i+1 < len(words) && slices.Contains(credentialWords, words[len(words)-1]) && !slices.Contains(alwaysContent, w)) {
			return true
		}
	}
	return false
}

// reference reports whether a value names a place where the credential is kept, or code that gets it.
// A look for signs that an expression cannot do without costs less than the expression.
func reference(v string) bool {
	k := kindsIn(v)
	return namesAPlace(v) || hasPrefixFold(v, "sha256:") ||
		k&kindOfCode != 0 && codeForm.MatchString(v) || k&kindDot != 0 && isMember(v) && wordiness(v) >= looksRandom/2
}

// namesAPlace reports whether a value says where the credential is kept.
func namesAPlace(v string) bool {
	if hasPrefixFold(v, "arn:") || hasPrefixFold(v, "vault:") || hasPrefixFold(v, "op://") {
		return true
	}
	if !mayNameAPlace.in(v) {
		return false
	}
	low := strings.ToLower(v)
	return elsewhere.MatchString(low) || strings.Contains(low, "secretsmanager") || strings.Contains(low, ".vault.azure.net")
}

// mayNameAPlace are words without which a value does not say where the credential is kept.
var mayNameAPlace = func() *wordSet {
	words := []string{"secretsmanager", ".vault.azure.net"}
	for _, place := range []string{"vault", "env", "secret", "keychain", "keyring", "file", "config", "store", "manager", "console", "variable"} { // those of elsewhere
		words = append(words, "-"+place, "_"+place, " "+place)
	}
	return newWordSet(words...)
}()

// elsewhere is how people write that a credential is kept in another place.
var elsewhere = newExpression(`(?:^|[^a-z0-9])(?:from|in|see|use|set|get|read|stored)[-_ ](?:in[-_ ])?(?:(?:the|a|an|your|my)[-_ ])?(?:vault|env|environment|secrets?|keychain|keyring|file|config|store|manager|console|variable)(?:$|[^a-z0-9])`)

// codeForm is a call or an index in source code.
var codeForm = newExpression(`[\w$]\(|\w\[["'\w]|^\$|->|::`)

// isMember reports whether a value is a member in source code: ^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$.
func isMember(v string) bool {
	parts := 0
	for first, i := true, 0; i < len(v); i++ {
		switch k := charKindOf[v[i]]; {
		case v[i] == '.' && !first:
			first = true
			parts++
		case k&(kindLower|kindUpper) != 0 || v[i] == '_' || v[i] == '$', k&kindDigit != 0 && !first:
			first = false
		default:
			return false
		}
		if first && i == len(v)-1 {
			return false
		}
	}
	return parts > 0
}

// charKinds are kinds of bytes.
type charKinds uint16

const (
	kindLower charKinds = 1 << iota
	kindUpper
	kindDigit
	kindDot
	kindOfCode  // signs that calls and references in source code are written with
	kindBracket // signs that templates and expressions are written with
	kindBeyond  // behind what is printable in ASCII
)

var charKindOf = func() (table [256]charKinds) {
	for i := range table {
		b := byte(i)
		switch {
		case b >= 'a' && b <= 'z':
			table[i] |= kindLower
		case b >= 'A' && b <= 'Z':
			table[i] |= kindUpper
		case b >= '0' && b <= '9':
			table[i] |= kindDigit
		case b == '.':
			table[i] |= kindDot
		case b > '~':
			table[i] |= kindBeyond
		}
		if strings.IndexByte("([$>:", b) >= 0 {
			table[i] |= kindOfCode
		}
		if strings.IndexByte("{}$%*|^()[]@", b) >= 0 {
			table[i] |= kindBracket
		}
	}
	return table
}()

// kindsIn gives the kinds of all bytes of a value.
func kindsIn(v string) (kinds charKinds) {
	for i := range len(v) {
		kinds |= charKindOf[v[i]]
	}
	return kinds
}
