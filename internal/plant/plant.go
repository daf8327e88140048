// Package plant makes secrets for the demonstration and for tests: values of the
// forms that real issuers use, random each time, that open nothing.
//
// No value lies in the source code. Each secret is found by the scanner under the
// rule that it names, whatever the seed.
package plant

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"math/big"
	"math/rand/v2"
	"strings"
)

// Secret is one planted secret.
type Secret struct {
	Rule  string // that finds it
	Name  string // of the variable that would hold it
	Value string // the secret itself, as a finding gives it
	Line  string // of a file that carries it, without newline at the end
	Env   string // NAME=value for an environment variable; empty if the value cannot stand in one

	// Form is the value as the scanner's environment variable carries it,
	// where that is more than Value: a URL with a password in it.
	Form string
}

// Alphabets of values.
const (
	digit   = "0123456789"
	lower   = "abcdefghijklmnopqrstuvwxyz"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	hexa    = "0123456789abcdef"
	alnum   = digit + lower + upper
	urlSafe = alnum + "_-"

	// Generic rules take values with words in them for no credentials, rightly.
	// Without vowels, and without letters that abbreviations are made of, there are none.
	wordless = "023456789bfjkqvwxzBFJKQVWXZ"
)

// Secrets makes one secret of every kind.
func Secrets(r *rand.Rand) []Secret {
	var out []Secret
	for _, k := range kinds {
		out = append(out, k.secret(k.value(r)))
	}
	return out
}

// kind is one kind of secret.
type kind struct {
	rule, name string
	value      func(r *rand.Rand) string
	line       string // with one %s for the value; empty for NAME=value
	alone      bool   // the value cannot stand in an environment variable
}

func (k kind) secret(value string) Secret {
	s := Secret{Rule: k.rule, Name: k.name, Value: value, Form: value}
	if k.rule == "url-credentials" {
		s.Form = "postgres://billing:" + value + "@db.internal:5432/billing"
	}
	s.Line = k.name + "=" + s.Form
	if k.line != "" {
		s.Line = fmt.Sprintf(k.line, s.Form)
	}
	if !k.alone {
		s.Env = k.name + "=" + s.Form
	}
	return s
}

var kinds = []kind{
	{rule: "aws-access-token", name: "AWS_ACCESS_KEY_ID", value: func(r *rand.Rand) string {
		return "AK" + "IA" + text(r, upper+"234567", 16)
	}},
	{rule: "aws-secret-access-key", name: "AWS_SECRET_ACCESS_KEY", value: func(r *rand.Rand) string { return text(r, alnum+"/+", 40) }},
	{rule: "github-pat", name: "GITHUB_TOKEN", value: githubToken},
	{rule: "github-fine-grained-pat", name: "GH_TOKEN", value: func(r *rand.Rand) string {
		return "github" + "_pat_" + text(r, alnum, 22) + "_" + text(r, alnum, 59)
	}},
	{rule: "gitlab-pat", name: "GITLAB_TOKEN", value: func(r *rand.Rand) string { return "gl" + "pat-" + text(r, alnum, 20) }},
	{rule: "slack-bot-token", name: "SLACK_BOT_TOKEN", value: func(r *rand.Rand) string {
		return "xo" + "xb-" + number(r, 12) + "-" + number(r, 12) + "-" + text(r, alnum, 24)
	}},
	{rule: "slack-webhook-url", name: "SLACK_WEBHOOK", value: func(r *rand.Rand) string {
		return "https://hooks." + "slack.com/services/T" + text(r, upper+digit, 10) + "/B" + text(r, upper+digit, 10) + "/" + text(r, alnum, 24)
	}},
	{rule: "stripe-access-token", name: "STRIPE_KEY", value: func(r *rand.Rand) string { return "sk" + "_live_" + text(r, alnum, 24) }},
	{rule: "npm-access-token", name: "NPM_TOKEN", value: func(r *rand.Rand) string { return "np" + "m_" + text(r, alnum, 36) }, line: "//npm.example.test/:_authToken=%s"},
	{rule: "pypi-upload-token", name: "TWINE_PASSWORD", value: func(r *rand.Rand) string {
		return "py" + "pi-AgEIcHlwaS5vcmc" + text(r, urlSafe, 150)
	}, line: "password = %s"},
	{rule: "sendgrid-api-token", name: "SENDGRID_API_KEY", value: func(r *rand.Rand) string {
		return "S" + "G." + text(r, alnum, 22) + "." + text(r, alnum, 43)
	}},
	{rule: "twilio-api-key", name: "TWILIO_KEY_SID", value: func(r *rand.Rand) string { return "S" + "K" + text(r, hexa, 32) }},
	{rule: "gcp-api-key", name: "MAPS_KEY", value: func(r *rand.Rand) string { return "AI" + "za" + text(r, urlSafe, 34) + text(r, alnum, 1) }},
	{rule: "openai-api-key", name: "OPENAI_API_KEY", value: func(r *rand.Rand) string {
		return "sk-" + "proj-" + text(r, alnum, 74) + "T3Blbk" + "FJ" + text(r, alnum, 74)
	}},
	{rule: "anthropic-api-key", name: "ANTHROPIC_API_KEY", value: func(r *rand.Rand) string {
		return "sk-" + "ant-api03-" + text(r, urlSafe, 93) + "AA"
	}},
	{rule: "huggingface-access-token", name: "HF_TOKEN", value: func(r *rand.Rand) string { return "h" + "f_" + text(r, lower+upper, 34) }},
	{rule: "digitalocean-pat", name: "DIGITALOCEAN_TOKEN", value: func(r *rand.Rand) string { return "do" + "p_v1_" + text(r, hexa, 64) }},
	{rule: "databricks-api-token", name: "DATABRICKS_TOKEN", value: func(r *rand.Rand) string { return "da" + "pi" + text(r, hexa, 32) }},
	{rule: "shopify-access-token", name: "SHOPIFY_TOKEN", value: func(r *rand.Rand) string { return "sh" + "pat_" + text(r, hexa, 32) }},
	{rule: "mailgun-private-api-token", name: "MAILGUN_API_KEY", value: func(r *rand.Rand) string { return "ke" + "y-" + text(r, hexa, 32) }},
	{rule: "telegram-bot-api-token", name: "TELEGRAM_BOT_TOKEN", value: func(r *rand.Rand) string {
		return number(r, 10) + ":A" + "A" + text(r, alnum, 33)
	}},
	{rule: "jwt", name: "SESSION_JWT", value: webToken},
	{rule: "private-key", name: "TLS_KEY", value: ecKey, line: "%s", alone: true},
	{rule: "private-key", name: "SSH_KEY", value: rsaKey, line: "%s", alone: true},
	{rule: "generic-api-key", name: "BILLING_API_KEY", value: func(r *rand.Rand) string { return text(r, wordless, 32) }, line: `billing_api_key: "%s"`},
	{rule: "url-credentials", name: "DATABASE_URL", value: func(r *rand.Rand) string { return text(r, alnum, 18) }},
	{rule: "vault-service-token", name: "VAULT_TOKEN", value: func(r *rand.Rand) string {
		return "hv" + "s." + text(r, alnum, 8) + number(r, 2) + text(r, urlSafe, 84) + text(r, alnum, 1)
	}},
	{rule: "doppler-api-token", name: "DOPPLER_TOKEN", value: func(r *rand.Rand) string { return "dp" + ".pt." + text(r, alnum, 43) }},
	{rule: "postman-api-token", name: "POSTMAN_API_KEY", value: func(r *rand.Rand) string {
		return "PM" + "AK-" + text(r, hexa, 24) + "-" + text(r, hexa, 34)
	}},
	{rule: "grafana-service-account-token", name: "GRAFANA_TOKEN", value: func(r *rand.Rand) string {
		return "gl" + "sa_" + text(r, alnum, 32) + "_" + text(r, hexa, 8)
	}},
	{rule: "age-secret-key", name: "SOPS_AGE_KEY", value: func(r *rand.Rand) string {
		return "AGE-SECRET" + "-KEY-1" + text(r, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)
	}},
	{rule: "rubygems-api-token", name: "GEM_HOST_API_KEY", value: func(r *rand.Rand) string { return "ruby" + "gems_" + text(r, hexa, 48) }},
}

func text(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func number(r *rand.Rand, n int) string {
	return text(r, digit[1:], 1) + text(r, digit, n-1)
}

// githubToken makes a classic token; its last six characters are a checksum of
// the others, in base 62.
func githubToken(r *rand.Rand) string {
	body := text(r, alnum, 30)
	const base62 = digit + upper + lower
	sum := crc32.ChecksumIEEE([]byte(body))
	check := make([]byte, 6)
	for i := 5; i >= 0; i-- {
		check[i] = base62[sum%62]
		sum /= 62
	}
	return "gh" + "p_" + body + string(check)
}

func webToken(r *rand.Rand) string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	signature, _ := hex.DecodeString(text(r, hexa, 64))
	return part(`{"alg":"HS256","typ":"JWT"}`) + "." +
		part(fmt.Sprintf(`{"sub":"%s","iat":%s}`, number(r, 10), number(r, 10))) + "." +
		base64.RawURLEncoding.EncodeToString(signature)
}

// ecKey makes a key on P-256 in PEM.
func ecKey(r *rand.Rand) string {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bigInt(r, 250).FillBytes(make([]byte, 32)))
	if err != nil {
		panic(err) // 250 bits are in the range of the curve
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		panic(err) // the key is made here; nothing from outside can break it
	}
	return strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: "EC " + "PRIVATE KEY", Bytes: der})))
}

// rsaKey makes a small RSA key in PEM.
func rsaKey(r *rand.Rand) string {
	e := big.NewInt(65537)
	for {
		p, q := prime(r), prime(r)
		one := big.NewInt(1)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, phi)
		if d == nil || p.Cmp(q) == 0 {
			continue
		}
		key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: d, Primes: []*big.Int{p, q}}
		key.Precompute()
		return strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: "RSA " + "PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
	}
}

func prime(r *rand.Rand) *big.Int {
	for {
		if p := bigInt(r, 512); p.ProbablyPrime(6) {
			return p
		}
	}
}

// bigInt gives an odd number of exactly so many bits, whose two highest are set.
func bigInt(r *rand.Rand, bits int) *big.Int {
	n, _ := new(big.Int).SetString(text(r, hexa, bits/4+1), 16)
	n.Rsh(n, uint(max(0, n.BitLen()-bits)))
	n.SetBit(n, bits-1, 1).SetBit(n, bits-2, 1).SetBit(n, 0, 1)
	return n
}
