package proof

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// The bounds of what is read and said.
const (
	MaxContent = 1 << 20 // bytes of content that are read; what is beyond is not looked at
	MaxFacts   = 24      // facts of one secret
	MaxKeys    = 256     // keys of one content

	maxToken = 32 << 10 // bytes of a secret that is no key
	maxWords = 100      // runes of one part of a fact that comes from the secret's text
)

// Result is what could be shown about a secret.
type Result struct {
	Facts      []string           // short sentences in plain English, without the secret
	Confidence finding.Confidence // what follows from the facts; empty for no opinion
	KnownTest  string             // the public example or test key that it is; empty if it is none
	Wrong      bool               // checksum or structure are wrong: no live credential of its kind
	PublicKey  string             // of a private key, as [Key.PublicKey]
	Account    string             // the account, project or organization that issued it
}

// fact adds a fact.
func (r *Result) fact(parts ...string) {
	if len(r.Facts) < MaxFacts {
		r.Facts = append(r.Facts, strings.Join(parts, ""))
	}
}

// wrong says why a secret cannot be live.
func (r *Result) wrong(parts ...string) {
	r.fact(parts...)
	r.Wrong = true
	r.Confidence = finding.Unsure
}

// expiry says when a secret ends or ended.
func (r *Result) expiry(end, now time.Time) {
	if end.Before(now) {
		r.fact("expired on ", day(end))
		r.Confidence = finding.Unsure
		return
	}
	r.fact("expires on ", day(end))
}

// secret is what a prover looks at.
type secret struct {
	rule  string
	value string
	now   time.Time
}

// prover shows what it can about secrets of one kind. It reports false for a secret that is
// not of its kind.
type prover func(secret) (Result, bool)

// Of shows what it can about the value that a rule found. It goes by the form of the value,
// and by the rule where the form alone does not tell. The time is what expiry is
// judged by.
func Of(rule, value string, now time.Time) Result {
	if len(value) > MaxContent {
		value = value[:MaxContent]
	}
	value = strings.Trim(value, " \t\r\n\"'`")
	s := secret{rule: rule, value: value, now: now}
	for _, prove := range []prover{proveKey, proveGoogleAccount} {
		if r, ok := prove(s); ok {
			return r
		}
	}
	if len(value) > maxToken {
		return Result{}
	}
	for _, prove := range []prover{
		proveBase62, proveGitLab, proveGrafana, proveAtlassian, proveBech32, proveBase58,
		proveAWSKeyID, proveAWSSecret, proveBedrock, proveAzureConnection, proveAzureSAS, proveAzureKey,
		provePyPI, proveJWT, proveWrapped, proveSlack, proveDiscord, proveTelegram, proveBasic,
		proveForm,
	} {
		if r, ok := prove(s); ok {
			return r
		}
	}
	return Result{}
}

// formOnly is the confidence of a secret that has the form of its kind and nothing more.
// A rule for that kind has looked at the form already; a rule for names has not.
func (s secret) formOnly() finding.Confidence {
	if slices.Contains([]string{"generic-api-key", "credential-variable", "curl-auth-header", "curl-auth-user",
		"hashicorp-tf-password", "kubernetes-secret-yaml", "nuget-config-password", "url-credentials", ""}, s.rule) {
		return finding.Likely
	}
	return ""
}

// day writes a date as a report does.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// unix gives the time of seconds since 1970, if that is a year that can be written with
// four digits.
func unix(seconds float64) (time.Time, bool) {
	if !(seconds >= 0 && seconds < 253402300800) {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0).UTC(), true
}

// words makes text that stands in a secret fit for a fact: no control characters, and not
// more than 100 runes.
func words(s string) string {
	if len(s) > 4*maxWords {
		s = s[:4*maxWords]
		for !utf8.ValidString(s) && len(s) > 4*maxWords-utf8.UTFMax {
			s = s[:len(s)-1]
		}
	}
	s = finding.EscapeText(s)
	if n := utf8.RuneCountInString(s); n > maxWords {
		s = string([]rune(s)[:maxWords]) + "…"
	}
	return s
}

// only reports whether a text is made of the characters of an alphabet alone.
func only(s, alphabet string) bool {
	for i := range len(s) {
		if strings.IndexByte(alphabet, s[i]) < 0 {
			return false
		}
	}
	return true
}

// Alphabets of tokens.
const (
	digits    = "0123456789"
	upper     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower     = "abcdefghijklmnopqrstuvwxyz"
	lowerHex  = digits + "abcdef"
	anyHex    = lowerHex + "ABCDEF"
	alnum     = digits + upper + lower // in the order of base 62
	base64URL = alnum + "-_"
)
