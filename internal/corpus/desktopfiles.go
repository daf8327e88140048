package corpus

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// desktopFiles are what graphical tools of developers save; some hide the password by a
// method that is published.
func desktopFiles() []kind {
	return []kind{
		{name: "filezilla-sitemanager", path: "root/.config/filezilla/sitemanager.xml", template: "<FileZilla3><Servers><Server>\n  <Host>ftp.internal</Host><User>deploy</User><Pass encoding=\"base64\">[[b64:<<{pw:16}>>]]</Pass>\n</Server></Servers></FileZilla3>\n"},
		{name: "filezilla-recent", path: "root/.filezilla/recentservers.xml", template: "<FileZilla3><RecentServers><Server>\n  <Host>ftp.internal</Host><User>deploy</User><Pass><<{pw:16}>></Pass>\n</Server></RecentServers></FileZilla3>\n"},
		{name: "winscp-ini", path: "opt/tools/WinSCP.ini", special: winSCP, note: "hidden by WinSCP's published substitution"},
		{name: "dbeaver-credentials", path: "root/.local/share/DBeaverData/workspace6/General/.dbeaver/credentials-config.json", special: dbeaver,
			note: "encrypted under the key that every DBeaver has"},
		{name: "jetbrains-webservers", path: "opt/src/.idea/webServers.xml", template: "<project><component name=\"WebServers\"><option name=\"servers\">\n  <webServer name=\"prod\"><fileTransfer host=\"ftp.internal\" accessType=\"SFTP\" username=\"deploy\" password=\"<<{pw:18}>>\"/></webServer>\n</option></component></project>\n"},
		{name: "vscode-sftp", path: "opt/src/.vscode/sftp.json", template: "{\n  \"host\": \"sftp.internal\",\n  \"username\": \"deploy\",\n  \"password\": \"<<{pw:18}>>\"\n}\n"},
		{name: "sublime-sftp", path: "opt/src/sftp-config.json", template: "{\n  \"type\": \"sftp\",\n  \"user\": \"deploy\",\n  \"password\": \"<<{pw:18}>>\"\n}\n"},
		{name: "postman-environment", path: "opt/src/prod.postman_environment.json", template: "{\n  \"name\": \"prod\",\n  \"values\": [{\"key\": \"client_secret\", \"value\": \"<<{b62:40}>>\", \"type\": \"secret\", \"enabled\": true}]\n}\n"},
		{name: "insomnia-bearer", path: "opt/src/insomnia.yaml", template: "_type: export\nresources:\n  - authentication:\n      type: bearer\n      token: <<{b62:48}>>\n"},
	}
}

// winSCP hides a password as WinSCP does: each byte is XORed with 0xA3, inverted, and written in
// hexadecimal, behind a flag, the length and padding; user and host stand before the password.
func winSCP(r *random) sample {
	password := r.password(16)
	const user, host = "deploy", "sftp.internal"
	plain := append([]byte{0xff, 0, byte(len(user + host + password)), 0}, user+host+password...)
	var hidden strings.Builder
	for _, b := range plain {
		fmt.Fprintf(&hidden, "%02X", ^b^0xa3)
	}
	text := "[Sessions\\prod]\nHostName=" + host + "\nUserName=" + user + "\nPassword=" + hidden.String() + "\n"
	return sample{text: text, value: password, forms: []string{hidden.String()}}
}

// dbeaver encrypts with AES-128-CBC under a fixed key that stands in DBeaver's source
// (DefaultSecureStorage and its predecessors); the vector comes first.
func dbeaver(r *random) sample {
	password := r.password(16)
	key, err := hex.DecodeString("babb4a9f774ab853c96c2d653dfe544a")
	must(err)
	plain := fmt.Sprintf(`{"postgres-jdbc-1":{"#connection":{"user":"shop","password":"%s"}}}`, password)
	block, err := aes.NewCipher(key)
	must(err)
	padded, iv := padBlock([]byte(plain)), r.bytes(aes.BlockSize)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(padded, padded)
	all := string(append(iv, padded...))
	return sample{text: all, value: password, forms: []string{all}}
}

// kubeconfigClientKey has the key as base64 of its PEM.
func kubeconfigClientKey(r *random) sample {
	key := pemSample("PRIVATE KEY", pkcs8(ecKey(r)))
	encoded := base64.StdEncoding.EncodeToString([]byte(key.text))
	return sample{value: key.value, forms: []string{encoded},
		text: "apiVersion: v1\nkind: Config\nusers:\n- name: deploy\n  user:\n    client-key-data: " + encoded + "\n"}
}

// pullSecret has a Docker configuration in base64, and in it once more user and password.
func pullSecret(r *random) sample {
	inner := fill(r, `{"auths":{"registry.corp.internal":{"auth":"[[b64:puller:<<{pw:20}>>]]"}}}`)
	encoded := base64.StdEncoding.EncodeToString([]byte(inner.text))
	return sample{value: inner.value, forms: append(inner.forms, encoded),
		text: "apiVersion: v1\nkind: Secret\nmetadata:\n  name: pull\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: " + encoded + "\n"}
}

func jenkinsCredentials(r *random) sample {
	key := pemSample("EC PRIVATE KEY", ecDER(r))
	return sample{value: key.value, text: "<com.cloudbees.jenkins.plugins.sshcredentials.impl.BasicSSHUserPrivateKey>\n  <username>deploy</username>\n" +
		"  <privateKeySource><privateKey>" + key.value + "</privateKey></privateKeySource>\n</com.cloudbees.jenkins.plugins.sshcredentials.impl.BasicSSHUserPrivateKey>\n"}
}

// openVPNStaticKey is what `openvpn --genkey` writes: 2048 random bits in 16 lines.
func openVPNStaticKey(r *random) sample {
	block := "-----BEGIN OpenVPN Static key V1-----\n" + wrapped(hex.EncodeToString(r.bytes(256)), 32, "\n") + "\n-----END OpenVPN Static key V1-----"
	return sample{value: block, text: "#\n# 2048 bit OpenVPN static key\n#\n" + block + "\n"}
}

func openVPNInlineKey(r *random) sample {
	key := pemSample("EC PRIVATE KEY", ecDER(r))
	return sample{value: key.value, text: "client\nremote vpn.internal 1194\n<key>\n" + key.text + "</key>\n"}
}
