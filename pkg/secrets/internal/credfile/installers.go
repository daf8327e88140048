package credfile

import "strings"

func installerFormats() []Format {
	return []Format{
		{
			ID: "cloud-init", Title: "cloud-init user data", Documentation: "https://cloudinit.readthedocs.io/en/latest/reference/modules.html#set-passwords",
			names: []string{"user-data", "user-data.txt", "user-data.yaml", "user-data.yml", "cloud-config.yaml", "cloud-config.yml", "cloud-config.txt", "cloud.cfg", "cloud.cfg.d/*.cfg", "vendor-data", "cloud/instance/user-data.txt*", "cloud-init.yaml", "cloud-init.yml", "?*.yaml", "?*.yml"},
			head: func(h string) bool {
				return strings.HasPrefix(h, "#cloud-config") || strings.Contains(h, "autoinstall")
			},
			read: settings(yamlText, about{user: "name|username"}, pick{at: "password|chpasswd/password", open: plainValue}, pick{at: "**/chpasswd/list", open: accountList}, pick{at: "**/chpasswd/list/[]", open: accountList},
				pick{at: "**/chpasswd/users/[]/password"}, pick{at: "**/users/[]/passwd|hashed_passwd|plain_text_passwd|hashed-passwd|plain-text-passwd"},
				pick{at: "**/identity/password"}, pick{at: "password"}, pick{at: "**/apt/sources/*/source", open: urlPassword}, pick{at: "**/rh_subscription/password|activation-key"},
				pick{at: "**/ubuntu_advantage|ubuntu_pro/token"}, pick{at: "**/landscape/client/registration_key"}, pick{at: "**/storage/config/[]/key"}),
		}, {
			ID: "kickstart", Title: "Kickstart answers", Documentation: "https://pykickstart.readthedocs.io/en/latest/kickstart-docs.html",
			names: []string{"anaconda-ks.cfg", "original-ks.cfg", "ks.cfg", "kickstart.cfg", "*.ks", "initial-setup-ks.cfg", "kickstart/*.cfg"}, read: kickstart,
		}, {
			ID: "preseed", Title: "Debian installer answers", Documentation: "https://www.debian.org/releases/stable/amd64/apbs04.en.html",
			names: []string{"preseed.cfg", "preseed*.cfg", "*.preseed", "*.seed", "installer/cdebconf/questions.dat", "debconf/passwords.dat", "cdebconf/passwords.dat"}, read: preseed,
		}, {
			ID: "autoyast", Title: "AutoYaST answers", Documentation: "https://documentation.suse.com/sles/15-SP6/html/SLES-all/book-autoyast.html",
			names: []string{"autoyast.xml", "autoinst.xml", "autoyast*.xml"},
			read:  settings(xmlText, about{user: "username"}, pick{at: "**/user_password|password|reg_code"}),
		}, {
			ID: "ignition", Title: "Ignition and Butane", Documentation: "https://coreos.github.io/ignition/specs/",
			names: []string{"*.ign", "*.bu", "*.fcc", "config.ign"},
			read:  settings(yamlText, about{user: "name"}, pick{at: "passwd/users/[]/password_hash|passwordHash"}, pick{at: "**/httpHeaders|http_headers/[]/value", open: bearer}),
		}, {
			ID: "vagrantfile", Title: "Vagrant and Packer", Documentation: "https://developer.hashicorp.com/packer/docs/communicators/ssh",
			names: []string{"vagrantfile", "*.pkr.hcl", "*.pkrvars.hcl", "packer.json", "*.packer.json", "vars.json"},
			read: settings(hclCode, about{user: "ssh_username|username|winrm_username", host: "ssh_host"}, pick{at: "**/ssh_password|winrm_password|password|*_password|access_token|vault_token", open: plainValue},
				pick{at: "**/*", named: isSecretName, confidence: Likely, open: secretText}),
		}, {
			ID: "raspberry-userconf", Title: "Raspberry Pi first user", Documentation: "https://www.raspberrypi.com/documentation/computers/configuration.html",
			names: []string{"boot/userconf.txt", "boot/userconf", "userconf.txt", "firmware/userconf.txt"}, read: accounts{divider: ':', secret: 1, least: 2, crypt: true, hashed: true}.read,
		}, {
			ID: "openwrt", Title: "OpenWrt configuration", Documentation: "https://openwrt.org/docs/guide-user/base-system/uci",
			names: []string{"etc/config/wireless", "etc/config/network", "etc/config/rpcd", "etc/config/ddns", "etc/config/snmpd", "etc/config/openvpn"},
			read:  settings(uci, about{user: "username", host: "ssid|server"}, pick{at: "*/key|password|auth_secret|private_key|preshared_key|auth_pass|priv_pass|sae_password|auth_server_secret", open: exceptShipped("$p$root")}),
		},
	}
}

// uci is the grammar of OpenWrt: "config type name" and "option name value" lines.
func uci(f *file, emit func(setting)) error {
	group := 0
	keys := make([]string, 2)
	return directives(f, func(words []word, commented bool) {
		switch {
		case words[0].text == "config" && len(words) >= 2 && !commented:
			group++
			keys[0] = words[1].text
		case (words[0].text == "option" || words[0].text == "list") && len(words) == 3:
			keys[1] = words[1].text
			emit(setting{keys: keys, group: group, value: words[2].text, at: words[2].at, commented: commented})
		}
	})
}

// accountList opens lines of "user:password", where R and RANDOM ask for one to be made.
func accountList(v string) []part {
	var out []part
	linesOf(v, 0, func(l line) {
		user, password, ok := strings.Cut(l.text, ":")
		if password = strings.TrimSpace(password); !ok || password == "" || password == "R" || password == "RANDOM" {
			return
		}
		from := l.offset + len(user) + 1 + strings.Index(l.text[len(user)+1:], password)
		out = append(out, part{value: password, from: from, to: from + len(password), user: strings.TrimSpace(user)})
	})
	return out
}

// kickstart reads rootpw, user, bootloader, and other commands with passwords.
func kickstart(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		words := blankFields(body, "")
		if len(words) < 2 {
			return
		}
		name := words[0].text
		switch name {
		case "rootpw", "user", "sshpw", "bootloader", "autopart", "part", "logvol", "raid", "partition", "volgroup", "rhsm", "vnc", "wireless":
		default:
			return
		}
		user := ""
		plain := -1
		for i, w := range words[1:] {
			option, value, ok := strings.Cut(w.text, "=")
			switch {
			case ok && (option == "--name" || option == "--username"):
				user = strings.Trim(value, `"'`)
			case ok && (option == "--password" || option == "--passphrase" || option == "--activation-key" || option == "--wpakey" || option == "--wepkey"):
				f.addPart(w, part{value: strings.Trim(value, `"'`), user: user}, name+" "+option, commented)
			case option == "--password" && i+2 < len(words):
				f.addPart(words[i+2], part{value: words[i+2].text, user: user}, name+" "+option, commented)
				return
			case !strings.HasPrefix(w.text, "-"):
				plain = i + 1
			}
		}
		if name == "rootpw" && plain > 0 {
			f.addPart(words[plain], part{value: words[plain].text, user: "root"}, name, commented)
		}
	})
	return nil
}

// preseed reads "owner question type value" lines, and debconf's database of
// passwords, which is records of Name and Value.
func preseed(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	question := ""
	f.lines(func(l line) {
		if name, ok := strings.CutPrefix(l.text, "Name: "); ok {
			question = name
			return
		}
		if value, ok := strings.CutPrefix(l.text, "Value: "); ok {
			if isPasswordQuestion(question) {
				f.add(l.part(len(l.text)-len(value), len(l.text)), Credential{Value: value, Name: question})
			}
			return
		}
		body, commented := l.uncomment("#")
		words := blankFields(body, "")
		if len(words) < 4 || words[2].text != "password" && words[2].text != "string" || !isPasswordQuestion(words[1].text) {
			return
		}
		// The value is the rest of the line.
		from, to := trimmed(body.text, words[3].at.offset-body.offset, len(body.text))
		if words[3].quoted {
			from--
		}
		w := word{text: body.text[from:to], at: body.part(from, to)}
		f.addPart(w, part{value: w.text}, words[1].text, commented)
	})
	return nil
}

func isPasswordQuestion(name string) bool {
	name = strings.ToLower(name)
	_, last := cutLast(name)
	last = strings.ReplaceAll(last, "_", "-")
	return strings.Contains(last, "password") && !strings.HasSuffix(last, "-again") && !strings.HasSuffix(last, "-empty") || last == "passphrase" ||
		strings.HasSuffix(last, "-pass") || last == "wireless-wpa" || last == "user-password-crypted"
}
