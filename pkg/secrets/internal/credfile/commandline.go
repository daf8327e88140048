package credfile

import "strings"

// shellHistory reads commands with credentials on their line. zsh writes the time
// before a command, fish writes YAML.
func shellHistory(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		start := 0
		if strings.HasPrefix(l.text, ": ") { // ": 1700000000:0;command"
			if i := strings.IndexByte(l.text, ';'); i > 0 && i < 32 {
				start = i + 1
			}
		} else if rest, ok := strings.CutPrefix(l.text, "- cmd: "); ok {
			start = len(l.text) - len(rest)
		}
		f.command(shellWords(line{l.text[start:], l.offset + start}))
	})
	return nil
}

// command looks for credentials among the words of a line, one simple command after
// the other.
func (f *file) command(words []word) {
	for len(words) > 0 {
		end := 0
		for end < len(words) && !isOperator(words[end]) {
			end++
		}
		f.simpleCommand(words[:end])
		words = words[min(len(words), end+1):]
	}
}

func isOperator(w word) bool {
	return !w.quoted && len(w.text) == 1 && strings.IndexByte(";|&()", w.text[0]) >= 0
}

func (f *file) simpleCommand(words []word) {
	for len(words) > 0 {
		name, value, ok := strings.Cut(words[0].text, "=")
		if ok && isName(name) && !strings.HasPrefix(name, "-") {
			f.assignedWord(words[0], name, value)
			words = words[1:]
			continue
		}
		switch words[0].text {
		case "export", "declare", "set", "setenv", "sudo", "env", "time", "nohup", "exec", "command", "-x", "-E", "-gx", "docker-compose", "winpty", "watch":
			if words[0].text == "setenv" && len(words) == 3 || words[0].text == "set" && len(words) == 4 {
				f.assignedWord(words[len(words)-1], words[len(words)-2].text, words[len(words)-1].text)
			}
			words = words[1:]
			continue
		}
		break
	}
	if len(words) == 0 {
		return
	}
	_, program := cutLast(words[0].text)
	program = strings.TrimSuffix(strings.ToLower(program), ".exe")
	f.options(program, words[1:])
}

// assignedWord takes NAME=value where the name is that of a secret.
func (f *file) assignedWord(w word, name, value string) {
	within := len(w.text) - len(value)
	if name == "PGPASSWORD" || name == "MYSQL_PWD" || name == "SSHPASS" || name == "REDISCLI_AUTH" || isSecretName(name) {
		for _, p := range secretText(value) {
			p.confidence = Likely
			f.addPart(w, p.behind(within), name, false)
		}
		return
	}
	for _, p := range urlPassword(value) {
		f.addPart(w, p.behind(within), name, false)
	}
}

// passwordOptions are the options whose value is a password, by program. A value of
// "-p" alone stands in the same word.
var passwordOptions = map[string][]string{
	"mysql": {"-p", "--password"}, "mysqldump": {"-p", "--password"}, "mysqladmin": {"-p", "--password"}, "mariadb": {"-p", "--password"}, "mysqlimport": {"-p", "--password"}, "mariadb-dump": {"-p", "--password"},
	"sshpass": {"-p"}, "docker": {"-p", "--password"}, "podman": {"-p", "--password"}, "buildah": {"-p", "--password"}, "skopeo": {"--dest-password", "--src-password", "-p", "--password"}, "nerdctl": {"-p", "--password"}, "crane": {"-p", "--password"}, "oras": {"-p", "--password"},
	"helm": {"--password"}, "redis-cli": {"-a", "--pass"}, "mongo": {"-p", "--password"}, "mongosh": {"-p", "--password"}, "mongodump": {"-p", "--password"}, "mongorestore": {"-p", "--password"},
	"az": {"-p", "--password"}, "ldapsearch": {"-w"}, "ldapmodify": {"-w"}, "ldapadd": {"-w"}, "ldapwhoami": {"-w"}, "openssl": {"-passin", "-passout", "-pass", "-k"}, "keytool": {"-storepass", "-keypass", "-srcstorepass", "-deststorepass"},
	"zip": {"-P", "--password"}, "unzip": {"-P"}, "7z": {"-p"}, "unrar": {"-p"}, "wget": {"--password", "--http-password", "--ftp-password", "--proxy-password"}, "sqlcmd": {"-P"}, "bcp": {"-P"}, "influx": {"-password", "-p", "--token", "-t"},
	"htpasswd": {}, "vault": {}, "gh": {}, "oc": {"-p", "--password", "--token"}, "kubectl": {"--password", "--token"}, "argocd": {"--password", "--auth-token"}, "rclone": {}, "twine": {"-p", "--password"}, "nuget": {"-password", "-apikey"}, "dotnet": {"--password", "--api-key", "-k", "-p"},
	"net": {}, "smbclient": {}, "rdesktop": {"-p"}, "xfreerdp": {"/p"}, "psql": {}, "pg_dump": {}, "curl": {}, "sonar-scanner": {}, "cf": {"-p"}, "ipmitool": {"-P"}, "snmpwalk": {"-c", "-A", "-X"}, "snmpget": {"-c", "-A", "-X"},
	"vncviewer": {}, "mosquitto_pub": {"-P", "--pw"}, "mosquitto_sub": {"-P", "--pw"}, "consul": {"-token"}, "nomad": {"-token"}, "ngrok": {}, "borg": {}, "usermod": {"-p", "--password"}, "useradd": {"-p", "--password"},
}

// attachedOnly are the programs whose -p takes no word behind it.
func attachedOnly(program string) bool {
	return strings.HasPrefix(program, "mysql") || strings.HasPrefix(program, "mariadb") || program == "7z" || program == "unrar"
}

func (f *file) options(program string, words []word) {
	known, listed := passwordOptions[program]
	user := ""
	for i := 0; i < len(words); i++ {
		w := words[i]
		option, value, equals := strings.Cut(w.text, "=")
		switch {
		case option == "-u" && i+1 < len(words) && program != "curl":
			user = words[i+1].text
		case strings.HasPrefix(w.text, "--user=") || strings.HasPrefix(w.text, "--username="):
			user = value
		case attachedOnly(program) && strings.HasPrefix(w.text, "-u") && len(w.text) > 2:
			user = w.text[2:]
		}
		if program == "curl" && f.curlOption(w, words[i+1:]) {
			continue
		}
		if listed && f.passwordOption(program, known, user, w, words[i+1:]) {
			continue
		}
		if equals && value != "" && strings.HasPrefix(option, "-") && isSecretName(strings.TrimLeft(option, "-D")) {
			for _, p := range secretText(value) {
				p.confidence = Likely
				f.addPart(w, p.behind(len(w.text)-len(value)), option, false)
			}
			continue
		}
		if name, v, ok := strings.Cut(w.text, "="); ok && (i > 0 && (words[i-1].text == "-e" || words[i-1].text == "--env" || words[i-1].text == "--build-arg" || words[i-1].text == "--from-literal" || words[i-1].text == "--set")) {
			f.assignedWord(w, name, v)
			continue
		}
		for _, p := range urlToken(w.text) {
			f.addPart(w, p, program, false)
		}
	}
	f.fixedPlaces(program, words)
}

// curlOption reads -u user:password and headers.
func (f *file) curlOption(w word, next []word) bool {
	argument, attached := w, false
	option := w.text
	switch {
	case strings.HasPrefix(w.text, "-u") && len(w.text) > 2:
		option, argument.text, attached = "-u", w.text[2:], true
	case strings.HasPrefix(w.text, "-H") && len(w.text) > 2:
		option, argument.text, attached = "-H", w.text[2:], true
	}
	if !attached {
		if len(next) == 0 {
			return false
		}
		argument = next[0]
	}
	var parts []part
	switch option {
	case "-u", "--user", "-U", "--proxy-user":
		parts = userPassword(argument.text)
	case "-H", "--header":
		parts = authorizationHeader(argument.text)
	case "--oauth2-bearer", "--pass":
		parts = []part{whole(argument.text)}
	default:
		return false
	}
	for _, p := range parts {
		f.addPart(argument, p, "curl "+option, false)
	}
	return true
}

// passwordOption reads "-pX", "-p X", "--password=X" and "--password X".
func (f *file) passwordOption(program string, known []string, user string, w word, next []word) bool {
	for _, option := range known {
		rest, ok := strings.CutPrefix(w.text, option)
		if !ok {
			continue
		}
		short := !strings.HasPrefix(option, "--")
		argument := w
		switch {
		case rest == "" && short && attachedOnly(program):
			return false
		case rest == "" && len(next) > 0:
			argument = next[0]
		case strings.HasPrefix(rest, "=") || strings.HasPrefix(rest, ":") && option == "/p":
			argument.text = rest[1:]
		case rest != "" && short && len(option) == 2 && !strings.HasPrefix(rest, "-") && program != "docker" && program != "podman":
			argument.text = rest
		default:
			continue
		}
		value := argument.text
		if value == "" || strings.HasPrefix(value, "-") || program == "docker" && !w.isOption(option) {
			return false
		}
		if program == "openssl" {
			if value, ok = strings.CutPrefix(value, "pass:"); !ok && option != "-k" {
				return false
			} else if option == "-k" {
				value = argument.text
			}
		}
		if (program == "docker" || program == "podman" || program == "nerdctl") && isPortMapping(value) {
			return false
		}
		f.addPart(argument, part{value: value, user: user, confidence: Likely}, program+" "+option, false)
		return true
	}
	return false
}

func (w word) isOption(option string) bool { return strings.HasPrefix(w.text, option) }

// isPortMapping tells docker run -p 8080:80 from docker login -p secret.
func isPortMapping(v string) bool {
	v = strings.TrimSuffix(strings.TrimSuffix(v, "/tcp"), "/udp")
	for i := range len(v) {
		if !isDigit(v[i]) && v[i] != ':' && v[i] != '.' && v[i] != '-' {
			return false
		}
	}
	return true
}

// fixedPlaces are the commands that take a password as a word of its own.
func (f *file) fixedPlaces(program string, words []word) {
	take := func(i int, name string) {
		if i < len(words) && !strings.HasPrefix(words[i].text, "-") {
			f.addPart(words[i], part{value: words[i].text, confidence: Likely}, name, false)
		}
	}
	switch {
	case program == "htpasswd" && len(words) >= 4 && strings.HasPrefix(words[0].text, "-") && strings.Contains(words[0].text, "b") && !strings.Contains(words[0].text, "n"):
		take(len(words)-1, "htpasswd")
	case program == "htpasswd" && len(words) == 3 && strings.HasPrefix(words[0].text, "-") && strings.Contains(words[0].text, "b"):
		take(2, "htpasswd")
	case program == "vault" && len(words) == 2 && words[0].text == "login":
		take(1, "vault login")
	case program == "ngrok" && len(words) == 2 && words[0].text == "authtoken":
		take(1, "ngrok authtoken")
	case program == "ngrok" && len(words) == 3 && words[1].text == "add-authtoken":
		take(2, "ngrok authtoken")
	case program == "aws" && len(words) >= 4 && words[0].text == "configure" && words[1].text == "set" && isSecretName(words[2].text):
		take(3, words[2].text)
	case program == "npm" && len(words) == 4 && words[0].text == "config" && strings.HasSuffix(words[2].text, "_authToken"):
		take(3, words[2].text)
	case program == "smbclient":
		for _, w := range words {
			if _, password, ok := strings.Cut(w.text, "%"); ok && password != "" && !strings.Contains(w.text, "/") {
				f.addPart(w, part{value: password, confidence: Likely}, "smbclient", false)
			}
		}
	case program == "echo" && len(words) == 1:
		// echo "user:password" | chpasswd
		if p := userPassword(words[0].text); p != nil && isName(p[0].user) && f.feedsChpasswd(words[0]) {
			f.addPart(words[0], p[0], "chpasswd", false)
		}
	}
}

// feedsChpasswd reports whether a word's line goes on to chpasswd.
func (f *file) feedsChpasswd(w word) bool {
	rest := f.text[w.at.end():min(len(f.text), w.at.end()+64)]
	rest, _, _ = strings.Cut(rest, "\n")
	return strings.Contains(rest, "chpasswd")
}

// sqlHistory finds IDENTIFIED BY '…', PASSWORD '…' and the like. The libraries that
// write these files escape blanks as \040.
func sqlHistory(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		text := strings.ReplaceAll(l.text, `\040`, "    ") // of the same length
		lower := strings.ToLower(text)
		for i := 0; i < len(lower); {
			n, keyword := -1, ""
			for _, k := range []string{"identified", "password", "secret_access_key"} {
				if at := strings.Index(lower[i:], k); at >= 0 && (n < 0 || at < n) {
					n, keyword = at, k
				}
			}
			if n < 0 {
				return
			}
			i += n + len(keyword)
			if at, value, ok := sqlString(text, i); ok {
				f.add(span{l.offset + at.offset, at.length}, Credential{Value: value, Name: strings.ToUpper(keyword), User: sqlUser(text[:i-len(keyword)])})
				i = at.end()
			}
		}
	})
	return urlsInText(f)
}

// sqlString finds the string that a keyword is about: behind "=", "BY", "AS", "(",
// "FOR user" and "WITH plugin".
func sqlString(text string, i int) (span, string, bool) {
	limit := min(len(text), i+160)
	for j, word := i, i; j < limit; j++ {
		if !isLetter(text[j]) {
			switch strings.ToLower(text[word:j]) {
			case "from", "where", "is", "and", "or", "in", "like", "varchar", "text", "null", "limit":
				return span{}, "", false // a column's name
			}
			word = j + 1
		}
		switch c := text[j]; {
		case c == '\'' || c == '"':
			value, from, to, _ := quotedValue(text[:limit], j)
			if to >= limit {
				return span{}, "", false
			}
			// "FOR 'user'@'host' = 'password'": what is followed by @ is a user.
			if to+1 < len(text) && text[to+1] == '@' || j > 0 && text[j-1] == '@' {
				j = to
				continue
			}
			return span{from, to - from}, value, true
		case isLetter(c) || isDigit(c) || strings.IndexByte(" =(@%_:.-\t", c) >= 0:
		default:
			return span{}, "", false
		}
	}
	return span{}, "", false
}

// sqlUser is the name behind the last USER or ROLE.
func sqlUser(before string) string {
	lower := strings.ToLower(before)
	i := max(strings.LastIndex(lower, "user "), strings.LastIndex(lower, "role "), strings.LastIndex(lower, " to "))
	if i < 0 {
		return ""
	}
	words := strings.Fields(before[i:])
	if len(words) < 2 {
		return ""
	}
	name, _, _ := strings.Cut(words[1], "@")
	return strings.Trim(name, `'"`)
}

// redisHistory reads AUTH, CONFIG SET requirepass, and ACL SETUSER.
func redisHistory(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		words := blankFields(l, "")
		if len(words) < 2 {
			return
		}
		last := words[len(words)-1]
		switch name := strings.ToLower(words[0].text); {
		case name == "auth" && len(words) <= 3:
			p := part{value: last.text}
			if len(words) == 3 {
				p.user = words[1].text
			}
			f.addPart(last, p, "AUTH", false)
		case name == "config" && len(words) == 4 && (strings.EqualFold(words[2].text, "requirepass") || strings.EqualFold(words[2].text, "masterauth")):
			f.addPart(last, part{value: last.text}, words[2].text, false)
		case name == "acl" && strings.EqualFold(words[1].text, "setuser") && len(words) > 3:
			for _, w := range words[3:] {
				if strings.HasPrefix(w.text, ">") {
					f.addPart(w, part{value: w.text[1:], user: words[2].text}, "ACL SETUSER", false)
				}
			}
		}
	})
	return nil
}
