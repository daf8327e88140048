package credfile

import "strings"

// Kinds of password hashes, as crypt(5) and the programs' manuals call them.
const (
	hashMD5Crypt    = "md5crypt"
	hashAPR1        = "apr1"
	hashSHA256Crypt = "sha256crypt"
	hashSHA512Crypt = "sha512crypt"
	hashBcrypt      = "bcrypt"
	hashYescrypt    = "yescrypt"
	hashDES         = "des"
	hashNT          = "nt"
	hashLM          = "lm"
	hashMySQL       = "mysql-native"
	hashPostgresMD5 = "postgres-md5"
	hashMD5         = "md5"
	hashSHA1        = "sha1"
	hashSHA256      = "sha256"
	hashSHA512      = "sha512"
	hashSSHA        = "ssha"
	hashDigest      = "htdigest"
)

// hashPrefixes are how hashes begin, and the shortest length of one.
var hashPrefixes = []struct {
	prefix, kind string
	shortest     int
}{
	{"$1$", hashMD5Crypt, 26}, {"$apr1$", hashAPR1, 29}, {"$5$", hashSHA256Crypt, 47}, {"$6$", hashSHA512Crypt, 90},
	{"$2a$", hashBcrypt, 60}, {"$2b$", hashBcrypt, 60}, {"$2x$", hashBcrypt, 60}, {"$2y$", hashBcrypt, 60},
	{"$y$", hashYescrypt, 50}, {"$gy$", "gost-yescrypt", 50}, {"$sm3$", "sm3crypt", 40}, {"$7$", "scrypt", 40}, {"$3$$", hashNT, 36},
	{"$sha1$", "sha1crypt", 40}, {"$md5,", "sunmd5", 30}, {"$md5$", "sunmd5", 30}, {"$argon2", "argon2", 40}, {"$scrypt$", "scrypt", 40},
	{"$pbkdf2", "pbkdf2", 40}, {"$P$", "phpass", 34}, {"$H$", "phpass", 34}, {"$S$", "drupal7", 55}, {"$A$005$", "mysql-caching-sha2", 60},
	{"pbkdf2_sha256$", "pbkdf2", 40}, {"pbkdf2_sha1$", "pbkdf2", 40}, {"pbkdf2:sha256", "pbkdf2", 40}, {"pbkdf2:sha512", "pbkdf2", 40},
	{"scrypt:32768:", "scrypt", 60}, {"bcrypt_sha256$", hashBcrypt, 60}, {"argon2$argon2", "argon2", 40}, {"scram-sha-256$", "scram-sha-256", 40},
	{"SCRAM-SHA-256$", "scram-sha-256", 40}, {"SCRAM-SHA-1$", "scram-sha-1", 40}, {"grub.pbkdf2.sha512.", "pbkdf2", 100},
	{"#jbcrypt:", hashBcrypt, 60}, {"-pbkdf2-", "pbkdf2", 40}, {"-hashed-", "couchdb-sha1", 40}, {"pbkdf2-sha512$", "pbkdf2", 40},
}

// hashSchemes are the schemes in braces of LDAP (RFC 2307) and Dovecot.
var hashSchemes = map[string]string{
	"SHA": hashSHA1, "SSHA": hashSSHA, "SHA256": hashSHA256, "SSHA256": "ssha256", "SHA512": hashSHA512, "SSHA512": "ssha512",
	"MD5": hashMD5, "SMD5": "smd5", "PLAIN-MD5": hashMD5, "LDAP-MD5": hashMD5, "NTLM": hashNT, "LANMAN": hashLM, "LM": hashLM,
	"BLF-CRYPT": hashBcrypt, "MD5-CRYPT": hashMD5Crypt, "SHA256-CRYPT": hashSHA256Crypt, "SHA512-CRYPT": hashSHA512Crypt,
	"CRYPT": hashDES, "DES-CRYPT": hashDES, "ARGON2I": "argon2", "ARGON2ID": "argon2", "ARGON2": "argon2", "PBKDF2": "pbkdf2",
	"PBKDF2-SHA256": "pbkdf2", "PBKDF2-SHA512": "pbkdf2", "SCRAM-SHA-1": "scram-sha-1", "SCRAM-SHA-256": "scram-sha-256",
	"CRAM-MD5": "cram-md5", "DIGEST-MD5": "digest-md5", "BCRYPT": hashBcrypt,
}

// hashKind names the kind of a hash whose form tells it, and is empty for
// anything else.
func hashKind(v string) string {
	if len(v) < 20 {
		return ""
	}
	switch v[0] {
	case '{':
		scheme, rest, ok := strings.Cut(v[1:], "}")
		if !ok {
			return ""
		}
		scheme, _, _ = strings.Cut(scheme, ".") // an encoding, as in {SSHA.HEX}
		kind := hashSchemes[strings.ToUpper(scheme)]
		if kind == "" {
			return ""
		}
		return first(hashKind(rest), kind)
	case '*':
		if len(v) == 41 && isHex(v[1:]) && strings.ToUpper(v) == v {
			return hashMySQL
		}
	case 'm':
		if len(v) == 35 && strings.HasPrefix(v, "md5") && isHex(v[3:]) && strings.ToLower(v) == v {
			return hashPostgresMD5
		}
	}
	if strings.ContainsAny(v, " \t") {
		return ""
	}
	for _, p := range hashPrefixes {
		if len(v) >= p.shortest && strings.HasPrefix(v, p.prefix) {
			return p.kind
		}
	}
	return ""
}

// cryptKind names the kind of a field that crypt(3) made, also that of the old
// DES form, which has no mark.
func cryptKind(v string) string {
	if kind := hashKind(v); kind != "" {
		return kind
	}
	switch {
	case len(v) == 13 && isCryptText(v):
		return hashDES
	case len(v) == 20 && v[0] == '_' && isCryptText(v[1:]):
		return "bsdicrypt"
	}
	return ""
}

func isCryptText(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c != '.' && c != '/' {
			return false
		}
	}
	return true
}
