package credfile

import "strings"

func proxyFormats() []Format {
	return []Format{
		{
			ID: "squid-passwd", Title: "Squid passwords", Documentation: "https://wiki.squid-cache.org/ConfigExamples/Authenticate/Ncsa",
			names: []string{"squid/passwd", "squid/passwords", "squid/squid_passwd", "squid_passwd", "squid3/passwd"},
			read:  accounts{divider: ':', secret: 1, least: 2, crypt: true}.read,
		}, {
			ID: "squid-conf", Title: "Squid configuration", Documentation: "https://www.squid-cache.org/Doc/config/cache_peer/",
			names: []string{"squid.conf", "squid/conf.d/*.conf"},
			read: settings(wordPairs(pairStyle{equals: true}), about{}, pick{at: "login", open: userPassword},
				pick{at: "-w", open: plainValue, confidence: Likely}, pick{at: "cachemgr_passwd", open: unlessPrefix("disable")}),
		}, {
			ID: "haproxy", Title: "HAProxy user lists", Documentation: "https://docs.haproxy.org/3.0/configuration.html#12.2",
			names: []string{"haproxy.cfg", "haproxy/*.cfg"},
			read: settings(wordPairs(pairStyle{}), about{user: "user"}, pick{at: "password"}, pick{at: "insecure-password"},
				pick{at: "auth", open: userPassword}),
		}, {
			ID: "stunnel-psk", Title: "stunnel keys", Documentation: "https://www.stunnel.org/static/stunnel.html",
			names: []string{"stunnel/psk.txt", "psk.txt", "stunnel/psk*", "stunnel/*.psk", "zabbix_agentd.psk", "*.psk"}, read: stunnelPSK,
		}, {
			ID: "coturn", Title: "coturn server", Documentation: "https://github.com/coturn/coturn/wiki/turnserver",
			names: []string{"turnserver.conf", "coturn.conf", "turnuserdb.conf"},
			read: settings(ini(iniStyle{comments: "#", quotes: `"'`}), about{host: "realm"},
				pick{at: "*/user", open: userPassword}, pick{at: "*/static-auth-secret|cli-password|pkey-pwd|redis-password"},
				pick{at: "*/psql-userdb|mysql-userdb|redis-userdb|redis-statsdb", open: connection}),
		}, {
			ID: "proxychains", Title: "proxychains configuration", Documentation: "https://github.com/rofl0r/proxychains-ng",
			names: []string{"proxychains.conf", "proxychains4.conf"}, read: proxyChains,
		}, {
			ID: "cntlm", Title: "Cntlm configuration", Documentation: "https://cntlm.sourceforge.net/",
			names: []string{"cntlm.conf", "cntlm.ini"}, read: cntlm,
		}, {
			ID: "tinyproxy", Title: "Tinyproxy configuration", Documentation: "https://tinyproxy.github.io/",
			names: []string{"tinyproxy.conf"}, read: tinyproxy,
		}, {
			ID: "shadowsocks", Title: "Shadowsocks, V2Ray and Xray configuration", Documentation: "https://shadowsocks.org/doc/configs.html",
			names: []string{"shadowsocks.json", "ss-config.json", "shadowsocks-libev/config.json", "shadowsocks*/config.json", "v2ray/config.json", "xray/config.json", "trojan/config.json", "trojan*/config.json"},
			read: settings(jsonText, about{host: "server|address", user: "email|user"}, pick{at: "**/password|pass|passwd"}, pick{at: "**/port_password/*"},
				pick{at: "**/clients|users/[]/id"}, pick{at: "**/privateKey|secretKey"}, pick{at: "password/[]"}),
		}, {
			ID: "keepalived", Title: "keepalived configuration", Documentation: "https://www.keepalived.org/manpage.html",
			names: []string{"keepalived.conf", "keepalived/*.conf"}, read: settings(blocks(blockStyle{line: []string{"#", "!"}}), about{}, pick{at: "**/authentication/auth_pass"}),
		}, {
			ID: "bind-key", Title: "BIND and DHCP keys", Documentation: "https://bind9.readthedocs.io/en/stable/reference.html",
			names: []string{"rndc.key", "rndc.conf", "named.conf", "named.conf.*", "bind/*.key", "dhcpd.conf", "ddns-keys/*", "bind.keys"},
			read:  settings(blocks(blockStyle{line: []string{"//", "#"}, slashes: true}), about{}, pick{at: "**/key*/secret"}, pick{at: "**/omapi-key|secret"}),
		}, {
			ID: "snmp", Title: "SNMP communities and users", Documentation: "http://www.net-snmp.org/docs/man/snmpd.conf.html",
			names: []string{"snmpd.conf", "snmp.conf", "snmptrapd.conf", "snmptt.ini"}, read: snmp,
		}, {
			ID: "ldap-bind", Title: "LDAP client passwords", Documentation: "https://manpages.debian.org/stable/libnss-ldapd/nslcd.conf.5.en.html",
			names: []string{"nslcd.conf", "ldap.conf", "libnss-ldap.conf", "pam_ldap.conf", "nss_ldap.conf", "sudo-ldap.conf", "slapd.conf", "smbldap_bind.conf", "smbldap.conf"},
			read: settings(wordPairs(pairStyle{equals: true}), about{user: "binddn|rootdn|masterDN", host: "uri|host"},
				pick{at: "bindpw|rootpw|rootpwmodpw|sasl_authc_pw|masterPw|slavePw"}, pick{at: "credentials"}),
		}, {
			ID: "ldap-secret", Title: "LDAP administrator's password", Documentation: "https://manpages.debian.org/stable/libpam-ldap/pam_ldap.5.en.html",
			names: []string{"ldap.secret", "libnss-ldap.secret", "pam_ldap.secret", "ldapscripts.passwd"}, read: firstLine("administrator's password", Certain),
		}, {
			ID: "sssd", Title: "SSSD configuration", Documentation: "https://man.archlinux.org/man/sssd-ldap.5",
			names: []string{"sssd.conf", "sssd/conf.d/*.conf"},
			read:  settings(ini(iniStyle{}), about{user: "ldap_default_bind_dn", host: "ldap_uri"}, pick{at: "*/ldap_default_authtok|proxy_password|simple_password|idp_client_secret"}),
		}, {
			ID: "ldif", Title: "LDAP entries", Documentation: "https://www.rfc-editor.org/rfc/rfc2849",
			names: []string{"*.ldif"}, read: ldif,
		},
	}
}

// stunnelPSK reads "identity:key".
func stunnelPSK(f *file) error {
	from, to := trimmed(f.text, 0, len(f.text))
	if v := f.text[from:to]; hexWord(32, 64, 128)(v) { // Zabbix: the key alone
		f.add(span{from, to - from}, Credential{Value: v, Name: "pre-shared key"})
		return nil
	}
	return accounts{divider: ':', secret: 1, least: 2, comments: "#;"}.read(f)
}

// proxyChains reads "type host port user password".
func proxyChains(f *file) error {
	return directives(f, func(words []word, commented bool) {
		switch {
		case len(words) != 5:
		case words[0].text == "http" || words[0].text == "socks4" || words[0].text == "socks5":
			f.addPart(words[4], part{value: words[4].text, user: words[3].text, host: words[1].text}, "proxy", commented)
		}
	})
}

// cntlm reads a password or the hashes that stand for one.
func cntlm(f *file) error {
	return directives(f, func(words []word, commented bool) {
		if len(words) != 2 {
			return
		}
		switch words[0].text {
		case "Password":
			f.addPart(words[1], part{value: words[1].text}, "Password", commented)
		case "PassLM", "PassNT", "PassNTLMv2":
			if len(words[1].text) == 32 && isHex(words[1].text) {
				c := Credential{Value: words[1].text, Name: words[0].text, Comment: "can be used in place of the password"}
				if words[0].text == "PassNT" {
					c.Hash = hashNT
				}
				f.addEither(words[1].at, c, commented)
			}
		}
	})
}

// tinyproxy reads BasicAuth and upstream proxies with passwords.
func tinyproxy(f *file) error {
	return directives(f, func(words []word, commented bool) {
		switch {
		case len(words) == 3 && strings.EqualFold(words[0].text, "BasicAuth"):
			f.addPart(words[2], part{value: words[2].text, user: words[1].text}, "BasicAuth", commented)
		case len(words) >= 3 && strings.EqualFold(words[0].text, "Upstream"):
			for _, p := range urlPassword("x://" + words[2].text) {
				f.addPart(words[2], part{value: p.value, user: p.user, host: p.host}, "Upstream", commented)
			}
		}
	})
}

// snmp reads communities and the passphrases of SNMPv3 users.
func snmp(f *file) error {
	return directives(f, func(words []word, commented bool) {
		if len(words) < 2 {
			return
		}
		switch name := words[0].text; strings.ToLower(name) {
		case "rocommunity", "rwcommunity", "rocommunity6", "rwcommunity6", "trapcommunity", "defcommunity":
			p := part{value: words[1].text}
			if p.value == "public" || p.value == "private" {
				p.confidence = Likely
			}
			f.addPart(words[1], p, name, commented)
		case "com2sec", "com2sec6":
			if len(words) == 4 {
				f.addPart(words[3], part{value: words[3].text, host: words[2].text}, name, commented)
			}
		case "createuser":
			for i := 2; i+1 < len(words); i++ {
				switch strings.ToUpper(words[i].text) {
				case "MD5", "SHA", "SHA-256", "SHA-512", "DES", "AES", "AES-256":
					f.addPart(words[i+1], part{value: words[i+1].text, user: words[1].text}, name+" "+words[i].text, commented)
					i++
				}
			}
		case "defauthpassphrase", "defprivpassphrase", "defpassphrase":
			f.addPart(words[1], part{value: words[1].text}, name, commented)
		}
	})
}

// ldif reads userPassword and the like; a value behind "::" is in base64.
func ldif(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	dn := ""
	f.lines(func(l line) {
		name, value, ok := strings.Cut(l.text, ":")
		if !ok {
			return
		}
		encoded := strings.HasPrefix(value, ":")
		value = strings.TrimLeft(value, ": ")
		at := l.part(len(l.text)-len(value), len(l.text))
		switch strings.ToLower(name) {
		case "dn":
			dn = value
		case "userpassword", "olcrootpw", "sambantpassword", "unicodepwd", "krbprincipalkey":
			c := Credential{Value: value, Name: name, User: dn}
			if encoded {
				if plain, ok := decodeBase64(value); ok {
					c.Value = plain
				}
			}
			if strings.EqualFold(name, "sambaNTPassword") {
				c.Hash = hashNT
			}
			f.add(at, c)
		}
	})
	return nil
}
