package credfile

import "strings"

func gitFormats() []Format {
	return []Format{
		{
			ID: "git-credentials", Title: "git credential store", Documentation: "https://git-scm.com/docs/git-credential-store",
			names: []string{".git-credentials", "git-credentials", "git/credentials"}, read: gitCredentials,
		}, {
			ID: "git-config", Title: "git configuration", Documentation: "https://git-scm.com/docs/git-config",
			names: []string{".gitconfig", ".git/config", "etc/gitconfig", "git/config", ".gitmodules", "gitconfig"},
			read: both(settings(ini(iniStyle{quotes: `"`, escapes: true, inline: "#;", backslash: true}), about{},
				pick{at: "*/url|pushurl|proxy|insteadOf|pushInsteadOf", open: urlToken}, pick{at: "*/extraheader", open: authorizationHeader},
				pick{at: "*/token|oauth-token|oauth2-token|password|smtpPass", open: unlessPrefix("!")}), gitSections),
		}, {
			ID: "gh-hosts", Title: "GitHub client", Documentation: "https://cli.github.com/manual/gh_auth_login",
			names: []string{"gh/hosts.yml", "gh/config.yml"}, read: settings(yamlText, about{user: "user"}, pick{at: "{host}/oauth_token"}, pick{at: "{host}/users/{user}/oauth_token"}),
		}, {
			ID: "hub", Title: "hub", Documentation: "https://hub.github.com/hub.1.html",
			names: []string{".config/hub"}, read: settings(yamlText, about{user: "user"}, pick{at: "{host}/[]/oauth_token"}),
		}, {
			ID: "glab", Title: "GitLab client", Documentation: "https://docs.gitlab.com/editor_extensions/gitlab_cli/",
			names: []string{"glab-cli/config.yml", "glab/config.yml", ".python-gitlab.cfg", "python-gitlab.cfg"},
			read: both(settings(yamlText, about{user: "user"}, pick{at: "hosts/{host}/token|job_token"}),
				settings(ini(iniStyle{}), about{host: "url"}, pick{at: "*/private_token|oauth_token|job_token|http_password"})),
		}, {
			ID: "tea", Title: "Gitea client", Documentation: "https://gitea.com/gitea/tea",
			names: []string{"tea/config.yml", ".tea/tea.yml"}, read: settings(yamlText, about{user: "user", host: "url"}, pick{at: "logins/[]/token|ssh_passphrase"}),
		}, {
			ID: "svn-auth", Title: "Subversion credentials", Documentation: "https://svnbook.red-bean.com/en/1.7/svn.serverconfig.netmodel.html",
			names: []string{".subversion/auth/svn.simple/*", "svn.simple/*"}, read: subversion,
		}, {
			ID: "svn-passwd", Title: "svnserve accounts", Documentation: "https://svnbook.red-bean.com/en/1.7/svn.serverconfig.svnserve.html",
			names: []string{"conf/passwd", "svn/passwd", "svnserve.passwd", "svn-passwd"}, read: settings(ini(iniStyle{comments: "#", needSection: true}), about{}, pick{at: "users/{user}"}),
		}, {
			ID: "hgrc", Title: "Mercurial configuration", Documentation: "https://www.mercurial-scm.org/doc/hgrc.5.html",
			names: []string{".hgrc", ".hg/hgrc", "mercurial.ini", "hgrc"},
			read:  settings(ini(iniStyle{}), about{}, pick{at: "auth/*.password"}, pick{at: "smtp|http_proxy/password|passwd"}, pick{at: "paths/*", open: urlPassword}),
		}, {
			ID: "cvspass", Title: "CVS passwords", Documentation: "https://www.gnu.org/software/trans-coord/manual/cvs/html_node/Password-authentication-client.html",
			names: []string{".cvspass"}, read: cvsPasswords,
		},
	}
}

// gitCredentials reads a URL a line.
func gitCredentials(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	good, bad := 0, 0
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		from, to := trimmed(body.text, 0, len(body.text))
		if from == to {
			return
		}
		w := word{text: body.text[from:to], at: body.part(from, to)}
		parts := urlPassword(w.text)
		if parts == nil && !commented {
			bad++
			return
		}
		for _, p := range parts {
			good++
			at := span{w.at.offset + p.from, p.to - p.from}
			c := Credential{Value: p.value, Name: p.host, Host: p.host, User: p.user}
			f.addEither(at, c, commented)
		}
	})
	if good == 0 && bad > 0 {
		return errFormat
	}
	return nil
}

// gitSections reads [url "https://user:token@host/"].
func gitSections(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		body, commented := l.uncomment("#;")
		from, to := strings.IndexByte(body.text, '"'), strings.LastIndexByte(body.text, '"')
		if !strings.HasPrefix(strings.TrimSpace(body.text), "[") || from < 0 || to <= from+1 {
			return
		}
		w := word{text: unescapeC(body.text[from+1 : to]), at: body.part(from+1, to)}
		for _, p := range urlToken(w.text) {
			f.addPart(w, p, "url", commented)
		}
	})
	return nil
}

// subversion reads the hash dump of a credential: "K n", a key, "V n", a value.
func subversion(f *file) error {
	if !strings.HasPrefix(f.text, "K ") {
		return errFormat
	}
	var key, user, realm, kind string
	var secret setting
	text := f.text
	for i := 0; i < len(text); {
		head, _, _ := strings.Cut(text[i:], "\n")
		if len(head) < 3 || head[1] != ' ' {
			break
		}
		n, ok := number(head[2:])
		start := i + len(head) + 1
		if !ok || n < 0 || n > len(text)-start {
			return errFormat
		}
		value := text[start : start+n]
		switch head[0] {
		case 'K':
			key = value
		case 'V':
			switch key {
			case "password":
				secret = setting{value: value, at: span{start, n}}
			case "username":
				user = value
			case "svn:realmstring":
				realm = value
			case "passtype":
				kind = value
			}
		}
		i = start + n + 1
	}
	if secret.value == "" {
		return nil
	}
	c := Credential{Value: secret.value, Name: "password", User: user, Host: realm}
	if kind != "simple" && kind != "" {
		c.Encrypted, c.Comment = true, "kept for "+kind
	}
	f.add(secret.at, c)
	return nil
}

// cvsPasswords takes the passwords as they are: scrambled (scramble.c of CVS), which
// needs no key to undo.
func cvsPasswords(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		words := blankFields(l, "")
		if len(words) == 3 && strings.HasPrefix(words[0].text, "/") {
			words = words[1:]
		}
		if len(words) != 2 || !strings.HasPrefix(words[0].text, ":") || !strings.HasPrefix(words[1].text, "A") {
			return
		}
		f.add(words[1].at, Credential{Value: words[1].text, Name: "repository", Host: words[0].text, Comment: "scrambled without a key"})
	})
	return nil
}
