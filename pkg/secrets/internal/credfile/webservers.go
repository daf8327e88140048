package credfile

func webServerFormats() []Format {
	return []Format{
		{
			ID: "htpasswd", Title: "Apache and nginx passwords", Documentation: "https://httpd.apache.org/docs/2.4/misc/password_encryptions.html",
			names: []string{".htpasswd", "htpasswd", "*.htpasswd", ".htpasswd*", "htpasswd.*", "nginx/.htpasswd*", "nginx/passwd", "apache2/passwords", "httpd/passwords", "htpasswd.users"},
			read:  accounts{divider: ':', secret: 1, least: 2, crypt: true}.read,
		}, {
			ID: "htdigest", Title: "Apache digests", Documentation: "https://httpd.apache.org/docs/2.4/programs/htdigest.html",
			names: []string{".htdigest", "htdigest", "*.htdigest", "htdigest.*"},
			read:  accounts{divider: ':', secret: 2, least: 3, realm: 1, kind: hashDigest}.read,
		}, {
			ID: "nginx-conf", Title: "nginx configuration", Documentation: "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
			names: []string{"nginx.conf", "nginx/conf.d/*.conf", "sites-available/*", "sites-enabled/*"}, read: nginxConfiguration,
		}, {
			ID: "caddyfile", Title: "Caddy configuration", Documentation: "https://caddyserver.com/docs/caddyfile/directives/basic_auth",
			names: []string{"caddyfile"},
			read:  settings(blocks(blockStyle{}), about{}, pick{at: "**/basicauth*|basic_auth*/{user}"}, pick{at: "**/api_token|secret_key|password"}),
		}, {
			ID: "traefik", Title: "Traefik configuration", Documentation: "https://doc.traefik.io/traefik/middlewares/http/basicauth/",
			names: []string{"traefik.toml", "traefik.yml", "traefik.yaml", "traefik/dynamic.yml", "traefik/dynamic.toml"},
			read: both(settings(tomlText, about{}, pick{at: "**/users/[]", open: userPassword}, pick{at: "**/password"}),
				settings(yamlText, about{}, pick{at: "**/users/[]", open: userPassword}, pick{at: "**/password"})),
		}, {
			ID: "htaccess", Title: "Apache configuration", Documentation: "https://httpd.apache.org/docs/2.4/mod/mod_env.html",
			names: []string{".htaccess", "httpd.conf", "apache2.conf", "apache2/envvars", "httpd/conf.d/*.conf"}, read: apacheConfiguration,
		}, {
			ID: "php-fpm", Title: "PHP configuration", Documentation: "https://www.php.net/manual/en/install.fpm.configuration.php",
			names: []string{"php-fpm.d/*.conf", "pool.d/*.conf", "php-fpm.conf", "php.ini"},
			read: settings(ini(iniStyle{quotes: `"'`, comments: ";#"}), about{user: "mysqli.default_user", host: "mysqli.default_host"},
				pick{at: "*/env[*", named: func(n string) bool { return isSecretName(bracketed(n)) }, confidence: Likely, open: secretText},
				pick{at: "*/php_admin_value[*|php_value[*|session.save_path", open: connection},
				pick{at: "*/mysqli.default_pw|odbc.default_pw"}),
		},
	}
}

// bracketed is what stands in the brackets of env[NAME].
func bracketed(name string) string {
	for i := range len(name) {
		if name[i] == '[' && name[len(name)-1] == ']' {
			return name[i+1 : len(name)-1]
		}
	}
	return name
}

// nginxConfiguration reads headers that are set, and parameters of FastCGI.
func nginxConfiguration(f *file) error {
	return directives(f, func(words []word, commented bool) {
		if len(words) != 3 {
			return
		}
		switch words[0].text {
		case "proxy_set_header", "grpc_set_header", "add_header":
			for _, p := range authorizationHeader(words[1].text + ": " + words[2].text) {
				f.addPart(words[2], part{value: p.value, user: p.user}, words[1].text, commented)
			}
		case "fastcgi_param", "uwsgi_param", "env", "set":
			if isSecretName(words[1].text) {
				f.addPart(words[2], part{value: words[2].text, confidence: Likely}, words[1].text, commented)
			}
		}
	})
}

// apacheConfiguration reads variables and the passwords of modules.
func apacheConfiguration(f *file) error {
	return directives(f, func(words []word, commented bool) {
		switch {
		case len(words) == 3 && (words[0].text == "SetEnv" || words[0].text == "setenv") && isSecretName(words[1].text):
			f.addPart(words[2], part{value: words[2].text, confidence: Likely}, words[1].text, commented)
		case len(words) == 2 && (words[0].text == "AuthLDAPBindPassword" || words[0].text == "DBDParams" || words[0].text == "OIDCClientSecret" || words[0].text == "OIDCCryptoPassphrase" || words[0].text == "SessionCryptoPassphrase" || words[0].text == "JkWorkerProperty"):
			for _, p := range either(connection, plainValue)(words[1].text) {
				f.addPart(words[1], p, words[0].text, commented)
			}
		case len(words) >= 2 && words[0].text == "RequestHeader" && len(words) == 4:
			for _, p := range authorizationHeader(words[2].text + ": " + words[3].text) {
				f.addPart(words[3], part{value: p.value, user: p.user}, words[2].text, commented)
			}
		}
	})
}

// directives walks over lines of words, with their ";" taken away.
func directives(f *file, visit func(words []word, commented bool)) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		for n := len(body.text); n > 0 && (body.text[n-1] == ' ' || body.text[n-1] == ';' || body.text[n-1] == '\t'); n-- {
			body.text = body.text[:n-1]
		}
		if words := blankFields(body, ""); len(words) > 0 {
			visit(words, commented)
		}
	})
	return nil
}
