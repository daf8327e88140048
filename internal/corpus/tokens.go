package corpus

// The tables of this file hold tokens that stand in a line. Each form is the one that the
// issuer's documentation gives, or that its tokens have where it documents none.

// hostingTokens are those of code hosting, package registries and CI.
func hostingTokens() []kind {
	return []kind{
		// GitHub's blog, "Behind GitHub's new authentication token formats".
		{name: "github-classic-token", variable: "GITHUB_TOKEN", template: "ghp_{crc62:30}"},
		{name: "github-oauth-token", variable: "GH_OAUTH_TOKEN", template: "gho_{crc62:30}"},
		{name: "github-user-token", variable: "GITHUB_APP_USER_TOKEN", template: "ghu_{crc62:30}"},
		{name: "github-server-token", variable: "GITHUB_INSTALLATION_TOKEN", template: "ghs_{crc62:30}"},
		{name: "github-refresh-token", variable: "GITHUB_REFRESH_TOKEN", template: "ghr_{crc62:30}"},
		{name: "github-fine-grained-token", variable: "GH_TOKEN", template: "github_pat_{num:2}{B36:20}_{b62:59}"},
		// GitLab's documentation, "Token overview", prefixes.
		{name: "gitlab-personal-token", variable: "GITLAB_TOKEN", template: "glpat-{url:19}{b62:1}"},
		{name: "gitlab-deploy-token", variable: "GITLAB_DEPLOY_TOKEN", template: "gldt-{url:19}{b62:1}"},
		{name: "gitlab-runner-token", variable: "RUNNER_TOKEN", template: "glrt-{url:19}{b62:1}"},
		{name: "gitlab-trigger-token", variable: "GITLAB_TRIGGER_TOKEN", template: "glptt-{hex:40}"},
		{name: "gitlab-oauth-secret", variable: "GITLAB_OAUTH_SECRET", template: "gloas-{hex:64}"},
		{name: "bitbucket-app-password", variable: "BITBUCKET_APP_PASSWORD", template: "ATBB{b62:24}{HEX:8}"},
		{name: "atlassian-api-token", variable: "JIRA_API_TOKEN", template: "ATATT3xFfGF0{url:171}={HEX:8}",
			note: "the checksum at its end is random: what it covers is not documented"},
		{name: "npm-token", variable: "NPM_TOKEN", template: "npm_{crc62:30}"},
		{name: "rubygems-key", variable: "GEM_HOST_API_KEY", template: "rubygems_{hex:48}"},
		{name: "nuget-key", variable: "NUGET_API_KEY", template: "oy2{b36:43}"},
		{name: "crates-io-token", variable: "CARGO_REGISTRY_TOKEN", template: "cio{b62:32}"},
		{name: "dockerhub-token", variable: "DOCKERHUB_TOKEN", template: "dckr_pat_{url:26}{b62:1}"},
		{name: "artifactory-key", variable: "ARTIFACTORY_API_KEY", template: "AKCp{dig:1}{b62:68}"},
		{name: "sonarqube-token", variable: "SONAR_TOKEN", template: "sqp_{hex:40}"},
		{name: "buildkite-token", variable: "BUILDKITE_API_TOKEN", template: "bkua_{hex:40}"},
		{name: "circleci-token", variable: "CIRCLE_TOKEN", template: "CCIPAT_{b62:22}_{hex:40}"},
		{name: "netlify-token", variable: "NETLIFY_AUTH_TOKEN", template: "nfp_{b62:36}"},
		{name: "pulumi-token", variable: "PULUMI_ACCESS_TOKEN", template: "pul-{hex:40}"},
		{name: "terraform-cloud-token", variable: "TF_TOKEN_app_terraform_io", template: "{b62:14}.atlasv1.{url:66}{b62:1}"},
		{name: "doppler-token", variable: "DOPPLER_TOKEN", template: "dp.pt.{b62:43}"},
		{name: "postman-key", variable: "POSTMAN_API_KEY", template: "PMAK-{hex:24}-{hex:34}"},
	}
}

// cloudTokens are those of clouds and of what runs in them.
func cloudTokens() []kind {
	return []kind{
		// AWS, "IAM identifiers": AKIA for long-term keys; the rest is base 32.
		{name: "aws-access-key-id", variable: "AWS_ACCESS_KEY_ID", template: "AKIA{b32:16}"},
		{name: "aws-secret-access-key", variable: "AWS_SECRET_ACCESS_KEY", template: "{b62:2}{b64:37}{b62:1}"},
		{name: "google-api-key", variable: "GOOGLE_API_KEY", template: "AIzaSy{url:32}{b62:1}"},
		{name: "google-oauth-secret", variable: "GOOGLE_CLIENT_SECRET", template: "GOCSPX-{url:27}{b62:1}"},
		{name: "google-hmac-secret", variable: "GCS_HMAC_SECRET", template: "{b62:2}{b64:37}{b62:1}"},
		{name: "azure-client-secret", variable: "AZURE_CLIENT_SECRET", template: "{b62:3}8Q~{url:33}{b62:1}"},
		{name: "azure-storage-connection", variable: "AZURE_STORAGE_CONNECTION_STRING",
			template: "DefaultEndpointsProtocol=https;AccountName={lower:12};AccountKey=<<{b64:86}==>>;EndpointSuffix=core.windows.net"},
		{name: "azure-service-bus-connection", variable: "SERVICEBUS_CONNECTION",
			template: "Endpoint=sb://{lower:10}.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=<<{b64:43}=>>"},
		{name: "azure-cosmos-connection", variable: "COSMOS_CONNECTION",
			template: "AccountEndpoint=https://{lower:10}.documents.azure.com:443/;AccountKey=<<{b64:86}==>>;"},
		{name: "azure-sas-url", variable: "BLOB_URL",
			template: "https://{lower:12}.blob.core.windows.net/backup?sv=2022-11-02&ss=b&srt=co&sp=rwdl&se=2031-01-01T00:00:00Z&spr=https&sig=<<{b62:20}%2B{b62:22}%3D>>"},
		{name: "azure-devops-token", variable: "AZURE_DEVOPS_EXT_PAT", template: "{b62:76}AZDO{b62:4}"},
		{name: "digitalocean-token", variable: "DIGITALOCEAN_TOKEN", template: "dop_v1_{hex:64}"},
		{name: "heroku-key", variable: "HEROKU_API_TOKEN", template: "HRKU-AA{url:57}{b62:1}"},
		{name: "heroku-legacy-key", variable: "HEROKU_API_KEY", template: "{uuid:1}"},
		{name: "linode-token", variable: "LINODE_TOKEN", template: "{hex:64}"},
		{name: "alibaba-secret", variable: "ALIBABA_CLOUD_ACCESS_KEY_SECRET", template: "{b62:30}"},
		{name: "cloudflare-token", variable: "CLOUDFLARE_API_TOKEN", template: "{url:39}{b62:1}"},
		{name: "cloudflare-origin-key", variable: "CLOUDFLARE_ORIGIN_CA_KEY", template: "v1.0-{hex:24}-{hex:146}"},
		{name: "fastly-token", variable: "FASTLY_API_TOKEN", template: "{url:31}{b62:1}"},
		{name: "databricks-token", variable: "DATABRICKS_TOKEN", template: "dapi{hex:32}"},
		{name: "planetscale-token", variable: "PLANETSCALE_SERVICE_TOKEN", template: "pscale_tkn_{url:42}{b62:1}"},
		{name: "supabase-token", variable: "SUPABASE_ACCESS_TOKEN", template: "sbp_{hex:40}"},
		{name: "tailscale-key", variable: "TS_AUTHKEY", template: "tskey-auth-k{b62:10}CNTRL-{b62:32}"},
		// HashiCorp, "Vault tokens": hvs. for service, hvb. for batch; s. before 1.10.
		{name: "vault-service-token", variable: "VAULT_TOKEN", template: "hvs.CAESI{url:89}{b62:1}"},
		{name: "vault-batch-token", variable: "VAULT_BATCH_TOKEN", template: "hvb.AAAAAQ{url:149}{b62:1}"},
		{name: "vault-legacy-token", variable: "VAULT_TOKEN", template: "s.{b62:24}"},
		{name: "age-secret-key", variable: "SOPS_AGE_KEY", special: ageKey},
	}
}

// serviceTokens are those of services that applications call.
func serviceTokens() []kind {
	return []kind{
		{name: "slack-bot-token", variable: "SLACK_BOT_TOKEN", template: "xoxb-{num:12}-{num:13}-{b62:24}"},
		{name: "slack-user-token", variable: "SLACK_USER_TOKEN", template: "xoxp-{num:12}-{num:12}-{num:13}-{hex:32}"},
		{name: "slack-app-token", variable: "SLACK_APP_TOKEN", template: "xapp-1-A{B36:10}-{num:13}-{hex:64}"},
		{name: "slack-webhook", variable: "SLACK_WEBHOOK_URL", template: "https://hooks.slack.com/services/T{B36:10}/B{B36:10}/{b62:24}"},
		{name: "discord-webhook", variable: "DISCORD_WEBHOOK", template: "https://discord.com/api/webhooks/{num:19}/{url:67}{b62:1}"},
		{name: "telegram-bot-token", variable: "TELEGRAM_BOT_TOKEN", template: "{num:10}:AA{url:32}{b62:1}"},
		{name: "stripe-secret-key", variable: "STRIPE_SECRET_KEY", template: "sk_live_51{b62:97}"},
		{name: "stripe-legacy-key", variable: "STRIPE_API_KEY", template: "sk_live_{b62:24}"},
		{name: "stripe-restricted-key", variable: "STRIPE_RESTRICTED_KEY", template: "rk_live_51{b62:97}"},
		{name: "stripe-webhook-secret", variable: "STRIPE_WEBHOOK_SECRET", template: "whsec_{b62:32}"},
		{name: "square-access-token", variable: "SQUARE_ACCESS_TOKEN", template: "EAAA{url:59}{b62:1}"},
		{name: "square-oauth-secret", variable: "SQUARE_APP_SECRET", template: "sq0csp-{url:42}{b62:1}"},
		{name: "shopify-admin-token", variable: "SHOPIFY_ACCESS_TOKEN", template: "shpat_{hex:32}"},
		{name: "shopify-shared-secret", variable: "SHOPIFY_API_SECRET", template: "shpss_{hex:32}"},
		{name: "braintree-token", variable: "BRAINTREE_ACCESS_TOKEN", template: "access_token$production${b36:16}${hex:32}"},
		{name: "sendgrid-key", variable: "SENDGRID_API_KEY", template: "SG.{url:21}{b62:1}.{url:42}{b62:1}"},
		{name: "mailgun-key", variable: "MAILGUN_API_KEY", template: "key-{hex:32}"},
		{name: "mailchimp-key", variable: "MAILCHIMP_API_KEY", template: "{hex:32}-us{num:2}"},
		{name: "brevo-key", variable: "BREVO_API_KEY", template: "xkeysib-{hex:64}-{b62:16}"},
		{name: "twilio-auth-token", variable: "TWILIO_AUTH_TOKEN", template: "{hex:32}"},
		{name: "easypost-key", variable: "EASYPOST_API_KEY", template: "EZAK{b62:54}"},
		{name: "linear-key", variable: "LINEAR_API_KEY", template: "lin_api_{b62:40}"},
		{name: "notion-token", variable: "NOTION_TOKEN", template: "ntn_{dig:11}{b62:35}"},
		{name: "figma-token", variable: "FIGMA_TOKEN", template: "figd_{url:39}{b62:1}"},
		{name: "airtable-token", variable: "AIRTABLE_TOKEN", template: "pat{b62:14}.{hex:64}"},
		{name: "contentful-token", variable: "CONTENTFUL_MANAGEMENT_TOKEN", template: "CFPAT-{url:42}{b62:1}"},
		{name: "dropbox-token", variable: "DROPBOX_TOKEN", template: "sl.{url:134}{b62:1}"},
		{name: "datadog-key", variable: "DD_API_KEY", template: "{hex:32}"},
		{name: "dynatrace-token", variable: "DT_API_TOKEN", template: "dt0c01.{B36:24}.{B36:64}"},
		{name: "new-relic-key", variable: "NEW_RELIC_API_KEY", template: "NRAK-{B36:27}"},
		{name: "okta-token", variable: "OKTA_API_TOKEN", template: "00{url:39}{b62:1}"},
		{name: "sentry-user-token", variable: "SENTRY_AUTH_TOKEN", template: "sntryu_{hex:64}"},
		{name: "firebase-server-key", variable: "FCM_SERVER_KEY", template: "AAAA{url:7}:APA91b{url:133}{b62:1}"},
		{name: "adafruit-key", variable: "ADAFRUIT_IO_KEY", template: "aio_{b62:28}"},
	}
}

// modelTokens are those of services for language models.
func modelTokens() []kind {
	return []kind{
		{name: "openai-project-key", variable: "OPENAI_API_KEY", template: "sk-proj-{url:74}T3BlbkFJ{url:73}{b62:1}"},
		{name: "openai-legacy-key", variable: "OPENAI_KEY", template: "sk-{b62:20}T3BlbkFJ{b62:20}"},
		{name: "openai-service-key", variable: "OPENAI_SERVICE_KEY", template: "sk-svcacct-{url:74}T3BlbkFJ{url:73}{b62:1}"},
		{name: "anthropic-key", variable: "ANTHROPIC_API_KEY", template: "sk-ant-api03-{url:93}AA"},
		{name: "anthropic-admin-key", variable: "ANTHROPIC_ADMIN_KEY", template: "sk-ant-admin01-{url:93}AA"},
		{name: "huggingface-token", variable: "HF_TOKEN", template: "hf_{alpha:34}"},
		{name: "groq-key", variable: "GROQ_API_KEY", template: "gsk_{b62:20}WGdyb3FY{b62:24}"},
		{name: "replicate-token", variable: "REPLICATE_API_TOKEN", template: "r8_{b62:37}"},
		{name: "perplexity-key", variable: "PPLX_API_KEY", template: "pplx-{b62:48}"},
		{name: "xai-key", variable: "XAI_API_KEY", template: "xai-{b62:80}"},
		{name: "pinecone-key", variable: "PINECONE_API_KEY", template: "pcsk_{b62:6}_{b62:63}"},
		{name: "langsmith-key", variable: "LANGSMITH_API_KEY", template: "lsv2_pt_{hex:32}_{hex:10}"},
		{name: "elevenlabs-key", variable: "ELEVENLABS_API_KEY", template: "sk_{hex:48}"},
	}
}

// urlSecrets are passwords in URLs and connection strings.
func urlSecrets() []kind {
	return []kind{
		{name: "postgres-url", variable: "DATABASE_URL", template: "postgresql://shop:<<{pw:18}>>@db.internal:5432/shop?sslmode=require"},
		{name: "mysql-url", variable: "MYSQL_URL", template: "mysql://orders:<<{pw:16}>>@mysql-0.internal:3306/orders"},
		{name: "mongodb-url", variable: "MONGODB_URI", template: "mongodb+srv://backend:<<{pw:16}>>@cluster0.{b36:5}.mongodb.net/app?retryWrites=true"},
		{name: "redis-url", variable: "REDIS_URL", template: "redis://:<<{b62:32}>>@cache.internal:6379/0"},
		{name: "amqp-url", variable: "CELERY_BROKER_URL", template: "amqp://worker:<<{pw:20}>>@mq.internal:5672/jobs"},
		{name: "basic-auth-url", variable: "PIP_INDEX_URL", template: "https://ci-reader:<<{pw:22}>>@pypi.corp.internal/simple"},
		{name: "clone-url", variable: "REPOSITORY", template: "https://oauth2:<<glpat-{url:19}{b62:1}>>@gitlab.com/shop/backend.git"},
		{name: "phrase-url", variable: "SMTP_URL", template: "smtps://mailer:<<{phrase:2}>>@smtp.internal:465"},
		{name: "jdbc-url", variable: "SPRING_DATASOURCE_URL", template: "jdbc:postgresql://db.internal/shop?user=shop&password=<<{pw:16}>>"},
		{name: "ado-connection", variable: "ConnectionStrings__Default", template: "Server=sql.internal;Database=Shop;User Id=shop;Password=<<{pw:18}>>;Encrypt=True"},
		{name: "ftp-url", variable: "BACKUP_TARGET", template: "ftp://backup:<<{pw:14}>>@nas.internal/dumps"},
		{name: "ldap-bind-password", variable: "LDAP_BIND_PASSWORD", template: "{pw:20}"},
		{name: "generated-password", variable: "DB_PASSWORD", template: "{pw:24}"},
		{name: "spoken-password", variable: "ADMIN_PASSWORD", template: "{phrase:2}"},
		{name: "application-secret", variable: "APP_SECRET_KEY", template: "{hex:64}"},
		{name: "bearer-header", variable: "API_AUTHORIZATION", template: "Bearer <<{b62:40}>>"},
		{name: "basic-header", variable: "PROXY_AUTHORIZATION", template: "Basic [[b64:svc-proxy:<<{pw:18}>>]]"},
	}
}
