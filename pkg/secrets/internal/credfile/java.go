package credfile

import "strings"

// springPicks are for properties and YAML alike.
var springPicks = []pick{
	{named: isSecretName, confidence: Likely, open: secretText},
	{at: "**/*", open: either(urlPassword, jdbcPassword), confidence: Likely},
}

func javaFormats() []Format {
	encryptedByServer := "encrypted with a key of the installation"
	return []Format{
		{
			ID: "spring-properties", Title: "Spring and other Java properties", Documentation: "https://docs.spring.io/spring-boot/reference/features/external-config.html",
			names: []string{
				"application.properties", "application-*.properties", "bootstrap.properties", "bootstrap-*.properties", "config.properties", "db.properties",
				"jdbc.properties", "database.properties", "hibernate.properties", "log4j.properties", "quartz.properties", "liquibase.properties", "flyway.properties", "flyway.conf",
				"microprofile-config.properties", "persistence.properties", "druid.properties", "c3p0.properties", "sftp.properties", "mail.properties", "datasource.properties",
			},
			read: settings(properties, about{user: "username|user", host: "host"}, springPicks...),
		}, {
			ID: "spring-yaml", Title: "Spring configuration in YAML", Documentation: "https://docs.spring.io/spring-boot/reference/features/external-config.html",
			names: []string{"application.yml", "application.yaml", "application-*.yml", "application-*.yaml", "bootstrap.yml", "bootstrap-*.yml"},
			read:  settings(yamlText, about{user: "username|user", host: "host"}, springPicks...),
		}, {
			ID: "tomcat-users", Title: "Tomcat users", Documentation: "https://tomcat.apache.org/tomcat-10.1-doc/realm-howto.html",
			names: []string{"tomcat-users.xml"},
			read:  settings(xmlText, about{user: "username|name"}, pick{at: "**/user/@password"}),
		}, {
			ID: "tomcat-server", Title: "Tomcat server and context", Documentation: "https://tomcat.apache.org/tomcat-10.1-doc/config/index.html",
			names: []string{"?server.xml", "context.xml", "conf/catalina/*/*.xml"}, head: containing("<Server", "<Context", "Catalina"),
			read: settings(xmlText, about{user: "username|connectionName|userName"},
				pick{at: "**/@password|@connectionPassword|@keystorePass|@certificateKeystorePassword|@truststorePass|@keyPass|@certificateKeyPassword|@keystorePassword|@truststorePassword|@secret|@requiredSecret"},
				pick{at: "**/@connectionURL|@url", open: connection}),
		}, {
			ID: "jboss-users", Title: "WildFly users", Documentation: "https://docs.wildfly.org/",
			names: []string{"mgmt-users.properties", "application-users.properties"},
			read:  settings(propertyNames, about{}, pick{at: "{user}", open: exceptRealm, hash: "md5-digest"}),
		}, {
			ID: "jboss-standalone", Title: "WildFly server", Documentation: "https://docs.wildfly.org/",
			names: []string{"standalone.xml", "standalone-*.xml", "domain.xml", "host.xml", "*-ds.xml"},
			read: settings(xmlText, about{user: "user-name|user"},
				pick{at: "**/security|keystore|credential-reference|authentication|password|cluster/@password|@clear-text|@keystore-password|@key-password", open: unlessPrefix("MASK-")},
				pick{at: "**/security/password"}, pick{at: "**/secret/@value", open: base64Text}, pick{at: "**/=keystorepass|=*password", confidence: Likely}),
		}, {
			ID: "weblogic-boot", Title: "WebLogic boot identity", Documentation: "https://docs.oracle.com/en/middleware/standalone/weblogic-server/",
			names: []string{"boot.properties", "nm_password.properties"},
			read: settings(properties, about{user: "username"}, pick{at: "password|hashed", open: bracedCipher("{AES}", "{AES256}", "{3DES}"),
				comment: encryptedByServer, encrypted: true}, pick{at: "password"}),
		}, {
			ID: "jetty-realm", Title: "Jetty realm", Documentation: "https://jetty.org/docs/jetty/12/operations-guide/jaas/index.html",
			names: []string{"realm.properties", "jetty-users.properties"}, read: settings(propertyNames, about{}, pick{at: "{user}", open: jettyAccount}),
		}, {
			ID: "glassfish-password", Title: "GlassFish password file", Documentation: "https://glassfish.org/docs/latest/reference-manual.html",
			names: []string{"glassfish*/passwordfile*", "?passwordfile", "?pwdfile", "?password.properties"}, head: containing("AS_ADMIN_"),
			read: settings(properties, about{}, pick{at: "AS_ADMIN_*", open: unlessPrefix("${ALIAS=")}),
		}, {
			ID: "websphere-security", Title: "WebSphere and Liberty security", Documentation: "https://www.ibm.com/docs/en/was-liberty/base?topic=liberty-encryption",
			names: []string{"?server.xml", "?security.xml", "server.env", "?soap.client.props", "?sas.client.props"}, head: containing("{xor}", "<server", "featureManager"),
			read: both(settings(xmlText, about{user: "user|name|userId|username"}, pick{at: "**/@password|@keyPassword|@bindPassword|@*password", open: either(webSpherePassword, plainValue)}),
				settings(properties, about{}, pick{at: "**/*password", open: either(webSpherePassword, plainValue)})),
		}, {
			ID: "jmx-password", Title: "JMX remote passwords", Documentation: "https://docs.oracle.com/en/java/javase/21/management/monitoring-and-management-using-jmx-technology.html",
			names: []string{"jmxremote.password"}, read: accounts{secret: 1, least: 2}.read,
		}, {
			ID: "java-keystore", Title: "Java key store", Documentation: "https://docs.oracle.com/en/java/javase/21/docs/specs/man/keytool.html",
			names: []string{"*.jks", "*.jceks", "*.keystore", ".keystore", "*.ks", "*.truststore", "cacerts", "*.bcfks"}, read: javaKeystore,
		}, {
			ID: "pkcs12", Title: "PKCS #12 key store", Documentation: "https://www.rfc-editor.org/rfc/rfc7292",
			names: []string{"*.p12", "*.pfx", "*.pkcs12", "ewallet.p12"}, read: pkcs12,
		}, {
			ID: "hadoop-site", Title: "Hadoop configuration", Documentation: "https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-common/CredentialProviderAPI.html",
			names: []string{"core-site.xml", "hdfs-site.xml", "hive-site.xml", "ssl-server.xml", "ssl-client.xml", "yarn-site.xml", "ranger-*.xml"}, read: hadoopSite,
		},
	}
}

// jdbcPassword opens JDBC URLs with a password among their parameters, and Oracle's
// with user/password before the host.
func jdbcPassword(v string) []part {
	if !strings.HasPrefix(v, "jdbc:") {
		return nil
	}
	if p := connection(v); len(p) > 0 {
		return p
	}
	if rest, ok := strings.CutPrefix(v, "jdbc:oracle:thin:"); ok {
		before, host, ok := strings.Cut(rest, "@")
		user, password, slash := strings.Cut(before, "/")
		if ok && slash && password != "" {
			from := len(v) - len(rest) + len(user) + 1
			return []part{{value: password, from: from, to: from + len(password), user: user, host: host}}
		}
	}
	return nil
}

// exceptRealm takes the 32 digits of a user's digest.
func exceptRealm(v string) []part {
	if len(v) != 32 || !isHex(v) {
		return nil
	}
	return []part{whole(v)}
}

// jettyAccount takes the password before the roles.
func jettyAccount(v string) []part {
	password, _, _ := strings.Cut(v, ",")
	switch {
	case strings.HasPrefix(password, "OBF:"):
		if plain := openJettyOBF(password[len("OBF:"):]); plain != "" {
			return []part{{value: plain, to: len(password), comment: "obfuscated without a key"}}
		}
	case strings.HasPrefix(password, "MD5:"):
		return []part{{value: password, to: len(password), comment: "MD5 without salt"}}
	case strings.HasPrefix(password, "CRYPT:"):
		return []part{{value: password, to: len(password), comment: "DES crypt"}}
	}
	return []part{{value: password, to: len(password)}}
}

// openJettyOBF opens Jetty's obfuscation (org.eclipse.jetty.util.security.Password):
// four digits of base 36 hold each byte added to and subtracted from its mirror image.
func openJettyOBF(v string) string {
	out := make([]byte, 0, len(v)/4)
	for i := 0; i+4 <= len(v); {
		n, start := 0, i
		if v[i] == 'U' {
			if start++; start+4 > len(v) {
				return ""
			}
		}
		for _, c := range []byte(v[start : start+4]) {
			switch {
			case isDigit(c):
				n = n*36 + int(c-'0')
			case isLetter(c):
				n = n*36 + int(c|0x20-'a') + 10
			default:
				return ""
			}
		}
		if start > i {
			out = append(out, byte(n>>8))
		} else {
			out = append(out, byte((n/256+n%256-254)/2))
		}
		i = start + 4
	}
	if !isText(out) {
		return ""
	}
	return string(out)
}

// bracedCipher takes values that begin with the mark of a cipher.
func bracedCipher(marks ...string) opener {
	return func(v string) []part {
		for _, m := range marks {
			if strings.HasPrefix(v, m) {
				return []part{whole(v)}
			}
		}
		return nil
	}
}

// webSpherePassword opens {xor}, which is base64 of each byte mixed with "_".
func webSpherePassword(v string) []part {
	if strings.HasPrefix(v, "{aes}") || strings.HasPrefix(v, "{hash}") {
		return []part{{value: v, to: len(v), encrypted: true, comment: "encrypted with a key of the installation"}}
	}
	rest, ok := strings.CutPrefix(v, "{xor}")
	if !ok {
		return nil
	}
	plain, ok := decodeBase64(rest)
	if !ok {
		return nil
	}
	out := []byte(plain)
	for i := range out {
		out[i] ^= '_'
	}
	return []part{{value: string(out), to: len(v), comment: fixedKeyComment}}
}

// hadoopSite reads properties that are elements called name and value.
func hadoopSite(f *file) error {
	name, group := "", -1
	secret := isSecretName
	return xmlText(f, func(s setting) {
		switch strings.ToLower(s.keys[len(s.keys)-1]) {
		case "name":
			name, group = s.value, s.group
		case "value":
			if s.group != group || !secret(name) {
				return
			}
			c := Credential{Value: s.value, Name: name, Confidence: Likely}
			if s.commented {
				f.addCommented(s.at, c)
			} else {
				f.add(s.at, c)
			}
		}
	})
}
