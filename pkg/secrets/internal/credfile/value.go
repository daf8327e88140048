package credfile

import "strings"

// isReference reports whether a value names a secret that stands elsewhere, or
// says what to write in its place.
func isReference(v string) bool {
	v = strings.TrimSpace(v)
	switch {
	case v == "":
		return true
	case strings.Contains(v, "${") && strings.Contains(v, "}"), // shell, Spring, Compose
		strings.Contains(v, "$(") && strings.HasSuffix(v, ")"),   // shell
		strings.Contains(v, "{{") && strings.Contains(v, "}}"),   // Go, Jinja
		strings.Contains(v, "<%") && strings.Contains(v, "%>"),   // ERB
		strings.Contains(v, "%(") && strings.Contains(v, ")s"),   // Python's configparser
		strings.HasPrefix(v, "#{") && strings.HasSuffix(v, "}"),  // Ruby, Spring's expressions
		strings.HasPrefix(v, "<") && strings.HasSuffix(v, ">"),   // <password>
		strings.HasPrefix(v, "[[") && strings.HasSuffix(v, "]]"), // nomad and others
		isWrapped(v, "@"), isWrapped(v, "@@"), isWrapped(v, "__"), isWrapped(v, "%"):
		return true
	}
	if name, ok := strings.CutPrefix(v, "$"); ok && isVariable(name) {
		return true
	}
	lower := strings.ToLower(v[:min(len(v), 40)])
	for _, p := range referencePrefixes {
		if strings.HasPrefix(lower, p) {
			return true
		}
	}
	switch strings.Trim(lower, "[]()") {
	case "null", "none", "nil", "true", "false", "undefined", "redacted", "hidden", "todo", "fixme", "n/a", "tbd", "not set", "unset":
		return true
	}
	return strings.Trim(v, "*") == "" || len(v) > 2 && strings.Trim(lower, "x") == "" || strings.Trim(v, ".-_") == "" ||
		strings.HasPrefix(lower, "your") && strings.ContainsAny(lower[min(4, len(lower)):min(5, len(lower))], "-_ ") ||
		strings.HasPrefix(lower, "my_") && strings.HasSuffix(lower, "_here") ||
		strings.HasPrefix(lower, "insert") && strings.HasSuffix(lower, "here")
}

// referencePrefixes begin values that are looked up when the program runs, or that
// only the owner of a key can open.
var referencePrefixes = []string{
	"vault:", "file:/", "file://", "env:", "env(", "op://", "ssm:", "secretref:", "ref+", "ref:", "arn:aws:",
	"enc(", "enc[", "{cipher}", "@microsoft.keyvault(", "!vault", "!secret", "!ref", "aws-sm://", "gcp-sm://", "sops:",
	"{{", "%env(", "/run/secrets/", "/var/run/secrets/", "bao:", "keyring:", "secretsmanager:", "parameterstore:",
	"os.environ", "process.env", "getenv(", "projects/",
}

// isProse reports whether what stands in a comment is words.
func isProse(v string) bool {
	if strings.ContainsAny(v, " \t") && !strings.HasPrefix(v, "-----BEGIN ") {
		return true
	}
	for i := range len(v) {
		if c := v[i]; c < 'a' || c > 'z' {
			return len(v) < 4
		}
	}
	return len(v) < 12
}

// isWrapped reports whether a value is a name between two marks, like %name% or @name@.
func isWrapped(v, mark string) bool {
	return len(v) > 2*len(mark) && strings.HasPrefix(v, mark) && strings.HasSuffix(v, mark) &&
		isName(v[len(mark):len(v)-len(mark)])
}

// isVariable reports whether what follows a dollar sign is a variable: a name of
// capitals, or of letters alone. Other names may be passwords that begin with the sign.
func isVariable(name string) bool {
	return isName(name) && (strings.ToUpper(name) == name && !strings.ContainsAny(name[:1], "0123456789") ||
		!strings.ContainsAny(name, "0123456789-.") && strings.ToLower(name) == name)
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !isLetter(c) && !isDigit(c) && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return s != ""
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return s != ""
}

// isSecretName reports whether the name of an option, variable or key says
// that its value is a secret.
func isSecretName(name string) bool {
	n := strings.NewReplacer("-", "_", ".", "_", " ", "_").Replace(strings.ToLower(snake(name)))
	for _, s := range plainSuffixes {
		if strings.HasSuffix(n, s) {
			return false
		}
	}
	for _, p := range []string{"public", "max_", "min_", "enable", "use_", "is_", "has_"} {
		if strings.HasPrefix(n, p) {
			return false
		}
	}
	for _, w := range []string{"password", "passwd", "passphrase", "passwort", "secret", "credential"} {
		if strings.Contains(n, w) {
			return true
		}
	}
	for _, s := range []string{
		"token", "apikey", "api_key", "access_key", "private_key", "auth_key", "master_key", "signing_key", "encryption_key",
		"app_key", "license_key", "account_key", "shared_key", "storage_key", "_pass", "_pwd", "_pw", "_salt", "_psk",
	} {
		if strings.HasSuffix(n, s) || n == strings.TrimPrefix(s, "_") && s != "_pwd" {
			return true
		}
	}
	return n == "dbpass" || n == "dbpassword" || n == "userpass"
}

// plainSuffixes end the names of settings about a secret that are none themselves.
var plainSuffixes = []string{
	"_file", "_path", "_dir", "_url", "_uri", "_id", "_name", "_type", "_enabled", "_policy", "_header", "_length", "_size",
	"_ttl", "_expiry", "_expires", "_expires_in", "_expiration", "_timeout", "_lifetime", "_min", "_max", "_count", "_limit", "_field", "_method",
	"_algorithm", "_hash_algorithm", "_encryption", "_endpoint", "_host", "_required", "_reset", "_hint", "_prompt", "_class",
	"_encoder", "_provider", "_store", "_arn", "_location", "_format", "_age", "_days", "_validators", "_hashers", "_minutes", "_version", "_prefix", "_suffix",
	"_key_type", "_username", "_user", "_env", "_command", "_param", "_parameter", "_ref", "_column", "_label", "_manager",
}

// snake divides the words of a name in camel case by "_".
func snake(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if i > 0 && 'A' <= c && c <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z' {
			b.WriteByte('_')
		}
		b.WriteByte(c)
	}
	return b.String()
}
