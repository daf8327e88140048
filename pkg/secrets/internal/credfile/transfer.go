package credfile

import (
	"strings"
)

func transferFormats() []Format {
	return []Format{
		{
			ID: "netrc", Title: "netrc and authinfo", Documentation: "https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html",
			names: []string{".netrc", "_netrc", "netrc", ".authinfo"}, read: netrc,
		}, {
			ID: "filezilla", Title: "FileZilla sites", Documentation: "https://wiki.filezilla-project.org/Configuration_file",
			names: []string{"sitemanager.xml", "recentservers.xml", "filezilla.xml", "filezilla server.xml"}, read: filezilla,
		}, {
			ID: "winscp", Title: "WinSCP sessions", Documentation: "https://winscp.net/eng/docs/security_credentials",
			names: []string{"winscp.ini"}, read: winSCP,
		}, {
			ID: "ncftp-bookmarks", Title: "NcFTP bookmarks", Documentation: "https://www.ncftp.com/ncftp/doc/ncftpbookmarks.html",
			names: []string{".ncftp/bookmarks"}, read: ncftpBookmarks,
		}, {
			ID: "lftp-bookmarks", Title: "lftp bookmarks", Documentation: "https://lftp.yar.ru/lftp-man.html",
			names: []string{".lftp/bookmarks", "lftp/bookmarks", ".lftprc", "lftp/rc", "lftp.conf"}, read: lftp,
		}, {
			ID: "ftp-passwd", Title: "FTP server accounts", Documentation: "https://www.proftpd.org/docs/utils/ftpasswd.html",
			names: []string{"ftpd.passwd", "proftpd/passwd", "proftpd.passwd", "pureftpd.passwd", "vsftpd.passwd", "ftpd.group", "vsftpd/passwd"},
			read:  accounts{divider: ':', secret: 1, least: 2, crypt: true, hashed: true}.read,
		}, {
			ID: "vsftpd-virtual-users", Title: "vsftpd virtual users", Documentation: "https://security.appspot.com/vsftpd/vsftpd_conf.html",
			names: []string{"vsftpd/virtual_users.txt", "vsftpd/vusers.txt", "virtual_users.txt", "vsftpd/login.txt", "vsftpd/logins.txt"}, read: alternatingLines,
		}, {
			ID: "curlrc", Title: "curl and wget configuration", Documentation: "https://curl.se/docs/manpage.html#-K",
			names: []string{".curlrc", "_curlrc", ".wgetrc", "wgetrc"}, read: curlConfiguration,
		}, {
			ID: "rsync-secrets", Title: "rsync daemon secrets", Documentation: "https://download.samba.org/pub/rsync/rsyncd.conf.5",
			names: []string{"rsyncd.secrets", "rsyncd.scrt", "rsync.secrets"}, read: accounts{divider: ':', secret: 1, least: 2}.read,
		}, {
			ID: "davfs-secrets", Title: "davfs2 secrets", Documentation: "https://manpages.debian.org/stable/davfs2/davfs2.conf.5.en.html",
			names: []string{"davfs2/secrets", ".davfs2/secrets"}, read: accounts{user: 1, secret: 2, least: 3}.read,
		}, {
			ID: "smb-credentials", Title: "CIFS mount credentials", Documentation: "https://manpages.debian.org/stable/cifs-utils/mount.cifs.8.en.html",
			names: []string{".smbcredentials", "smbcredentials", ".cifscredentials", "cifscredentials", ".smbcreds", ".smb-credentials", "smb-credentials", "cifs.creds", "?*.smb", "?*.cred", "?*.creds"},
			head:  containing("username=", "username ="),
			read:  settings(ini(iniStyle{comments: "#"}), about{user: "username|user", host: "domain"}, pick{at: "*/password|pass"}),
		}, {
			ID: "putty-key", Title: "PuTTY private key", Documentation: "https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html",
			names: []string{"*.ppk"}, read: puttyKey,
		}, {
			ID: "remmina", Title: "Remmina connections", Documentation: "https://gitlab.com/Remmina/Remmina/-/wikis/home",
			names: []string{"*.remmina"},
			read: settings(ini(iniStyle{}), about{user: "username", host: "server"},
				pick{at: "remmina/password|*_password|*_passphrase", encrypted: true, comment: "encrypted with the key in remmina.prefs"}),
		}, {
			ID: "remmina-prefs", Title: "Remmina preferences", Documentation: "https://gitlab.com/Remmina/Remmina/-/wikis/home",
			names: []string{"remmina.pref", "remmina.prefs"},
			read:  settings(ini(iniStyle{}), about{}, pick{at: "remmina_pref/secret", comment: "opens the passwords of all connections"}),
		},
	}
}

// netrc reads machine, login, account and password in any order over any lines.
// Macros run from macdef to an empty line.
func netrc(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	n := netrcReader{f: f}
	f.lines(func(l line) {
		if n.macro {
			n.macro = strings.TrimSpace(l.text) != ""
			return
		}
		if body, commented := l.uncomment("#"); commented {
			words := blankFields(body, "")
			if len(words) >= 4 && (words[0].text == "machine" || words[0].text == "default") {
				inner := netrcReader{f: f, commented: true}
				inner.line(words)
				inner.flush()
			}
			return
		}
		n.line(blankFields(l, ""))
	})
	n.flush()
	if !n.seen {
		return errFormat
	}
	return nil
}

type netrcReader struct {
	f                *file
	keyword          string
	host, user       string
	secrets          []word
	macro, commented bool
	seen             bool
}

func (n *netrcReader) line(words []word) {
	for _, w := range words {
		if n.keyword != "" {
			switch n.keyword {
			case "machine":
				n.host = w.text
			case "login", "user":
				n.user = w.text
			case "password", "passwd":
				n.secrets = append(n.secrets, w)
			}
			n.keyword = ""
			continue
		}
		switch w.text {
		case "machine":
			n.flush()
			n.keyword, n.seen = w.text, true
		case "default":
			n.flush()
			n.host, n.seen = "default", true
		case "macdef":
			n.macro = true
			return
		case "login", "user", "password", "passwd", "account", "port":
			n.keyword = w.text
		default:
			if strings.HasPrefix(w.text, "#") {
				return
			}
		}
	}
}

func (n *netrcReader) flush() {
	for _, w := range n.secrets {
		c := Credential{Value: w.text, Name: "machine " + n.host, Host: n.host, User: n.user}
		if n.host == "default" {
			c.Name = "default"
		}
		if n.commented {
			n.f.addCommented(w.at, c)
		} else if n.seen {
			n.f.add(w.at, c)
		}
	}
	n.host, n.user, n.secrets = "", "", n.secrets[:0]
}

// filezilla reads passwords in clear or in base64, as the attribute says.
func filezilla(f *file) error {
	encodings := map[int]string{} // by where the password stands
	var last string
	grammar := func(f *file, emit func(setting)) error {
		return xmlText(f, func(s setting) {
			switch {
			case strings.EqualFold(s.keys[len(s.keys)-1], "@encoding"):
				last = s.value
			case strings.EqualFold(s.keys[len(s.keys)-1], "pass") && !s.commented:
				encodings[s.at.offset] = last
				last = ""
			}
			emit(s)
		})
	}
	open := func(v string) []part { return []part{whole(v)} }
	if err := settings(grammar, about{user: "User", host: "Host"}, pick{at: "**/Pass", open: open}, pick{at: "**/=Pass", hash: hashMD5})(f); err != nil {
		return err
	}
	kept := f.found[:0]
	for _, c := range f.found {
		switch encodings[c.Offset-f.base] {
		case "base64":
			if plain, ok := decodeBase64(c.Value); ok {
				c.Value = plain
			}
			c.Weak = ""
			if isReference(c.Value) {
				continue
			}
			if isCommonPassword(c.Value) {
				c.Weak = WeakCommon
			}
		case "crypt":
			c.Encrypted, c.Comment = true, "encrypted with a master password"
		}
		kept = append(kept, c)
	}
	f.found = kept
	return nil
}

// ncftpBookmarks reads lines of fields divided by commas; the fourth is the
// password, in base64 behind a mark.
func ncftpBookmarks(f *file) error {
	if !strings.HasPrefix(f.text, "NcFTP bookmark-file") {
		return errFormat
	}
	f.lines(func(l line) {
		columns := fields(l, ',', '\\', 6)
		if len(columns) < 6 || columns[3].text == "" {
			return
		}
		w := columns[3]
		c := Credential{Value: w.text, Name: columns[0].text, Host: columns[1].text, User: columns[2].text}
		if encoded, ok := strings.CutPrefix(w.text, "*encoded*"); ok {
			if plain, ok := decodeBase64(encoded); ok {
				c.Value = strings.TrimRight(plain, "\x00")
			}
		}
		f.add(f.literal(w), c)
	})
	return nil
}

// lftp reads URLs with passwords and "-u user,password" or "user name password".
func lftp(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		words := shellWords(body)
		for i, w := range words {
			for _, p := range urlPassword(w.text) {
				f.addPart(w, p, "bookmark", commented)
			}
			if w.text == "-u" && i+1 < len(words) {
				if user, password, ok := strings.Cut(words[i+1].text, ","); ok && password != "" {
					f.addPart(words[i+1], part{value: password, user: user}, "open -u", commented)
				}
			}
		}
		if len(words) == 3 && words[0].text == "user" {
			f.addPart(words[2], part{value: words[2].text, user: words[1].text}, "user", commented)
		}
	})
	return nil
}

// addPart keeps a secret that is a part of a word. Without from and to it is looked for
// in the word.
func (f *file) addPart(w word, p part, name string, commented bool) {
	c := Credential{Value: p.value, Name: name, User: p.user, Host: p.host, Comment: p.comment, Confidence: p.confidence}
	at := f.literalIn(w, p.value)
	if p.to > p.from && f.text[w.at.offset:w.at.end()] == w.text {
		at = span{w.at.offset + p.from, p.to - p.from}
	}
	f.addEither(at, c, commented)
}

// alternatingLines reads a user and a password in turns.
func alternatingLines(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	user := ""
	f.lines(func(l line) {
		from, to := trimmed(l.text, 0, len(l.text))
		switch {
		case from == to:
		case user == "":
			user = l.text[from:to]
		default:
			f.add(l.part(from, to), Credential{Value: l.text[from:to], Name: user, User: user, Confidence: Likely})
			user = ""
		}
	})
	return nil
}
