package proof

import (
	"regexp"
	"strings"
	"sync"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// form is what the tokens of one kind look like. It proves nothing but that a value is not some
// other text; so it counts only where the rule did not look at the form itself.
type form struct {
	prefix string
	rest   func() *regexp.Regexp // for all that follows the prefix
	name   string
	public bool // meant to be seen by everybody
}

func (f form) fits(value string) bool {
	rest, ok := strings.CutPrefix(value, f.prefix)
	return ok && f.rest().MatchString(rest)
}

// whole compiles an expression for the whole of a text, when it is first asked for: most
// runs ask for none of them.
func whole(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:` + expr + `)$`) })
}

func proveForm(s secret) (Result, bool) {
	for _, f := range forms {
		if !f.fits(s.value) {
			continue
		}
		r := Result{Confidence: s.formOnly()}
		r.fact("has the form of ", f.name)
		switch {
		case f.public:
			r.Confidence = finding.Unsure
			r.fact("meant to be public")
		case testMode(s.value):
			r.Confidence = finding.Unsure
			r.fact("for test mode")
		}
		return r, true
	}
	return Result{}, false
}

// forms are the forms of tokens. Prefix and length are from the issuers' documentation where
// there is some, and else from gitleaks' rules; none of these kinds has a checksum that
// its issuer documents. Longer prefixes stand before shorter ones.
var forms = []form{
	// Code and packages.
	{prefix: "github_pat_", rest: whole(`\w{22}_\w{59}`), name: "a GitHub fine-grained personal access token"},
	{prefix: "glpat-", rest: whole(`[\w-]{20}`), name: "a GitLab personal access token"},
	{prefix: "gldt-", rest: whole(`[\w-]{20}`), name: "a GitLab deploy token"},
	{prefix: "glrt-", rest: whole(`[\w-]{20,}`), name: "a GitLab runner token"},
	{prefix: "glptt-", rest: whole(`[0-9a-f]{40}`), name: "a GitLab trigger token"},
	{prefix: "glcbt-", rest: whole(`[0-9a-zA-Z]{1,5}_[\w-]{20}`), name: "a GitLab CI job token, which ends with its job"},
	{prefix: "GR1348941", rest: whole(`[\w-]{20}`), name: "a GitLab runner registration token"},
	{prefix: "dckr_pat_", rest: whole(`[\w-]{27}`), name: "a Docker Hub personal access token"},
	{prefix: "dckr_oat_", rest: whole(`[\w-]{32}`), name: "a Docker Hub organization access token"},
	{prefix: "rubygems_", rest: whole(`[0-9a-f]{48}`), name: "a RubyGems API key"},
	{prefix: "cio", rest: whole(`[A-Za-z0-9]{32}`), name: "a crates.io token"},
	{prefix: "oy2", rest: whole(`[a-z0-9]{43}`), name: "a NuGet API key"},
	{prefix: "CLOJARS_", rest: whole(`[a-z0-9]{60}`), name: "a Clojars deploy token"},
	{prefix: "AKCp", rest: whole(`[A-Za-z0-9]{69}`), name: "an Artifactory API key"},
	{prefix: "cmVmd", rest: whole(`[A-Za-z0-9]{59}`), name: "an Artifactory reference token"},
	{prefix: "sgp_", rest: whole(`(?:(?:[a-fA-F0-9]{16}|local)_)?[a-fA-F0-9]{40}`), name: "a Sourcegraph access token"},
	{prefix: "API-", rest: whole(`[A-Z0-9]{26}`), name: "an Octopus Deploy API key"},

	// Clouds and infrastructure.
	{prefix: "AIza", rest: whole(`[\w-]{35}`), name: "a Google API key (Maps, Firebase and Gemini among others)"},
	{prefix: "GOCSPX-", rest: whole(`[\w-]{28}`), name: "a Google OAuth client secret"},
	{prefix: "1//0", rest: whole(`[\w-]{60,}`), name: "a Google OAuth refresh token"},
	{prefix: "ya29.", rest: whole(`[\w-]{30,}`), name: "a Google OAuth access token, valid for about one hour"},
	{prefix: "", rest: whole(`[\w~.]{3}[0-9]Q~[\w~.-]{31,34}`), name: "a client secret of Microsoft Entra ID"},
	{prefix: "dop_v1_", rest: whole(`[a-f0-9]{64}`), name: "a DigitalOcean personal access token"},
	{prefix: "doo_v1_", rest: whole(`[a-f0-9]{64}`), name: "a DigitalOcean OAuth token"},
	{prefix: "dor_v1_", rest: whole(`[a-f0-9]{64}`), name: "a DigitalOcean refresh token"},
	{prefix: "HRKU-AA", rest: whole(`[\w-]{58}`), name: "a Heroku API key"},
	{prefix: "dapi", rest: whole(`[a-f0-9]{32}(?:-[0-9])?`), name: "a Databricks access token"},
	{prefix: "dp.", rest: whole(`(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]{2,35}\.)?[A-Za-z0-9]{40,44}`), name: "a Doppler token"},
	{prefix: "hvs.", rest: whole(`[\w-]{24,160}`), name: "a HashiCorp Vault service token"},
	{prefix: "hvb.", rest: whole(`[\w-]{100,320}`), name: "a HashiCorp Vault batch token"},
	{prefix: "s.", rest: whole(`[A-Za-z0-9]{24}`), name: "a HashiCorp Vault service token of before version 1.10"},
	{prefix: "", rest: whole(`[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}`), name: "a HCP Terraform token"},
	{prefix: "pul-", rest: whole(`[a-f0-9]{40}`), name: "a Pulumi access token"},
	{prefix: "fo1_", rest: whole(`[\w-]{43}`), name: "a Fly.io access token"},
	{prefix: "fm2_", rest: whole(`[A-Za-z0-9+/]{100,}={0,3}`), name: "a Fly.io macaroon"},
	{prefix: "pscale_tkn_", rest: whole(`[\w=.-]{32,64}`), name: "a PlanetScale service token"},
	{prefix: "pscale_pw_", rest: whole(`[\w=.-]{32,64}`), name: "a PlanetScale password"},
	{prefix: "pscale_oauth_", rest: whole(`[\w=.-]{32,64}`), name: "a PlanetScale OAuth token"},
	{prefix: "LTAI", rest: whole(`[A-Za-z0-9]{20}`), name: "an Alibaba Cloud access key id"},
	{prefix: "v1.0-", rest: whole(`[a-f0-9]{24}-[a-f0-9]{146}`), name: "a Cloudflare Origin CA key"},
	{prefix: "sha256~", rest: whole(`[\w-]{43}`), name: "an OpenShift user token"},
	{prefix: "sdk-", rest: whole(uuid), name: "a LaunchDarkly SDK key"},
	{prefix: "api-", rest: whole(uuid), name: "a LaunchDarkly API token"},
	{prefix: "mob-", rest: whole(uuid), name: "a LaunchDarkly mobile key", public: true},
	{prefix: "tskey-", rest: whole(`(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{6,20}-[A-Za-z0-9]{20,40}`), name: "a Tailscale key"},

	// Language models.
	{prefix: "sk-ant-api03-", rest: whole(`[\w-]{93}AA`), name: "an Anthropic API key"},
	{prefix: "sk-ant-admin01-", rest: whole(`[\w-]{93}AA`), name: "an Anthropic admin API key"},
	{prefix: "sk-or-v1-", rest: whole(`[a-f0-9]{64}`), name: "an OpenRouter API key"},
	{prefix: "sk-", rest: whole(`(?:(?:proj|svcacct|admin)-)?[\w-]{20,74}T3BlbkFJ[\w-]{20,74}`), name: "an OpenAI API key (with OpenAI's mark)"},
	{prefix: "sk-", rest: whole(`[a-f0-9]{32}`), name: "a DeepSeek API key"},
	{prefix: "sk_", rest: whole(`[a-f0-9]{48}`), name: "an ElevenLabs API key"},
	{prefix: "hf_", rest: whole(`[A-Za-z]{34}`), name: "a Hugging Face access token"},
	{prefix: "api_org_", rest: whole(`[A-Za-z]{34}`), name: "a Hugging Face organization token"},
	{prefix: "gsk_", rest: whole(`[A-Za-z0-9]{52}`), name: "a Groq API key"},
	{prefix: "pplx-", rest: whole(`[A-Za-z0-9]{48}`), name: "a Perplexity API key"},
	{prefix: "r8_", rest: whole(`[A-Za-z0-9]{37}`), name: "a Replicate API token"},
	{prefix: "xai-", rest: whole(`[A-Za-z0-9]{80}`), name: "an xAI API key"},
	{prefix: "tgp_v1_", rest: whole(`[\w-]{43}`), name: "a Together AI API key"},

	// Money and shops.
	{prefix: "sk_", rest: whole(`(?:live|test)_[A-Za-z0-9]{10,247}`), name: "a Stripe secret key"},
	{prefix: "rk_", rest: whole(`(?:live|test)_[A-Za-z0-9]{10,247}`), name: "a Stripe restricted key"},
	{prefix: "pk_", rest: whole(`(?:live|test)_[A-Za-z0-9]{10,247}`), name: "a Stripe publishable key", public: true},
	{prefix: "whsec_", rest: whole(`[A-Za-z0-9+/]{32,}={0,2}`), name: "a signing secret for webhooks, as Stripe's"},
	{prefix: "shpat_", rest: whole(`[a-fA-F0-9]{32}`), name: "a Shopify access token"},
	{prefix: "shpca_", rest: whole(`[a-fA-F0-9]{32}`), name: "a Shopify access token of a custom app"},
	{prefix: "shppa_", rest: whole(`[a-fA-F0-9]{32}`), name: "a Shopify access token of a private app"},
	{prefix: "shpss_", rest: whole(`[a-fA-F0-9]{32}`), name: "a Shopify shared secret"},
	{prefix: "sq0atp-", rest: whole(`[\w-]{22}`), name: "a Square access token"},
	{prefix: "sq0csp-", rest: whole(`[\w-]{43}`), name: "a Square OAuth secret"},
	{prefix: "EAAA", rest: whole(`[\w-]{60}`), name: "a Square access token"},
	{prefix: "access_token$", rest: whole(`(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}`), name: "a Braintree (PayPal) access token"},
	{prefix: "access-", rest: whole(`(?:sandbox|development|production)-` + uuid), name: "a Plaid access token"},
	{prefix: "EZAK", rest: whole(`[A-Za-z0-9]{54}`), name: "an EasyPost API key"},
	{prefix: "EZTK", rest: whole(`[A-Za-z0-9]{54}`), name: "an EasyPost API key"},
	{prefix: "shippo_", rest: whole(`(?:live|test)_[a-fA-F0-9]{40}`), name: "a Shippo API token"},
	{prefix: "duffel_", rest: whole(`(?:live|test)_[\w=-]{43}`), name: "a Duffel API token"},
	{prefix: "FLWSECK_TEST-", rest: whole(`[A-Za-z0-9-]{12,34}`), name: "a Flutterwave key"},
	{prefix: "FLWPUBK_TEST-", rest: whole(`[A-Za-z0-9-]{32,34}`), name: "a Flutterwave public key", public: true},

	// Messages and mail.
	{prefix: "SG.", rest: whole(`[\w-]{22}\.[\w-]{43}`), name: "a SendGrid API key"},
	{prefix: "key-", rest: whole(`[a-f0-9]{32}`), name: "a Mailgun API key"},
	{prefix: "pubkey-", rest: whole(`[a-f0-9]{32}`), name: "a Mailgun public key", public: true},
	{prefix: "", rest: whole(`[a-f0-9]{32}-us[0-9]{1,2}`), name: "a Mailchimp API key, which names its data center"},
	{prefix: "xkeysib-", rest: whole(`[a-f0-9]{64}-[A-Za-z0-9]{16}`), name: "a Brevo API key"},
	{prefix: "SK", rest: whole(`[0-9a-fA-F]{32}`), name: "the id of a Twilio API key"},
	{prefix: "AC", rest: whole(`[0-9a-f]{32}`), name: "the id of a Twilio account", public: true},

	// Watching, planning and writing.
	{prefix: "NRAK-", rest: whole(`[A-Z0-9]{27}`), name: "a New Relic user key"},
	{prefix: "NRII-", rest: whole(`[\w-]{32}`), name: "a New Relic insert key"},
	{prefix: "NRJS-", rest: whole(`[a-f0-9]{19}`), name: "a New Relic browser key", public: true},
	{prefix: "sntryu_", rest: whole(`[a-f0-9]{64}`), name: "a Sentry personal token"},
	{prefix: "phc_", rest: whole(`[A-Za-z0-9]{43}`), name: "a PostHog project key", public: true},
	{prefix: "phx_", rest: whole(`[A-Za-z0-9]{40,48}`), name: "a PostHog personal API key"},
	{prefix: "dt0c01.", rest: whole(`[A-Z0-9]{24}\.[A-Z0-9]{64}`), name: "a Dynatrace API token"},
	{prefix: "lin_api_", rest: whole(`[A-Za-z0-9]{40}`), name: "a Linear API key"},
	{prefix: "ntn_", rest: whole(`[0-9]{11}[A-Za-z0-9]{35}`), name: "a Notion token"},
	{prefix: "secret_", rest: whole(`[A-Za-z0-9]{43}`), name: "a Notion token of before 2024"},
	{prefix: "pat", rest: whole(`[A-Za-z0-9]{14}\.[a-f0-9]{64}`), name: "an Airtable personal access token"},
	{prefix: "PMAK-", rest: whole(`[a-f0-9]{24}-[a-f0-9]{34}`), name: "a Postman API key"},
	{prefix: "rdme_", rest: whole(`[a-z0-9]{70}`), name: "a ReadMe API key"},
	{prefix: "sl.", rest: whole(`[\w=-]{130,}`), name: "a Dropbox access token, valid for about four hours"},
	{prefix: "squ_", rest: whole(`[a-f0-9]{40}`), name: "a SonarQube user token"},
	{prefix: "sqp_", rest: whole(`[a-f0-9]{40}`), name: "a SonarQube project token"},
	{prefix: "", rest: whole(`[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk`), name: "a MaxMind license key"},
}

const uuid = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
