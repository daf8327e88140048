package secrets

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// spec is what people are told of a rule, and how specific it is.
type spec struct {
	finding.Rule
	rank int // of several rules that match one value, the highest names it
}

// The ranks.
const (
	rankGeneric  = iota // words that many programs use for credentials
	rankVariable        // the name of a variable, and all of its value
	rankPlace           // a place in which any credential may stand, such as a URL
	rankFile            // the format of a file that a program keeps credentials in
	rankFormat          // a format that many issuers use
	rankVendor          // an issuer's name beside a value without a form of its own
	rankSpecific        // a form that only one issuer uses
)

// Words on what to do about any secret in an image.
const advice = "Deleting the file in a later layer does not remove it from the image: rebuild without it, " +
	"give it to the build as a secret mount and to the container when it runs."

// specOf explains one rule.
func specOf(r rule) spec {
	if own, ok := ownSpecs[r.id]; ok {
		return own.spec(r.id)
	}
	if r.users != "" {
		return ownSpec{rankSpecific, finding.High, finding.Sure, r.users, "A value that a rule of the user's own looks for lies in the image.", "Do what the rule is for."}.spec(r.id)
	}
	i := issuerOf(r.id)
	kind, ours := tokenKindOf(r.id)
	if ours {
		i = issuer{kind.id, kind.issuer, kind.where}
	}
	s := spec{rank: rankSpecific, Rule: finding.Rule{
		ID: r.id, Category: finding.Secret, Severity: finding.High, Confidence: finding.Sure,
		Title:       titleOf(r.id),
		Description: fmt.Sprintf("A value that has the form of a credential issued by %s lies in the image. Whoever can pull the image can act as its owner there.", i.name),
		Remediation: fmt.Sprintf("Revoke it %s and issue another; look through the issuer's logs for its use. %s", i.where, advice),
		CWE:         []string{"CWE-798"},
		References:  []string{},
	}}
	if r.expr != nil && strings.Contains(r.expr.String(), `(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|`) {
		s.rank, s.Confidence = rankVendor, finding.Likely
	}
	s.Severity = severityOf(r.id)
	if ours {
		s.Severity, s.Title = kind.severity, kind.title
	}
	if c, ok := confidences[r.id]; ok {
		s.Confidence = c
	}
	return s
}

// severityOf looks a rule up in the table, by its id or the longest beginning of it.
func severityOf(id string) finding.Severity {
	for _, suffix := range harmless {
		if strings.HasSuffix(id, suffix) {
			return finding.Low
		}
	}
	for prefix := id; prefix != ""; {
		if slices.Contains(critical, prefix) {
			return finding.Critical
		}
		i := strings.LastIndexByte(prefix, '-')
		if i < 0 {
			break
		}
		prefix = prefix[:i]
	}
	return finding.High
}

// critical are the rules, by id or its beginning, whose secrets open
// infrastructure, source code or the software supply chain. All others are high.
var critical = []string{
	"alibaba-secret-key", "artifactory", "aws", "azure", "bitbucket-client-secret", "clojars", "cloudflare", "databricks", "digitalocean", "doppler",
	"flyio", "gcp", "github", "gitlab-pat", "gitlab-rrt", "gitlab-kubernetes-agent-token", "gitlab-oauth-app-secret", "gitlab-runner-authentication-token",
	"hashicorp-tf-api-token", "heroku", "jfrog", "kubernetes", "linear-client-secret", "npm", "openshift", "planetscale", "pulumi", "pypi",
	"rubygems", "stripe", "vault", "1password", "age-secret-key",
}

// harmless are endings of ids of values that are public by design and only tell
// who the owner is.
var harmless = []string{"-client-id", "-public-key", "-pub-key", "-pub-api-key", "-access-id", "-test-api-token"}

// confidences are those of rules whose expression is weaker than their kind suggests.
var confidences = map[string]finding.Confidence{
	"curl-auth-header": finding.Likely, "curl-auth-user": finding.Likely,
	"facebook-access-token":    finding.Likely,
	"linear-client-secret":     finding.Unsure, // the word is common
	"looker-client-id":         finding.Unsure,
	"sourcegraph-access-token": finding.Unsure, // takes any SHA-1
	"twilio-api-key":           finding.Likely,
	"vault-service-token":      finding.Likely,
	"yandex-access-token":      finding.Likely,
}

// ownSpec explains a rule that is not about one issuer.
type ownSpec struct {
	rank                            int
	severity                        finding.Severity
	confidence                      finding.Confidence
	title, description, remediation string
}

func (o ownSpec) spec(id string) spec {
	return spec{rank: o.rank, Rule: finding.Rule{
		ID: id, Category: finding.Secret, Severity: o.severity, Confidence: o.confidence,
		Title: o.title, Description: o.description, Remediation: o.remediation + " " + advice,
		CWE: []string{"CWE-798"}, References: []string{},
	}}
}

// ownSpecs are the rules that are not about one issuer.
var ownSpecs = map[string]ownSpec{
	ruleGeneric: {rankGeneric, finding.Medium, finding.Likely,
		"Value assigned to a name of a credential",
		"A name that speaks of a key, token, password or secret is given a value that looks random.",
		"Find out what it opens, and change it there."},
	ruleVariable: {rankVariable, finding.Medium, finding.Likely,
		"Credential in a variable, argument or label",
		"The image's configuration or history holds, in plain words, a value under a name of a credential. Everyone who can pull the image, and every process in a container, can read it.",
		"Change the credential. Do not set it with ENV, ARG or LABEL."},
	ruleBasic: {rankPlace, finding.High, finding.Likely,
		"User and password in an HTTP header",
		"A header for basic authentication holds a user's name and password, which are only encoded.",
		"Change the password at the server that the header is for."},
	ruleBearer: {rankPlace, finding.High, finding.Likely,
		"Token in an HTTP header",
		"A header carries a bearer token: whoever holds it is taken for its owner.",
		"Revoke the token at the server that the header is for."},
	ruleCommand: {rankPlace, finding.High, finding.Likely,
		"Password in a command or call",
		"A command or a call in a program is given a password in plain words.",
		"Change the password where the command leads to."},
	ruleConnection: {rankPlace, finding.High, finding.Likely,
		"Password in a connection string",
		"What tells a program how to reach a database or service holds a user's password in plain words.",
		"Change the password of the account."},
	ruleOption: {rankGeneric, finding.High, finding.Likely,
		"Credential in an option of a command",
		"An option of a command, whose name speaks of a password, token or key, is given a value in plain words.",
		"Change the credential where the command leads to."},
	ruleSQL: {rankPlace, finding.High, finding.Likely,
		"Password in an SQL statement",
		"A statement that makes or changes a database account holds its password in plain words.",
		"Change the password of the account."},
	ruleLiteral: {rankGeneric, finding.Medium, finding.Likely,
		"Value assigned to a name of a password",
		"A name that speaks of a password or token is given a value that looks made up.",
		"Find out what it opens, and change it there."},
	ruleJWK: {rankFormat, finding.Critical, finding.Sure,
		"Private JSON Web Key",
		"The private part of a JSON Web Key lies in the image. Whoever can pull the image can sign or decrypt as its owner.",
		"Replace the key where it is published, and revoke what it signed."},
	ruleCrypt: {rankFile, finding.Medium, finding.Sure,
		"Hash of a password",
		"A file holds the hash of a password. Whoever can pull the image can try passwords on it for as long as they like.",
		"Change the password everywhere it is used."},
	ruleFile: {rankFile, finding.High, finding.Likely,
		"Credential in a program's file",
		"A program keeps a password, token or key in this file, in a format of its own. Whoever can pull the image can use it as the program does.",
		"Change the credential where it is used."},
	ruleHash: {rankFile, finding.Medium, finding.Likely,
		"Hash of a password",
		"A file for accounts holds the hash of a password. Whoever can pull the image can try passwords on it for as long as they like.",
		"Lock the account, or change the password everywhere it is used."},
	ruleGuessable: {rankFile, finding.High, finding.Sure,
		"Account with a blank or common password",
		"The hash of an account's password is that of no password at all, or of one that everybody tries first.",
		"Lock the account, or give it a password that is made at random when the container starts."},
	ruleStore: {rankFile, finding.Low, finding.Likely,
		"Encrypted store of credentials",
		"A file in which a program keeps credentials encrypted lies in the image. Whoever has the image can try passphrases on it without end.",
		"Change the credentials if the passphrase is weak or known to others."},
	ruleAWS: {rankVendor, finding.Critical, finding.Sure,
		"AWS secret access key",
		"The secret half of an AWS access key lies in the image. With the key ID, which is no secret, whoever can pull the image can act as its owner.",
		"In the IAM console deactivate the key, then delete it, and look through CloudTrail for its use."},
	ruleURL: {rankPlace, finding.High, finding.Likely,
		"Password in a URL",
		"A URL carries a user's name and password. URLs end up in logs and process lists as well.",
		"Change the password where the URL points to, and take it from a file or variable at run time."},
	"private-key": {rankSpecific, finding.Critical, finding.Sure,
		"Private key",
		"A private key in PEM form lies in the image. Whoever can pull the image can act as its owner: sign, decrypt, or log in.",
		"Replace the key pair everywhere, and revoke certificates made for it."},
	"jwt": {rankFormat, finding.High, finding.Likely,
		"JSON Web Token",
		"A signed token lies in the image. Until it expires, whoever holds it is taken for its subject.",
		"Revoke it where it was issued, or change the key that signed it."},
	"jwt-base64": {rankFormat, finding.High, finding.Likely,
		"JSON Web Token, encoded in base64",
		"A signed token lies in the image. Until it expires, whoever holds it is taken for its subject.",
		"Revoke it where it was issued, or change the key that signed it."},
	"kubernetes-secret-yaml": {rankPlace, finding.Critical, finding.Likely,
		"Kubernetes Secret manifest",
		"A manifest of a Kubernetes Secret with its data lies in the image. Its values are only encoded, not encrypted.",
		"Change every value in the manifest."},
	"curl-auth-header": {rankPlace, finding.High, finding.Likely,
		"Credential in a header of a curl command",
		"A command passes a token to a server in a header.",
		"Revoke the token at the server that the command talks to."},
	"curl-auth-user": {rankPlace, finding.High, finding.Likely,
		"User and password in a curl command",
		"A command passes a user's name and password to a server.",
		"Change the password at the server that the command talks to."},
	"nuget-config-password": {rankPlace, finding.High, finding.Sure,
		"Password of a NuGet source",
		"A NuGet.Config holds a feed's password in plain text.",
		"Change the password at the feed."},
	"hashicorp-tf-password": {rankPlace, finding.High, finding.Likely,
		"Password in a Terraform file",
		"A Terraform configuration sets a password to a literal value.",
		"Change the password of the resource that it creates."},
}

// catalogue lists rules by id.
func catalogue(specs []spec) []finding.Rule {
	var out []finding.Rule
	for _, s := range specs {
		r := s.Rule
		if r.Controls == nil {
			r.Controls = []string{}
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b finding.Rule) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// titleOf makes words of an id.
func titleOf(id string) string {
	if id == "aws-access-token" {
		return "AWS access key ID" // with its secret beside it, as a rule
	}
	i := issuerOf(id)
	rest := strings.Trim(strings.TrimPrefix(id, i.prefix), "-")
	var words []string
	for _, w := range strings.Split(rest, "-") {
		if long, ok := spelled[w]; ok {
			w = long
		}
		words = append(words, w)
	}
	return strings.TrimSpace(i.name + " " + strings.Join(words, " "))
}

// spelled are the parts of ids that are not written as they are.
var spelled = map[string]string{
	"api": "API", "pat": "personal access token", "ptt": "pipeline trigger token", "rrt": "runner registration token", "id": "ID",
	"oauth": "OAuth", "tf": "Terraform", "scim": "SCIM", "cicd": "CI/CD", "url": "URL", "ad": "AD", "ca": "CA", "aws": "AWS", "pub": "public",
	"personnal": "personal", "org": "organization", "v2": "(second form)", "sdk": "SDK", "yaml": "manifest",
}
