package credfile

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// languageFormats are the histories and stores of languages' tools that are no packages.
func languageFormats() []Format {
	return []Format{
		{
			ID: "ebextensions", Title: "Elastic Beanstalk configuration", Documentation: "https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/ebextensions.html",
			names: []string{".ebextensions/*.config"},
			read: settings(yamlText, about{}, pick{at: "**/aws:elasticbeanstalk:application:environment/*", named: isSecretName, confidence: Likely, open: secretText},
				pick{at: "**/aws:rds:dbinstance/DBPassword"}),
		}, {
			ID: "serverless", Title: "Serverless and SAM environment", Documentation: "https://www.serverless.com/framework/docs/providers/aws/guide/variables",
			names: []string{"serverless.yml", "serverless.yaml", ".serverlessrc", "samconfig.toml", "secrets.dev.yml", "secrets.prod.yml"},
			read: both(settings(yamlText, about{}, pick{at: "**/environment/*", named: isSecretName, confidence: Likely, open: secretText},
				pick{at: "**/environment/*", open: urlPassword, confidence: Likely}, pick{at: "**/accessKey|idToken|refreshToken"}),
				settings(tomlText, about{}, pick{at: "**/*", named: isSecretName, confidence: Likely})),
		}, {
			ID: "node-config-json", Title: "Ghost, Strapi and Node configuration", Documentation: "https://ghost.org/docs/config/",
			names: []string{"config.production.json", "config.development.json", "config/default.json", "config/production.json", "config/local.json", "config/development.json", "config/config.json", "ormconfig.json", "knexfile.json", "sequelize.json"},
			read: settings(jsonText, about{user: "user|username", host: "host"}, pick{at: "**/password|pass"}, pick{named: isSecretName, confidence: Likely, open: secretText},
				pick{at: "**/*", open: urlPassword}),
		}, {
			ID: "node-config-js", Title: "Node configuration in JavaScript", Documentation: "https://typeorm.io/data-source-options",
			names: []string{"ormconfig.js", "knexfile.js", "database.js", "config/default.js", "config/config.js", "config/database.js", "config/env.js", "settings.js", "ecosystem.config.js", "localrc.js", "config.js", "keystone.js"},
			read: settings(groovyCode, about{user: "user|username", host: "host"}, pick{at: "**/password|pass", confidence: Likely}, pick{at: "**/*", open: urlPassword},
				pick{named: isSecretName, confidence: Likely, open: secretText}),
		}, {
			ID: "gitea-ini", Title: "Configuration of Go services", Documentation: "https://docs.gitea.com/administration/config-cheat-sheet",
			names: []string{"gitea/app.ini", "gitea/conf/app.ini", "gogs/conf/app.ini", "forgejo/app.ini", "custom/conf/app.ini"},
			read: settings(ini(iniStyle{comments: ";#", quotes: "`"}), about{user: "USER", host: "HOST"}, pick{at: "*/PASSWD|SECRET_KEY|INTERNAL_TOKEN|JWT_SECRET|LFS_JWT_SECRET|MINIO_SECRET_ACCESS_KEY|TOKEN"},
				pick{at: "*/CONN_STR|PROVIDER_CONFIG|HOST", open: connection}),
		}, {
			ID: "grafana-ini", Title: "Grafana configuration", Documentation: "https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/",
			names: []string{"grafana.ini", "grafana/custom.ini", "grafana/conf/custom.ini", "grafana/conf/defaults.ini"},
			read: settings(ini(iniStyle{comments: ";#", quotes: `"`}), about{user: "user|admin_user", host: "host"},
				pick{at: "*/admin_password|password|secret_key|client_secret|bind_password|secret_access_key|secret|access_key"}, pick{at: "*/url|connstr", open: connection}),
		}, {
			ID: "grafana-provisioning", Title: "Grafana data sources and LDAP", Documentation: "https://grafana.com/docs/grafana/latest/administration/provisioning/",
			names: []string{"provisioning/datasources/*.yaml", "provisioning/datasources/*.yml", "grafana/ldap.toml", "datasources.yaml", "datasources.yml"},
			read: both(settings(yamlText, about{user: "user|basicAuthUser", host: "url"}, pick{at: "**/secureJsonData/*"}, pick{at: "**/password|basicAuthPassword"}),
				settings(tomlText, about{host: "host", user: "bind_dn"}, pick{at: "**/bind_password"})),
		}, {
			ID: "prometheus", Title: "Prometheus and Alertmanager", Documentation: "https://prometheus.io/docs/prometheus/latest/configuration/configuration/",
			names: []string{"prometheus.yml", "prometheus.yaml", "alertmanager.yml", "alertmanager.yaml", "web-config.yml", "promtail.yml", "promtail.yaml", "loki.yaml", "blackbox.yml", "agent-config.yaml"},
			read: settings(yamlText, about{user: "username|smtp_auth_username|auth_username", host: "url"},
				pick{at: "**/password|bearer_token|credentials|client_secret|secret_key|smtp_auth_password|auth_password|service_key|routing_key|api_key|bot_token|victorops_api_key|opsgenie_api_key|secret_access_key"},
				pick{at: "basic_auth_users/{user}"}, pick{at: "**/slack_api_url|api_url", open: hookURL}, pick{at: "**/url|proxy_url", open: urlPassword}),
		}, {
			ID: "zabbix", Title: "Zabbix server and web", Documentation: "https://www.zabbix.com/documentation/current/en/manual/appendix/config/zabbix_server",
			names: []string{"zabbix_server.conf", "zabbix_proxy.conf", "zabbix.conf.php", "zabbix_agentd.conf", "zabbix_agent2.conf"},
			read: both(settings(phpCode, about{user: "USER", host: "SERVER"}, pick{at: "**/PASSWORD"}),
				settings(ini(iniStyle{comments: "#"}), about{user: "DBUser", host: "DBHost"}, pick{at: "*/DBPassword|VaultToken"}, pick{at: "*/*.password|Plugins.*.Password"})),
		}, {
			ID: "monitoring-agents", Title: "Agents of monitoring services", Documentation: "https://docs.datadoghq.com/agent/configuration/",
			names: []string{"datadog.yaml", "datadog-agent/*.yaml", "newrelic.yml", "newrelic-infra.yml", "scout_apm.yml", "rollbar.yml", "appsignal.yml", "signalfx.yaml"},
			read:  settings(yamlText, about{user: "username|user", host: "host"}, pick{at: "**/api_key|app_key|license_key|password|access_token|push_api_key|key|agent_token"}),
		}, {
			ID: "newrelic-ini", Title: "New Relic agents", Documentation: "https://docs.newrelic.com/docs/apm/agents/",
			names: []string{"newrelic.ini", "newrelic.cfg", "nrsysmond.cfg"}, read: settings(ini(iniStyle{quotes: `"'`}), about{}, pick{at: "*/license_key|newrelic.license", open: exceptShipped("REPLACE_WITH_REAL_KEY")}),
		}, {
			ID: "splunk", Title: "Splunk passwords", Documentation: "https://help.splunk.com/en/splunk-enterprise/administer/admin-manual",
			names: []string{"splunk/etc/passwd", "splunkforwarder/etc/passwd", "user-seed.conf", "outputs.conf", "splunk.secret", "system/local/server.conf", "system/local/authentication.conf"},
			read:  splunk,
		},
	}
}

func exceptShipped(text string) opener {
	return func(v string) []part {
		if v == text {
			return nil
		}
		return []part{whole(v)}
	}
}

// hookURL takes a URL whose path is the secret, as chats give them to robots.
func hookURL(v string) []part {
	if !strings.Contains(v, "hooks.") && !strings.Contains(v, "/webhook") {
		return nil
	}
	return []part{whole(v)}
}

// splunk reads accounts, a seed of an account and passwords under splunk.secret.
func splunk(f *file) error {
	switch _, base := cutLast(strings.ToLower(f.path)); base {
	case "passwd":
		return accounts{divider: ':', user: 1, secret: 2, least: 3}.read(f)
	case "splunk.secret":
		return wholeFile("key of the other passwords", oneWord(16, 512))(f)
	}
	return settings(ini(iniStyle{}), about{user: "USERNAME"},
		pick{at: "*/pass4SymmKey|sslPassword|bindDNpassword|password|clientCert", open: bracedCipher("$7$", "$1$"), encrypted: true, comment: "encrypted under splunk.secret"},
		pick{at: "*/PASSWORD|HASHED_PASSWORD|pass4SymmKey|sslPassword|bindDNpassword"})(f)
}

// condaToken opens the token in the path of a channel: https://host/t/token/channel.
func condaToken(v string) []part {
	i := strings.Index(v, "/t/")
	if i < 0 || !strings.Contains(v[:i], "://") {
		return nil
	}
	from := i + len("/t/")
	to := len(v)
	if n := strings.IndexByte(v[from:], '/'); n >= 0 {
		to = from + n
	}
	if to == from {
		return nil
	}
	return []part{{value: v[from:to], from: from, to: to}}
}

// bundlerAccount opens user:password, or a token.
func bundlerAccount(v string) []part {
	if p := urlPassword(v); p != nil {
		return p
	}
	if strings.Contains(v, "://") || strings.ContainsAny(v, " /") {
		return nil
	}
	if p := userPassword(v); p != nil {
		return p
	}
	if len(v) >= 20 {
		return []part{{value: v, to: len(v), confidence: Likely}}
	}
	return nil
}

// pipConfiguration reads URLs with passwords, in any option and in requirements.
func pipConfiguration(f *file) error { return urlsInText(f) }

// urlsInText finds the passwords of all URLs of a text.
func urlsInText(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		commented := strings.HasPrefix(strings.TrimLeft(l.text, " \t"), "#") || strings.HasPrefix(strings.TrimLeft(l.text, " \t"), "//")
		for from := 0; ; {
			i := strings.Index(l.text[from:], "://")
			if i < 0 {
				return
			}
			start := from + i
			for start > from && (isLetter(l.text[start-1]) || isDigit(l.text[start-1]) || strings.IndexByte("+-.", l.text[start-1]) >= 0) {
				start--
			}
			end := len(l.text)
			if n := strings.IndexAny(l.text[from+i+3:], " \t\"'<>,;"); n >= 0 {
				end = from + i + 3 + n
			}
			w := word{text: l.text[start:end], at: l.part(start, end)}
			for _, p := range urlPassword(w.text) {
				at := span{w.at.offset + p.from, p.to - p.from}
				c := Credential{Value: p.value, Name: "URL", User: p.user, Host: p.host}
				f.addEither(at, c, commented)
			}
			from = end
		}
	})
	return nil
}

// mavenEncrypted takes a password in braces, with or without words around them.
func mavenEncrypted(v string) []part {
	from, to := strings.IndexByte(v, '{'), strings.LastIndexByte(v, '}')
	if from < 0 || to < from+20 || from > 0 && v[from-1] == '$' {
		return nil
	}
	if _, ok := decodeBase64(v[from+1 : to]); !ok {
		return nil
	}
	return []part{{value: v[from : to+1], from: from, to: to + 1}}
}

// openMavenMaster opens Maven's master password, which is encrypted under the
// password "settings.security" (plexus-cipher's PBECipher): a salt of eight bytes, the
// length of the padding, AES-128-CBC; key and start vector are the SHA-256 of
// password and salt.
func openMavenMaster(v string) []part {
	parts := mavenEncrypted(v)
	if parts == nil {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Trim(parts[0].value, "{}"))
	if err != nil || len(raw) < 9+16 {
		return nil
	}
	salt, padding := raw[:8], int(raw[8])
	if 9+padding >= len(raw) {
		return nil
	}
	sum := sha256.Sum256(append([]byte("settings.security"), salt...))
	plain := openCBC(sum[:16], sum[16:], raw[9:len(raw)-padding])
	if plain == nil || !isText(plain) {
		parts[0].encrypted = true
		return parts
	}
	parts[0].value = string(plain)
	return parts
}

// hexConfiguration reads the Erlang terms of Hex: {'$key', <<"…">>}. and the like.
func hexConfiguration(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	for i := 0; i < len(f.text); {
		n := strings.Index(f.text[i:], `<<"`)
		if n < 0 {
			return nil
		}
		start := i + n + len(`<<"`)
		end := strings.Index(f.text[start:], `">>`)
		if end < 0 {
			return nil
		}
		before := strings.TrimRight(f.text[i:start-len(`<<"`)], " \t\r\n,=>")
		name := strings.Trim(before[strings.LastIndexAny(before, "{[,(")+1:], "'\" \t\r\n")
		switch name {
		case "$write_key", "$read_key", "$encrypted_key", "auth_key", "api_key", "key", "write_key", "$access_token", "$refresh_token":
			f.add(span{start, end}, Credential{Value: f.text[start : start+end], Name: name, Encrypted: name == "$encrypted_key"})
		}
		i = start + end
	}
	return nil
}
