package checks

import (
	"path"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// keyStores are the extensions of files that hold private keys and little else.
var keyStores = map[string]string{
	".p12":      "a PKCS #12 key store",
	".pfx":      "a PKCS #12 key store",
	".pkcs12":   "a PKCS #12 key store",
	".jks":      "a Java key store",
	".jceks":    "a Java key store",
	".bcfks":    "a Java key store",
	".keystore": "a Java or Android key store",
	".kdbx":     "a KeePass password database",
	".kdb":      "a KeePass password database",
	".psafe3":   "a Password Safe database",
	".ppk":      "a PuTTY private key",
	".ovpn":     "an OpenVPN profile, which mostly has its key inside",
	".p8":       "a PKCS #8 private key",
	".pk8":      "a PKCS #8 private key",
	".pvk":      "a Microsoft private key",
	".snk":      "a .NET signing key",
	".agekey":   "an age identity",
	".jwk":      "a JSON web key",
}

// keyNames are files that are private keys by their whole name.
var keyNames = map[string]string{
	"id_rsa":               "an SSH private key",
	"id_dsa":               "an SSH private key",
	"id_ecdsa":             "an SSH private key",
	"id_ed25519":           "an SSH private key",
	"id_ecdsa_sk":          "an SSH private key of a security token",
	"id_ed25519_sk":        "an SSH private key of a security token",
	"id_xmss":              "an SSH private key",
	"ssh_host_rsa_key":     "an SSH host key, shared by every container of the image",
	"ssh_host_dsa_key":     "an SSH host key, shared by every container of the image",
	"ssh_host_ecdsa_key":   "an SSH host key, shared by every container of the image",
	"ssh_host_ed25519_key": "an SSH host key, shared by every container of the image",
	"secring.gpg":          "an OpenPGP secret key ring",
	"secring.pgp":          "an OpenPGP secret key ring",
	"master.key":           "the master key of a Rails application",
}

// publicDirs hold certificates and public keys, whatever the names in them.
var publicDirs = []string{
	"usr/share/ca-certificates/", "usr/local/share/ca-certificates/", "etc/ssl/certs/", "etc/pki/ca-trust/",
	"etc/pki/tls/certs/", "etc/pki/rpm-gpg/", "etc/pki/java/", "var/lib/ca-certificates/", "etc/ca-certificates/",
	"usr/share/keyrings/", "etc/apt/keyrings/", "etc/apt/trusted.gpg.d/", "etc/apk/keys/", "usr/share/apk/keys/",
	"usr/share/distribution-gpg-keys/", "usr/share/pki/",
}

// keyDirs are directories in which a .key file is a private key.
var keyDirs = map[string]bool{
	"private": true, "ssl": true, "tls": true, "pki": true, "keys": true, "certs": true, "cert": true, "certificates": true, "secrets": true,
	"secret": true, ".ssh": true, "private-keys-v1.d": true, "letsencrypt": true, "acme": true, "wireguard": true, "openvpn": true,
}

// keyOwners are names that servers and authorities give their keys.
var keyOwners = map[string]bool{
	"server": true, "client": true, "tls": true, "ssl": true, "ca": true, "private": true, "privkey": true, "domain": true, "localhost": true,
	"host": true, "root": true, "nginx": true, "apache": true, "key": true, "cert": true, "apiserver": true, "sa": true, "etcd": true,
	"private-key": true, "privatekey": true,
}

// privateKey knows private keys and key stores.
func privateKey(dir, base string) (class, bool) {
	c, ok := keyByName(dir, base)
	if ok && slices.ContainsFunc(publicDirs, func(d string) bool { return strings.HasPrefix(dir, d) }) {
		return class{}, false
	}
	return c, ok
}

func keyByName(dir, base string) (class, bool) {
	c := class{rule: rulePrivateKey, confidence: finding.Likely}
	if what, ok := keyNames[base]; ok {
		c.what = what
		return c, true
	}
	if base == "ssl-cert-snakeoil.key" {
		c.what, c.severity = "the key that the package ssl-cert makes when it is installed, shared by every container of the image", finding.Low
		return c, true
	}
	low := strings.ToLower(base)
	ext := path.Ext(low)
	stem := strings.TrimSuffix(low, ext)
	switch what := keyStores[ext]; {
	case stem == "":
		return class{}, false
	case what != "":
		c.what = what
	case ext == ".pem" || ext == ".der":
		if !namesKey(stem) {
			return class{}, false
		}
		c.what = "a private key by its name"
	case ext == ".key":
		c.what = "a private key by its name"
		if !keyDirs[path.Base(dir)] && !keyOwners[stem] {
			c.confidence, c.severity = finding.Unsure, finding.Medium
		}
	case strings.HasPrefix(dir, "etc/wireguard/") && ext == ".conf":
		c.what = "a WireGuard configuration, which has its private key inside"
	default:
		return class{}, false
	}
	return c, !isPublic(stem)
}

// isPublic reports whether a name says that what is in the file may be known.
func isPublic(stem string) bool {
	for _, w := range words(stem) {
		switch w {
		case "pub", "public", "pubkey", "publickey", "truststore", "cacerts", "cacert", "trusted":
			return true
		}
	}
	return false
}

// namesKey reports whether a name says that it is a private key: privkey1.pem,
// server-key.pem, tls.key.pem.
func namesKey(stem string) bool {
	for _, w := range words(stem) {
		switch strings.TrimRight(w, "0123456789") {
		case "key", "privkey", "privatekey", "private", "priv", "keyfile", "keypair":
			return true
		}
	}
	return false
}

func words(stem string) []string { return strings.FieldsFunc(stem, isSeparator) }
