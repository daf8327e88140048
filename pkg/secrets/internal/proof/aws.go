package proof

import (
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// awsKinds are the kinds of AWS's access key ids.
//
// Source: AWS IAM User Guide, "IAM identifiers", table of unique ID prefixes.
var awsKinds = map[string]string{
	"AKIA": "AWS access key id of a user, valid until it is revoked",
	"ASIA": "AWS access key id of temporary credentials, of use only with their session token",
	"ABIA": "AWS STS service bearer token",
	"ACCA": "AWS context-specific credential",
}

// awsNewFormat is the bit that ids have since they hold the account, and awsAccounts the
// number of accounts that twelve digits can name.
const (
	awsNewFormat = 1 << 47
	awsAccounts  = 1_000_000_000_000
)

// proveAWSKeyID reads the account out of an access key id: after the four letters stand ten
// bytes in base 32. The bit on top is set in ids that hold an account, which is the
// next 40 bits.
//
// Source: Tal Be'ery, "A short note on AWS KEY ID" (2023); AWS answers the same by the call
// sts:GetAccessKeyInfo. There is no checksum.
func proveAWSKeyID(s secret) (Result, bool) {
	if len(s.value) != 20 || awsKinds[s.value[:4]] == "" {
		return Result{}, false
	}
	if strings.HasSuffix(s.value, "EXAMPLE") {
		r := Result{KnownTest: "AWS documentation", Confidence: finding.Unsure}
		r.fact("the example of AWS's documentation")
		return r, true
	}
	b, err := base32.StdEncoding.DecodeString(s.value[4:])
	if err != nil {
		return Result{}, false
	}
	r := Result{Confidence: s.formOnly()}
	r.fact(awsKinds[s.value[:4]])
	n := uint64(0)
	for _, v := range b[:6] {
		n = n<<8 | uint64(v)
	}
	account := n &^ awsNewFormat >> 7
	if n&awsNewFormat == 0 || account >= awsAccounts {
		return r, true
	}
	r.account(account)
	if r.Confidence = finding.Sure; s.value[:4] == "ASIA" {
		r.Confidence = finding.Likely
	}
	return r, true
}

func (r *Result) account(n uint64) {
	r.Account = fmt.Sprintf("%012d", n)
	r.fact("issued for AWS account ", r.Account)
}

// proveAWSSecret looks at secret access keys, which have no form but 40 characters of base 64.
func proveAWSSecret(s secret) (Result, bool) {
	if s.rule != "aws-secret-access-key" || len(s.value) != 40 || !only(s.value, alnum+"+/") {
		return Result{}, false
	}
	var r Result
	r.fact("has the form of an AWS secret access key")
	if strings.HasSuffix(s.value, "EXAMPLEKEY") {
		r.KnownTest, r.Confidence = "AWS documentation", finding.Unsure
		r.fact("the example of AWS's documentation")
	}
	return r, true
}

// bedrockName is the name of a service-specific credential as it stands in a Bedrock key.
var bedrockName = regexp.MustCompile(`^BedrockAPIKey-[a-z0-9]{1,16}-at-([0-9]{12}):`)

// proveBedrock reads long-lived keys of Amazon Bedrock. What they hold is not documented; an
// account is named only where one stands in clear.
func proveBedrock(s secret) (Result, bool) {
	encoded, ok := strings.CutPrefix(s.value, "ABSK")
	if !ok || len(encoded) < 100 {
		return Result{}, false
	}
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return Result{}, false
	}
	r := Result{Confidence: s.formOnly()}
	r.fact("long-lived API key of Amazon Bedrock")
	if m := bedrockName.FindSubmatch(b); m != nil {
		r.Account, r.Confidence = string(m[1]), finding.Sure
		r.fact("issued for AWS account ", r.Account)
	}
	return r, true
}

// testWords are words of prefixes that mark a key of a sandbox, in which no money moves and no real
// data lie.
var testWords = []string{"_test_", "_TEST-", "test_", "-sandbox-", "EZTK", "sandbox-"}

// testMode reports whether a token's head says that it is for a sandbox.
func testMode(value string) bool {
	head := value[:min(len(value), 24)]
	return slices.ContainsFunc(testWords, func(w string) bool { return strings.Contains(head, w) })
}
