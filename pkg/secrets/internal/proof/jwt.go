package proof

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// publishedSecrets are secrets that documentation and tutorials sign tokens with.
var publishedSecrets = []string{"secret", "your-256-bit-secret", "a-string-secret-at-least-256-bits-long", "changeme", "password"}

// claims are the parts of a JSON Web Token that say whose it is and how long it lasts
// (RFC 7519, section 4.1), and what Kubernetes and Supabase add.
type claims struct {
	Issuer   any     `json:"iss"`
	Audience any     `json:"aud"`
	Expires  float64 `json:"exp"`
	Issued   float64 `json:"iat"`
	Role     any     `json:"role"`
	Ref      any     `json:"ref"`

	// Kubernetes: the first for tokens of secrets, the other for bound tokens.
	Namespace string `json:"kubernetes.io/serviceaccount/namespace"`
	Account   string `json:"kubernetes.io/serviceaccount/service-account.name"`
	Bound     struct {
		Namespace string `json:"namespace"`
		Account   struct {
			Name string `json:"name"`
		} `json:"serviceaccount"`
	} `json:"kubernetes.io"`
}

// proveJWT reads a JSON Web Token in compact form (RFC 7515, section 7.1), and one that is
// encoded in base 64 once more.
func proveJWT(s secret) (Result, bool) {
	value := strings.TrimPrefix(s.value, "ghs_")
	if s.rule == "jwt-base64" || strings.HasPrefix(value, "ZXlK") {
		if b, err := base64.StdEncoding.DecodeString(pad(value)); err == nil {
			value = string(b)
		}
	}
	parts := strings.Split(value, ".")
	if len(parts) != 3 || !strings.HasPrefix(value, "ey") {
		return Result{}, false
	}
	var head struct {
		Algorithm any `json:"alg"`
	}
	r := Result{Confidence: finding.Likely}
	if !fromJSON(parts[0], &head) || head.Algorithm == nil {
		if s.rule == "jwt" || s.rule == "jwt-base64" {
			r.wrong("the header of the JSON Web Token is not valid")
			return r, true
		}
		return r, false
	}
	r.fact("JSON Web Token")
	if strings.HasPrefix(s.value, "ghs_") {
		r.fact("GitHub App installation token, valid for one hour after it was issued")
	}
	algorithm := text(head.Algorithm)
	var c claims
	if !fromJSON(parts[1], &c) {
		r.Confidence = finding.Unsure
		r.fact("its claims could not be read")
		return r, true
	}
	r.claims(c)
	if strings.EqualFold(algorithm, "none") || parts[2] == "" {
		r.Confidence = finding.Unsure
		r.fact("not signed")
	} else {
		r.fact("signed with ", algorithm)
	}
	if algorithm == "HS256" {
		r.published(parts)
	}
	if end, ok := unix(c.Expires); ok && c.Expires > 0 {
		r.expiry(end, s.now)
		// Examples end long ago, or never in practice.
		if r.Confidence == finding.Likely && end.Before(s.now.AddDate(mostYears, 0, 0)) && signed(algorithm, parts[2]) {
			r.Confidence = finding.Sure
		}
	} else {
		r.fact("does not expire")
	}
	return r, true
}

// mostYears is how long a token that somebody issued may be valid.
const mostYears = 25

// signed reports whether a signature has the length of its algorithm's (RFC 7518, section 3.1, and RFC 8037).
func signed(algorithm, signature string) bool {
	n := base64.RawURLEncoding.DecodedLen(len(signature))
	switch strings.ToUpper(algorithm) {
	case "HS256":
		return n == 32
	case "HS384":
		return n == 48
	case "HS512", "ES256", "EDDSA":
		return n == 64
	case "ES384":
		return n == 96
	case "ES512":
		return n == 132
	case "RS256", "RS384", "RS512", "PS256", "PS384", "PS512":
		return n >= 128
	}
	return false
}

// claims says whose token it is.
func (r *Result) claims(c claims) {
	issuer := text(c.Issuer)
	if issuer != "" {
		r.fact("issued by ", issuer)
	}
	if audience := text(c.Audience); audience != "" {
		r.fact("meant for ", audience)
	}
	if t, ok := unix(c.Issued); ok && c.Issued > 0 {
		r.fact("issued on ", day(t))
	}
	namespace, name := c.Namespace, c.Account
	if c.Bound.Account.Name != "" {
		namespace, name = c.Bound.Namespace, c.Bound.Account.Name
	}
	if name != "" {
		r.Account = words(namespace + "/" + name)
		r.Confidence = finding.Sure
		r.fact("Kubernetes service account ", r.Account)
	}
	// Supabase documentation, "Understanding API keys": anon may be in a browser, service_role may not.
	if role := text(c.Role); strings.HasPrefix(issuer, "supabase") && role != "" {
		r.Account = text(c.Ref)
		r.fact("Supabase key of the role ", role)
		switch role {
		case "anon":
			r.Confidence = finding.Unsure
			r.fact("meant to be public")
		case "service_role":
			r.Confidence = finding.Sure
			r.fact("passes by all row level security")
		}
	}
}

// published tells a token that is signed with a secret out of documentation: whoever made it did not
// make it for use, or anybody can make another.
func (r *Result) published(parts []string) {
	sig, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[2], "="))
	if err != nil {
		return
	}
	for _, known := range publishedSecrets {
		mac := hmac.New(sha256.New, []byte(known))
		mac.Write([]byte(parts[0] + "." + parts[1]))
		if hmac.Equal(mac.Sum(nil), sig) {
			r.Confidence, r.KnownTest = finding.Unsure, "token signed with an example's secret"
			r.fact("signed with a secret that documentation uses as example")
			return
		}
	}
}

// fromJSON decodes base 64, with or without padding, and the JSON in it.
func fromJSON(encoded string, to any) bool {
	encoded = strings.TrimRight(encoded, "=")
	for _, e := range []*base64.Encoding{base64.RawURLEncoding, base64.RawStdEncoding} {
		if b, err := e.DecodeString(encoded); err == nil {
			return json.Unmarshal(b, to) == nil
		}
	}
	return false
}

// text makes words of a JSON value that is a text or the first of several.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return words(v)
	case []any:
		if len(v) > 0 {
			if first, ok := v[0].(string); ok {
				return words(first)
			}
		}
	}
	return ""
}

// pad completes base 64 to a multiple of four characters.
func pad(s string) string {
	s = strings.TrimRight(s, "=")
	return s + strings.Repeat("=", (4-len(s)%4)%4)
}
