package proof

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// proveWrapped reads tokens that are JSON in base 64 behind a prefix.
//
// Sources: Grafana's pkg/components/apikeygen for eyJrIjoi; Grafana Cloud's tokens (glc_) and
// 1Password's service account tokens (ops_) are not documented and are judged by the names
// in them; Sentry's src/sentry/utils/security/orgauthtoken_token.py for sntrys_.
func proveWrapped(s secret) (Result, bool) {
	switch {
	case strings.HasPrefix(s.value, "eyJrIjoi"):
		return grafanaKey(s.value)
	case strings.HasPrefix(s.value, "glc_"):
		return grafanaCloud(s.value)
	case strings.HasPrefix(s.value, "sntrys_"):
		return sentry(s.value)
	case strings.HasPrefix(s.value, "ops_ey"):
		return onePassword(s.value)
	}
	return Result{}, false
}

func grafanaKey(value string) (Result, bool) {
	var key struct {
		Key  string      `json:"k"`
		Name string      `json:"n"`
		Org  json.Number `json:"id"`
	}
	if !fromJSON(value, &key) || key.Key == "" || key.Org == "" {
		return Result{}, false
	}
	r := Result{Confidence: finding.Sure, Account: words(key.Org.String())}
	r.fact("Grafana API key of organization ", r.Account)
	return r, true
}

func grafanaCloud(value string) (Result, bool) {
	var token struct {
		Org    string `json:"o"`
		Secret string `json:"k"`
		More   struct {
			Region string `json:"r"`
		} `json:"m"`
	}
	var r Result
	r.fact("Grafana Cloud token")
	if !fromJSON(strings.TrimPrefix(value, "glc_"), &token) || token.Secret == "" {
		r.Confidence = finding.Unsure
		r.fact("what it is made of could not be read")
		return r, true
	}
	r.Confidence, r.Account = finding.Sure, words(token.Org)
	r.fact("issued for organization ", r.Account)
	if token.More.Region != "" {
		r.fact("region ", words(token.More.Region))
	}
	return r, true
}

func sentry(value string) (Result, bool) {
	at := strings.LastIndexByte(value, '_')
	encoded := strings.TrimPrefix(value[:at], "sntrys_")
	var token struct {
		Issued float64 `json:"iat"`
		URL    string  `json:"url"`
		Org    string  `json:"org"`
	}
	r := Result{Confidence: finding.Sure}
	r.fact("Sentry organization token")
	if at < len("sntrys_") || !fromJSON(encoded, &token) || token.Org == "" || len(value)-at-1 != 43 {
		r.Confidence = finding.Unsure
		r.fact("what it is made of could not be read")
		return r, true
	}
	r.Account = words(token.Org)
	r.fact("issued for organization ", r.Account, " at ", words(token.URL))
	if t, ok := unix(token.Issued); ok && token.Issued > 0 {
		r.fact("issued on ", day(t))
	}
	return r, true
}

func onePassword(value string) (Result, bool) {
	var token struct {
		Address string `json:"signInAddress"`
		Secret  string `json:"secretKey"`
	}
	var r Result
	r.fact("1Password service account token")
	if !fromJSON(strings.TrimPrefix(value, "ops_"), &token) || token.Secret == "" {
		r.Confidence = finding.Unsure
		r.fact("what it is made of could not be read")
		return r, true
	}
	r.Confidence, r.Account = finding.Sure, words(token.Address)
	r.fact("issued by ", r.Account)
	return r, true
}

// Slack's tokens and webhooks carry the id of the workspace or app.
//
// Source: Slack's API documentation, "Token types" and "Sending messages using incoming webhooks".
var (
	slackToken   = regexp.MustCompile(`^xox([bparso])-(?:2-)?([0-9]{8,14})-`)
	slackApp     = regexp.MustCompile(`^xapp-[0-9]-(A[A-Z0-9]{8,14})-`)
	slackWebhook = regexp.MustCompile(`hooks\.slack\.com/(services|workflows|triggers)/(T[A-Z0-9]{8,14})/`)
)

func proveSlack(s secret) (Result, bool) {
	r := Result{Confidence: s.formOnly()}
	if m := slackToken.FindStringSubmatch(s.value); m != nil {
		kind := map[string]string{"b": "bot", "p": "user", "a": "workspace", "r": "refresh", "s": "legacy workspace", "o": "legacy"}[m[1]]
		r.Account = m[2]
		r.fact("Slack ", kind, " token of workspace number ", m[2])
		return r, true
	}
	if m := slackApp.FindStringSubmatch(s.value); m != nil {
		r.Account = m[1]
		r.fact("Slack app-level token of app ", m[1])
		return r, true
	}
	if m := slackWebhook.FindStringSubmatch(s.value); m != nil {
		r.Account = m[2]
		r.fact("Slack webhook of workspace ", m[2])
		if strings.Trim(m[2][1:], "0X") == "" { // Slack's documentation writes T00000000
			r.KnownTest, r.Confidence = "Slack documentation", finding.Unsure
		}
		return r, true
	}
	return Result{}, false
}

// discordToken is a bot token: its id in base 64, when it was issued, an HMAC.
var discordToken = regexp.MustCompile(`^(?:mfa\.)?([A-Za-z0-9_-]{23,28})\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,40}$`)

// proveDiscord decodes a bot's id, whose bits above 22 are milliseconds since 2015.
//
// Source: Discord's developer documentation, "Reference", Snowflakes.
func proveDiscord(s secret) (Result, bool) {
	m := discordToken.FindStringSubmatch(s.value)
	if m == nil {
		return Result{}, false
	}
	id, err := base64.RawURLEncoding.DecodeString(m[1])
	if err != nil {
		return Result{}, false
	}
	n, err := strconv.ParseUint(string(id), 10, 63)
	if err != nil || len(id) < 17 {
		return Result{}, false
	}
	made := time.UnixMilli(int64(n>>22) + 1420070400000).UTC()
	if made.After(s.now.AddDate(0, 0, 1)) {
		return Result{}, false
	}
	r := Result{Confidence: finding.Sure, Account: string(id)}
	r.fact("Discord bot token of user ", r.Account)
	r.fact("its account was made on ", day(made))
	return r, true
}

// telegramToken is a bot's id and 35 characters.
//
// Source: Telegram Bot API, "Authorizing your bot".
var telegramToken = regexp.MustCompile(`^([0-9]{8,10}):AA[A-Za-z0-9_-]{33}$`)

func proveTelegram(s secret) (Result, bool) {
	m := telegramToken.FindStringSubmatch(s.value)
	if m == nil {
		return Result{}, false
	}
	r := Result{Confidence: s.formOnly(), Account: m[1]}
	r.fact("Telegram token of bot ", m[1])
	return r, true
}

// basicUser is a user's name as it stands in a header or a registry's configuration.
var basicUser = regexp.MustCompile(`^[A-Za-z0-9_.@+$-]{1,64}$`)

// proveBasic decodes user name and password of HTTP basic authentication (RFC 7617), which registries'
// configuration files use too.
func proveBasic(s secret) (Result, bool) {
	if len(s.value) < 12 || len(s.value) > 4<<10 || len(s.value)%4 != 0 {
		return Result{}, false
	}
	b, err := base64.StdEncoding.DecodeString(s.value)
	if err != nil {
		return Result{}, false
	}
	user, password, ok := strings.Cut(string(b), ":")
	if !ok || !basicUser.MatchString(user) || len(password) < 4 {
		return Result{}, false
	}
	for _, c := range []byte(password) {
		if c < ' ' || c > '~' {
			return Result{}, false
		}
	}
	r := Result{Confidence: finding.Likely}
	r.fact("base64 of a user name (", words(user), ") and a password")
	return r, true
}
