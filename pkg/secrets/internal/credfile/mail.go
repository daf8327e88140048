package credfile

import "strings"

func mailFormats() []Format {
	mailUser := about{user: "user|username|login", host: "host|server|poll|skip"}
	return []Format{
		{
			ID: "postfix-sasl", Title: "Postfix SASL passwords", Documentation: "https://www.postfix.org/SASL_README.html",
			names: []string{"sasl_passwd", "sasl_password", "smtp_auth"}, read: postfixPasswords,
		}, {
			ID: "postfix-map", Title: "Postfix database map", Documentation: "https://www.postfix.org/mysql_table.5.html",
			names: []string{"postfix/mysql*.cf", "postfix/pgsql*.cf", "postfix/ldap*.cf", "postfix/sql/*.cf"},
			read:  settings(ini(iniStyle{comments: "#"}), about{user: "user|bind_dn", host: "hosts|server_host"}, pick{at: "*/password|bind_pw"}),
		}, {
			ID: "dovecot-passwd", Title: "Dovecot users", Documentation: "https://doc.dovecot.org/main/core/config/auth/databases/passwd_file.html",
			names: []string{"dovecot/users", "dovecot/passwd", "dovecot.passwd", "dovecot-users", "dovecot/passwd.*", "dovecot.users"},
			read:  dovecotUsers,
		}, {
			ID: "dovecot-conf", Title: "Dovecot configuration", Documentation: "https://doc.dovecot.org/main/core/config/auth/databases/sql.html",
			names: []string{"dovecot-sql.conf*", "dovecot-ldap.conf*", "dovecot.conf", "dovecot/conf.d/*"},
			read: settings(ini(iniStyle{comments: "#", backslash: true}), about{user: "dn"},
				pick{at: "*/connect", open: connection}, pick{at: "*/dnpass|doveadm_password|imapc_password|ssl_key_password|auth_master_password"}),
		}, {
			ID: "exim-passwd-client", Title: "Exim client passwords", Documentation: "https://manpages.debian.org/stable/exim4-config/etc-exim4-passwd.client.5.en.html",
			names: []string{"exim4/passwd.client", "passwd.client"}, read: accounts{divider: ':', user: 1, secret: 2, least: 3}.read,
		}, {
			ID: "msmtprc", Title: "msmtp configuration", Documentation: "https://marlam.de/msmtp/msmtp.html",
			names: []string{".msmtprc", "msmtprc", "msmtp/config"},
			read:  settings(wordPairs(pairStyle{records: "account|defaults"}), about{user: "user", host: "host"}, pick{at: "password"}),
		}, {
			ID: "fetchmailrc", Title: "fetchmail configuration", Documentation: "https://www.fetchmail.info/fetchmail-man.html",
			names: []string{".fetchmailrc", "fetchmailrc"},
			read:  settings(wordPairs(pairStyle{records: "poll|skip|user|username"}), mailUser, pick{at: "password|pass"}),
		}, {
			ID: "getmailrc", Title: "getmail configuration", Documentation: "https://getmail6.org/configuration.html",
			names: []string{".getmailrc", "getmailrc", "getmail/*rc"},
			read:  settings(ini(iniStyle{divider: "=:"}), about{user: "username", host: "server"}, pick{at: "*/password"}),
		}, {
			ID: "muttrc", Title: "mutt configuration", Documentation: "http://www.mutt.org/doc/manual/",
			names: []string{".muttrc", "muttrc", ".mutt/*", "mutt/muttrc", "neomutt/*"},
			read: settings(wordPairs(pairStyle{equals: true, records: "account-hook"}), about{user: "imap_user|pop_user|smtp_user"},
				pick{at: "imap_pass|pop_pass|smtp_pass|nntp_pass"}, pick{at: "smtp_url|folder|spoolfile", open: urlPassword}),
		}, {
			ID: "offlineimaprc", Title: "OfflineIMAP and mbsync configuration", Documentation: "https://www.offlineimap.org/doc/",
			names: []string{".offlineimaprc", "offlineimap/config", "offlineimaprc"},
			read:  settings(ini(iniStyle{divider: "=:"}), about{user: "remoteuser", host: "remotehost"}, pick{at: "*/remotepass|localpass|oauth2_client_secret|oauth2_refresh_token"}),
		}, {
			ID: "mbsyncrc", Title: "mbsync configuration", Documentation: "https://isync.sourceforge.io/mbsync.html",
			names: []string{".mbsyncrc", "isyncrc", "mbsyncrc"},
			read:  settings(wordPairs(pairStyle{records: "IMAPAccount|IMAPStore"}), about{user: "User", host: "Host"}, pick{at: "Pass"}),
		}, {
			ID: "ssmtp", Title: "sSMTP configuration", Documentation: "https://manpages.debian.org/stable/ssmtp/ssmtp.conf.5.en.html",
			names: []string{"ssmtp.conf"},
			read:  settings(ini(iniStyle{comments: "#"}), about{user: "AuthUser", host: "mailhub"}, pick{at: "*/AuthPass"}),
		}, {
			ID: "mailrc", Title: "s-nail and mailx configuration", Documentation: "https://www.sdaoden.eu/code-nail.html",
			names: []string{".mailrc", "mail.rc", "s-nail.rc"},
			read: settings(wordPairs(pairStyle{equals: true}), about{}, pick{at: "smtp-auth-password|password|*-auth-password|password-*"},
				pick{at: "mta|smtp|v15-compat", open: urlPassword}),
		},
	}
}

// postfixPasswords reads "host user:password".
func postfixPasswords(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	good, bad := 0, 0
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		from, to := trimmed(body.text, 0, len(body.text))
		text := body.text[from:to]
		cut := strings.IndexAny(text, " \t")
		if text == "" {
			return
		}
		value := strings.TrimLeft(text[max(cut, 0):], " \t")
		user, password, ok := strings.Cut(value, ":")
		if cut < 1 || !ok || password == "" || strings.ContainsAny(user, " \t") {
			if !commented {
				bad++
			}
			return
		}
		at := body.part(to-len(password), to)
		c := Credential{Value: password, Name: text[:cut], Host: text[:cut], User: user}
		if commented {
			f.addCommented(at, c)
			return
		}
		good++
		f.add(at, c)
	})
	if good == 0 && bad > 0 {
		return errFormat
	}
	return nil
}

// dovecotUsers reads passwords behind their scheme in braces; {PLAIN} is in clear.
func dovecotUsers(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		columns := fields(body, ':', 0, 8)
		if len(columns) < 2 || columns[0].text == "" {
			return
		}
		c := Credential{Value: columns[1].text, User: columns[0].text, Name: columns[0].text}
		at := columns[1].at
		for _, clear := range []string{"{PLAIN}", "{CLEARTEXT}", "{CLEAR}", "{PLAIN-TRUNC}"} {
			if rest, ok := strings.CutPrefix(c.Value, clear); ok {
				c.Value = rest
				at = span{at.offset + len(clear), len(rest)}
			}
		}
		if c.Value == "*" || c.Value == "!" || c.Value == "x" {
			return
		}
		if len(c.Value) == len(columns[1].text) {
			c.Hash = cryptKind(c.Value)
		}
		f.addEither(at, c, commented)
	})
	return nil
}
