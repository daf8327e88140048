package credfile

import "strings"

func editorFormats() []Format {
	deployment := settings(jsonText, about{user: "username|user", host: "host|hostname"},
		pick{at: "**/password|pass|passphrase"})
	return []Format{
		{
			ID: "vscode-sftp", Title: "VS Code SFTP deployment", Documentation: "https://github.com/Natizyskunk/vscode-sftp/wiki/Configuration",
			names: []string{".vscode/sftp.json", "sftp.json", ".vscode/ftp-sync.json", "ftp-sync.json", ".ftp-sync.json"}, read: deployment,
		}, {
			ID: "ftpconfig", Title: "Atom Remote FTP", Documentation: "https://github.com/icetee/remote-ftp",
			names: []string{".ftpconfig", ".ftpconfig.json"}, read: deployment,
		}, {
			ID: "sublime-sftp", Title: "Sublime SFTP", Documentation: "https://docs.sublimetext.io/",
			names: []string{"sftp-config.json", "sftp-config-alt*.json", "sftp-settings.json"}, read: deployment,
		}, {
			ID: "remote-sync", Title: "Atom remote-sync", Documentation: "https://github.com/yujinakayama/atom-remote-sync",
			names: []string{".remote-sync.json", "deployment-config.json"}, read: deployment,
		}, {
			ID: "vscode-settings", Title: "VS Code settings", Documentation: "https://code.visualstudio.com/docs/configure/settings",
			names: []string{".vscode/settings.json", "code/user/settings.json"},
			read: settings(jsonText, about{user: "username", host: "server|host"},
				pick{at: "sqltools.connections/[]/password"}, pick{at: "mssql.connections/[]/password"},
				pick{at: "http.proxyAuthorization", open: bearer}, pick{at: "http.proxy", open: urlPassword},
				pick{at: "*apiKey|*apikey|*.token|*password", confidence: Likely}),
		}, {
			ID: "jetbrains-webservers", Title: "JetBrains deployment servers", Documentation: "https://www.jetbrains.com/help/phpstorm/deployment-connection-tab.html",
			names: []string{"webservers.xml", "sshconfigs.xml", ".idea/deployment.xml"},
			read: settings(xmlText, about{user: "username|userName", host: "host"},
				pick{at: "**/@password|@passphrase|=password", open: jetbrainsPassword}),
		}, {
			ID: "jetbrains-datasources", Title: "JetBrains data sources", Documentation: "https://www.jetbrains.com/help/datagrip/managing-data-sources.html",
			names: []string{"datasources.xml", "datasources.local.xml", ".idea/datasources.ids"},
			read: settings(xmlText, about{user: "user-name"},
				pick{at: "**/jdbc-url", open: connection}, pick{at: "**/=password"}, pick{at: "**/password|@password"}),
		}, {
			ID: "mremoteng", Title: "mRemoteNG connections", Documentation: "https://mremoteng.readthedocs.io/en/latest/",
			names: []string{"confcons.xml"},
			read: settings(xmlText, about{user: "Username", host: "Hostname"},
				pick{at: "**/@password", encrypted: true, comment: "encrypted with the file's master password or the default one"}),
		}, {
			ID: "rest-client-env", Title: "HTTP client environments", Documentation: "https://www.jetbrains.com/help/idea/http-client-variables.html",
			names: []string{"http-client.private.env.json", "http-client.env.json", "rest-client.private.env.json"},
			read:  settings(jsonText, about{user: "username|user", host: "host"}, pick{named: isSecretName, confidence: Likely}),
		}, {
			ID: "postman", Title: "Postman environments and collections", Documentation: "https://learning.postman.com/docs/sending-requests/variables/variables/",
			names: []string{"*.postman_environment.json", "*.postman_collection.json"}, read: postman,
		},
	}
}

// jetbrainsPassword opens the passwords of older IDEs: each sign is two bytes of
// hexadecimal, mixed with 0xdfaa (com.intellij.openapi.util.PasswordUtil).
func jetbrainsPassword(v string) []part {
	if len(v)%4 != 0 || !isHex(v) {
		return []part{whole(v)}
	}
	raw := fromHex(v)
	plain := make([]rune, 0, len(raw)/2)
	for i := 0; i < len(raw); i += 2 {
		plain = append(plain, (rune(raw[i])<<8|rune(raw[i+1]))^0xdfaa)
	}
	if text := string(plain); isText([]byte(text)) && !strings.ContainsRune(text, '\uFFFD') {
		return []part{{value: text, to: len(v), comment: fixedKeyComment}}
	}
	return []part{whole(v)}
}

// postman takes variables whose names are those of secrets, and the fields of
// authentication. Both are lists of objects with a key and a value.
func postman(f *file) error {
	type variable struct {
		key   string
		value setting
	}
	var order []int
	variables := map[int]*variable{}
	err := jsonText(f, func(s setting) {
		name := s.keys[len(s.keys)-1]
		if name != "key" && name != "value" || len(variables) > MaxCredentials {
			return
		}
		v := variables[s.group]
		if v == nil {
			v = &variable{}
			variables[s.group] = v
			order = append(order, s.group)
		}
		if name == "key" {
			v.key = s.value
		} else {
			s.keys = append([]string(nil), s.keys...)
			v.value = s
		}
	})
	for _, group := range order {
		v := variables[group]
		if v.value.value == "" {
			continue
		}
		c := Credential{Value: v.value.value, Name: v.key, Confidence: Likely}
		switch {
		case strings.EqualFold(v.key, "authorization"):
			for _, p := range bearer(c.Value) {
				f.addPart(word{text: c.Value, at: v.value.at}, p, v.key, false)
			}
		case isSecretName(v.key):
			f.add(v.value.at, c)
		}
	}
	return err
}
