package secrets

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// The ids of the rules that are ours and not gitleaks'.
const (
	ruleURL      = "url-credentials" // in all content
	ruleAWS      = "aws-secret-access-key"
	ruleVariable = "credential-variable" // in configuration and history alone

	// In files that programs keep credentials in.
	ruleFile      = "credential-file"
	ruleHash      = "password-hash"
	ruleGuessable = "guessable-password" // blank or common, told from its hash
	ruleStore     = "credential-store"   // encrypted

	ruleGeneric = "generic-api-key" // gitleaks' rule for names of credentials
)

// ownRules are the rules of ours that look at all content.
func ownRules() []rule {
	return []rule{{
		id: ruleURL,
		expr: newExpression(`(?i)\b[a-z][a-z0-9+.-]{1,30}://[^\s/?#:@'"<>\x60\\]{0,100}:` +
			`([^\s/?#@'"<>\x60\\]{3,200})@[a-z0-9\[]`),
		own: judgeURL,
	}, {
		id: ruleAWS,
		expr: newExpression(`(?i)aws[\w.-]{0,20}?secret[\w.-]{0,20}[\s'"\\]{0,4}(?:=>|:=|=|:)[\s'"\\]{0,5}` +
			`([a-z0-9/+]{40})(?:[^a-z0-9/+=]|$)`),
		own: judgeAWS,
	}}
}

// judgeAWS judges what is assigned to a name of AWS's secret access key, which has
// no form but its length.
func judgeAWS(secret, _ string) finding.Confidence {
	if strings.ToLower(secret) == secret || strings.ToUpper(secret) == secret || entropy(secret) < 3.5 {
		return ""
	}
	if placeholder(secret) { // AWS's documentation ends its own with EXAMPLEKEY
		return finding.Unsure
	}
	return finding.Sure
}

// judgeURL judges the password of a URL.
func judgeURL(secret, match string) finding.Confidence {
	// Templates, patterns and wire formats are no passwords.
	if strings.ContainsAny(secret, "${}()[]|^*,") || strings.Contains(secret, "%s") || strings.HasPrefix(secret, "%") {
		return ""
	}
	for i := range len(secret) {
		if secret[i] < ' ' || secret[i] >= 0x7f {
			return ""
		}
	}
	if plain, err := url.PathUnescape(secret); err == nil {
		secret = plain
	}
	host := match[strings.LastIndexByte(match, '@')+1:]
	if placeholder(secret) || host == "" {
		return ""
	}
	if digits(secret) && len(secret) < 6 { // a port
		return ""
	}
	return finding.Likely
}

// judgeVariable judges a variable of the configuration or the history.
// It says nothing of names that do not speak of a credential and of values that
// refer to one that is kept elsewhere.
func judgeVariable(name, value string) finding.Confidence {
	if !credentialName(name) {
		return ""
	}
	v := strings.Trim(strings.TrimSpace(value), `"'`)
	switch {
	case len(v) < 4, digits(v), strings.HasPrefix(v, "$"), strings.HasPrefix(v, "<"), strings.HasPrefix(v, "{{"):
		return ""
	case strings.HasPrefix(v, "/"), strings.HasPrefix(v, "./"), strings.HasPrefix(v, "~/"), strings.HasPrefix(v, "file:"):
		return ""
	case strings.Contains(v, "${"), strings.Contains(v, "$("):
		return ""
	case strings.Contains(v, "://") && !strings.Contains(v, "@"):
		return ""
	case slices.Contains([]string{"true", "false", "none", "null", "disabled", "enabled", "required", "optional"}, strings.ToLower(v)):
		return ""
	case filler(v):
		return finding.Unsure
	}
	return finding.Likely
}

// Words of names that speak of a credential, and words that, at the end, say
// that the variable holds something about it.
var (
	credentialWords = []string{
		"password", "passwd", "pwd", "pass", "passphrase", "passcode", "secret", "secrets", "token", "credential", "credentials",
		"apikey", "secretkey", "accesskey", "privatekey", "authkey", "apitoken", "apisecret",
	}
	credentialPairs = []string{"api key", "access key", "secret key", "private key", "auth key", "encryption key", "signing key", "master key", "account key", "license key"}
	aboutWords      = []string{
		"file", "path", "dir", "url", "uri", "name", "length", "size", "ttl", "expiry", "expires", "expiration", "timeout", "type", "endpoint",
		"algorithm", "policy", "required", "enabled", "min", "max", "host", "port", "version", "id", "user", "username", "mode", "store", "class", "header", "issuer", "audience",
		"hint", "label", "prompt", "placeholder", "message", "error", "regex", "pattern", "format", "question", "title", "description", "field", "input", "selector",
	}
)

// credentialName reports whether a name, in any of the usual spellings, says
// that its value is a credential.
func credentialName(name string) bool {
	words := nameWords(name)
	if len(words) == 0 || slices.Contains(aboutWords, words[len(words)-1]) {
		return false
	}
	for i, w := range words {
		if slices.Contains(credentialWords, w) {
			return true
		}
		// PGPASSWORD, MYSQLPASSWORD
		if strings.HasSuffix(w, "password") || strings.HasSuffix(w, "passwd") {
			return true
		}
		if i > 0 && slices.Contains(credentialPairs, words[i-1]+" "+w) {
			return true
		}
	}
	return false
}

// nameWords splits DB_PASSWORD, db-password and dbPassword into words.
func nameWords(name string) []string {
	var b strings.Builder
	var last rune
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			r = ' '
		case unicode.IsUpper(r) && (unicode.IsLower(last) || unicode.IsDigit(last)):
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
		last = r
	}
	return strings.Fields(b.String())
}

// placeholder reports whether a value stands for one that is put in later, or
// is an example that documentation uses.
func placeholder(v string) bool { return filler(v) || everybodysPassword(v) }

// everybodysPassword reports whether a value is a word that documentation uses for a password and careless
// people do: in a place for passwords alone it is one.
func everybodysPassword(v string) bool {
	bare := bareWord(v)
	if len(bare) > longestWord {
		return false
	}
	switch strings.ToLower(bare) {
	case "pass", "pw", "pwd", "admin", "root", "test", "testing", "tester", "foobar", "foopass", "mypass", "hunter", "userpass", "letmein", "guest",
		"abc", "xyz", "postgres", "mysql", "redis", "rabbitmq", "mongo", "supersecret":
		return !asTold(v) // Secret-2031 is a password, if a bad one
	}
	return false
}

// filler reports whether a value is nothing but the name of what is put in later.
func filler(v string) bool {
	if placeholderWords.in(v) {
		return true
	}
	for _, end := range []string{"_here", "-here", " here", "...", "…"} { // the last two: it is cut short
		if n := len(v) - len(end); n >= 0 && hasPrefixFold(v[n:], end) {
			return true
		}
	}
	if bare := bareWord(v); len(bare) <= longestWord {
		switch strings.ToLower(bare) {
		case "":
			return true
		case "password", "passwd", "passwort", "secret", "token", "key", "apikey", "user", "username", "foo", "bar", "mypassword", "userpassword", "string", "none", "null", "value",
			"credentials", "default", "demo", "sample", "somepassword", "somepass", "secretpassword", "port", "host":
			return !asTold(v)
		}
	}
	for i := range len(v) { // the same letter again and again
		if v[i] >= utf8.RuneSelf || lowerASCII(v[i]) != lowerASCII(v[0]) {
			return false
		}
	}
	return true
}

// bareWord is a value without the digits and signs around it.
func bareWord(v string) string { return strings.Trim(v, "0123456789_-.!") }

// longestWord is how long the words are that bare words are compared with.
const longestWord = len("secretpassword")

// placeholderWords are what values have in them that are put in later.
var placeholderWords = newWordSet("example", "changeme", "change-me", "change_me", "placeholder", "redacted", "your-", "your_", "yourpass", "insert", "replace", "xxxx", "****", "....", "dummy", "todo", "fixme")

func digits(s string) bool {
	return strings.Trim(s, "0123456789.") == ""
}

// nameBefore gives the name of the variable or key that a secret is assigned
// to, as far as the text before it tells: from the beginning of the match or, where
// the match is the secret alone, of its line.
func nameBefore(b []byte, start, secret int) string {
	if start >= secret {
		for start > 0 && secret-start < 120 && b[start-1] != '\n' {
			start--
		}
	}
	for start > 0 && secret-start < 120 && isNameByte(b[start-1]) { // a match may begin inside the name
		start--
	}
	head := strings.TrimRight(string(b[start:secret]), " \t\r\n'\"`\\*")
	if head == "" || !strings.ContainsRune("=:>,(|", rune(head[len(head)-1])) {
		return ""
	}
	head = strings.TrimRight(head, "=:>|?,( \t\r\n'\"`\\*")
	i := len(head)
	for i > 0 && isNameByte(head[i-1]) && len(head)-i < 80 {
		i--
	}
	return strings.Trim(head[i:], "-.")
}

func isNameByte(b byte) bool {
	return isLetter(b) || b >= '0' && b <= '9' || b == '_' || b == '-' || b == '.'
}
