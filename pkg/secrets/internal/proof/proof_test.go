package proof

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

var today = time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)

// maker makes tokens out of a seed, so that no credential stands in this file.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, 7))} }

func (m maker) pick(n int, alphabet string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[m.IntN(len(alphabet))]
	}
	return string(b)
}

func (m maker) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(m.Uint32())
	}
	return b
}

func (m maker) base62(prefix string) string {
	body := m.pick(30, alnum)
	n := crc32.ChecksumIEEE([]byte(body))
	sum := ""
	for range 6 {
		sum = string(alnum[n%62]) + sum
		n /= 62
	}
	return prefix + body + sum
}

func (m maker) gitLab(prefix string) string {
	payload := "c:1\no:" + strconv.FormatInt(4711, 36) + "\nu:" + strconv.FormatInt(815, 36)
	whole := append(m.bytes(16), payload...)
	encoded := base64.RawURLEncoding.EncodeToString(append(whole, byte(len(payload))))
	head := fmt.Sprintf("%s%s.01.%02s", prefix, encoded, strconv.FormatInt(int64(len(encoded)), 36))
	sum := strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(head))), 36)
	return head + strings.Repeat("0", 7-len(sum)) + sum
}

func (m maker) grafana() string {
	head := "glsa_" + m.pick(32, alnum)
	return head + "_" + hex.EncodeToString(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(head))))
}

func (m maker) atlassian() string {
	head := "ATATT3" + m.pick(177, base64URL) + "="
	return head + fmt.Sprintf("%08X", crc32.ChecksumIEEE([]byte(head)))
}

// accessKey makes an AWS access key id for an account.
func (m maker) accessKey(prefix string, account uint64) string {
	b := binary.BigEndian.AppendUint64(nil, (1<<47|account<<7)<<16)
	return prefix + base32.StdEncoding.EncodeToString(append(b[:6], m.bytes(4)...))
}

func (m maker) pypi(caveats ...string) string {
	field := func(b []byte, kind byte, s string) []byte {
		return append(binary.AppendUvarint(append(b, kind), uint64(len(s))), s...)
	}
	b := field(field([]byte{2}, 1, "pypi.org"), 2, "5a1b0000-0000-4000-8000-000000000001")
	b = append(b, 0)
	for _, c := range caveats {
		b = append(field(b, 2, c), 0)
	}
	b = append(b, 0)
	return "pypi-" + base64.RawURLEncoding.EncodeToString(append(b, field(nil, 6, string(m.bytes(32)))...))
}

func (m maker) jwt(head, claims any) string {
	encode := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return encode(head) + "." + encode(claims) + "." + base64.RawURLEncoding.EncodeToString(m.bytes(32))
}

func (m maker) discord(made time.Time) string {
	id := strconv.FormatInt((made.UnixMilli()-1420070400000)<<22|m.Int64N(1<<22), 10)
	return base64.RawURLEncoding.EncodeToString([]byte(id)) + "." + m.pick(6, alnum) + "." + m.pick(38, alnum)
}

func wrapped(prefix string, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return prefix + base64.StdEncoding.EncodeToString(b)
}

// spoil changes a character so that a checksum over it cannot fit any more.
func spoil(s string, at int) string {
	c := byte('a')
	if s[at] == 'a' {
		c = 'b'
	}
	return s[:at] + string(c) + s[at+1:]
}

type want struct {
	rule, value string
	facts       []string // each must be a part of one
	confidence  finding.Confidence
	wrong       bool
	account     string
	known       string
}

func TestOf(t *testing.T) {
	m := newMaker(1)
	hs := map[string]string{"alg": "HS256", "typ": "JWT"}
	for name, c := range map[string]want{
		"a GitHub token with its checksum":                 {"github-pat", m.base62("ghp_"), []string{"checksum correct (CRC-32 in base 62)"}, finding.Sure, false, "", ""},
		"a generic rule's match of a GitHub token":         {"generic-api-key", m.base62("gho_"), []string{"GitHub OAuth", "checksum correct"}, finding.Sure, false, "", ""},
		"a GitHub token with another's checksum":           {"github-pat", spoil(m.base62("ghp_"), 9), []string{"checksum wrong"}, finding.Unsure, true, "", ""},
		"a GitHub token that is too short":                 {"generic-api-key", m.base62("ghp_")[:38], nil, "", false, "", ""},
		"a GitHub token of one letter":                     {"github-pat", "ghp_" + strings.Repeat("x", 36), []string{"checksum wrong"}, finding.Unsure, true, "", ""},
		"an npm token with its checksum":                   {"npm-access-token", m.base62("npm_"), []string{"npm access token", "checksum correct"}, finding.Sure, false, "", ""},
		"an npm token with another's checksum":             {"npm-access-token", spoil(m.base62("npm_"), 20), []string{"checksum wrong"}, finding.Unsure, true, "", ""},
		"a fine-grained GitHub token for its rule":         {"github-fine-grained-pat", "github_pat_" + m.pick(22, alnum) + "_" + m.pick(59, alnum), []string{"has the form of a GitHub fine-grained"}, "", false, "", ""},
		"a fine-grained GitHub token for the generic rule": {"generic-api-key", "github_pat_" + m.pick(22, alnum) + "_" + m.pick(59, alnum), []string{"has the form of a GitHub fine-grained"}, finding.Likely, false, "", ""},
		"a routable GitLab token":                          {"gitlab-pat-routable", m.gitLab("glpat-"), []string{"checksum correct (CRC-32 in base 36)", "organization 4711", "user 815"}, finding.Sure, false, "", ""},
		"a routable GitLab runner token":                   {"gitlab-runner-authentication-token-routable", m.gitLab("glrt-t1_"), []string{"checksum correct", "user 815"}, finding.Sure, false, "", ""},
		"a routable GitLab token that was changed":         {"gitlab-pat-routable", spoil(m.gitLab("glpat-"), 12), []string{"checksum wrong"}, finding.Unsure, true, "", ""},
		"a GitLab token of the old form":                   {"generic-api-key", "glpat-" + m.pick(20, base64URL), []string{"has the form of a GitLab"}, finding.Likely, false, "", ""},
		"a Grafana token":                                  {"grafana-service-account-token", m.grafana(), []string{"checksum correct"}, finding.Sure, false, "", ""},
		"a Grafana token that was changed":                 {"grafana-service-account-token", spoil(m.grafana(), 9), []string{"checksum wrong"}, finding.Unsure, true, "", ""},
		"an Atlassian token":                               {"atlassian-api-token", m.atlassian(), []string{"checksum correct"}, finding.Sure, false, "", ""},
		"an Atlassian token that does not fit":             {"atlassian-api-token", spoil(m.atlassian(), 9), []string{"Atlassian"}, "", false, "", ""},
		"an AWS key id with its account":                   {"aws-access-token", m.accessKey("AKIA", 123456789012), []string{"issued for AWS account 123456789012"}, finding.Sure, false, "123456789012", ""},
		"an AWS key id of an account with zeros":           {"aws-access-token", m.accessKey("AKIA", 42), []string{"account 000000000042"}, finding.Sure, false, "000000000042", ""},
		"an AWS key id of temporary credentials":           {"aws-access-token", m.accessKey("ASIA", 123456789012), []string{"temporary", "123456789012"}, finding.Likely, false, "123456789012", ""},
		"an AWS key id without an account":                 {"aws-access-token", "AKIA" + "I" + m.pick(15, upper), []string{"AWS access key id"}, "", false, "", ""},
		"the AWS key id of the documentation":              {"aws-access-token", "AKIA" + "IOSFODNN7" + "EXAMPLE", []string{"example"}, finding.Unsure, false, "", "AWS documentation"},
		"the AWS secret key of the documentation":          {"aws-secret-access-key", "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCY" + "EXAMPLEKEY", []string{"example"}, finding.Unsure, false, "", "AWS documentation"},
		"a PyPI token for everything":                      {"pypi-upload-token", m.pypi(`{"version": 1, "permissions": "user"}`), []string{"macaroon for pypi.org", "all projects"}, finding.Sure, false, "", ""},
		"a PyPI token for one project":                     {"pypi-upload-token", m.pypi(`[1, ["imgaudit"]]`), []string{"for the projects imgaudit"}, finding.Sure, false, "", ""},
		"a PyPI token that ended":                          {"pypi-upload-token", m.pypi(`[0, 1709251200, 1]`), []string{"expired on 2024-03-01"}, finding.Unsure, false, "", ""},
		"a PyPI token that is cut off":                     {"pypi-upload-token", m.pypi()[:69], []string{"not a macaroon"}, finding.Unsure, true, "", ""},
		"a JSON Web Token that ended":                      {"jwt", m.jwt(hs, map[string]any{"iss": "https://a.example", "exp": 1709251200}), []string{"issued by https://a.example", "expired on 2024-03-01", "signed with HS256"}, finding.Unsure, false, "", ""},
		"a JSON Web Token that does not end":               {"jwt", m.jwt(hs, map[string]any{"iat": 1709251200, "aud": []string{"x"}}), []string{"does not expire", "issued on 2024-03-01", "meant for x"}, finding.Likely, false, "", ""},
		"a JSON Web Token that ends later":                 {"jwt", m.jwt(hs, map[string]any{"exp": 2000000000}), []string{"expires on 2033-05-18"}, finding.Sure, false, "", ""},
		"a JSON Web Token that ends in another age":        {"jwt", m.jwt(hs, map[string]any{"exp": 4102444800}), []string{"expires on 2100-01-01"}, finding.Likely, false, "", ""},
		"a JSON Web Token with too short a signature":      {"jwt", m.jwt(hs, map[string]any{"exp": 2000000000})[:len(m.jwt(hs, map[string]any{"exp": 2000000000}))-8], []string{"expires on 2033-05-18"}, finding.Likely, false, "", ""},
		"a JSON Web Token without signature":               {"jwt", m.jwt(map[string]string{"alg": "none"}, map[string]any{"iss": "x"}), []string{"not signed"}, finding.Unsure, false, "", ""},
		"a Supabase key for everybody":                     {"jwt", m.jwt(hs, map[string]any{"iss": "supabase", "ref": "abcd", "role": "anon"}), []string{"role anon", "public"}, finding.Unsure, false, "abcd", ""},
		"a Supabase key for servers":                       {"jwt", m.jwt(hs, map[string]any{"iss": "supabase", "ref": "abcd", "role": "service_role"}), []string{"role service_role"}, finding.Sure, false, "abcd", ""},
		"a Kubernetes service account":                     {"jwt", m.jwt(hs, map[string]any{"iss": "kubernetes/serviceaccount", "kubernetes.io/serviceaccount/namespace": "prod", "kubernetes.io/serviceaccount/service-account.name": "deploy"}), []string{"service account prod/deploy"}, finding.Sure, false, "prod/deploy", ""},
		"a bound Kubernetes service account":               {"jwt", m.jwt(hs, map[string]any{"kubernetes.io": map[string]any{"namespace": "prod", "serviceaccount": map[string]any{"name": "deploy"}}}), []string{"service account prod/deploy"}, finding.Sure, false, "prod/deploy", ""},
		"three words that look like a JSON Web Token":      {"jwt", "ey" + m.pick(30, lower) + ".ey" + m.pick(30, lower) + "." + m.pick(30, lower), []string{"header"}, finding.Unsure, true, "", ""},
		"a Grafana key of the old form": {"grafana-api-key", wrapped("", struct {
			Key  string `json:"k"`
			Name string `json:"n"`
			Org  int    `json:"id"`
		}{m.pick(32, alnum), "ci", 3}), []string{"organization 3"}, finding.Sure, false, "3", ""},
		"a Grafana Cloud token":                {"grafana-cloud-api-token", wrapped("glc_", map[string]any{"o": "4711", "n": "ci", "k": m.pick(24, alnum), "m": map[string]string{"r": "eu"}}), []string{"organization 4711", "region eu"}, finding.Sure, false, "4711", ""},
		"a Sentry organization token":          {"sentry-org-token", wrapped("sntrys_", map[string]any{"iat": 1709251200.5, "url": "https://sentry.example", "region_url": "x", "org": "acme"}) + "_" + m.pick(43, alnum), []string{"organization acme at https://sentry.example", "2024-03-01"}, finding.Sure, false, "acme", ""},
		"a 1Password service account":          {"1password-service-account-token", wrapped("ops_", map[string]any{"signInAddress": "acme.1password.example", "secretKey": "A3-" + m.pick(20, upper)}), []string{"issued by acme.1password.example"}, finding.Sure, false, "acme.1password.example", ""},
		"a Discord bot":                        {"generic-api-key", m.discord(time.Date(2021, 4, 1, 1, 0, 0, 0, time.UTC)), []string{"made on 2021-04-01"}, finding.Sure, false, "-", ""},
		"a Discord bot of tomorrow's tomorrow": {"generic-api-key", m.discord(today.AddDate(0, 0, 3)), nil, "", false, "", ""},
		"a Telegram bot":                       {"telegram-bot-api-token", "123456789:AA" + m.pick(33, base64URL), []string{"bot 123456789"}, "", false, "123456789", ""},
		"a Slack bot token":                    {"slack-bot-token", "xox" + "b-123456789012-" + m.pick(12, digits) + "-" + m.pick(24, alnum), []string{"bot token of workspace number 123456789012"}, "", false, "123456789012", ""},
		"a Slack webhook":                      {"slack-webhook-url", "https://hooks.slack.com/services/T0" + m.pick(8, upper) + "/B0" + m.pick(8, upper) + "/" + m.pick(24, alnum), []string{"webhook of workspace T0"}, "", false, "-", ""},
		"a Stripe key for test mode":           {"stripe-access-token", "sk_" + "test_" + m.pick(24, alnum), []string{"Stripe secret key", "test mode"}, finding.Unsure, false, "", ""},
		"a Stripe key for live mode":           {"generic-api-key", "sk_" + "live_" + m.pick(24, alnum), []string{"Stripe secret key"}, finding.Likely, false, "", ""},
		"a Stripe key that is public":          {"generic-api-key", "pk_" + "live_" + m.pick(24, alnum), []string{"public"}, finding.Unsure, false, "", ""},
		"an Anthropic key":                     {"generic-api-key", "sk-ant-api03-" + m.pick(93, base64URL) + "AA", []string{"Anthropic API key"}, finding.Likely, false, "", ""},
		"an OpenAI key with its mark":          {"generic-api-key", "sk-" + m.pick(20, alnum) + "T3Blbk" + "FJ" + m.pick(20, alnum), []string{"OpenAI"}, finding.Likely, false, "", ""},
		"a SendGrid key":                       {"sendgrid-api-token", "SG." + m.pick(22, base64URL) + "." + m.pick(43, base64URL), []string{"SendGrid"}, "", false, "", ""},
		"an Azure DevOps token":                {"generic-api-key", m.pick(76, alnum) + "AZDO" + m.pick(4, alnum), []string{"Azure DevOps"}, finding.Likely, false, "", ""},
		"user and password in base64":          {"curl-auth-header", base64.StdEncoding.EncodeToString([]byte("robot$ci:" + m.pick(18, alnum))), []string{"user name (robot$ci)"}, finding.Likely, false, "", ""},
		"an Azure connection string":           {"generic-api-key", "DefaultEndpointsProtocol=https;AccountName=prodstore;AccountKey=" + base64.StdEncoding.EncodeToString(m.bytes(64)) + ";EndpointSuffix=core.windows.net", []string{"account prodstore", "64 bytes"}, finding.Sure, false, "prodstore", ""},
		"the connection string of Azurite":     {"generic-api-key", "AccountName=devstoreaccount1;AccountKey=" + base64.StdEncoding.EncodeToString(m.bytes(64)), []string{"Azurite"}, finding.Unsure, false, "devstoreaccount1", "Azurite storage emulator"},
		"an Azure signature that ended":        {"generic-api-key", "?sv=2022-11-02&se=2024-03-01T00:00:00Z&sig=" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(base64.StdEncoding.EncodeToString(m.bytes(32))), []string{"expired on 2024-03-01"}, finding.Unsure, false, "", ""},
		"a password":                           {"generic-api-key", "correct horse battery staple", nil, "", false, "", ""},
		"nothing":                              {"", "", nil, "", false, "", ""},
	} {
		t.Run(name, func(t *testing.T) { c.check(t, Of(c.rule, c.value, today)) })
	}
}

func (c want) check(t *testing.T, r Result) {
	t.Helper()
	said := strings.Join(r.Facts, "; ")
	for _, f := range c.facts {
		if !strings.Contains(said, f) {
			t.Errorf("no fact %q in: %s", f, said)
		}
	}
	if c.facts == nil && said != "" {
		t.Errorf("says %s", said)
	}
	if r.Confidence != c.confidence || r.Wrong != c.wrong || r.KnownTest != c.known {
		t.Errorf("confidence %q, wrong %v, known %q; want %q, %v, %q (%s)", r.Confidence, r.Wrong, r.KnownTest, c.confidence, c.wrong, c.known, said)
	}
	if c.account != "-" && r.Account != c.account {
		t.Errorf("account %q, want %q", r.Account, c.account)
	}
	if len(c.value) >= 16 && strings.Contains(said, c.value) {
		t.Error("the secret stands in the facts")
	}
}

// The scheme of GitHub and npm is tried with the dummy that a scanner's issue publishes as one.
func TestBase62OfAPublishedDummy(t *testing.T) {
	if got := base62(crc32.ChecksumIEEE([]byte("qkJaB6MffYVzZXWqmcoF49yrUxP3wf"))); got != "0LsakP" {
		t.Errorf("got %s", got)
	}
}

func TestATokenSignedWithAnExamplesSecret(t *testing.T) {
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"1"}`))
	sign := func(secret string) string {
		return head + "." + base64.RawURLEncoding.EncodeToString(hmacSHA256(secret, head))
	}
	if r := Of("jwt", sign("your-256-bit-secret"), today); r.KnownTest == "" || r.Confidence != finding.Unsure {
		t.Errorf("%+v", r)
	}
	if r := Of("jwt", sign("another"), today); r.KnownTest != "" {
		t.Errorf("%+v", r)
	}
}

func TestBech32AndBase58(t *testing.T) {
	m := newMaker(2)
	seed := m.bytes(32)
	identity := strings.ToUpper(toBech32("age-secret-key-", seed))
	r := Of("age-secret-key", identity, today)
	if r.Confidence != finding.Sure || r.PublicKey == "" || !strings.Contains(strings.Join(r.Facts, " "), "its public key is age1") {
		t.Errorf("%+v", r)
	}
	if r := Of("age-secret-key", strings.Replace(identity, identity[20:21], "Q", 1), today); !r.Wrong && identity[20] != 'Q' {
		t.Errorf("a changed identity: %+v", r)
	}
	if r := Of("generic-api-key", toBech32("nsec", seed), today); r.Confidence != finding.Sure || r.Wrong {
		t.Errorf("%+v", r)
	}
	for _, size := range []int{33, 34} {
		body := append([]byte{0x80}, m.bytes(size-1)...)
		key := toBase58(body)
		if r := Of("generic-api-key", key, today); r.Confidence != finding.Sure {
			t.Errorf("a Bitcoin key of %d bytes: %+v", size, r)
		}
		if r := Of("generic-api-key", key[:10]+"zz"+key[12:], today); r.Confidence != "" {
			t.Errorf("a changed Bitcoin key: %+v", r)
		}
	}
	// BIP-173 lists this one as valid.
	if _, ok := fromBech32("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"); !ok {
		t.Error("BIP-173's example is not valid")
	}
}

func FuzzOf(f *testing.F) {
	m := newMaker(3)
	for _, s := range []string{m.base62("ghp_"), m.gitLab("glpat-"), m.gitLab("glrt-t1_"), m.grafana(), m.atlassian(), m.pypi(`[0, 1, 2]`), m.accessKey("AKIA", 7),
		m.jwt(map[string]string{"alg": "HS256"}, map[string]any{"exp": 1e300, "aud": []int{1}}), m.discord(today), "?se=1&sig=x", "sntrys_", "glc_e30", "xapp-1-A0123456789-1-a"} {
		f.Add("generic-api-key", s)
		f.Add("jwt", s)
	}
	f.Fuzz(func(t *testing.T, rule, value string) {
		r := Of(rule, value, today)
		if len(r.Facts) > MaxFacts {
			t.Fatalf("%d facts", len(r.Facts))
		}
		for _, s := range append(r.Facts, r.Account, r.KnownTest) {
			if finding.EscapeText(s) != s {
				t.Fatalf("%q is not fit for a report", s)
			}
			if len(s) > 4096 {
				t.Fatalf("a fact of %d bytes", len(s))
			}
		}
		if r.Wrong && r.Confidence != finding.Unsure {
			t.Fatalf("wrong, and %q", r.Confidence)
		}
	})
}

func TestEveryFormIsAnExpressionThatAsksForMoreThanThePrefix(t *testing.T) {
	for _, f := range forms {
		if f.fits(f.prefix) {
			t.Errorf("%s: the prefix %q alone has its form", f.name, f.prefix)
		}
	}
}
