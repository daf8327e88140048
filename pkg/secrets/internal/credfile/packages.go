package credfile

import "strings"

func packageFormats() []Format {
	return []Format{
		{
			ID: "npmrc", Title: "npm configuration", Documentation: "https://docs.npmjs.com/cli/v11/configuring-npm/npmrc",
			names: []string{".npmrc", "npmrc"},
			read: settings(npmSettings, about{user: "username|_username"}, pick{at: "{host}/_authToken|_auth_token"}, pick{at: "{host}/_auth", open: basicAuth},
				pick{at: "{host}/_password", open: base64Text}, pick{at: "*/proxy|https-proxy|http-proxy|registry", open: urlPassword}, pick{at: "*/key"}),
		}, {
			ID: "yarnrc", Title: "Yarn configuration", Documentation: "https://yarnpkg.com/configuration/yarnrc",
			names: []string{".yarnrc.yml"},
			read:  settings(yamlText, about{}, pick{at: "**/npmAuthToken"}, pick{at: "**/npmAuthIdent", open: either(basicAuth, userPassword)}, pick{at: "**/httpProxy|httpsProxy", open: urlPassword}),
		}, {
			ID: "bunfig", Title: "Bun configuration", Documentation: "https://bun.sh/docs/runtime/bunfig",
			names: []string{"bunfig.toml", ".bunfig.toml"}, read: settings(tomlText, about{user: "username", host: "url"}, pick{at: "**/token|password"}, pick{at: "**/url|registry", open: urlPassword}),
		}, {
			ID: "pypirc", Title: "Python upload configuration", Documentation: "https://packaging.python.org/en/latest/specifications/pypirc/",
			names: []string{".pypirc", "pypirc"},
			read:  settings(ini(iniStyle{divider: "=:", continued: true}), about{user: "username", host: "repository"}, pick{at: "*/password"}),
		}, {
			ID: "pip-conf", Title: "pip configuration", Documentation: "https://pip.pypa.io/en/stable/topics/configuration/",
			names: []string{"pip.conf", "pip.ini", ".pip/pip.conf", "requirements*.txt", "pipfile", ".pydistutils.cfg"}, read: pipConfiguration,
		}, {
			ID: "poetry-auth", Title: "Poetry credentials", Documentation: "https://python-poetry.org/docs/repositories/#configuring-credentials",
			names: []string{"pypoetry/auth.toml"}, read: settings(tomlText, about{user: "username"}, pick{at: "http-basic/{host}/password"}, pick{at: "pypi-token/{host}"}),
		}, {
			ID: "uv-config", Title: "uv and PDM configuration", Documentation: "https://docs.astral.sh/uv/reference/settings/",
			names: []string{"uv.toml", "uv/credentials/credentials.toml", "pdm/config.toml", ".pdm.toml", "hatch/config.toml"},
			read:  settings(tomlText, about{user: "username|user"}, pick{at: "**/password|auth|token"}, pick{at: "**/url|index-url|[]", open: urlPassword}),
		}, {
			ID: "condarc", Title: "conda configuration", Documentation: "https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/",
			names: []string{".condarc", "condarc", ".mambarc"},
			read:  settings(yamlText, about{}, pick{at: "**/*", open: either(urlPassword, condaToken)}),
		}, {
			ID: "gem-credentials", Title: "RubyGems credentials", Documentation: "https://guides.rubygems.org/api-key-scopes/",
			names: []string{".gem/credentials", "gem/credentials", ".gemrc", "gemrc"},
			read: settings(yamlText, about{}, pick{at: ":rubygems_api_key|rubygems_api_key|:*_key|*_key|:github|github", open: either(bearer, plainValue)},
				pick{at: "http*", open: bearer}, pick{at: ":sources|sources/[]", open: urlPassword}),
		}, {
			ID: "bundler-config", Title: "Bundler configuration", Documentation: "https://bundler.io/man/bundle-config.1.html",
			names: []string{".bundle/config", "bundle/config"}, read: settings(yamlText, about{}, pick{at: "BUNDLE_*", open: bundlerAccount}),
		}, {
			ID: "cargo-credentials", Title: "Cargo credentials", Documentation: "https://doc.rust-lang.org/cargo/reference/config.html#credentials",
			names: []string{".cargo/credentials.toml", ".cargo/credentials", "cargo/credentials.toml", ".cargo/config.toml", ".cargo/config"},
			read:  settings(tomlText, about{}, pick{at: "registry/token|secret-key"}, pick{at: "registries/{host}/token|secret-key"}, pick{at: "http/proxy", open: urlPassword}),
		}, {
			ID: "composer-auth", Title: "Composer credentials", Documentation: "https://getcomposer.org/doc/articles/authentication-for-private-packages.md",
			names: []string{"composer/auth.json", ".composer/auth.json", "?auth.json", "?composer.json"}, head: containing("http-basic", "github-oauth", "gitlab-token", "gitlab-oauth", "bitbucket-oauth", `"bearer"`),
			read: settings(jsonText, about{user: "username|consumer-key"}, pick{at: "**/http-basic/{host}/password"}, pick{at: "**/github-oauth|gitlab-oauth|gitlab-token|bearer/{host}"},
				pick{at: "**/gitlab-token|gitlab-oauth/{host}/token"}, pick{at: "**/bitbucket-oauth/{host}/consumer-secret|access-token"}),
		}, {
			ID: "nuget-config", Title: "NuGet configuration", Documentation: "https://learn.microsoft.com/en-us/nuget/reference/nuget-config-file",
			names: []string{"nuget.config", ".nuget/nuget/*.config"},
			read: settings(xmlText, about{user: "=Username"}, pick{at: "**/packageSourceCredentials/{host}/add/=ClearTextPassword"},
				pick{at: "**/packageSourceCredentials/{host}/add/=Password", encrypted: true, comment: "encrypted for a Windows account"},
				pick{at: "**/apikeys/add/=*", encrypted: true, comment: "encrypted for a Windows account"}, pick{at: "**/config/add/=http_proxy.password", encrypted: true}),
		}, {
			ID: "maven-settings", Title: "Maven settings", Documentation: "https://maven.apache.org/settings.html",
			names: []string{".m2/settings.xml", "m2/settings.xml", "maven*/conf/settings.xml", "maven/settings.xml", "?settings.xml", "?*settings.xml"}, head: containing("maven.apache.org/SETTINGS", "<servers>", "<settings"),
			read: settings(xmlText, about{user: "username", host: "id"}, pick{at: "**/password|passphrase", open: mavenEncrypted, encrypted: true, comment: "encrypted under settings-security.xml"},
				pick{at: "**/server|proxy/password|passphrase"}, pick{at: "**/httpHeaders/property/value", open: bearer}, pick{at: "**/properties/*", named: isSecretName, confidence: Likely}),
		}, {
			ID: "maven-security", Title: "Maven master password", Documentation: "https://maven.apache.org/guides/mini/guide-encryption.html",
			names: []string{"settings-security.xml"},
			read:  settings(xmlText, about{}, pick{at: "**/master", open: openMavenMaster, comment: fixedKeyComment}),
		}, {
			ID: "gradle-properties", Title: "Gradle properties", Documentation: "https://docs.gradle.org/current/userguide/build_environment.html",
			names: []string{"gradle.properties", "local.properties", "keystore.properties", "key.properties", "signing.properties"},
			read: settings(properties, about{}, pick{at: "systemProp/http|https/proxyPassword"}, pick{at: "signing/password"}, pick{at: "storePassword|keyPassword"},
				pick{named: isSecretName, confidence: Likely, open: secretText}, pick{at: "**/*", open: urlPassword, confidence: Likely}),
		}, {
			ID: "ivysettings", Title: "Ivy settings", Documentation: "https://ant.apache.org/ivy/history/master/settings/credentials.html",
			names: []string{"ivysettings.xml", "ivysettings-*.xml", ".ivy2/*.xml"},
			read:  settings(xmlText, about{user: "username", host: "host"}, pick{at: "**/credentials/@passwd"}, pick{at: "**/@passwd|@userPassword|@keyFilePassword"}),
		}, {
			ID: "sbt-credentials", Title: "sbt credentials", Documentation: "https://www.scala-sbt.org/1.x/docs/Publishing.html#Credentials",
			names: []string{".sbt/.credentials", ".ivy2/.credentials", ".sbt/credentials", ".sbt/*.credentials", "?.credentials"}, head: containing("realm=", "host=", "realm ="),
			read: settings(properties, about{user: "user", host: "host"}, pick{at: "password"}),
		}, {
			ID: "hex-config", Title: "Hex configuration", Documentation: "https://hexdocs.pm/hex/Mix.Tasks.Hex.Config.html",
			names: []string{".hex/hex.config", "hex/hex.config"}, read: hexConfiguration,
		}, {
			ID: "apt-auth", Title: "apt credentials", Documentation: "https://manpages.debian.org/stable/apt/apt_auth.conf.5.en.html",
			names: []string{"apt/auth.conf", "apt/auth.conf.d/*.conf", "apt/auth.conf.d/*"}, read: netrc,
		}, {
			ID: "apt-sources", Title: "apt sources and proxies", Documentation: "https://manpages.debian.org/stable/apt/sources.list.5.en.html",
			names: []string{"sources.list", "sources.list.d/*.list", "sources.list.d/*.sources", "apt/apt.conf", "apt.conf.d/*"}, read: urlsInText,
		}, {
			ID: "yum-repo", Title: "yum, dnf and zypper repositories", Documentation: "https://dnf.readthedocs.io/en/latest/conf_ref.html",
			names: []string{"yum.repos.d/*.repo", "zypp/repos.d/*.repo", "zypp/credentials.d/*", "yum.conf", "dnf/dnf.conf", "zypp/credentials.cat"},
			read: settings(ini(iniStyle{}), about{user: "username|proxy_username"}, pick{at: "*/password|proxy_password"},
				pick{at: "*/baseurl|mirrorlist|gpgkey|proxy", open: urlPassword}),
		}, {
			ID: "apk-repositories", Title: "apk and pacman repositories", Documentation: "https://wiki.alpinelinux.org/wiki/Repositories",
			names: []string{"apk/repositories", "pacman.conf", "pacman.d/mirrorlist"}, read: urlsInText,
		}, {
			ID: "jfrog-cli", Title: "JFrog client", Documentation: "https://docs.jfrog-applications.jfrog.io/jfrog-applications/jfrog-cli",
			names: []string{".jfrog/jfrog-cli.conf*", "jfrog-cli.conf"},
			read:  settings(jsonText, about{user: "user", host: "url"}, pick{at: "**/password|apiKey|accessToken|refreshToken|sshPassphrase"}),
		}, {
			ID: "conan", Title: "Conan remotes", Documentation: "https://docs.conan.io/2/reference/config_files/credentials.html",
			names: []string{".conan2/credentials.json", "conan2/credentials.json", ".conan/artifacts.properties", "artifacts.properties"},
			read: jsonOr(settings(jsonText, about{user: "user", host: "remote"}, pick{at: "credentials/[]/password"}),
				settings(properties, about{}, pick{at: "**/*", named: isSecretName, confidence: Likely})),
		}, {
			ID: "go-env", Title: "Go environment", Documentation: "https://go.dev/ref/mod#private-modules",
			names: []string{"go/env"}, read: settings(dotenv, about{}, pick{at: "GOPROXY|GOSUMDB|GOAUTH|HTTPS_PROXY|HTTP_PROXY", open: urlPassword}),
		},
	}
}

// npmSettings is npm's INI, where a key may begin with the address of a registry.
func npmSettings(f *file, emit func(setting)) error {
	return ini(iniStyle{quotes: `"'`})(f, func(s setting) {
		host, name := "", s.keys[1]
		if i := strings.LastIndex(name, ":"); i >= 0 {
			host, name = name[:i], name[i+1:]
		}
		s.keys = []string{host, name}
		emit(s)
	})
}
