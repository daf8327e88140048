package corpus

// packageManagerFiles are the credentials of package managers.
func packageManagerFiles() []kind {
	return []kind{
		{name: "npmrc-token", path: "root/.npmrc", template: "registry=https://npm.corp.internal/\n//npm.corp.internal/:_authToken=<<{uuid:1}>>\nalways-auth=true\n"},
		{name: "npmrc-basic", path: "home/node/.npmrc", template: "registry=https://nexus.internal/repository/npm/\n_auth=[[b64:npm-ci:<<{pw:18}>>]]\nemail=ci@corp.internal\n"},
		{name: "yarnrc-token", path: "opt/app/.yarnrc.yml", template: "npmRegistryServer: \"https://npm.corp.internal\"\nnpmAuthToken: \"<<{b62:40}>>\"\n"},
		{name: "pypirc", path: "root/.pypirc", template: "[distutils]\nindex-servers = corp\n\n[corp]\nrepository = https://pypi.corp.internal/\nusername = publisher\npassword = <<{pw:20}>>\n"},
		{name: "pip-conf", path: "etc/pip.conf", template: "[global]\nindex-url = https://reader:<<{pw:18}>>@pypi.corp.internal/simple\n"},
		{name: "maven-settings", path: "root/.m2/settings.xml", template: "<settings>\n  <servers>\n    <server>\n      <id>releases</id>\n      <username>deployer</username>\n      <password><<{pw:18}>></password>\n    </server>\n  </servers>\n</settings>\n"},
		{name: "gradle-properties", path: "root/.gradle/gradle.properties", template: "org.gradle.daemon=false\nnexusUsername=deployer\nnexusPassword=<<{pw:18}>>\n"},
		{name: "gradle-signing", path: "home/builder/.gradle/gradle.properties", template: "signing.keyId={HEX:8}\nsigning.password=<<{phrase:2}>>\nsigning.secretKeyRingFile=/home/builder/.gnupg/secring.gpg\n"},
		{name: "nuget-config", path: "root/.nuget/NuGet/NuGet.Config", template: "<configuration>\n  <packageSourceCredentials>\n    <corp>\n      <add key=\"Username\" value=\"reader\" />\n      <add key=\"ClearTextPassword\" value=\"<<{pw:20}>>\" />\n    </corp>\n  </packageSourceCredentials>\n</configuration>\n"},
		{name: "composer-basic", path: "root/.composer/auth.json", template: "{\n  \"http-basic\": {\n    \"repo.packagist.internal\": {\"username\": \"reader\", \"password\": \"<<{pw:24}>>\"}\n  }\n}\n"},
		{name: "composer-github", path: "home/www/.config/composer/auth.json", template: "{\n  \"github-oauth\": {\"github.com\": \"<<{hex:40}>>\"}\n}\n"},
		{name: "gem-credentials", path: "root/.gem/credentials", template: "---\n:corp_api_key: <<{hex:32}>>\n"},
		{name: "bundle-config", path: "root/.bundle/config", template: "---\nBUNDLE_FROZEN: \"true\"\nBUNDLE_GEMS__CORP__INTERNAL: \"ci:<<{pw:20}>>\"\n"},
		{name: "cargo-credentials", path: "root/.cargo/credentials.toml", template: "[registries.corp]\ntoken = \"<<{b62:40}>>\"\n"},
		{name: "conda-token-url", path: "root/.condarc", template: "channels:\n  - https://conda.corp.internal/t/<<{url:36}>>/main\n"},
		{name: "sbt-credentials", path: "root/.sbt/.credentials", template: "realm=Sonatype Nexus Repository Manager\nhost=nexus.internal\nuser=deployer\npassword=<<{pw:18}>>\n"},
		{name: "apt-auth", path: "etc/apt/auth.conf.d/corp.conf", template: "machine apt.corp.internal/debian\nlogin bearer\npassword <<{b62:32}>>\n"},
		{name: "docker-config-auth", path: "root/.docker/config.json", template: "{\n  \"auths\": {\n    \"registry.corp.internal\": {\"auth\": \"[[b64:puller:<<{pw:20}>>]]\"}\n  }\n}\n"},
		{name: "dockercfg", path: "root/.dockercfg", template: "{\"registry.corp.internal\": {\"auth\": \"[[b64:puller:<<{pw:20}>>]]\", \"email\": \"ci@corp.internal\"}}\n"},
	}
}

// userFiles are what lies in home directories.
func userFiles() []kind {
	return []kind{
		{name: "netrc", path: "root/.netrc", template: "machine artifacts.corp.internal\n  login ci\n  password <<{pw:20}>>\n"},
		{name: "netrc-heroku", path: "home/deploy/.netrc", template: "machine api.heroku.com\n  login deploy@corp.internal\n  password <<{uuid:1}>>\n"},
		{name: "pgpass", path: "root/.pgpass", template: "db.internal:5432:shop:shop_rw:<<{pw:18}>>\n"},
		{name: "my-cnf", path: "root/.my.cnf", template: "[client]\nuser = backup\npassword = <<{pw:18}>>\nhost = mysql.internal\n"},
		{name: "git-credentials", path: "root/.git-credentials", template: "https://deploy-bot:<<{pw:26}>>@git.corp.internal\n"},
		{name: "aws-credentials", path: "root/.aws/credentials", template: "[default]\naws_access_key_id = <+AKIA{b32:16}+>\naws_secret_access_key = <<{b62:2}{b64:37}{b62:1}>>\nregion = eu-central-1\n"},
		{name: "aws-session-credentials", path: "home/deploy/.aws/credentials", template: "[ci]\naws_access_key_id = <+ASIA{b32:16}+>\naws_secret_access_key = <+{b62:2}{b64:37}{b62:1}+>\naws_session_token = <<IQoJb3JpZ2luX2Vj{b64:332}{b62:4}>>\n"},
		{name: "boto", path: "root/.boto", template: "[Credentials]\ngs_access_key_id = <+GOOG1E{B36:55}+>\ngs_secret_access_key = <<{b62:2}{b64:37}{b62:1}>>\n"},
		{name: "s3cfg", path: "root/.s3cfg", template: "[default]\naccess_key = <+{B36:20}+>\nhost_base = s3.corp.internal\nsecret_key = <<{b62:40}>>\nuse_https = True\n"},
		{name: "rclone", path: "root/.config/rclone/rclone.conf", template: "[backup]\ntype = s3\nprovider = Minio\naccess_key_id = <+{B36:20}+>\nsecret_access_key = <<{b62:40}>>\nendpoint = https://s3.corp.internal\n"},
		{name: "mc-config", path: "root/.mc/config.json", template: "{\n  \"version\": \"10\",\n  \"aliases\": {\n    \"store\": {\"url\": \"https://s3.corp.internal\", \"accessKey\": \"<+{B36:20}+>\", \"secretKey\": \"<<{b62:40}>>\", \"api\": \"s3v4\"}\n  }\n}\n"},
		{name: "gcloud-adc", path: "root/.config/gcloud/application_default_credentials.json", template: "{\n  \"client_id\": \"{num:12}-{b36:32}.apps.googleusercontent.com\",\n  \"client_secret\": \"<+GOCSPX-{url:27}{b62:1}+>\",\n  \"refresh_token\": \"<<1//0{dig:1}{url:95}{b62:4}>>\",\n  \"type\": \"authorized_user\"\n}\n"},
		{name: "gcloud-legacy", path: "root/.config/gcloud/legacy_credentials/ops@corp.internal/adc.json", template: "{\n  \"client_id\": \"{num:12}.apps.googleusercontent.com\",\n  \"client_secret\": \"<+{b62:24}+>\",\n  \"refresh_token\": \"<<1//0{dig:1}{url:95}{b62:4}>>\",\n  \"type\": \"authorized_user\"\n}\n"},
		{name: "azure-access-tokens", path: "root/.azure/accessTokens.json", template: "[{\"tokenType\": \"Bearer\", \"expiresIn\": 3599, \"resource\": \"https://management.core.windows.net/\", \"refreshToken\": \"<<0.A{url:640}{b62:6}>>\", \"_clientId\": \"{uuid:1}\"}]\n"},
		{name: "azure-service-principal", path: "root/.azure/service_principal_entries.json", template: "[{\"client_id\": \"{uuid:1}\", \"tenant\": \"{uuid:1}\", \"client_secret\": \"<<{b62:3}8Q~{url:33}{b62:1}>>\"}]\n"},
		{name: "kubeconfig-token", path: "root/.kube/config", template: "apiVersion: v1\nkind: Config\nclusters:\n- cluster: {server: https://k8s.internal:6443}\n  name: prod\nusers:\n- name: admin\n  user:\n    token: <<{b62:64}>>\n"},
		{name: "kubeconfig-basic", path: "home/ops/.kube/config", template: "apiVersion: v1\nkind: Config\nusers:\n- name: admin\n  user:\n    username: admin\n    password: <<{pw:20}>>\n"},
		{name: "kubeconfig-client-key", path: "home/deploy/.kube/config", special: kubeconfigClientKey},
		{name: "vault-token-file", path: "root/.vault-token", template: "<<hvs.CAESI{url:89}{b62:1}>>"},
		{name: "terraformrc", path: "root/.terraformrc", template: "credentials \"app.terraform.io\" {\n  token = \"<<{b62:14}.atlasv1.{url:66}{b62:1}>>\"\n}\n"},
		{name: "github-cli-hosts", path: "root/.config/gh/hosts.yml", template: "github.com:\n    user: deploy-bot\n    oauth_token: <<gho_{crc62:30}>>\n    git_protocol: https\n"},
		{name: "wgetrc", path: "root/.wgetrc", template: "user = mirror\npassword = <<{pw:16}>>\n"},
		{name: "curlrc", path: "root/.curlrc", template: "silent\nuser = \"ci:<<{pw:18}>>\"\n"},
		{name: "msmtprc", path: "root/.msmtprc", template: "account default\nhost smtp.internal\nauth on\nuser mailer\npassword <<{pw:16}>>\n"},
		{name: "muttrc", path: "root/.muttrc", template: "set imap_user = \"ops@corp.internal\"\nset imap_pass = \"<<{pw:16}>>\"\n"},
		{name: "bash-history", path: "root/.bash_history", template: "ls -la\nmysql -u root -p'<<{pw:16}>>' shop\nexit\n"},
		{name: "cifs-credentials", path: "root/.smbcredentials", template: "username=svc-backup\npassword=<<{pw:16}>>\ndomain=CORP\n"},
		{name: "davfs-secrets", path: "root/.davfs2/secrets", template: "https://cloud.corp.internal/dav ops <<{pw:16}>>\n"},
	}
}
