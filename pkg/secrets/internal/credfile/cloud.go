package credfile

func cloudFormats() []Format {
	return []Format{
		{
			ID: "aws-credentials", Title: "AWS credentials and configuration", Documentation: "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html",
			names: []string{".aws/credentials", ".aws/config", "aws_credentials", "aws-credentials", "?credentials.ini", "?credentials"}, head: containing("aws_access_key_id", "aws_secret_access_key"),
			read: settings(ini(iniStyle{}), about{user: "aws_access_key_id"}, pick{at: "*/aws_secret_access_key"}, pick{at: "*/aws_session_token|aws_security_token"}),
		}, {
			ID: "aws-cli-cache", Title: "AWS single sign-on and role cache", Documentation: "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html",
			names: []string{".aws/sso/cache/*.json", ".aws/cli/cache/*.json", "awscredentials.json"},
			read: settings(jsonText, about{user: "AccessKeyId|clientId", host: "startUrl"}, pick{at: "**/SecretAccessKey|SessionToken"},
				pick{at: "accessToken|refreshToken|clientSecret"}),
		}, {
			ID: "aws-root-key", Title: "AWS key of an account", Documentation: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
			names: []string{"rootkey.csv", "accesskeys.csv", "*_accesskeys.csv", "credentials.csv", "new_user_credentials.csv"}, read: awsKeys,
		}, {
			ID: "boto", Title: "boto and gsutil configuration", Documentation: "https://boto.cloudhackers.com/en/latest/boto_config_tut.html",
			names: []string{".boto", "boto.cfg", ".passwd-s3fs", "passwd-s3fs"},
			read: both(settings(ini(iniStyle{continued: true}), about{user: "aws_access_key_id|gs_access_key_id"},
				pick{at: "*/aws_secret_access_key|gs_secret_access_key|gs_oauth2_refresh_token"}, pick{at: "*/proxy_pass"}), s3fsPassword),
		}, {
			ID: "s3cfg", Title: "s3cmd configuration", Documentation: "https://s3tools.org/kb/item14.htm",
			names: []string{".s3cfg", "s3cfg"},
			read:  settings(ini(iniStyle{}), about{user: "access_key", host: "host_base"}, pick{at: "*/secret_key|access_token|gpg_passphrase"}),
		}, {
			ID: "rclone", Title: "rclone configuration", Documentation: "https://rclone.org/docs/#configure",
			names: []string{"rclone.conf", ".rclone.conf"},
			read: settings(ini(iniStyle{}), about{user: "user|username|account|access_key_id", host: "host|url|endpoint"},
				pick{at: "*/pass|password|password2|*_pass|*_password|passphrase", open: revealRclone}, pick{at: "*/pass|password|password2"},
				pick{at: "*/secret_access_key|client_secret|key|api_key|sas_url|bearer_token|api_password|access_token"},
				pick{at: "*/token", open: oauthTokens}),
		}, {
			ID: "minio-client", Title: "MinIO client", Documentation: "https://min.io/docs/minio/linux/reference/minio-mc.html",
			names: []string{".mc/config.json", ".mcli/config.json"},
			read:  settings(jsonText, about{user: "accessKey", host: "url"}, pick{at: "**/secretKey|sessionToken"}),
		}, {
			ID: "gcloud", Title: "Google Cloud credentials", Documentation: "https://cloud.google.com/docs/authentication/application-default-credentials",
			names: []string{
				"application_default_credentials.json", "gcloud/legacy_credentials/*/adc.json", "?service-account*.json", "?service_account*.json", "?sa.json", "?key.json",
				"?gcp*.json", "?google*.json", "?credentials.json", "?client_secret*.json", "?keyfile.json", "?firebase*.json", "?*-sa.json", "?*-key.json", "?serviceaccount*.json",
			},
			head: containing(`"private_key_id"`, `"refresh_token"`, `"client_secret"`, `"private_key"`),
			read: settings(jsonText, about{user: "client_email|client_id|account", host: "project_id"},
				pick{at: "**/private_key|refresh_token|access_token"}, pick{at: "**/client_secret", confidence: Likely}),
		}, {
			ID: "gcloud-boto", Title: "Google Cloud legacy credentials", Documentation: "https://cloud.google.com/storage/docs/boto-gsutil",
			names: []string{"gcloud/legacy_credentials/*/.boto", ".gsutil/credstore*", "gcloud/credentials.db", "gcloud/access_tokens.db"},
			read: both(settings(ini(iniStyle{}), about{}, pick{at: "*/gs_oauth2_refresh_token"}),
				storePresent("Google Cloud credentials database", "refresh tokens; not opened", "SQLite format 3\x00")),
		}, {
			ID: "azure-tokens", Title: "Azure tokens", Documentation: "https://learn.microsoft.com/en-us/cli/azure/authenticate-azure-cli",
			names: []string{".azure/accesstokens.json", ".azure/msal_token_cache.json", ".azure/service_principal_entries.json", ".azure/azureprofile.json", "azureauth.json", "msal_token_cache.json", "?azure*.json"},
			head:  containing("oken", "ecret", "subscription"),
			read: settings(jsonText, about{user: "userId|clientId|client_id|username|servicePrincipalId", host: "_authority|tenant|tenantId|environment"},
				pick{at: "**/accessToken|refreshToken|clientSecret|client_secret|servicePrincipalKey|password"},
				pick{at: "AccessToken|RefreshToken|IdToken/*/secret"}, pick{at: "**/certificatePassword"}),
		}, {
			ID: "azure-config", Title: "Azure command line configuration", Documentation: "https://learn.microsoft.com/en-us/cli/azure/azure-cli-configuration",
			names: []string{".azure/config", ".azure/credentials", ".azure/azuredevops/personalaccesstokens", "azcopy/config.json"},
			read: settings(ini(iniStyle{}), about{user: "client_id|account", host: "tenant"},
				pick{at: "storage/key|sas_token"}, pick{at: "storage/connection_string", open: connection}, pick{at: "*/secret|password|token"}),
		}, {
			ID: "openstack-clouds", Title: "OpenStack clouds", Documentation: "https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html",
			names: []string{"clouds.yaml", "clouds.yml", "secure.yaml", "clouds-public.yaml"},
			read:  settings(yamlText, about{user: "username|application_credential_id", host: "auth_url"}, pick{at: "**/password|application_credential_secret|token|passcode"}),
		}, {
			ID: "openrc", Title: "OpenStack and other environment scripts", Documentation: "https://docs.openstack.org/python-openstackclient/latest/cli/man/openstack.html",
			names: []string{"openrc", "openrc.sh", "*-openrc.sh", "*openrc", "keystonerc*", "adminrc", ".novarc"},
			read:  settings(dotenv, about{user: "OS_USERNAME", host: "OS_AUTH_URL"}, pick{at: "OS_PASSWORD|OS_TOKEN|OS_APPLICATION_CREDENTIAL_SECRET", open: shellVariable}, environment[0]),
		}, {
			ID: "oci-config", Title: "Oracle Cloud configuration", Documentation: "https://docs.oracle.com/en-us/iaas/Content/API/Concepts/sdkconfig.htm",
			names: []string{".oci/config"}, read: settings(ini(iniStyle{}), about{user: "user", host: "region"}, pick{at: "*/pass_phrase|passphrase"}),
		}, {
			ID: "ibmcloud", Title: "IBM Cloud client", Documentation: "https://cloud.ibm.com/docs/cli",
			names: []string{".bluemix/config.json", ".cf/config.json"},
			read: settings(jsonText, about{host: "APIEndpoint|Target"},
				pick{at: "**/IAMToken|UAAToken|AccessToken", open: bearer}, pick{at: "**/IAMRefreshToken|UAARefreshToken|RefreshToken|UAAOAuthClientSecret"}),
		}, {
			ID: "aliyun", Title: "Alibaba Cloud client", Documentation: "https://www.alibabacloud.com/help/en/cli/configure-credentials",
			names: []string{".aliyun/config.json", ".ossutilconfig", ".aliyuncli/credentials"},
			read: jsonOr(settings(jsonText, about{user: "access_key_id", host: "region_id"}, pick{at: "profiles/[]/access_key_secret|sts_token|private_key"}),
				settings(ini(iniStyle{}), about{user: "accessKeyID", host: "endpoint"}, pick{at: "*/accessKeySecret|stsToken|aliyun_access_key_secret"})),
		}, {
			ID: "tencent", Title: "Tencent Cloud client", Documentation: "https://www.tencentcloud.com/document/product/1013",
			names: []string{".tccli/*.credential", ".cos.conf"},
			read: jsonOr(settings(jsonText, about{user: "secretId"}, pick{at: "secretKey|token"}),
				settings(ini(iniStyle{}), about{user: "secret_id"}, pick{at: "*/secret_key"})),
		},
	}
}

func hostingFormats() []Format {
	yamlToken := func(at string) reader { return settings(yamlText, about{}, pick{at: at}) }
	tomlToken := func(at string) reader { return settings(tomlText, about{user: "name"}, pick{at: at}) }
	jsonToken := func(at string) reader { return settings(jsonText, about{user: "email|user"}, pick{at: at}) }
	return []Format{
		{ID: "doctl", Title: "DigitalOcean client", Documentation: "https://docs.digitalocean.com/reference/doctl/", names: []string{"doctl/config.yaml"}, read: yamlToken("access-token auth-contexts/*")},
		{ID: "hcloud", Title: "Hetzner Cloud client", Documentation: "https://github.com/hetznercloud/cli", names: []string{"hcloud/cli.toml"}, read: tomlToken("contexts/[]/token")},
		{ID: "linode", Title: "Linode client", Documentation: "https://techdocs.akamai.com/cloud-computing/docs/cli", names: []string{".config/linode-cli", ".linode-cli"}, read: settings(ini(iniStyle{}), about{}, pick{at: "*/token"})},
		{ID: "scaleway", Title: "Scaleway client", Documentation: "https://www.scaleway.com/en/docs/scaleway-cli/", names: []string{"scw/config.yaml"}, read: settings(yamlText, about{user: "access_key"}, pick{at: "**/secret_key"})},
		{ID: "vultr", Title: "Vultr client", Documentation: "https://github.com/vultr/vultr-cli", names: []string{".vultr-cli.yaml", "vultr-cli.yaml"}, read: yamlToken("api-key")},
		{ID: "ovh", Title: "OVH configuration", Documentation: "https://github.com/ovh/python-ovh", names: []string{".ovh.conf", "ovh.conf"}, read: settings(ini(iniStyle{comments: ";#"}), about{}, pick{at: "*/application_secret|consumer_key|client_secret"})},
		{ID: "flyctl", Title: "Fly.io client", Documentation: "https://fly.io/docs/flyctl/", names: []string{".fly/config.yml"}, read: yamlToken("access_token wire_guard_state/*/localprivate")},
		{ID: "vercel", Title: "Vercel client", Documentation: "https://vercel.com/docs/cli/global-options", names: []string{"com.vercel.cli/auth.json", ".vercel/auth.json", ".now/auth.json"}, read: jsonToken("token")},
		{ID: "netlify", Title: "Netlify client", Documentation: "https://docs.netlify.com/cli/get-started/", names: []string{"netlify/config.json", ".netlify/config.json"}, read: jsonToken("users/*/auth/token")},
		{ID: "wrangler", Title: "Cloudflare Wrangler", Documentation: "https://developers.cloudflare.com/workers/wrangler/", names: []string{".wrangler/config/default.toml", "wrangler/config/default.toml"}, read: tomlToken("oauth_token|refresh_token|api_token")},
		{ID: "cloudflared", Title: "Cloudflare tunnel", Documentation: "https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/", names: []string{".cloudflared/*.json", "cloudflared/*.json"}, read: settings(jsonText, about{user: "AccountTag", host: "TunnelID"}, pick{at: "TunnelSecret"})},
		{ID: "certbot-dns", Title: "DNS credentials of certbot", Documentation: "https://eff-certbot.readthedocs.io/en/stable/using.html#dns-plugins", names: []string{"cloudflare.ini", "digitalocean.ini", "certbot*/credentials.ini", "letsencrypt/*.ini"}, read: settings(ini(iniStyle{}), about{}, pick{at: "*/dns_*", named: isSecretName})},
		{ID: "acme-sh", Title: "acme.sh account", Documentation: "https://github.com/acmesh-official/acme.sh/wiki/dnsapi", names: []string{".acme.sh/account.conf"}, read: settings(dotenv, about{}, pick{at: "SAVED_*", named: isSecretName})},
		{ID: "heroku", Title: "Heroku client", Documentation: "https://devcenter.heroku.com/articles/authentication", names: []string{".heroku/credentials"}, read: firstLine("API key", Likely)},
		{ID: "railway", Title: "Railway client", Documentation: "https://docs.railway.com/guides/cli", names: []string{".railway/config.json"}, read: jsonToken("user/token")},
		{ID: "stripe-cli", Title: "Stripe client", Documentation: "https://docs.stripe.com/cli", names: []string{"stripe/config.toml"}, read: tomlToken("*/test_mode_api_key|live_mode_api_key|test_mode_pub_key")},
		{ID: "ngrok", Title: "ngrok agent", Documentation: "https://ngrok.com/docs/agent/config/", names: []string{"ngrok.yml", ".ngrok2/ngrok.yml", "ngrok/ngrok.yml"}, read: settings(yamlText, about{}, pick{at: "**/authtoken|api_key"}, pick{at: "**/basic_auth|auth", open: userPassword})},
		{ID: "huggingface", Title: "Hugging Face token", Documentation: "https://huggingface.co/docs/huggingface_hub/quick-start", names: []string{".huggingface/token", "huggingface/token"}, read: wholeFile("token", oneWord(16, 256))},
		{ID: "kaggle", Title: "Kaggle client", Documentation: "https://github.com/Kaggle/kaggle-api", names: []string{"kaggle.json"}, read: settings(jsonText, about{user: "username"}, pick{at: "key"})},
		{ID: "databricks", Title: "Databricks configuration", Documentation: "https://docs.databricks.com/en/dev-tools/auth/config-profiles.html", names: []string{".databrickscfg"}, read: settings(ini(iniStyle{}), about{user: "username|client_id", host: "host"}, pick{at: "*/token|password|client_secret|azure_client_secret"})},
		{ID: "snowflake", Title: "Snowflake client", Documentation: "https://docs.snowflake.com/en/user-guide/snowsql-config", names: []string{".snowsql/config", "snowflake/connections.toml", "snowflake/config.toml"}, read: settings(ini(iniStyle{comments: "#", quotes: `"'`}), about{user: "username|user", host: "accountname|account"}, pick{at: "*/password|private_key_passphrase|token"})},
		{ID: "dbt-profiles", Title: "dbt profiles", Documentation: "https://docs.getdbt.com/docs/core/connect-data-platform/profiles.yml", names: []string{"profiles.yml"}, read: settings(yamlText, about{user: "user", host: "host|account"}, pick{at: "**/outputs/*/password|pass|token|private_key|private_key_passphrase|client_secret"}, pick{at: "**/outputs/*/keyfile_json/private_key"})},
		{ID: "streamlit", Title: "Streamlit secrets", Documentation: "https://docs.streamlit.io/develop/concepts/connections/secrets-management", names: []string{".streamlit/secrets.toml"}, read: settings(tomlText, about{user: "username|user", host: "host"}, pick{at: "**/*", open: connection}, pick{named: isSecretName, open: secretText})},
	}
}
