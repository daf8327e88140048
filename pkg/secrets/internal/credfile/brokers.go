package credfile

import "strings"

func brokerFormats() []Format {
	return []Format{
		{
			ID: "rabbitmq-conf", Title: "RabbitMQ configuration", Documentation: "https://www.rabbitmq.com/docs/configure",
			names: []string{"rabbitmq.conf", "rabbitmq/conf.d/*.conf"},
			read: settings(ini(iniStyle{comments: "#", quotes: `'"`}), about{user: "default_user"},
				pick{at: "*/default_pass|ssl_options.password|auth_ldap.dn_lookup_bind.password|*.password|erlang_cookie|management.oauth_client_secret"}),
		}, {
			ID: "rabbitmq-definitions", Title: "RabbitMQ definitions", Documentation: "https://www.rabbitmq.com/docs/definitions",
			names: []string{"rabbitmq/definitions.json", "rabbitmq*/*definitions*.json", "?definitions.json", "?*definitions*.json"}, head: containing("rabbit", "vhosts", "password_hash"),
			read: settings(jsonText, about{user: "name"}, pick{at: "users/[]/password_hash", hash: "rabbitmq-salted"}, pick{at: "users/[]/password"},
				pick{at: "**/uri|src-uri|dest-uri", open: urlPassword}),
		}, {
			ID: "erlang-cookie", Title: "Erlang cookie", Documentation: "https://www.erlang.org/doc/system/distributed.html",
			names: []string{".erlang.cookie", "erlang.cookie"}, read: wholeFile("cookie", oneWord(1, 255)),
		}, {
			ID: "kafka-jaas", Title: "JAAS login configuration", Documentation: "https://kafka.apache.org/documentation/#security_sasl",
			names: []string{"*jaas*.conf", "*jaas*.config", "jaas.conf", "*.jaas"}, read: jaas,
		}, {
			ID: "kafka-properties", Title: "Kafka and ZooKeeper properties", Documentation: "https://kafka.apache.org/documentation/#configuration",
			names: []string{"server.properties", "client.properties", "consumer.properties", "producer.properties", "connect-*.properties", "kafka.properties", "zookeeper.properties", "admin.properties", "command.properties", "schema-registry.properties", "zoo.cfg"},
			read: settings(properties, about{}, pick{at: "**/jaas/config", open: jaasOption},
				pick{at: "**/password", open: unlessPrefix("${")}, pick{at: "**/basic/auth/user/info", open: userPassword}, pick{at: "**/*", named: isSecretName, confidence: Likely, open: secretText}),
		}, {
			ID: "activemq", Title: "ActiveMQ accounts", Documentation: "https://activemq.apache.org/components/classic/documentation/security",
			names: []string{"activemq*/conf/users.properties", "activemq*/users.properties", "activemq.xml", "activemq*/credentials.properties", "credentials-enc.properties", "activemq*/jetty-realm.properties", "artemis-users.properties", "jetty-realm.properties"},
			read:  activeMQ,
		}, {
			ID: "mosquitto", Title: "Mosquitto passwords", Documentation: "https://mosquitto.org/man/mosquitto_passwd-1.html",
			names: []string{"mosquitto/passwd", "mosquitto/pwfile", "mosquitto/passwordfile", "mosquitto/password.txt", "mosquitto/*/passwd", "mosquitto/*/password.txt", "mosquitto.passwd", "mosquitto/psk_file"},
			read:  mosquitto,
		}, {
			ID: "mosquitto-conf", Title: "Mosquitto bridge", Documentation: "https://mosquitto.org/man/mosquitto-conf-5.html",
			names: []string{"mosquitto.conf", "mosquitto/conf.d/*.conf"},
			read:  settings(wordPairs(pairStyle{}), about{}, pick{at: "remote_password|bridge_psk|auth_opt_pg_password|auth_opt_pass|auth_opt_redis_pass"}),
		}, {
			ID: "nats", Title: "NATS server", Documentation: "https://docs.nats.io/running-a-nats-service/configuration",
			names: []string{"nats.conf", "nats-server.conf", "nats/*.conf", "gnatsd.conf"},
			read: settings(blocks(blockStyle{line: []string{"#", "//"}, commas: true, colons: true, lists: true}), about{user: "user|username"},
				pick{at: "**/password|pass|token|secret"}, pick{at: "**/*", open: urlPassword}),
		}, {
			ID: "nats-creds", Title: "NATS user credentials", Documentation: "https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt",
			names: []string{"*.creds", "*.nk"}, read: natsSeed,
		}, {
			ID: "celery", Title: "Celery configuration", Documentation: "https://docs.celeryq.dev/en/stable/userguide/configuration.html",
			names: []string{"celeryconfig.py", "celery_config.py", "flowerconfig.py"},
			read:  settings(pythonCode, about{}, pick{at: "**/*", open: urlPassword}, pick{named: isSecretName, confidence: Likely}),
		},
	}
}

// jaas reads options of login modules: name="value".
func jaas(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	return settings(groovyCode, about{}, pick{at: "**/password|keyPassword|storePassword|clientSecret|bindPassword"})(jaasOptions(f))
}

// jaasOptions makes options stand alone, as the grammar of programs wants values: the
// blank behind a value becomes a comma.
func jaasOptions(f *file) *file {
	text := []byte(f.text)
	for i := 0; i+1 < len(text); i++ {
		if text[i] == '"' && (text[i+1] == ' ' || text[i+1] == '\t') {
			text[i+1] = ','
		}
	}
	f.text = string(text)
	return f
}

// jaasOption opens the login module in one property.
func jaasOption(v string) []part {
	var out []part
	user := ""
	for _, kv := range keywordValues(strings.ReplaceAll(v, ";", " ")) {
		name := kv.name
		if i := strings.LastIndexAny(name, " \t"); i >= 0 {
			name = name[i+1:]
		}
		switch strings.ToLower(name) {
		case "username":
			user = kv.value
		case "password", "clientsecret", "keypassword":
			out = append(out, part{value: kv.value, from: kv.from, to: kv.to})
		}
	}
	for i := range out {
		out[i].user = user
	}
	return out
}

// activeMQ reads user=password properties, and the users of the XML configuration.
func activeMQ(f *file) error {
	if strings.HasSuffix(strings.ToLower(f.path), ".xml") {
		return settings(xmlText, about{user: "username"}, pick{at: "**/authenticationUser/@password"}, pick{at: "**/property/=password"}, pick{at: "**/@password|@keyStorePassword|@trustStorePassword"})(f)
	}
	if strings.Contains(strings.ToLower(f.path), "credentials") {
		return settings(properties, about{user: "username"}, pick{at: "**/password|*.password"})(f)
	}
	if strings.Contains(strings.ToLower(f.path), "jetty-realm") {
		return settings(propertyNames, about{}, pick{at: "{user}", open: jettyAccount})(f)
	}
	return settings(propertyNames, about{}, pick{at: "{user}", open: unlessPrefix("ENC(")})(f)
}

// mosquitto reads user:hash. Its hashes have the marks of crypt(3) for kinds of its own.
func mosquitto(f *file) error {
	return accounts{divider: ':', secret: 1, least: 2}.read(f)
}

// natsSeed reads the seed of a key between its marks, or alone.
func natsSeed(f *file) error {
	found := false
	f.lines(func(l line) {
		from, to := trimmed(l.text, 0, len(l.text))
		v := l.text[from:to]
		if len(v) == 58 && v[0] == 'S' && strings.IndexByte("UAOCNXP", v[1]) >= 0 && isBase32(v) {
			found = true
			f.add(l.part(from, to), Credential{Value: v, Name: "seed"})
		}
	})
	if !found {
		return errFormat
	}
	return nil
}

func isBase32(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}
