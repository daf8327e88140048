package secrets

import "strings"

// issuer is who issues a kind of secret and where it is revoked.
type issuer struct{ prefix, name, where string }

// issuerOf finds the issuer by the longest prefix of a rule's id.
func issuerOf(id string) issuer {
	best := issuer{}
	for _, i := range issuers {
		if strings.HasPrefix(id, i.prefix) && len(i.prefix) > len(best.prefix) {
			best = i
		}
	}
	if best.name == "" {
		word, _, _ := strings.Cut(id, "-")
		best = issuer{word, strings.ToUpper(word[:1]) + word[1:], ""}
	}
	if best.where == "" {
		best.where = "in the account settings of " + best.name
	}
	return best
}

// issuers are those whose name cannot be told from the id, or for whom the
// place to revoke is known better than "in the account settings".
var issuers = []issuer{
	{"1password", "1Password", "in 1Password under Developer, Service Accounts, or by changing the account's secret key"},
	{"adobe", "Adobe", "in the Adobe Developer Console"},
	{"age", "age", "by encrypting everything anew for another key"},
	{"alibaba", "Alibaba Cloud", "in the RAM console under AccessKey"},
	{"anthropic", "Anthropic", "in the Anthropic Console under API keys"},
	{"artifactory", "JFrog Artifactory", "in the user's profile or under Access Tokens"},
	{"asana", "Asana", "in the Asana developer console"},
	{"atlassian", "Atlassian", "in the Atlassian account under Security, API tokens"},
	{"aws", "AWS", "in the IAM console: deactivate the key, then delete it"},
	{"azure-ad", "Microsoft Entra ID (Azure AD)", "in the app registration under Certificates & secrets"},
	{"bitbucket", "Bitbucket", "in the workspace's OAuth consumers"},
	{"cisco-meraki", "Cisco Meraki", "in the Meraki dashboard under My profile"},
	{"clickhouse-cloud", "ClickHouse Cloud", "in the organization's API keys"},
	{"cloudflare", "Cloudflare", "in the dashboard under My Profile, API Tokens"},
	{"defined-networking", "Defined Networking", ""},
	{"digitalocean", "DigitalOcean", "in the control panel under API, Tokens"},
	{"databricks", "Databricks", "in the workspace's user settings under Access tokens"},
	{"datadog", "Datadog", "in the organization settings under API keys or application keys"},
	{"doppler", "Doppler", "in the dashboard under Tokens"},
	{"droneci", "Drone CI", ""},
	{"easypost", "EasyPost", ""},
	{"facebook", "Facebook", "in the app's settings at Meta for Developers"},
	{"finicity", "Finicity", ""},
	{"flyio", "Fly.io", "with the command that revokes tokens, or in the dashboard"},
	{"frameio", "Frame.io", ""},
	{"gcp", "Google Cloud", "in the Google Cloud console under APIs & Services, Credentials"},
	{"github", "GitHub", "on GitHub under Settings, Developer settings (for an app: in the app's settings)"},
	{"gitlab", "GitLab", "in GitLab under Access tokens of the user, group or project"},
	{"gocardless", "GoCardless", ""},
	{"grafana", "Grafana", "in Grafana under Administration, Service accounts, or in Grafana Cloud's access policies"},
	{"hashicorp", "HashiCorp", "in HCP Terraform under the user's or team's tokens"},
	{"heroku", "Heroku", "in the account settings under API Key, or its authorizations"},
	{"hubspot", "HubSpot", ""},
	{"huggingface", "Hugging Face", "in the settings under Access Tokens"},
	{"intra42", "42 Intra", ""},
	{"jfrog", "JFrog", "in the platform under Access Tokens"},
	{"kubernetes", "Kubernetes", ""},
	{"kucoin", "KuCoin", ""},
	{"launchdarkly", "LaunchDarkly", ""},
	{"linkedin", "LinkedIn", ""},
	{"mailchimp", "Mailchimp", "in the account under Extras, API keys"},
	{"mailgun", "Mailgun", "in the account under API security"},
	{"maxmind", "MaxMind", ""},
	{"messagebird", "MessageBird", ""},
	{"microsoft-teams", "Microsoft Teams", "in the channel's connectors"},
	{"netlify", "Netlify", "in the user settings under Applications"},
	{"new-relic", "New Relic", "in the administration under API keys"},
	{"npm", "npm", "on the npm site under Access Tokens, or with npm token revoke"},
	{"nuget", "NuGet", ""},
	{"nytimes", "The New York Times", ""},
	{"octopus-deploy", "Octopus Deploy", ""},
	{"okta", "Okta", "in the admin console under Security, API, Tokens"},
	{"openai", "OpenAI", "in the OpenAI platform under API keys"},
	{"openshift", "OpenShift", "by deleting the OAuth access token"},
	{"planetscale", "PlanetScale", ""},
	{"postman", "Postman", "in Postman under API keys"},
	{"privateai", "Private AI", ""},
	{"pulumi", "Pulumi", "in Pulumi Cloud under Access tokens"},
	{"pypi", "PyPI", "on PyPI under Account settings, API tokens"},
	{"rapidapi", "RapidAPI", ""},
	{"readme", "ReadMe", ""},
	{"rubygems", "RubyGems", "on rubygems.org under API keys"},
	{"sendgrid", "SendGrid", "in SendGrid under Settings, API Keys"},
	{"sendinblue", "Brevo (Sendinblue)", "in Brevo under SMTP & API"},
	{"settlemint", "SettleMint", ""},
	{"shopify", "Shopify", "in the shop's admin under Apps, or in the partner dashboard"},
	{"sidekiq", "Sidekiq", "by asking its makers for another"},
	{"slack", "Slack", "in the settings of the Slack app, or with auth.revoke"},
	{"sonar", "SonarQube", "in the account under Security"},
	{"squarespace", "Squarespace", ""},
	{"stripe", "Stripe", "in the Stripe dashboard under Developers, API keys (roll the key)"},
	{"sumologic", "Sumo Logic", ""},
	{"telegram", "Telegram", "by /revoke at BotFather"},
	{"travisci", "Travis CI", ""},
	{"twilio", "Twilio", "in the Twilio console under API keys & tokens"},
	{"vault", "HashiCorp Vault", "with vault token revoke"},
	{"yandex", "Yandex Cloud", ""},
}
