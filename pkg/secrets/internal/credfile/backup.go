package credfile

func backupFormats() []Format {
	return []Format{
		{
			ID: "restic-password", Title: "restic password", Documentation: "https://restic.readthedocs.io/en/stable/faq.html",
			names: []string{"restic-password", "restic-password.txt", "restic/password", ".restic-password", "restic_password", ".restic-pw", "restic/*.pass", "restic.password", "restic/passwd"},
			read:  firstLine("repository password", Certain),
		}, {
			ID: "resticprofile", Title: "resticprofile and autorestic", Documentation: "https://creativeprojects.github.io/resticprofile/configuration/",
			names: []string{"profiles.yaml", ".autorestic.yml", ".autorestic.env"},
			read: both(settings(yamlText, about{}, pick{at: "**/RESTIC_PASSWORD|password|AWS_SECRET_ACCESS_KEY|B2_ACCOUNT_KEY|key"}),
				settings(dotenv, environmentOwner, environment...)),
		}, {
			ID: "borg-passphrase", Title: "Borg passphrase and key", Documentation: "https://borgbackup.readthedocs.io/en/stable/usage/key.html",
			names: []string{"borg-passphrase", ".borg-passphrase", "borg/passphrase", ".borg_passphrase", ".borgpassphrase"}, read: firstLine("passphrase", Certain),
		}, {
			ID: "borg-key", Title: "Borg key file", Documentation: "https://borgbackup.readthedocs.io/en/stable/internals/security.html",
			names: []string{"borg/keys/*"}, read: storePresent("Borg key", "protected by its passphrase", "BORG_KEY "),
		}, {
			ID: "borgmatic", Title: "borgmatic configuration", Documentation: "https://torsion.org/borgmatic/docs/reference/configuration/",
			names: []string{"borgmatic/config.yaml", "borgmatic.d/*.yaml"},
			read: settings(yamlText, about{user: "username", host: "hostname|name"}, pick{at: "**/encryption_passphrase|password|restore_password|access_token|auth_token"},
				pick{at: "**/*", open: urlPassword}),
		}, {
			ID: "duplicity", Title: "Duply and duplicity", Documentation: "https://duply.net/wiki/index.php/Duply-documentation",
			names: []string{".duply/*/conf", "duply/*/conf", "duplicity.conf", ".duplicity/*.conf"},
			read: settings(dotenv, about{user: "TARGET_USER"}, pick{at: "GPG_PW|GPG_PW_SIGN|TARGET_PASS|PASSPHRASE|SIGN_PASSPHRASE|FTP_PASSWORD"},
				pick{at: "TARGET", open: urlPassword}, environment[0]),
		}, {
			ID: "kopia", Title: "Kopia repository", Documentation: "https://kopia.io/docs/reference/",
			names: []string{"kopia/repository.config", "repository.config.kopia-password", "kopia/*.kopia-password"},
			read: jsonOr(settings(jsonText, about{user: "accessKeyID", host: "endpoint"}, pick{at: "**/secretAccessKey|storageKey|password|keyData|sasToken"}),
				wholeFileUnlessJSON),
		}, {
			ID: "bacula", Title: "Bacula and Bareos", Documentation: "https://docs.bareos.org/Configuration.html",
			names: []string{"bacula-*.conf", "bareos-*.conf", "bconsole.conf", "bat.conf", "bareos/*/*/*.conf", "bareos/bconsole.conf", "tray-monitor.conf"},
			read: settings(blocks(blockStyle{}), about{host: "Address|Name"},
				pick{at: "**/Password|DbPassword|SMTPPassword|PKIMasterKeyPassword", open: baculaPassword}, pick{at: "**/dbpassword"}),
		}, {
			ID: "amanda", Title: "Amanda SMB passwords", Documentation: "https://wiki.zmanda.com/man/amanda-auth.7.html",
			names: []string{"amandapass", ".am_passphrase", ".am_passphrase*"}, read: amandaPasswords,
		}, {
			ID: "backupninja", Title: "backupninja actions", Documentation: "https://0xacab.org/liberate/backupninja",
			names: []string{"backup.d/*.dup", "backup.d/*.borg", "backup.d/*.restic", "backup.d/*.mysql", "backup.d/*.rdiff"},
			read:  settings(ini(iniStyle{comments: "#"}), about{user: "destuser|dbusername", host: "desthost"}, pick{at: "*/password|signpassword|passphrase|awssecretaccesskey|ftp_password|dbpassword|b2_account_key"}),
		},
	}
}

// wholeFileUnlessJSON is for Kopia's cached password, which is base64.
func wholeFileUnlessJSON(f *file) error {
	from, to := trimmed(f.text, 0, len(f.text))
	v := f.text[from:to]
	plain, ok := decodeBase64(v)
	if !ok || !isText([]byte(plain)) {
		return errFormat
	}
	f.add(span{from, to - from}, Credential{Value: plain, Name: "repository password"})
	return nil
}

// baculaPassword takes Bareos' "[md5]…" form, and templates away.
func baculaPassword(v string) []part {
	if len(v) > 4 && v[:2] == "XX" || len(v) > 2 && v[0] == '@' {
		return nil
	}
	return []part{whole(v)}
}

// amandaPasswords reads "//host/share user%password domain"; the other file is a
// passphrase alone.
func amandaPasswords(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	shares := 0
	f.lines(func(l line) {
		words := blankFields(l, "#")
		if len(words) < 2 || len(words[0].text) < 2 || words[0].text[:2] != "//" {
			return
		}
		shares++
		for i := range len(words[1].text) {
			if words[1].text[i] == '%' {
				f.addPart(words[1], part{value: words[1].text[i+1:], user: words[1].text[:i], host: words[0].text}, "share", false)
				return
			}
		}
	})
	if shares == 0 {
		return firstLine("passphrase", Certain)(f)
	}
	return nil
}
