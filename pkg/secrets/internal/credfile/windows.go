package credfile

import (
	"encoding/base64"
	"strings"
)

func windowsFormats() []Format {
	return []Format{
		{
			ID: "unattend", Title: "Windows setup answers", Documentation: "https://learn.microsoft.com/en-us/windows-hardware/customize/desktop/unattend/",
			names: []string{"unattend.xml", "autounattend.xml", "unattended.xml", "sysprep.xml", "unattend-*.xml"},
			read: settings(xmlText, about{user: "Name|Username", host: "Domain"}, pick{at: "**/*password/Value", open: unattendPassword},
				pick{at: "**/Credentials/Password"}, pick{at: "**/ProductKey/Key", confidence: Unsure, comment: "product key"}),
		}, {
			ID: "sysprep-inf", Title: "Windows setup answers before Vista", Documentation: "https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2003/cc772280(v=ws.10)",
			names: []string{"sysprep.inf", "unattend.txt", "winnt.sif"},
			read:  settings(ini(iniStyle{comments: ";", quotes: `"`}), about{user: "DomainAdmin", host: "JoinDomain"}, pick{at: "*/AdminPassword|DomainAdminPassword|DefaultPassword|Password", open: exceptShipped("*")}),
		}, {
			ID: "group-policy", Title: "Group Policy Preferences", Documentation: "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-gppref/",
			names: []string{"groups.xml", "services.xml", "scheduledtasks.xml", "datasources.xml", "printers.xml", "drives.xml"},
			read:  settings(xmlText, about{user: "userName|runAs|accountName|username"}, pick{at: "**/@cpassword", open: revealPolicyPassword}),
		}, {
			ID: "rdp", Title: "Remote desktop connection", Documentation: "https://learn.microsoft.com/en-us/windows-server/remote/remote-desktop-services/clients/rdp-files",
			names: []string{"*.rdp"}, read: remoteDesktop,
		}, {
			ID: "rdg", Title: "Remote desktop connection manager", Documentation: "https://learn.microsoft.com/en-us/sysinternals/downloads/rdcman",
			names: []string{"*.rdg"},
			read: settings(xmlText, about{user: "userName", host: "name"}, pick{at: "**/password", open: longBase64, encrypted: true, comment: "encrypted for a Windows account"},
				pick{at: "**/password"}),
		}, {
			ID: "windows-hive", Title: "Windows account databases", Documentation: "https://learn.microsoft.com/en-us/windows/win32/sysinfo/registry-hives",
			names: []string{"config/sam", "config/security", "repair/sam", "hives/sam_base", "sam.hive", "?sam"}, head: beginning("regf"),
			read: storePresent("password hashes of the accounts", "not opened", "regf"),
		}, {
			ID: "ntds", Title: "Active Directory database", Documentation: "https://learn.microsoft.com/en-us/troubleshoot/windows-server/active-directory/",
			names: []string{"ntds.dit"}, read: ntds,
		}, {
			ID: "winlogon-reg", Title: "Registry export with credentials", Documentation: "https://learn.microsoft.com/en-us/troubleshoot/windows-server/user-profiles-and-logon/turn-on-automatic-logon",
			names: []string{"*.reg"}, read: settings(registryExport, about{user: "DefaultUserName|UserName", host: "HostName|DefaultDomainName"},
				pick{at: "*winscp*/password", encrypted: true, comment: "obfuscated by WinSCP"}, pick{at: "*/defaultpassword|proxypassword|snmp_community"},
				pick{at: "*vnc*/password|passwordviewonly|controlpassword", open: revealVNC}, pick{at: "*/*password", confidence: Likely}),
		}, {
			ID: "smbpasswd", Title: "Samba passwords", Documentation: "https://www.samba.org/samba/docs/current/man-html/smbpasswd.5.html",
			names: []string{"smbpasswd", "samba/smbpasswd"}, read: smbPasswords,
		}, {
			ID: "samba-tdb", Title: "Samba account databases", Documentation: "https://www.samba.org/samba/docs/current/man-html/pdbedit.8.html",
			names: []string{"passdb.tdb", "secrets.tdb", "samba/private/sam.ldb", "secrets.ldb"}, read: storePresent("Samba accounts", "NT hashes or machine secrets; not opened", "TDB file\n"),
		}, {
			ID: "powershell-credential", Title: "Stored PowerShell credential", Documentation: "https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.utility/export-clixml",
			names: []string{"?*.clixml", "?*cred*.xml"}, head: containing("PSCredential"),
			read: settings(xmlText, about{}, pick{at: "**/SS", encrypted: true, comment: "encrypted for a Windows account; in hexadecimal UTF-16 where it was exported on another system"}),
		},
	}
}

// unattendPassword opens base64 of UTF-16 of the password and the name of its element.
func unattendPassword(v string) []part {
	raw, err := base64.StdEncoding.DecodeString(v)
	if err == nil && len(raw) >= 2 {
		if text := textUTF16(raw); text != "" {
			for _, name := range []string{"AdministratorPassword", "OfflineAdministratorPassword", "DomainAccountPassword", "Password"} {
				if plain, ok := strings.CutSuffix(text, name); ok {
					if plain == "" {
						return nil
					}
					return []part{{value: plain, to: len(v)}}
				}
			}
		}
	}
	return []part{whole(v)}
}

func longBase64(v string) []part {
	if raw, ok := decodeBase64(v); !ok || len(raw) < 64 {
		return nil
	}
	return []part{whole(v)}
}

// remoteDesktop reads "name:type:value" lines; "password 51:b:…" is encrypted.
func remoteDesktop(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	host, user, good := "", "", false
	type secret struct {
		at    span
		value string
	}
	var secrets []secret
	f.lines(func(l line) {
		columns := fields(l, ':', 0, 3)
		if len(columns) != 3 || len(columns[1].text) != 1 {
			return
		}
		good = true
		switch strings.ToLower(columns[0].text) {
		case "full address":
			host = columns[2].text
		case "username":
			user = columns[2].text
		case "password 51", "gatewaypassword":
			if len(secrets) < MaxCredentials {
				secrets = append(secrets, secret{columns[2].at, columns[2].text})
			}
		}
	})
	for _, s := range secrets {
		f.add(s.at, Credential{Value: s.value, Name: "password 51", User: user, Host: host, Encrypted: true, Comment: "encrypted for a Windows account"})
	}
	if !good {
		return errFormat
	}
	return nil
}

func ntds(f *file) error {
	if len(f.content) < 8 || string(f.content[4:8]) != "\xef\xcd\xab\x89" {
		return errFormat
	}
	f.present("password hashes of the domain", "not opened")
	return nil
}

// registryExport is the grammar of .reg files: [key] sections, "name"="value" and
// "name"=hex:… lines.
func registryExport(f *file, emit func(setting)) error {
	if !strings.HasPrefix(f.text, "Windows Registry Editor") && !strings.HasPrefix(f.text, "REGEDIT4") {
		return errFormat
	}
	return ini(iniStyle{comments: ";", quotes: `"`, escapes: true, backslash: true})(f, func(s setting) {
		if rest, ok := strings.CutPrefix(s.value, "hex:"); ok {
			s.value = strings.NewReplacer(",", "", " ", "", "\n", "").Replace(rest)
		} else if strings.HasPrefix(s.value, "dword:") || strings.HasPrefix(s.value, "hex(") {
			return
		}
		emit(s)
	})
}

// smbPasswords reads name:uid:LM:NT:flags:time.
func smbPasswords(f *file) error {
	if f.binaryText() {
		return errFormat
	}
	f.lines(func(l line) {
		body, commented := l.uncomment("#")
		columns := fields(body, ':', 0, 8)
		if len(columns) < 5 {
			return
		}
		for i, kind := range []string{hashLM, hashNT} {
			w := columns[2+i]
			if len(w.text) != 32 || !isHex(w.text) {
				continue
			}
			c := Credential{Value: w.text, Name: columns[0].text, User: columns[0].text, Hash: kind, Comment: "can be used in place of the password"}
			if kind == hashLM && strings.EqualFold(w.text, "aad3b435b51404eeaad3b435b51404ee") {
				continue // of no password at all, which is how it is switched off
			}
			f.addEither(w.at, c, commented)
		}
	})
	return nil
}
