package sample

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
)

const (
	upper    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower    = "abcdefghijklmnopqrstuvwxyz"
	digits   = "0123456789"
	hexits   = digits + "abcdef"
	alphanum = upper + lower + digits

	// What has no form of its own must at least not look like words.
	wordless = "BCDFGHJKLMNPQRSTVWXZbcdfghjkmnpqrstvwxz" + digits
)

// secrets are the planted values: random, and of no use anywhere.
type secrets struct {
	awsID, awsKey  string
	github         string
	npmOld, npmArg string
	slack          string
	stripe         string
	databasePass   string
	sshKey, gitlab string
	label          string
}

func newSecrets() secrets {
	return secrets{
		awsID:        "AKIA" + distinct(upper+"234567", 16),
		awsKey:       random(wordless, 40),
		github:       "ghp_" + random(alphanum, 36),
		npmOld:       "npm_" + random(lower+digits, 36),
		npmArg:       "npm_" + random(lower+digits, 36),
		slack:        "xoxb-" + random(digits, 12) + "-" + random(digits, 12) + "-" + random(alphanum, 24),
		stripe:       "sk_" + "live_" + random(alphanum, 24),
		databasePass: random(wordless, 20),
		sshKey:       privateKey(),
		gitlab:       "glpat-" + random(alphanum, 20),
		label:        "dop_v1_" + random(hexits, 64),
	}
}

// values lists all planted values, for the test that none of them is printed.
func (s secrets) values() []string {
	return []string{
		s.awsID, s.awsKey, s.github, s.npmOld, s.npmArg, s.slack, s.stripe,
		s.databasePass, s.sshKey, s.gitlab, s.label,
	}
}

func random(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		at, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		must(err)
		b[i] = alphabet[at.Int64()]
	}
	return string(b)
}

// distinct is random without a letter twice, so that it never looks too plain.
func distinct(alphabet string, n int) string {
	left := []byte(alphabet)
	b := make([]byte, n)
	for i := range b {
		at, err := rand.Int(rand.Reader, big.NewInt(int64(len(left))))
		must(err)
		b[i] = left[at.Int64()]
		left = append(left[:at.Int64()], left[at.Int64()+1:]...)
	}
	return string(b)
}

func privateKey() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	der, err := x509.MarshalECPrivateKey(key)
	must(err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
