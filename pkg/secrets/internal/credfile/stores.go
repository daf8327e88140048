package credfile

func storeFormats() []Format {
	const sqlite = "SQLite format 3\x00"
	return []Format{
		{
			ID: "firefox-logins", Title: "Firefox and Thunderbird logins", Documentation: "https://support.mozilla.org/en-US/kb/profiles-where-firefox-stores-user-data",
			names: []string{"logins.json", "logins-backup.json", "signons.sqlite", "key4.db", "key3.db"}, read: firefox,
		}, {
			ID: "chromium-logins", Title: "Chromium logins", Documentation: "https://chromium.googlesource.com/chromium/src/+/main/docs/user_data_dir.md",
			names: []string{"login data", "login data for account", "default/web data", "default/cookies", "network/cookies"},
			read:  storePresent("browser's logins", "encrypted for the account; not opened", sqlite),
		}, {
			ID: "gnome-keyring", Title: "GNOME keyring", Documentation: "https://gitlab.gnome.org/GNOME/gnome-keyring/-/blob/main/docs/file-format.txt",
			names: []string{"*.keyring", "user.keystore"}, read: gnomeKeyring,
		}, {
			ID: "kwallet", Title: "KDE wallet", Documentation: "https://invent.kde.org/frameworks/kwallet",
			names: []string{"*.kwl"}, read: storePresent("KDE wallet", "not opened", "KWALLET\n\r\x00\r\n"),
		}, {
			ID: "macos-keychain", Title: "macOS keychain", Documentation: "https://developer.apple.com/documentation/security/keychain-services",
			names: []string{"*.keychain", "*.keychain-db"}, read: storePresent("keychain", "not opened", "kych", sqlite),
		}, {
			ID: "keepass", Title: "KeePass database", Documentation: "https://keepass.info/help/kb/kdbx.html",
			names: []string{"*.kdbx", "*.kdb"}, read: keepass,
		}, {
			ID: "password-store", Title: "Password managers", Documentation: "https://www.passwordstore.org/",
			names: []string{".password-store/*.gpg", ".password-store/*/*.gpg", "*.1pif", "*.agilekeychain", "*.opvault", "*.psafe3", "*.enpassdb"},
			read:  storePresent("password store", "not opened"),
		}, {
			ID: "password-export", Title: "Exported passwords", Documentation: "https://bitwarden.com/help/export-your-data/",
			names: []string{"bitwarden_export*.json", "bitwarden_export*.csv", "lastpass_export.csv", "*passwords.csv", "*chrome passwords.csv", "1password*.csv", "keepass*.csv"}, read: passwordExport,
		}, {
			ID: "krb5-keytab", Title: "Kerberos key table", Documentation: "https://web.mit.edu/kerberos/krb5-latest/doc/formats/keytab_file_format.html",
			names: []string{"*.keytab", "*.ktab", "krb5.keytab*"}, read: keytab,
		}, {
			ID: "krb5-ccache", Title: "Kerberos credential cache", Documentation: "https://web.mit.edu/kerberos/krb5-latest/doc/formats/ccache_file_format.html",
			names: []string{"krb5cc_*", "*.ccache"}, read: storePresent("Kerberos tickets", "until they expire", "\x05\x04", "\x05\x03"),
		}, {
			ID: "krb5-stash", Title: "Kerberos master key", Documentation: "https://web.mit.edu/kerberos/krb5-latest/doc/basic/stash_file_def.html",
			names: []string{".k5.*", "krb5kdc/stash", ".k5stash"}, read: storePresent("master key of a Kerberos realm", "opens the whole realm"),
		}, {
			ID: "vnc-passwd", Title: "VNC password", Documentation: "https://www.realvnc.com/en/connect/docs/unix-vncpasswd.html",
			names: []string{".vnc/passwd", "vnc/passwd", "vncpasswd", ".vncpasswd", "tigervnc/passwd", "*.vncpasswd", ".x11vnc/passwd"}, read: vncPassword,
		}, {
			ID: "vnc-configuration", Title: "VNC configuration", Documentation: "https://uvnc.com/docs/",
			names: []string{"ultravnc.ini", "*.vnc", "tightvnc.ini", "x11vnc.passwd"},
			read: settings(ini(iniStyle{comments: ";#"}), about{host: "host"}, pick{at: "*/passwd|passwd2|password|viewonlypassword", open: revealVNC},
				pick{at: "*/passwd|passwd2|password", confidence: Unsure, encrypted: true, comment: "could not be opened"}),
		}, {
			ID: "coin-wallet", Title: "Wallets of coins", Documentation: "https://github.com/bitcoin/bitcoin/blob/master/doc/files.md",
			names: []string{"wallet.dat", "keystore/utc--*", "utc--*", "bitcoin.conf", "litecoin.conf", "dogecoin.conf"}, read: coins,
		}, {
			ID: "gnupg-store", Title: "GnuPG private keys", Documentation: "https://www.gnupg.org/documentation/manuals/gnupg/GPG-Configuration.html",
			names: []string{"private-keys-v1.d/*.key", "secring.gpg"}, read: gnupg,
		}, {
			ID: "google-authenticator", Title: "Google Authenticator secret", Documentation: "https://github.com/google/google-authenticator-libpam",
			names: []string{".google_authenticator"}, read: authenticator,
		}, {
			ID: "telegram-session", Title: "Sessions of chats", Documentation: "https://docs.telethon.dev/en/stable/concepts/sessions.html",
			names: []string{"tdata/key_datas", "*.session"}, read: storePresent("session of a chat account", "works without a password", sqlite, "TDF$"),
		},
	}
}
