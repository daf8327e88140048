package checks

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// judgeNames looks for variables and build arguments that are named like secrets
// and have a value. The values are the secret rules' business: they are never part of a
// finding here.
func (j *judge) judgeNames(image *layers.Image, steps []step) {
	set := map[string]bool{}
	for _, v := range variables(image.Config) {
		if !secretName(v.name, v.value) {
			continue
		}
		set[v.name] = true
		j.note(ruleSecretName, v.name, "env/"+v.name, "", setting(steps, v.name), "")
	}
	for _, s := range steps {
		for _, v := range s.buildArguments() {
			if secretName(v.name, v.value) && (s.word != "ENV" || !set[v.name]) {
				j.noteStep(ruleSecretName, v.name, s, "", "")
			}
		}
	}
}

// setting gives the last ENV that sets a variable.
func setting(steps []step, name string) *step {
	for i := range slices.Backward(steps) {
		if steps[i].word == "ENV" && slices.ContainsFunc(environment(steps[i].rest), func(a assignment) bool { return a.name == name }) {
			return &steps[i]
		}
	}
	return nil
}

// secretWords are parts of names that mean a secret: those of BuildKit's rule
// SecretsUsedInArgOrEnv, and more that people use.
var secretWords = map[string]bool{
	"apikey": true, "auth": true, "credential": true, "credentials": true, "key": true, "password": true, "pword": true, "passwd": true, "secret": true, "token": true,
	"apikeys": true, "keys": true, "pass": true, "pwd": true, "psw": true, "passphrase": true, "passcode": true, "secrets": true, "tokens": true, "passwords": true,
	"secretkey": true, "accesskey": true, "privatekey": true, "authtoken": true, "accesstoken": true,
}

// harmlessWords are parts of names that mean something about a secret, or public.
var harmlessWords = map[string]bool{
	"public": true, "pub": true, "file": true, "files": true, "version": true, "path": true, "dir": true, "directory": true, "url": true, "uri": true, "endpoint": true,
	"host": true, "port": true, "server": true, "name": true, "header": true, "type": true, "mode": true, "method": true, "enabled": true, "enable": true, "disabled": true,
	"disable": true, "required": true, "ttl": true, "expiry": true, "expires": true, "expiration": true, "lifetime": true, "timeout": true, "length": true, "size": true,
	"min": true, "max": true, "algorithm": true, "alg": true, "algo": true, "format": true, "provider": true, "issuer": true, "audience": true, "realm": true, "scope": true,
	"fingerprint": true, "gpg": true, "pgp": true, "keyring": true, "keyserver": true, "rotation": true, "policy": true, "prefix": true, "count": true, "cookie": true,
	"plugin": true, "plugins": true, "module": true, "backend": true, "service": true, "proxy": true, "sock": true, "socket": true, "map": true, "space": true, "board": true,
}

// nothing matches values that are no secret of any kind.
var nothing = regexp.MustCompile(`(?i)^(?:true|false|yes|no|on|off|none|null|nil|undefined|[0-9]{1,5})$`)

// secretName reports whether a variable holds a secret by its name. Empty values,
// switches, paths and references to others are none.
func secretName(name, value string) bool {
	value = strings.TrimSpace(value)
	if value == "" || nothing.MatchString(value) || strings.HasPrefix(value, "/") || strings.HasPrefix(value, "./") ||
		strings.HasPrefix(value, "file:") || strings.HasPrefix(value, "$") {
		return false
	}
	secret := false
	parts := nameParts(name)
	for _, p := range parts {
		if harmlessWords[p] {
			return false
		}
		secret = secret || secretWords[p] && (p != "pwd" || len(parts) > 1 && parts[0] != "old")
	}
	return secret
}

// nameParts splits DB_PASSWORD, db-password, dbPassword and db.password alike.
func nameParts(name string) []string {
	var b strings.Builder
	var last rune
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
		last = r
	}
	return strings.FieldsFunc(b.String(), isSeparator)
}

// tampered are variables that switch the verification of what is downloaded off, with the values that do.
var tampered = map[string]func(string) bool{
	"NODE_TLS_REJECT_UNAUTHORIZED": func(v string) bool { return v == "0" },
	"PYTHONHTTPSVERIFY":            func(v string) bool { return v == "0" },
	"NPM_CONFIG_STRICT_SSL":        isOff,
	"YARN_STRICT_SSL":              isOff,
	"YARN_ENABLE_STRICT_SSL":       isOff,
	"GIT_SSL_NO_VERIFY":            func(v string) bool { return v != "" && !isOff(v) },
	"PIP_TRUSTED_HOST":             func(v string) bool { return v != "" },
	"UV_INSECURE_HOST":             func(v string) bool { return v != "" },
	"GOINSECURE":                   func(v string) bool { return v != "" },
	"GOSUMDB":                      func(v string) bool { return v == "off" },
	"GONOSUMCHECK":                 func(v string) bool { return v != "" && !isOff(v) },
	"CONDA_SSL_VERIFY":             isOff,
	"CARGO_HTTP_CHECK_REVOKE":      isOff,
	"HOMEBREW_CURL_INSECURE":       func(v string) bool { return v != "" },
}

func isOff(v string) bool {
	switch strings.ToLower(v) {
	case "false", "0", "off", "no":
		return true
	}
	return false
}

func switchedOff(a assignment) bool {
	test := tampered[strings.ToUpper(a.name)]
	return test != nil && test(strings.Trim(strings.TrimSpace(a.value), `"'`))
}

// judgeVariables looks for variables that switch verification off for every build
// and every container made of the image.
func (j *judge) judgeVariables(image *layers.Image, steps []step) {
	for _, v := range variables(image.Config) {
		if switchedOff(v) {
			j.note(ruleVerification, v.name, "env/"+v.name, "", setting(steps, v.name), finding.High)
		}
	}
}
