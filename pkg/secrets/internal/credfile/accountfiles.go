package credfile

import "strings"

func accountFormats() []Format {
	return []Format{
		{
			ID: "shadow", Title: "Unix password hashes", Documentation: "https://man7.org/linux/man-pages/man5/shadow.5.html",
			names: []string{"etc/shadow", "etc/shadow-", "etc/gshadow", "etc/gshadow-", "master.passwd", "shadow.bak", "security/passwd", "extrausers/shadow", "?shadow"}, head: containing("root:", ":::"),
			read: func(f *file) error { return unixAccounts(f, 5) },
		}, {
			ID: "passwd", Title: "Unix accounts", Documentation: "https://man7.org/linux/man-pages/man5/passwd.5.html",
			names: []string{"etc/passwd", "etc/passwd-", "extrausers/passwd", "passwd.bak"}, read: func(f *file) error { return unixAccounts(f, 7) },
		}, {
			ID: "opasswd", Title: "Old passwords", Documentation: "https://man7.org/linux/man-pages/man8/pam_pwhistory.8.html",
			names: []string{"security/opasswd"}, read: oldPasswords,
		}, {
			ID: "grub", Title: "GRUB password", Documentation: "https://www.gnu.org/software/grub/manual/grub/grub.html#Security",
			names: []string{"grub.cfg", "grub.conf", "menu.lst", "user.cfg", "grub.d/*", "custom.cfg"}, read: grub,
		}, {
			ID: "boot-loader", Title: "Boot loader passwords", Documentation: "https://wiki.syslinux.org/wiki/index.php?title=Menu",
			names: []string{"syslinux.cfg", "isolinux.cfg", "extlinux.conf", "lilo.conf", "pxelinux.cfg/*"},
			read:  settings(wordPairs(pairStyle{equals: true}), about{}, pick{at: "password"}, pick{at: "passwd", confidence: Likely}),
		}, {
			ID: "crypttab-key", Title: "Disk encryption keys", Documentation: "https://man7.org/linux/man-pages/man5/crypttab.5.html",
			names: []string{"cryptsetup-keys.d/*.key", "etc/keyfile", "crypto_keyfile.bin", "luks.key", "luks-keyfile"}, read: storePresent("disk encryption key", "used as it is"),
		}, {
			ID: "iscsi", Title: "iSCSI secrets", Documentation: "https://manpages.debian.org/stable/open-iscsi/iscsid.8.en.html",
			names: []string{"iscsid.conf", "iscsi/nodes/*/*/*", "tgt/conf.d/*.conf"},
			read:  both(settings(ini(iniStyle{comments: "#"}), about{user: "node.session.auth.username"}, pick{at: "*/*.auth.password|*.auth.password_in|discovery.sendtargets.auth.password*"}), targetSecrets),
		}, {
			ID: "fstab", Title: "Mount options with passwords", Documentation: "https://man7.org/linux/man-pages/man5/fstab.5.html",
			names: []string{"etc/fstab", "auto.master", "auto.*", "etc/mtab"}, read: mountOptions,
		}, {
			ID: "tacacs", Title: "TACACS+ and RADIUS client secrets", Documentation: "https://manpages.debian.org/stable/libpam-radius-auth/",
			names: []string{"tac_plus.conf", "tacplus_servers", "pam_radius_auth.conf", "radiusclient/servers", "raddb/server", "radcli/servers"}, read: radiusClients,
		}, {
			ID: "webmin", Title: "Webmin accounts", Documentation: "https://webmin.com/docs/",
			names: []string{"webmin/miniserv.users", "usermin/miniserv.users"}, read: accounts{divider: ':', secret: 1, least: 2, crypt: true, hashed: true}.read,
		}, {
			ID: "cups", Title: "CUPS accounts and printers", Documentation: "https://www.cups.org/doc/man-cupsd.conf.html",
			names: []string{"cups/printers.conf", "cups/passwd.md5"}, read: both(urlsInText, accounts{divider: ':', secret: 2, least: 3, realm: 1, kind: hashDigest}.read),
		}, {
			ID: "nagios", Title: "Nagios resources", Documentation: "https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/macros.html",
			names: []string{"nagios*/resource.cfg", "icinga*/resource.cfg", "nagios/private/resource.cfg", "nrpe.cfg", "nsclient.ini", "nsca.cfg", "send_nsca.cfg"},
			read:  settings(ini(iniStyle{comments: "#;"}), about{}, pick{at: "*/password|decryption_password"}, pick{at: "*/$user*", named: nagiosPasswordMacro, confidence: Unsure}),
		}, {
			ID: "icinga2", Title: "Icinga 2 API users", Documentation: "https://icinga.com/docs/icinga-2/latest/doc/12-icinga2-api/",
			names: []string{"icinga2/*.conf", "icinga2/*/*.conf"},
			read:  settings(hclCode, about{user: "user", host: "host"}, pick{at: "**/password|ticket_salt|TicketSalt"}),
		},
	}
}

// nagiosPasswordMacro leaves $USER1$ out, which is a path on every system.
func nagiosPasswordMacro(name string) bool { return !strings.EqualFold(name, "$USER1$") }

// unixAccounts reads name:hash:… lines. A blank field is a login without a password.
func unixAccounts(f *file, columns int) error {
	if f.binaryText() {
		return errFormat
	}
	group := strings.Contains(f.path, "gshadow")
	good, bad := 0, 0
	f.lines(func(l line) {
		if strings.TrimSpace(l.text) == "" || strings.HasPrefix(l.text, "#") || strings.HasPrefix(l.text, "+") {
			return
		}
		all := fields(l, ':', 0, 12)
		if len(all) < min(columns, 4) || all[0].text == "" || strings.ContainsAny(all[0].text, " \t/") {
			bad++
			return
		}
		good++
		w := all[1]
		c := Credential{Name: all[0].text, User: all[0].text}
		switch {
		case w.text == "" && group: // no password is how groups are
		case w.text == "":
			c.Weak, c.Comment = WeakBlank, "no password is asked for"
			f.keep(w.at, c)
		default:
			// "!" before a hash locks the account; the hash stays.
			c.Value = strings.TrimLeft(w.text, "!*")
			if c.Value != w.text {
				c.Comment = "the account is locked"
			}
			if c.Hash = cryptKind(c.Value); c.Hash != "" {
				f.add(span{w.at.offset + len(w.text) - len(c.Value), len(c.Value)}, c)
			}
		}
	})
	if good == 0 && bad > 0 {
		return errFormat
	}
	return nil
}

// oldPasswords reads name:uid:count:hash,hash,…
func oldPasswords(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		columns := fields(l, ':', 0, 4)
		if len(columns) != 4 {
			return
		}
		for _, w := range fields(line{columns[3].text, columns[3].at.offset}, ',', 0, 400) {
			if kind := cryptKind(w.text); kind != "" {
				f.add(w.at, Credential{Value: w.text, Name: columns[0].text, User: columns[0].text, Hash: kind, Comment: "an earlier password"})
			}
		}
	})
	return nil
}

// grub reads "password user secret", "password --md5 hash", "password_pbkdf2 user
// hash" and GRUB2_PASSWORD=hash.
func grub(f *file) error {
	return directives(f, func(words []word, commented bool) {
		last := words[len(words)-1]
		switch name := words[0].text; {
		case strings.HasPrefix(name, "GRUB2_PASSWORD="):
			v := strings.TrimPrefix(name, "GRUB2_PASSWORD=")
			f.addPart(words[0], part{value: v}, "GRUB2_PASSWORD", commented)
		case len(words) < 2 || len(words) > 4:
		case name == "password_pbkdf2" && len(words) == 3:
			f.addPart(last, part{value: last.text, user: words[1].text}, name, commented)
		case name == "password" && len(words) == 3 && strings.HasPrefix(words[1].text, "--"):
			f.addPart(last, part{value: last.text}, name, commented)
		case name == "password" && len(words) == 3:
			f.addPart(last, part{value: last.text, user: words[1].text}, name, commented)
		case name == "password" && len(words) == 2:
			f.addPart(last, part{value: last.text}, name, commented)
		}
	})
}

// targetSecrets reads "incominguser name secret" of the tgt daemon.
func targetSecrets(f *file) error {
	return directives(f, func(words []word, commented bool) {
		if len(words) == 3 && (words[0].text == "incominguser" || words[0].text == "outgoinguser") {
			f.addPart(words[2], part{value: words[2].text, user: words[1].text}, words[0].text, commented)
		}
	})
}

// mountOptions reads password= among the options of a mount.
func mountOptions(f *file) error {
	return directives(f, func(words []word, commented bool) {
		if len(words) < 3 {
			return
		}
		user := ""
		for _, w := range words[1:] {
			for _, option := range fields(line{w.text, w.at.offset}, ',', 0, 64) {
				name, value, ok := strings.Cut(option.text, "=")
				switch {
				case !ok:
				case name == "user" || name == "username":
					user = value
				case name == "password" || name == "pass" || name == "passwd":
					f.addPart(option, part{value: value, user: user, host: words[0].text}, name, commented)
				}
			}
		}
	})
}

// radiusClients reads "server secret timeout", and secret= options.
func radiusClients(f *file) error {
	_, base := cutLast(strings.ToLower(f.path))
	return directives(f, func(words []word, commented bool) {
		for i, w := range words {
			name, value, ok := strings.Cut(w.text, "=")
			if ok && (name == "secret" || name == "key") && value != "" {
				f.addPart(w, part{value: strings.Trim(value, `"`)}, name, commented)
				return
			}
			if (name == "key" || name == "secret") && i+2 < len(words) && words[i+1].text == "=" {
				f.addPart(words[i+2], part{value: words[i+2].text}, name, commented)
				return
			}
		}
		if strings.HasPrefix(base, "pam_radius") || base == "server" || base == "servers" {
			if len(words) >= 2 && len(words) <= 3 && !commented {
				f.addPart(words[1], part{value: words[1].text, host: words[0].text}, "secret", commented)
			}
		}
	})
}
