package credfile

import "strings"

func chatFormats() []Format {
	return []Format{
		{
			ID: "asterisk", Title: "Asterisk accounts", Documentation: "https://docs.asterisk.org/Configuration/",
			names: []string{"asterisk/*.conf", "sip.conf", "pjsip.conf", "iax.conf", "voicemail.conf", "extensions.conf", "res_odbc.conf", "cdr_mysql.conf", "ari.conf"}, read: asterisk,
		}, {
			ID: "ejabberd", Title: "ejabberd configuration", Documentation: "https://docs.ejabberd.im/admin/configuration/",
			names: []string{"ejabberd.yml"},
			read: settings(yamlText, about{user: "sql_username|ldap_rootdn", host: "sql_server"}, pick{at: "**/sql_password|ldap_password|redis_password|password|secret|shared_key|turn_secret"},
				pick{at: "**/*", open: urlPassword}),
		}, {
			ID: "prosody", Title: "Prosody configuration", Documentation: "https://prosody.im/doc/configure",
			names: []string{"prosody.cfg.lua", "prosody/conf.d/*.lua", "prosody/conf.avail/*.lua"},
			read:  settings(luaCode, about{user: "username", host: "host"}, pick{at: "**/password|component_secret|turncredentials_secret|external_service_secret|ldap_password|app_secret|muc_mapper_secret|s2s_secret|turn_external_secret"}),
		}, {
			ID: "prosody-account", Title: "Prosody account", Documentation: "https://prosody.im/doc/storage",
			names: []string{"prosody/*/accounts/*.dat", "accounts/*.dat"},
			read:  settings(luaCode, about{}, pick{at: "**/password"}, pick{at: "**/stored_key|server_key", hash: "scram-sha-1"}),
		}, {
			ID: "znc", Title: "ZNC configuration", Documentation: "https://wiki.znc.in/Configuration",
			names: []string{"znc.conf"}, read: znc,
		}, {
			ID: "irssi", Title: "irssi configuration", Documentation: "https://irssi.org/documentation/",
			names: []string{".irssi/config", "irssi.conf"},
			read: settings(blocks(blockStyle{colons: false, lists: true, commas: true}), about{user: "sasl_username|nick", host: "address"},
				pick{at: "**/password|sasl_password|proxy_password|autosendcmd", open: either(nickServ, unlessPrefix("/"))}),
		}, {
			ID: "weechat", Title: "WeeChat configuration", Documentation: "https://weechat.org/files/doc/weechat/stable/weechat_user.en.html",
			names: []string{".weechat/irc.conf", "weechat/irc.conf", "weechat/relay.conf", "weechat/sec.conf"},
			read:  settings(ini(iniStyle{comments: "#", quotes: `"`}), about{}, pick{at: "*/*password", open: unlessPrefix("${sec")}, pick{at: "data/* crypt/passphrase*"}),
		}, {
			ID: "synapse", Title: "Matrix Synapse configuration", Documentation: "https://element-hq.github.io/synapse/latest/usage/configuration/config_documentation.html",
			names: []string{"homeserver.yaml"},
			read: settings(yamlText, about{user: "user", host: "host"},
				pick{at: "**/registration_shared_secret|macaroon_secret_key|form_secret|turn_shared_secret|password|smtp_pass|pepper|recaptcha_private_key|client_secret|worker_replication_secret"}),
		}, {
			ID: "mattermost", Title: "Mattermost configuration", Documentation: "https://docs.mattermost.com/configure/configuration-settings.html",
			names: []string{"mattermost/config/config.json", "mattermost*/config.json"},
			read: settings(jsonText, about{user: "SMTPUsername", host: "SMTPServer"},
				pick{at: "**/DataSource", open: connection}, pick{at: "**/AtRestEncryptKey|PublicLinkSalt|SMTPPassword|AmazonS3SecretAccessKey|BindPassword|Secret|InviteSalt|PasswordResetSalt"}),
		},
	}
}

// nickServ opens "/msg nickserv identify password" of an automatic command.
func nickServ(v string) []part {
	at := strings.Index(strings.ToLower(v), "identify ")
	if at < 0 {
		return nil
	}
	from := at + len("identify ")
	to := len(v)
	if n := strings.IndexAny(v[from:], " ;"); n >= 0 {
		to = from + n
	}
	return []part{{value: v[from:to], from: from, to: to}}
}

// asterisk reads the secrets of peers, managers and registrations.
func asterisk(f *file) error {
	return settings(ini(iniStyle{comments: ";", inline: ";"}), about{user: "username|defaultuser|fromuser", host: "host"},
		pick{at: "{user}/secret|password|dbsecret|remotesecret|auth_pass|md5secret|pass", open: asteriskSecret},
		pick{at: "*/register", open: registerPassword})(f)
}

func asteriskSecret(v string) []part {
	// "secret => x" leaves the sign of the arrow at the value.
	if rest, ok := strings.CutPrefix(v, ">"); ok {
		from := len(v) - len(strings.TrimLeft(rest, " \t"))
		return []part{{value: v[from:], from: from, to: len(v)}}
	}
	return []part{whole(v)}
}

// registerPassword opens "user:secret@host".
func registerPassword(v string) []part {
	from := len(v) - len(strings.TrimLeft(v, "> \t"))
	if n := strings.Index(v, "://"); n >= 0 {
		from = n + 3
	}
	parts := urlPassword("x://" + v[from:])
	for i := range parts {
		parts[i].from += from - len("x://")
		parts[i].to += from - len("x://")
	}
	return parts
}

// znc reads the elements of a configuration that is lines with elements around.
func znc(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	user := ""
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		from, to := trimmed(body.text, 0, len(body.text))
		t := body.text[from:to]
		if rest, ok := strings.CutPrefix(t, "<User "); ok {
			user = strings.TrimSuffix(rest, ">")
		}
		name, value, ok := strings.Cut(t, "=")
		if !ok {
			return
		}
		name = strings.TrimSpace(name)
		value = strings.TrimSpace(value)
		at := body.part(to-len(value), to)
		c := Credential{Value: value, Name: name, User: user}
		switch strings.ToLower(name) {
		case "pass": // md5#hash#salt#, sha256#hash#salt# or plain#password
			if plain, ok := strings.CutPrefix(value, "plain#"); ok {
				c.Value = plain
				at = span{at.offset + len("plain#"), len(plain)}
			} else if kind, _, ok := strings.Cut(value, "#"); ok {
				c.Hash = "znc-" + strings.ToLower(kind)
			}
		case "hash":
			c.Hash = "znc-sha256"
		case "server": // host port password
			words := blankFields(line{value, at.offset}, "")
			if len(words) != 3 {
				return
			}
			c.Value, c.Host, at = words[2].text, words[0].text, words[2].at
		default:
			return
		}
		f.addEither(at, c, commented)
	})
	return nil
}
