package credfile

import "strings"

var mysqlIni = iniStyle{quotes: `"'`, escapes: true, inline: "#"}

func databaseFormats() []Format {
	return []Format{
		{
			ID: "pgpass", Title: "PostgreSQL password file", Documentation: "https://www.postgresql.org/docs/current/libpq-pgpass.html",
			names: []string{".pgpass", "pgpass.conf", "pgpass"}, read: pgpass,
		}, {
			ID: "pgbouncer-userlist", Title: "PgBouncer user list", Documentation: "https://www.pgbouncer.org/config.html#authentication-file-format",
			names: []string{"userlist.txt"}, read: accounts{secret: 1, least: 2, comments: ";#"}.read,
		}, {
			ID: "pgpool-passwd", Title: "Pgpool-II passwords", Documentation: "https://www.pgpool.net/docs/latest/en/html/runtime-config-connection.html",
			names: []string{"pool_passwd", "pcp.conf"}, read: accounts{divider: ':', secret: 1, least: 2}.read,
		}, {
			ID: "mongodb-keyfile", Title: "MongoDB key file", Documentation: "https://www.mongodb.com/docs/manual/core/security-internal-authentication/",
			names: []string{"mongodb-keyfile", "mongo-keyfile", "mongodb.key", "mongod.key", "mongo.key", "?mongodb/keyfile", "?mongo/keyfile"},
			read:  wholeFile("key file", isMongoKey),
		}, {
			ID: "mongod-conf", Title: "MongoDB server configuration", Documentation: "https://www.mongodb.com/docs/manual/reference/configuration-options/",
			names: []string{"mongod.conf", "mongodb.conf", "mongos.conf"},
			read: settings(yamlText, about{user: "queryUser"},
				pick{at: "**/PEMKeyPassword|clusterPassword|certificateKeyFilePassword|queryPassword|clusterPwd"}),
		}, {
			ID: "redis-conf", Title: "Redis and Sentinel configuration", Documentation: "https://redis.io/docs/latest/operate/oss_and_stack/management/config-file/",
			names: []string{"redis.conf", "redis*.conf", "sentinel.conf", "valkey.conf", "keydb.conf"}, read: redisConfiguration,
		}, {
			ID: "redis-acl", Title: "Redis access control list", Documentation: "https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/",
			names: []string{"users.acl", "redis.acl", "?acl.conf"}, head: containing("user "), read: redisConfiguration,
		}, {
			ID: "memcached-sasl", Title: "memcached SASL passwords", Documentation: "https://github.com/memcached/memcached/wiki/SASLHowto",
			names: []string{"memcached-sasl-pwdb", "memcached-sasl-db", "memcached.pwdb", "memcached-auth"},
			read:  accounts{divider: ':', secret: 1, least: 2}.read,
		}, {
			ID: "couchdb-ini", Title: "CouchDB configuration", Documentation: "https://docs.couchdb.org/en/stable/config/auth.html",
			names: []string{"couchdb/*.ini", "couchdb/etc/*.ini", "local.d/*.ini", "?local.ini"}, head: containing("[couch", "[chttpd", "[admins]"),
			read: settings(ini(iniStyle{comments: ";"}), about{},
				pick{at: "admins/{user}"}, pick{at: "couch_httpd_auth|chttpd_auth/secret"}, pick{at: "ssl/password"}),
		}, {
			ID: "elasticsearch-users", Title: "Elasticsearch users file", Documentation: "https://www.elastic.co/guide/en/elasticsearch/reference/current/file-realm.html",
			names: []string{"elasticsearch/config/users", "elasticsearch/users", "shield/users", "x-pack/users"},
			read:  accounts{divider: ':', secret: 1, least: 2}.read,
		}, {
			ID: "elasticsearch-yml", Title: "Elasticsearch, Kibana and Beats configuration", Documentation: "https://www.elastic.co/guide/en/kibana/current/settings.html",
			names: []string{"elasticsearch.yml", "kibana.yml", "logstash.yml", "filebeat.yml", "metricbeat.yml", "opensearch_dashboards.yml", "apm-server.yml"},
			read: settings(yamlText, about{user: "elasticsearch.username|username", host: "hosts"},
				pick{at: "**/*password|*passphrase"}, pick{at: "**/*encryptionKey|*api_key|*serviceAccountToken|*service_token|*secret_key"}),
		}, {
			ID: "opensearch-internal-users", Title: "OpenSearch internal users", Documentation: "https://docs.opensearch.org/latest/security/configuration/yaml/",
			names: []string{"internal_users.yml", "sg_internal_users.yml"},
			read:  settings(yamlText, about{}, pick{at: "{user}/hash"}),
		}, {
			ID: "clickhouse-users", Title: "ClickHouse users and configuration",
			Documentation: "https://clickhouse.com/docs/operations/settings/settings-users",
			names:         []string{"users.xml", "users.d/*.xml", "clickhouse*/config.xml", "clickhouse*/config.d/*.xml", "clickhouse-client/config.xml"},
			read: settings(xmlText, about{user: "user", host: "host"},
				pick{at: "**/password"}, pick{at: "**/password_sha256_hex", hash: hashSHA256}, pick{at: "**/password_double_sha1_hex", hash: "double-sha1"},
				pick{at: "**/secret|secret_access_key|access_key_id"}),
		}, {
			ID: "influx-configs", Title: "InfluxDB client configurations", Documentation: "https://docs.influxdata.com/influxdb/v2/reference/cli/influx/config/",
			names: []string{".influxdbv2/configs", "influxdb2/configs", "influx-configs"},
			read:  settings(tomlText, about{host: "url", user: "org"}, pick{at: "*/token"}),
		}, {
			ID: "telegraf", Title: "Telegraf configuration", Documentation: "https://docs.influxdata.com/telegraf/v1/configuration/",
			names: []string{"telegraf.conf", "telegraf.d/*.conf"},
			read: settings(tomlText, about{user: "username", host: "url"}, pick{at: "**/password|token|bearer_token_string|secret_key|api_key|api_token|secret"},
				pick{at: "**/*", open: connection}),
		}, {
			ID: "neo4j-auth", Title: "Neo4j accounts", Documentation: "https://neo4j.com/docs/operations-manual/current/authentication-authorization/",
			names: []string{"dbms/auth", "dbms/auth.ini"}, read: accounts{divider: ':', secret: 1, least: 2, kind: "neo4j"}.read,
		}, {
			ID: "oracle-wallet", Title: "Oracle wallet with automatic login", Documentation: "https://docs.oracle.com/en/database/oracle/oracle-database/19/dbseg/using-the-orapki-utility-to-manage-pki-elements.html",
			names: []string{"cwallet.sso"}, read: storePresent("Oracle auto-login wallet", "opens without a password; not opened", "\xa1\xf8\x4e"),
		},
	}
}

func databaseClientFormats() []Format {
	return []Format{
		{
			ID: "pg-service", Title: "PostgreSQL connection services", Documentation: "https://www.postgresql.org/docs/current/libpq-pgservice.html",
			names: []string{".pg_service.conf", "pg_service.conf"},
			read:  settings(ini(iniStyle{comments: "#"}), about{user: "user", host: "host"}, pick{at: "*/password|sslpassword"}),
		}, {
			ID: "mysql-options", Title: "MySQL option file", Documentation: "https://dev.mysql.com/doc/refman/8.4/en/option-files.html",
			names: []string{".my.cnf", "my.cnf", "debian.cnf", "mysql/conf.d/*.cnf", "mariadb.conf.d/*.cnf", "my.cnf.d/*.cnf", "mysql.cnf", "my.ini"},
			read: settings(ini(mysqlIni), about{user: "user", host: "host"},
				pick{at: "*/password|password1|password2|password3|master-password|master_password|wsrep_sst_auth", open: either(sstAuth, plainValue)}),
		}, {
			ID: "mysql-login-path", Title: "MySQL login path", Documentation: "https://dev.mysql.com/doc/refman/8.4/en/mysql-config-editor.html",
			names: []string{".mylogin.cnf", "mylogin.cnf"}, read: loginPath,
		}, {
			ID: "mongorc", Title: "MongoDB shell start file", Documentation: "https://www.mongodb.com/docs/mongodb-shell/mongoshrc/",
			names: []string{".mongorc.js", ".mongoshrc.js"},
			read: settings(groovyCode, about{user: "user"}, pick{at: "**/pwd|password|passwd"},
				pick{at: "**/*", open: urlPassword}),
		}, {
			ID: "cqlshrc", Title: "Cassandra shell configuration and credentials", Documentation: "https://cassandra.apache.org/doc/latest/cassandra/managing/tools/cqlsh.html",
			names: []string{"cqlshrc", ".cqlshrc", ".cassandra/credentials"},
			read: settings(ini(iniStyle{divider: "=:"}), about{user: "username", host: "hostname"},
				pick{at: "*/password"}),
		}, {
			ID: "odbc-ini", Title: "ODBC data sources", Documentation: "https://www.unixodbc.org/odbcinst.html",
			names: []string{".odbc.ini", "odbc.ini", "odbcinst.ini"},
			read: settings(ini(iniStyle{}), about{user: "uid|user|username", host: "server|servername|host"},
				pick{at: "*/pwd|password"}),
		}, {
			ID: "robo3t", Title: "Robo 3T connections", Documentation: "https://github.com/Studio3T/robomongo",
			names: []string{"robo3t.json", "robomongo.json"},
			read: settings(jsonText, about{user: "userName", host: "serverHost|host"},
				pick{at: "**/userPassword|userPasswordEncrypted"}, pick{at: "**/sshUserPassword|sshPassphrase"}),
		}, {
			ID: "mycli", Title: "mycli and pgcli configuration", Documentation: "https://www.pgcli.com/config",
			names: []string{".myclirc", "pgcli/config", ".pgclirc"},
			read:  settings(ini(iniStyle{comments: "#"}), about{}, pick{at: "alias_dsn*/*", open: urlPassword}),
		}, {
			ID: "dbeaver-credentials", Title: "DBeaver credentials", Documentation: "https://dbeaver.com/docs/dbeaver/Security-in-DBeaver-PRO/",
			names: []string{"credentials-config.json"}, read: dbeaverCredentials,
		}, {
			ID: "dbeaver-data-sources", Title: "DBeaver connections", Documentation: "https://dbeaver.com/docs/dbeaver/Admin-Manage-Connections/",
			names: []string{".dbeaver/data-sources.json", "data-sources.json", "data-sources-*.json"},
			read: settings(jsonText, about{user: "user", host: "host"}, pick{at: "**/password|*-password"},
				pick{at: "**/url", open: connection}),
		}, {
			ID: "sqldeveloper-connections", Title: "SQL Developer connections", Documentation: "https://docs.oracle.com/en/database/oracle/sql-developer/",
			names: []string{"?connections.xml", "?connections.json"}, head: containing("oracle.jdeveloper", "oracle.dbtools", "OracleDriver", "noraclelib", "oraDriverType"),
			read: both(
				settings(xmlText, about{}, pick{at: "**/=password", encrypted: true, comment: "encrypted with a key of the installation"}),
				settings(jsonText, about{user: "user", host: "hostname"}, pick{at: "**/password", encrypted: true, comment: "encrypted with a key of the installation"})),
		},
	}
}

// isMongoKey accepts 6 to 1024 signs of base64, with blanks between them.
func isMongoKey(v string) bool {
	n := 0
	for i := range len(v) {
		c := v[i]
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
		case isLetter(c) || isDigit(c) || strings.IndexByte("+/=", c) >= 0:
			n++
		default:
			return false
		}
	}
	return n >= 6 && n <= 1024
}

// pgpass reads host:port:database:user:password, where a backslash escapes ":" and
// itself.
func pgpass(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	good, bad := 0, 0
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		if strings.TrimSpace(body.text) == "" {
			return
		}
		// libpq does not mind a colon in the last field.
		columns := fields(body, ':', '\\', 5)
		if len(columns) != 5 || columns[1].text != "*" && !isPort(columns[1].text) {
			if !commented {
				bad++
			}
			return
		}
		c := Credential{Value: columns[4].text, Name: "password", Host: columns[0].text, User: columns[3].text}
		if commented {
			f.addCommented(f.literal(columns[4]), c)
			return
		}
		good++
		f.add(f.literal(columns[4]), c)
	})
	if good == 0 && bad > 0 {
		return errFormat
	}
	return nil
}

func isPort(s string) bool {
	n, ok := number(s)
	return ok && n > 0 && n < 65536
}

// sstAuth opens Galera's wsrep_sst_auth, user:password.
func sstAuth(v string) []part {
	user, password, ok := strings.Cut(v, ":")
	if !ok || user == "" || password == "" || !isName(user) {
		return nil
	}
	return []part{{value: password, from: len(user) + 1, to: len(v), user: user}}
}

// redisConfiguration reads directives of a server, its ACL and Sentinel.
func redisConfiguration(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		words := blankFields(body, "")
		if len(words) < 2 {
			return
		}
		keep := func(w word, c Credential) {
			f.addEither(w.at, c, commented)
		}
		name := strings.ToLower(words[0].text)
		switch {
		case len(words) == 2 && (name == "requirepass" || name == "masterauth" || name == "tls-key-file-pass" || name == "tls-client-key-file-pass" || name == "primaryauth"):
			keep(words[1], Credential{Value: words[1].text, Name: name})
		case name == "sentinel" && len(words) == 4 && strings.EqualFold(words[1].text, "auth-pass"):
			keep(words[3], Credential{Value: words[3].text, Name: "sentinel auth-pass", Host: words[2].text})
		case name == "sentinel" && len(words) == 3 && strings.EqualFold(words[1].text, "sentinel-pass"):
			keep(words[2], Credential{Value: words[2].text, Name: "sentinel sentinel-pass"})
		case name == "user" && len(words) > 2 && (!commented || strings.EqualFold(words[2].text, "on")):
			for _, w := range words[2:] {
				if len(w.text) < 2 {
					continue
				}
				secret := word{text: w.text[1:], at: span{w.at.offset + 1, w.at.length - 1}}
				switch {
				case w.text[0] == '>':
					keep(secret, Credential{Value: secret.text, Name: "user " + words[1].text, User: words[1].text})
				case w.text[0] == '#' && len(w.text) == 65 && isHex(secret.text):
					keep(secret, Credential{Value: secret.text, Name: "user " + words[1].text, User: words[1].text, Hash: hashSHA256})
				}
			}
		}
	})
	return nil
}

// dbeaverCredentials opens the file and reads the JSON within.
func dbeaverCredentials(f *file) error {
	plain := openDBeaver(f.content)
	if plain == nil {
		return errFormat
	}
	inner := &file{format: f.format, text: string(plain), content: plain, guesses: f.guesses}
	err := settings(jsonText, about{user: "user"}, pick{at: "**/password", comment: fixedKeyComment})(inner)
	for _, c := range inner.found {
		c.Offset, c.Length = 0, len(f.content)
		f.found = append(f.found, c)
	}
	return err
}
