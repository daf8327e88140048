package secrets

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// tokenKind is a kind of token that has a form of its own and that gitleaks' rules do not know, or
// know beside certain words alone.
type tokenKind struct {
	id, expr, title string
	issuer, where   string // who issues it, and where it is revoked
	severity        finding.Severity
}

// tokenKinds are from what the issuers document of their tokens, or from tokens that they issued.
var tokenKinds = sync.OnceValue(func() []tokenKind {
	const (
		critical = finding.Critical
		high     = finding.High
	)
	return []tokenKind{
		{"adafruit-io-key", `\baio_[A-Za-z0-9]{28}\b`, "Adafruit IO key", "Adafruit IO", "on io.adafruit.com under My Key: regenerate it", high},
		{"azure-account-key", `(?i)\b(?:AccountKey|SharedAccessKey|PrimaryKey|SecondaryKey)=([A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=)`, "Azure account key", "Microsoft Azure", "in the Azure portal under the resource's access keys: rotate it", critical},
		{"azure-devops-pat", `\b[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}\b`, "Azure DevOps personal access token", "Azure DevOps", "in Azure DevOps under User settings, Personal access tokens", critical},
		{"azure-sas-signature", `(?i)[?&;]sig=([A-Za-z0-9%+/_-]{43,70}(?:%3D|=)?)`, "Azure shared access signature", "Azure Storage", "by rotating the account key that signed it, or its stored access policy", high},
		{"bitbucket-app-password", `\bATBB[A-Za-z0-9]{24}[A-F0-9]{8}\b`, "Bitbucket app password", "Bitbucket", "in the personal settings under App passwords", critical},
		{"braintree-access-token", `\baccess_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}\b`, "Braintree access token", "Braintree", "in the Braintree control panel under API Keys", critical},
		{"buildkite-token", `\bbk(?:ua|ct|aj|at)_[a-f0-9A-Za-z]{40}\b`, "Buildkite token", "Buildkite", "in the personal settings under API Access Tokens", high},
		{"aws-key-pair", `\b(?:AKIA|ASIA)[A-Z2-7]{16}["']?[ \t]{0,4}[,;:|/\t ][ \t]{0,4}["']?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)`, "AWS secret access key beside its ID", "AWS", "in the IAM console: deactivate the key, then delete it", critical},
		{"circleci-token", `\bCCI(?:PAT|PRJ)_[A-Za-z0-9]{22}_[a-f0-9]{40}\b`, "CircleCI token", "CircleCI", "in the user settings under Personal API Tokens", high},
		{"contentful-token", `\bCFPAT-[A-Za-z0-9_-]{43}`, "Contentful personal access token", "Contentful", "in the account settings under CMA tokens", high},
		{"crates-io-token", `\bcio[A-Za-z0-9]{32}\b`, "crates.io token", "crates.io", "in the account settings under API Tokens", critical},
		{"databricks-token", `\bdapi[a-f0-9]{32}(?:-\d)?\b`, "Databricks token", "Databricks", "in the workspace's user settings under Access tokens", critical},
		{"discord-webhook", `https://(?:(?:canary|ptb)\.)?discord(?:app)?\.com/api/webhooks/\d{17,20}/[A-Za-z0-9_-]{60,80}`, "Discord webhook", "Discord", "in the channel's integrations: delete the webhook", finding.Medium},
		{"docker-hub-token", `\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{27,40}`, "Docker Hub access token", "Docker Hub", "in the account settings under Personal access tokens", critical},
		{"docker-swarm-key", `\bSWMKEY-1-[A-Za-z0-9+/]{43}`, "Docker Swarm unlock key", "Docker Swarm", "with docker swarm unlock-key --rotate", critical},
		{"docker-swarm-join-token", `\bSWMTKN-1-[a-z0-9]{50}-[a-z0-9]{25}\b`, "Docker Swarm join token", "Docker Swarm", "with docker swarm join-token --rotate", critical},
		{"dropbox-access-token", `\bsl\.(?:u\.)?[A-Za-z0-9_-]{100,900}`, "Dropbox access token", "Dropbox", "in the app console, or it ends by itself after hours", high},
		{"elevenlabs-key", `\bsk_[a-f0-9]{48}\b`, "ElevenLabs API key", "ElevenLabs", "in the profile under API Keys", high},
		{"figma-token", `\bfig[duor]{1,2}_[A-Za-z0-9_-]{38,44}`, "Figma token", "Figma", "in the account settings under Security", high},
		{"firebase-server-key", `\bAAAA[A-Za-z0-9_-]{7}:[A-Za-z0-9_-]{140}`, "Firebase Cloud Messaging server key", "Google Firebase", "in the Firebase console under Cloud Messaging", high},
		{"github-installation-token", `\bghs_[A-Za-z0-9_-]{20,400}\.[A-Za-z0-9_-]{40,800}\.[A-Za-z0-9_-]{20,700}`, "GitHub App installation token", "GitHub", "it ends by itself after an hour; suspend the App's installation to end it at once", high},
		{"google-oauth-client-secret", `\bGOCSPX-[A-Za-z0-9_-]{28}`, "Google OAuth client secret", "Google Cloud", "in the Google Cloud console under APIs & Services, Credentials", high},
		{"google-refresh-token", `\b1//0[A-Za-z0-9_-]{60,120}`, "Google OAuth refresh token", "Google", "in the Google account under third-party access, or by revoking the client", critical},
		{"groq-key", `\bgsk_[A-Za-z0-9]{20}WGdyb3FY[A-Za-z0-9]{24}\b`, "Groq API key", "Groq", "in the Groq console under API Keys", high},
		{"langsmith-key", `\blsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}\b`, "LangSmith API key", "LangChain", "in LangSmith's settings under API Keys", high},
		{"linear-key", `\blin_(?:api|oauth)_[A-Za-z0-9]{40}\b`, "Linear API key", "Linear", "in the settings under Security & access", high},
		{"mapbox-secret-token", `\bsk\.eyJ[A-Za-z0-9_-]{40,200}\.[A-Za-z0-9_-]{20,40}`, "Mapbox secret token", "Mapbox", "in the account under Tokens", high},
		{"netlify-token", `\bnf[pcbuo]_[A-Za-z0-9]{36}\b`, "Netlify token", "Netlify", "in the user settings under Applications", high},
		{"new-relic-key", `\b(?:NRAK-[A-Z0-9]{27}|NRII-[A-Za-z0-9_-]{32})\b`, "New Relic key", "New Relic", "in the administration under API keys", high},
		{"ngrok-token", `\b(?:ngrok_)?[12][A-Za-z0-9]{26}_[A-Za-z0-9]{21}\b`, "ngrok token", "ngrok", "in the ngrok dashboard under Authtokens", high},
		{"nvidia-key", `\bnvapi-[A-Za-z0-9_-]{60,70}`, "NVIDIA API key", "NVIDIA", "on build.nvidia.com under API Keys", high},
		{"notion-token", `\b(?:ntn_[A-Za-z0-9]{40,50}|secret_[A-Za-z0-9]{43})\b`, "Notion integration token", "Notion", "in Notion's integrations", high},
		{"nuget-key", `\boy2[a-z0-9]{43}\b`, "NuGet API key", "NuGet", "on nuget.org under API Keys", critical},
		{"openrouter-key", `\bsk-or-v1-[a-f0-9]{64}\b`, "OpenRouter API key", "OpenRouter", "in OpenRouter's settings under Keys", high},
		{"pinecone-key", `\bpcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{40,70}\b`, "Pinecone API key", "Pinecone", "in the Pinecone console under API Keys", high},
		{"postman-key", `\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b`, "Postman API key", "Postman", "in Postman under API keys", high},
		{"posthog-key", `\bphx_[A-Za-z0-9]{43,48}\b`, "PostHog personal API key", "PostHog", "in PostHog's settings under Personal API keys", high},
		{"render-key", `\brnd_[A-Za-z0-9]{28,32}\b`, "Render API key", "Render", "in the account settings under API Keys", high},
		{"replicate-token", `\br8_[A-Za-z0-9]{37}\b`, "Replicate API token", "Replicate", "in the account settings under API tokens", high},
		{"resend-key", `\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}\b`, "Resend API key", "Resend", "in Resend under API Keys", high},
		{"secret-key", `\bsk-[A-Za-z0-9]{32,64}\b`, "Secret key of a service for language models", "DeepSeek, Moonshot, Alibaba Cloud Model Studio, OpenAI or another with keys of this form", "in the service's console under API keys", high},
		{"sonarqube-token", `\bsq[pau]_[a-f0-9]{40}\b`, "SonarQube token", "SonarQube", "in the account under Security", high},
		{"square-secret", `\bsq0(?:csp|atp)-[A-Za-z0-9_-]{22,43}`, "Square secret", "Square", "in the Square developer dashboard", critical},
		{"stripe-webhook-secret", `\bwhsec_[A-Za-z0-9+/]{32,64}={0,2}`, "Webhook signing secret", "Stripe, or another sender of signed webhooks", "at the sender: roll the endpoint's secret", high},
		{"supabase-token", `\bsb(?:p_[a-f0-9]{40}|p_oauth_[a-f0-9]{40}|_secret_[A-Za-z0-9_-]{30,44})`, "Supabase token", "Supabase", "in the account under Access Tokens", critical},
		{"tailscale-key", `\btskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{20,40}\b`, "Tailscale key", "Tailscale", "in the admin console under Settings, Keys", critical},
		{"tavily-key", `\btvly-(?:dev-|prod-)?[A-Za-z0-9]{32}\b`, "Tavily API key", "Tavily", "in the Tavily dashboard", high},
		{"telegram-bot", `\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b`, "Telegram bot token", "Telegram", "by /revoke at BotFather", high},
		{"together-key", `\btgp_v1_[A-Za-z0-9_-]{43}`, "Together AI API key", "Together AI", "in the account settings under API Keys", high},
		{"vault-token", `\bhvs\.[A-Za-z0-9_-]{24,89}`, "HashiCorp Vault token", "HashiCorp", "with vault token revoke", critical},
		{"vercel-blob-token", `\bvercel_blob_rw_[A-Za-z0-9]{16}_[A-Za-z0-9]{30}\b`, "Vercel Blob token", "Vercel", "in the project's storage settings", high},
		{"xai-key", `\bxai-[A-Za-z0-9]{80}\b`, "xAI API key", "xAI", "in the xAI console under API Keys", high},
	}
})

// tokenKindOf gives the kind of token that a rule is for, if it is one of tokenKinds.
func tokenKindOf(id string) (tokenKind, bool) {
	for _, k := range tokenKinds() {
		if k.id == id {
			return k, true
		}
	}
	return tokenKind{}, false
}

// kindRules are the engine's rules for tokenKinds.
func kindRules() []rule {
	var rules []rule
	for _, k := range tokenKinds() {
		judge := judgeToken
		if k.id == "azure-sas-signature" {
			judge = judgeSignature
		}
		rules = append(rules, rule{id: k.id, expr: newExpression(k.expr), own: judge})
	}
	return rules
}

// emulatorKeys begin the keys that Microsoft's emulators of storage and Cosmos DB have on everybody's computer.
var emulatorKeys = []string{"Eby8vdM02xNOcqFlqUwJ", "C2y6yDjf5/R+ob0N8A7C"}

// judgeToken judges a token by its characters alone, because its form is what matched.
func judgeToken(secret, _ string) finding.Confidence {
	body := secret[strings.LastIndexAny(secret[:min(len(secret), 12)], "_-.$:")+1:]
	if sequence(body) || placeholder(secret) || slices.ContainsFunc(emulatorKeys, func(k string) bool { return strings.HasPrefix(secret, k) }) || wordiness(body) > looksWordy && len(body) > 16 && !looksMadeUp(body) {
		return finding.Unsure
	}
	return finding.Sure
}

// judgeSignature judges a signature of Azure: it is an HMAC-SHA256 in base64, of 43 characters and a sign that fills up.
func judgeSignature(secret, match string) finding.Confidence {
	plain, err := url.PathUnescape(secret)
	if err != nil {
		plain = secret
	}
	if body, _, _ := strings.Cut(plain, "="); len(body) != base64.RawStdEncoding.EncodedLen(sha256.Size) {
		return ""
	}
	return judgeToken(secret, match)
}

// The ids of the rules for credentials that stand in a form of speech: a header, a command, a statement.
const (
	ruleBasic   = "http-basic-header"
	ruleBearer  = "http-bearer-header"
	ruleCommand = "password-in-command"
	ruleSQL     = "password-in-sql"

	ruleConnection = "password-in-connection-string"
	ruleOption     = "credential-in-option"

	ruleLiteral = "password-literal"
	ruleJWK     = "private-jwk"
	ruleCrypt   = "password-crypt"
)

// speechRules are the engine's rules for credentials in a form of speech.
func speechRules() []rule {
	return []rule{{
		id:   ruleBasic,
		expr: newExpression(`(?i)\bbasic[ \t]{1,3}([a-z0-9+/]{8,400}={0,2})(?:[^a-z0-9+/=]|$)`),
		own:  judgeBasic,
	}, {
		id:   ruleBearer,
		expr: newExpression(`(?i)\b(?:bearer|authorization["'\]\\]{0,3}[ \t]{0,3}(?:[:=,]|=>)[ \t]{0,3}["'\x60]?[a-z][a-z0-9-]{1,15})[ \t]{1,3}([a-z0-9._~+/-]{16,900}={0,2})`),
		own:  judgeBearer,
	}, {
		id: ruleCommand,
		expr: newExpression(`(?i)\b(?:` +
			`sshpass[ \t]+-p[ \t]*['"]?([^\s'"$]{4,100})` +
			`|echo[ \t]+["']?[\w.-]{1,40}:([^\s"'|$]{4,100})["']?[ \t]*\|[ \t]*(?:sudo[ \t]+)?(?:/usr/sbin/)?chpasswd` +
			`|(?:docker|podman|buildah|nerdctl|helm|oc|az|skopeo|crane)[ \t][^\n|;&]{0,100}?\blogin\b[^\n|;&]{0,200}?[ \t](?:-p|--password)(?:[ \t]+|=)['"]?([^\s'"$<|;&]{4,200})` +
			`|(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)[ \t][^\n|;&]{0,200}?[ \t](?:-p|--password=)['"]?([^\s'"$<|;&-][^\s'"$<|;&]{3,100})` +
			`|(?:redis-cli)[ \t][^\n|;&]{0,100}?-a[ \t]+['"]?([^\s'"$<|;&]{4,200})` +
			`|p?assword[^\n]{0,60}\n[ \t]*send[ \t]+(?:--[ \t]+)?"([^"\\$\s]{4,100})\\[rn]` +
			`|networkcredential\([ \t]*"[^"\n]{0,100}"[ \t]*,[ \t]*"([^"\n]{4,100})"` +
			`|openssl[ \t][^\n|;&]{0,200}?[ \t]-pass(?:in|out)?[ \t]+['"]?pass:([^\s'"$<|;&]{4,200})` +
			`|curl[ \t][^\n|;&]{0,200}?(?:-u|--user)[ \t=]{0,3}['"]?[\w.@-]{1,60}:([^\s'"$<|;&]{6,200})` +
			`|gpg2?[ \t][^\n|;&]{0,200}?--passphrase[ \t=]{1,3}['"]?([^\s'"$<|;&]{4,200})` +
			`|keytool[ \t][^\n|;&]{0,300}?-(?:storepass|keypass|srcstorepass|deststorepass)[ \t]+['"]?([^\s'"$<|;&]{4,200})` +
			`|ldap(?:search|add|modify|delete|passwd|whoami)[ \t][^\n|;&]{0,200}?[ \t]-w[ \t]+['"]?([^\s'"$<|;&]{4,200})` +
			`|htpasswd[ \t]+-[a-z0-9]{0,6}b[a-z0-9]{0,6}[ \t]+\S{1,100}[ \t]+\S{1,60}[ \t]+['"]?([^\s'"$<|;&]{4,200})` +
			`|net[ \t]+user[ \t]+\S{1,40}[ \t]+([^\s'"$%<|;&/]{4,100})[ \t]+/add` +
			`|smbclient[ \t][^\n|;&]{0,200}?-U[ \t]*['"]?[\w.@\\/-]{1,60}%([^\s'"$<|;&]{4,100})` +
			`|lftp[ \t][^\n|;&]{0,200}?-u[ \t]+['"]?[\w.@-]{1,60},([^\s'"$<|;&]{4,100})` +
			`|(?:login\(|auth=\()[ \t]*(?:["'][^"'\n]{1,80}["'][ \t]*,[ \t]*){1,2}["']([^\s"'$]{6,100})["']` +
			`|convertto-securestring[ \t]+(?:-string[ \t]+)?["']([^"'\s$]{4,200})["'][ \t]+-asplaintext` +
			`)`),
		own: judgeSpoken,
	}, {
		id: ruleOption,
		expr: newExpression(`(?i)[ \t"'](?:--proxy-user[ \t=]{1,3}['"]?[\w.@-]{1,60}:([^\s'"$<|;&]{4,200})` +
			`|-(?:-[a-z0-9]{1,16}){0,3}-(?:(?:tls)?password|passwd|passphrase|token|secret|api-key|bearer)(?:=|[ \t]{1,3}|["'][ \t]{0,2},[ \t]{0,2}["'])` +
			`['"]?([^\s'"$<|;&{}()\x60-][^\s'"$<|;&{}()\x60]{5,200}))`),
		own: judgeOption,
	}, {
		id: ruleConnection,
		expr: newExpression(`(?i)\b(?:server|host(?:name)?|data source|database|dbname|initial catalog|user(?: ?id|name)?|uid)[ \t]?=[ \t]?[^;&\s"'<>=]{1,80}(?:;|&(?:amp;)?|[ \t])[ \t]?` +
			`(?:[a-z][a-z ]{1,30}=[^;&\s"'<>]{0,80}(?:;|&(?:amp;)?|[ \t])[ \t]?){0,5}(?:password=|pwd=)['"]?([^;&\s"'<>{}$()\[\]\\]{4,100})(?:[;&\s"'<\\]|$)`),
		own: judgeConnection,
	}, {
		id: ruleSQL,
		expr: newExpression(`(?i)\b(?:identified[ \t]+(?:with[ \t]+\S{1,40}[ \t]+)?by|(?:user|role|login)[ \t]+\S{1,80}[ \t]+(?:with[ \t]+)?(?:encrypted[ \t]+|login[ \t]+)*password(?:[ \t]*=)?)` +
			`[ \t]+N?'([^'\n\\]{4,100})'`),
		own: judgeSpoken,
	}, {
		id: ruleLiteral,
		expr: newExpression(`(?i)(?:passwo?r[dt]|passwd|passphrase|passcode|\bpass|_pass|(?-i:[a-z]P(?:ass|ASS))|pwd|secret|token|api[_.-]?key|auth[_-]?key|access[_-]?key|requirepass)[\w.-]{0,24}` +
			`(?:["'\x60*\\]{0,4}[ \t]{0,8}(?:=>|:=|==?|:)[ \t*]{0,8}(?:[a-z]{0,2}\\{0,3}["'\x60]([^"'\x60\s\\]{6,200})\\{0,3}["'\x60]|([^\s"'\x60\\;,(){}<>\[\]&]{8,200})(?:[ \t\r;,&"'\x60<\\]|\n|$))` +
			`|["'][ \t]{0,3},[ \t]{0,3}["']([^"'\x60\s\\]{6,200})["']` +
			`|["'][^<>\n]{0,80}>([^<>\s]{6,200})</|>([^<>\s]{6,200})</` +
			`|["'][^<>\n]{0,40}[ \t]value[ \t]?=[ \t]?["']([^"'\s]{6,200})["']` +
			`|\n{1,8}([a-z0-9+/=_.~-]{20,200})(?:\n|$)` + // strings of a program, one behind the other: see appendPrintable
			`|["']?[ \t]{0,3}\n[ \t-]{0,40}value:[ \t]{1,3}["']?([^\s"'#{}$]{6,200}))`),
		own: judgeLiteral,
	}, {
		id: ruleJWK,
		expr: newExpression(`"kty"[ \t]{0,3}:[ \t]{0,3}"(?:RSA|EC|OKP)"[^{}]{0,900}?"d"[ \t]{0,3}:[ \t]{0,3}"([\w-]{32,900})"` +
			`|"d"[ \t]{0,3}:[ \t]{0,3}"([\w-]{32,900})"[^{}]{0,900}?"kty"[ \t]{0,3}:[ \t]{0,3}"(?:RSA|EC|OKP)"` +
			`|"kty"[ \t]{0,3}:[ \t]{0,3}"oct"[^{}]{0,500}?"k"[ \t]{0,3}:[ \t]{0,3}"([\w-]{20,900})"`),
		own: judgeSpoken,
	}, {
		id: ruleCrypt,
		expr: newExpression(`\$(?:6|5)\$(?:rounds=\d{4,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43,86}|\$y\$[./0-9A-Za-z]{1,10}\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}|` +
			`\$2[aby]\$\d\d\$[./0-9A-Za-z]{53}|\$apr1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}|\$1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}|` +
			`\$argon2(?:id|i|d)\$v=\d{1,3}\$m=\d{1,9},t=\d{1,6},p=\d{1,4}\$[A-Za-z0-9+/]{8,86}\$[A-Za-z0-9+/]{16,172}|` +
			`\{S?SHA(?:256|512)?\}[A-Za-z0-9+/]{27,130}={0,2}|pbkdf2_sha(?:1|256|512)\$\d{3,8}\$[^\s$"']{4,64}\$[A-Za-z0-9+/]{20,100}={0,2}|scrypt:\d{3,8}:\d{1,3}:\d{1,3}\$[^\s$"']{4,64}\$[a-f0-9]{64,128}`),
		own: func(string, string) finding.Confidence { return finding.Sure },
	}}
}

// judgeBasic judges what may be user and password in base64 (RFC 7617).
func judgeBasic(secret, _ string) finding.Confidence {
	raw, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		if raw, err = base64.RawStdEncoding.DecodeString(secret); err != nil {
			return ""
		}
	}
	user, password, ok := strings.Cut(string(raw), ":")
	if !ok || password == "" || slices.ContainsFunc(raw, func(b byte) bool { return b < ' ' || b > '~' }) {
		return ""
	}
	switch {
	case placeholder(password), strings.EqualFold(user, "aladdin"), reference(password): // RFC 7617's example
		return finding.Unsure
	}
	return finding.Sure
}

// judgeBearer judges the token of a header for authorization, of whatever scheme (RFC 9110, section 11.4). Those of
// Basic are judged apart; those of others are answers to a challenge.
func judgeBearer(secret, match string) finding.Confidence {
	switch {
	case otherScheme.MatchString(match[:len(match)-len(secret)]),
		len(secret) < 20 && (!mixed(secret) || wordiness(secret) > looksRandom):
		return ""
	case placeholder(secret), sequence(secret), wordiness(secret) >= looksWordy:
		return ""
	case wordiness(secret) <= looksRandom:
		return finding.Sure
	}
	return finding.Likely
}

// otherScheme is of what stands before what is no token of its own.
var otherScheme = newExpression(`(?i)[^a-z0-9-](?:basic|digest|negotiate|ntlm|hoba|mutual|scram-sha-\d+|signature|hmac[a-z0-9-]*|aws4?[a-z0-9-]*)[ \t]+$`)

// judgeSpoken judges a password whose place says that it is one.
func judgeSpoken(secret, _ string) finding.Confidence {
	switch {
	case reference(secret), strings.HasPrefix(secret, "%"), strings.HasPrefix(secret, "{"), strings.HasPrefix(secret, "<"):
		return ""
	case placeholder(secret), sequence(secret):
		return finding.Unsure
	case mixed(secret) && len(secret) >= 8:
		return finding.Sure
	}
	return finding.Likely
}

// judgeConnection judges a password in a connection string. An argument of a call looks like that as well.
func judgeConnection(secret, match string) finding.Confidence {
	if strings.HasSuffix(secret, ",") {
		return ""
	}
	return judgeSpoken(secret, match)
}

// judgeOption judges the value of an option. What an option of any program is for is told by its name; without
// a sign of equality there may stand a word behind it that is no value.
func judgeOption(secret, match string) finding.Confidence {
	option := optionForm.compiled().FindStringSubmatch(match)
	if option == nil {
		return ""
	}
	if strings.EqualFold(option[1], "proxy-user") {
		return judgeSpoken(secret, match)
	}
	words := nameWords(option[1])
	last := words[len(words)-1]
	switch {
	case slices.Contains(flagWords, words[0]), last != "bearer" && !strings.HasSuffix(last, "password") && (!credentialName(option[1]) || !endsAsCredential(option[1])):
		return ""
	case !strings.ContainsAny(secret, "0123456789") && (option[2] == "" || wordiness(secret) > -0.2):
		return ""
	case strings.ContainsAny(secret, ",/"), namesSoftware(secret), isMember(secret), last == "key" && !looksMadeUp(secret):
		return ""
	}
	return judgeSpoken(secret, match)
}

// optionForm is of an option of a program: its name, and whether its value stands behind a sign of equality.
var optionForm = newExpression(`(?i)^[ \t"']--([a-z][a-z0-9-]{3,40})(=?)`)

// flagWords begin the names of options that take no credential, whatever they are about.
var flagWords = []string{
	"allow", "ask", "create", "delete", "disable", "disabled", "empty", "enable", "force", "generate", "get", "hide", "list", "no", "print", "prompt", "random", "read", "require",
	"reset", "revoke", "rotate", "show", "skip", "use", "with", "without",
}

// judgeLiteral judges a value that is assigned to a name of a credential and that gitleaks' generic
// rule is too careful for: short, or of few different characters. It has to look made up, or like what people
// choose, where the name is that of a password.
func judgeLiteral(secret, match string) finding.Confidence {
	if name, rest, ok := strings.Cut(match, "\n"); ok && strings.Trim(rest, "\n") == secret {
		return judgeBehind(secret, name)
	}
	at := max(1, lastIndex(match, secret))
	quoted := strings.HasSuffix(match, "</") || strings.IndexByte("\"'`", match[at-1]) >= 0
	ends := strings.HasSuffix(match, secret) || strings.IndexByte("\"'`", match[len(match)-1]) >= 0 // with its line, or with the text that it stands in
	kinds := kindsIn(secret)
	mixed := kinds&(kindLower|kindUpper) != 0 && kinds&kindDigit != 0
	// What costs least is asked first.
	if !quoted && len(match) > 4 && strings.EqualFold(match[:4], "pass") && strings.IndexByte(": \t", match[4]) >= 0 || // a log of tests
		kinds&kindBracket != 0 && template(secret) || strings.HasPrefix(secret, "/") || strings.HasPrefix(secret, "#") || strings.Contains(secret, "://") {
		return ""
	}
	words := wordiness(secret)
	if !mixed && (len(secret) < 16 || words > 2*looksRandom || kinds&kindBeyond != 0) && !(quoted && chosen(secret)) {
		return ""
	}
	name := strings.TrimRight(match[:at], " \t=:>,\"'`*\\")
	asPassword := func() bool { return passwordName(name) && credentialName(name) }
	asChosen := func() bool {
		return chosen(secret) && !namesSoftware(secret) && (quoted || ends && len(secret) >= 8 && mixed && setsPlainly(match[:at])) && (endsAsPassword(name) || asPassword())
	}
	if !(len(secret) >= 12 && words <= looksRandom || quoted && len(secret) >= 8 && words <= -0.2 ||
		len(secret) >= 12 && words <= -0.2 && asPassword() || (quoted || ends) && asPassword() && asTold(secret) ||
		len(secret) >= 8 && mixed && words <= 2*looksRandom && endsAsPassword(name) || asChosen()) {
		return ""
	}
	if placeholder(secret) || sequence(secret) || isUUID(secret) || describesContent(name) || reference(secret) {
		return ""
	}
	return finding.Likely
}

// lastIndex is strings.LastIndex where what is looked for stands near the end.
func lastIndex(s, what string) int {
	const near = 4
	for n := len(s) - len(what); n >= max(0, len(s)-len(what)-near); n-- {
		if s[n:n+len(what)] == what {
			return n
		}
	}
	return strings.LastIndex(s, what)
}

// template reports whether a value has a part that is put in later, or is an expression: $NAME, ${…}, @NAME@, %s, [a-z]*.
func template(v string) bool { return templateForm.MatchString(v) }

var templateForm = newExpression(`^@{1,2}[A-Za-z_.-]+@{1,2}$|[{}*|^()\[\]]|^[$%]|[^$]\$[A-Za-z_]|%[a-zA-Z](?:[^a-zA-Z0-9]|$)`)

// setsPlainly reports whether what stands before a value that is not quoted is as in a configuration: in the
// languages of programs it would be a name.
func setsPlainly(before string) bool {
	return strings.HasSuffix(before, ": ") && !strings.HasSuffix(before, "\": ") || strings.HasSuffix(before, "=") && !strings.HasSuffix(before, "==") && !strings.HasSuffix(before, ":=")
}

// chosen reports whether a value is what people choose for a password, however much it reads like words: letters with
// digits or signs.
func chosen(v string) bool {
	letters := strings.ContainsFunc(v, func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' })
	return letters && strings.ContainsAny(v, "0123456789!@#&?+%^*") && !isMember(v) && !strings.ContainsFunc(v, func(r rune) bool { return r > '~' })
}

// endsAsPassword reports whether the last word of a name, but for a number, is that of a password.
func endsAsPassword(name string) bool {
	words := nameWords(strings.TrimRight(name, "0123456789_"))
	return len(words) > 0 && passwordName(words[len(words)-1])
}

// asTold reports whether a value is what people make who are told to use capitals, digits and signs
// in a password, however much it reads like words.
func asTold(v string) bool {
	lower, upper := strings.ToUpper(v) != v, strings.ToLower(v) != v
	sign := strings.ContainsAny(v, "-_.!@#&+=?~,:")
	digit := strings.IndexByte("0123456789", v[len(v)-1]) >= 0 || strings.ContainsAny(v, "0123456789") && (strings.ContainsAny(v, "!@#&?+") || wordiness(v) < looksWordy)
	return len(v) >= 8 && lower && upper && sign && digit && !isMember(v)
}

// hexForm is of digests and keys in hexadecimal, and of keys with an ending that names a place.
var hexForm = newExpression(`^(?:[a-f0-9]{16}){2,8}(?:-[a-z]{2}\d{1,2})?$`)

// endsAsCredential reports whether the last word of a name is that of a credential.
func endsAsCredential(name string) bool {
	words := nameWords(name)
	last := words[len(words)-1]
	return last == "key" || slices.Contains(credentialWords, last)
}

// judgeBehind judges what stands behind the name of a credential among the strings of a program.
func judgeBehind(secret, name string) finding.Confidence {
	switch {
	case !credentialName(name), !endsAsCredential(name), describesContent(name), placeholder(secret), sequence(secret), strings.HasPrefix(secret, "_Z"), malformed(secret), ofIssuer(secret):
		return ""
	case isUUID(secret) && !strings.Contains(strings.ToLower(name), "id"), mixed(secret) && (wordiness(secret) <= -0.8 || hexForm.MatchString(secret)):
		return finding.Likely
	}
	return ""
}
