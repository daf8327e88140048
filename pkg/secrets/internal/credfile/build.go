package credfile

import "strings"

func buildFormats() []Format {
	jenkins := "encrypted with secrets/hudson.util.Secret under secrets/master.key"
	return []Format{
		{
			ID: "jenkins-credentials", Title: "Jenkins credentials and configuration", Documentation: "https://www.jenkins.io/doc/developer/security/secrets/",
			names: []string{"credentials.xml", "jenkins/config.xml", "users/*/config.xml", "jobs/*/config.xml", "jenkins_home/*.xml", "hudson.*.xml", "jenkins.*.xml"},
			read: settings(xmlText, about{user: "username|userName|id"},
				pick{at: "**/*password|secret|*token|*passphrase|privateKey|bindPassword|secretKey|secretBytes", open: bracedBase64, comment: jenkins, encrypted: true},
				pick{at: "**/passwordHash"},
				pick{at: "**/password|passphrase|secret|apiToken|privateKey|secretKey|bindPassword|managerPassword"}),
		}, {
			ID: "jenkins-master-key", Title: "Jenkins master key", Documentation: "https://www.jenkins.io/doc/developer/security/secrets/",
			names: []string{"secrets/master.key"}, read: wholeFile("master key", hexWord(256)),
		}, {
			ID: "jenkins-secret", Title: "Jenkins secret file", Documentation: "https://www.jenkins.io/doc/developer/security/secrets/",
			names: []string{"secrets/initialadminpassword"}, read: wholeFile("initial admin password", oneWord(8, 128)),
		}, {
			ID: "jenkins-secret-key", Title: "Jenkins encrypted key", Documentation: "https://www.jenkins.io/doc/developer/security/secrets/",
			names: []string{"secrets/hudson.util.secret"}, read: storePresent("key of all Jenkins credentials", "opened by master.key"),
		}, {
			ID: "jenkins-casc", Title: "Jenkins configuration as code", Documentation: "https://www.jenkins.io/projects/jcasc/",
			names: []string{"jenkins.yaml", "jenkins.yml", "casc.yaml", "casc_configs/*.yaml"},
			read:  settings(yamlText, about{user: "username|id|userName"}, pick{at: "**/password|secret|privateKey|passphrase|*token|managerPasswordSecret|clientSecret"}),
		}, {
			ID: "gitlab-runner", Title: "GitLab runner", Documentation: "https://docs.gitlab.com/runner/configuration/advanced-configuration/",
			names: []string{"gitlab-runner/config.toml", ".gitlab-runner/config.toml"},
			read: settings(tomlText, about{user: "name", host: "url"}, pick{at: "runners/[]/token"},
				pick{at: "**/AccessKey|SecretKey|AccountKey|password|PrivateKey"}, pick{at: "runners/[]/environment/[]", open: assignedSecret, confidence: Likely}),
		}, {
			ID: "gitlab-secrets", Title: "GitLab secrets", Documentation: "https://docs.gitlab.com/administration/backup_restore/backup_gitlab/",
			names: []string{"gitlab-secrets.json"},
			read:  settings(jsonText, about{}, pick{at: "**/*", named: notPlainNumber, confidence: Certain}),
		}, {
			ID: "gitlab-rb", Title: "GitLab Omnibus configuration", Documentation: "https://docs.gitlab.com/omnibus/settings/",
			names: []string{"gitlab.rb"},
			read:  settings(rubyCode, about{}, pick{named: isSecretName}, pick{at: "**/bind_password|password|db_password|smtp_password"}),
		}, {
			ID: "github-runner", Title: "GitHub Actions runner", Documentation: "https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners",
			names: []string{".credentials_rsaparams", "?.credentials"}, head: containing("clientId", "scheme"),
			read: settings(jsonText, about{user: "clientId", host: "authorizationUrl"}, pick{at: "data/token|accessToken"}, pick{at: "d|p|q|dp|dq|inverseQ"}),
		}, {
			ID: "travis", Title: "Travis CI configuration", Documentation: "https://docs.travis-ci.com/user/encryption-keys/",
			names: []string{".travis.yml"},
			read: settings(yamlText, about{}, pick{at: "**/secure", encrypted: true, comment: "encrypted with the repository's key at Travis CI"},
				pick{at: "**/password|api_key|token|secret_access_key", confidence: Likely}, pick{at: "**/env|global|[]", open: assignedSecret, confidence: Likely}),
		}, {
			ID: "travis-cli", Title: "Travis CI client", Documentation: "https://github.com/travis-ci/travis.rb",
			names: []string{".travis/config.yml"}, read: settings(yamlText, about{}, pick{at: "endpoints/{host}/access_token"}),
		}, {
			ID: "circleci-cli", Title: "CircleCI client", Documentation: "https://circleci.com/docs/local-cli/",
			names: []string{".circleci/cli.yml"}, read: settings(yamlText, about{host: "host"}, pick{at: "token"}),
		}, {
			ID: "concourse-flyrc", Title: "Concourse client", Documentation: "https://concourse-ci.org/docs/fly/",
			names: []string{".flyrc"}, read: settings(yamlText, about{}, pick{at: "targets/{host}/token/value"}),
		}, {
			ID: "buildkite-agent", Title: "Buildkite agent", Documentation: "https://buildkite.com/docs/agent/v3/configuration",
			names: []string{"buildkite-agent.cfg"}, read: settings(ini(iniStyle{comments: "#", quotes: `"'`}), about{}, pick{at: "*/token"}),
		}, {
			ID: "sonar-properties", Title: "SonarQube", Documentation: "https://docs.sonarsource.com/sonarqube-server/server-installation/",
			names: []string{"sonar.properties", "sonar-project.properties", "sonar-scanner.properties"},
			read: settings(properties, about{user: "username|login"}, pick{at: "**/password|bindPassword|token|passcode", open: unlessPrefix("{aes")},
				pick{at: "sonar/login", confidence: Likely}, pick{at: "**/*", open: jdbcPassword}),
		}, {
			ID: "teamcity", Title: "TeamCity", Documentation: "https://www.jetbrains.com/help/teamcity/set-up-external-database.html",
			names: []string{"config/database.properties", "buildagent.properties"},
			read: settings(properties, about{user: "user"}, pick{at: "connectionProperties/password"}, pick{at: "authorizationToken"},
				pick{at: "**/*", open: jdbcPassword}),
		}, {
			ID: "bamboo", Title: "Bamboo, Jira and Confluence configuration", Documentation: "https://confluence.atlassian.com/doc/confluence-home-and-other-important-directories-590259707.html",
			names: []string{"bamboo.cfg.xml", "confluence.cfg.xml", "dbconfig.xml", "crowd.properties", "bitbucket.properties", "crowd.cfg.xml"},
			read: both(settings(xmlText, about{user: "=hibernate.connection.username|username"},
				pick{at: "**/=hibernate.connection.password|=ldap.password|=license.string"}, pick{at: "**/password", open: unlessPrefix("{ATL_SECURED}")}),
				settings(properties, about{}, pick{at: "application/password **/jdbc/password"}, pick{at: "**/password"})),
		}, {
			ID: "drone", Title: "Drone server and runner", Documentation: "https://docs.drone.io/server/reference/",
			names: []string{".drone.env", "drone.env", ".drone-server.env"}, read: settings(dotenv, environmentOwner, environment...),
		}, {
			ID: "coverage-tokens", Title: "Coverage and analysis tokens", Documentation: "https://docs.codecov.com/docs/codecovyml-reference",
			names: []string{".codecov.yml", "codecov.yml", ".coveralls.yml", ".codeclimate.yml"},
			read:  settings(yamlText, about{}, pick{at: "**/token|repo_token", open: unlessPrefix("secret:")}),
		}, {
			ID: "sentryclirc", Title: "Sentry client", Documentation: "https://docs.sentry.io/cli/configuration/",
			names: []string{".sentryclirc", "sentry.properties"},
			read: both(settings(ini(iniStyle{comments: "#;"}), about{host: "url"}, pick{at: "auth/token|api_key"}),
				settings(properties, about{}, pick{at: "auth/token"})),
		},
	}
}

// bracedBase64 takes what Jenkins writes for a secret: base64 in braces, or
// base64 alone in old versions.
func bracedBase64(v string) []part {
	inner := strings.TrimSuffix(strings.TrimPrefix(v, "{"), "}")
	if raw, ok := decodeBase64(inner); !ok || len(raw) < 16 || len(inner) == len(v) && (len(raw)%16 != 0 || !strings.HasSuffix(v, "=")) {
		return nil
	}
	return []part{whole(v)}
}

// assignedSecret opens NAME=value in one text, or several of them.
func assignedSecret(v string) []part {
	var out []part
	for _, w := range shellWords(line{text: v}) {
		name, value, ok := strings.Cut(w.text, "=")
		if !ok || !isSecretName(name) || value == "" {
			continue
		}
		from := w.at.offset + strings.LastIndex(v[w.at.offset:w.at.end()], value)
		if from < w.at.offset {
			from = w.at.offset
		}
		out = append(out, part{value: value, from: from, to: min(len(v), from+len(value))})
	}
	return out
}

func notPlainNumber(name string) bool { return !strings.HasSuffix(name, "_id") }
