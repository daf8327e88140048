package checks

import (
	"path"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// class is what the name of a file says about it.
type class struct {
	rule       string
	what       string // for the description
	severity   finding.Severity
	confidence finding.Confidence
}

// nameRules judges a file by its name.
func (j *judge) nameRules(ref layers.Ref, e *layers.Entry) {
	if e.Type != layers.Regular && e.Type != layers.HardLink {
		return
	}
	c, ok := classify(e.Path)
	if !ok || j.isEmpty(ref, e) {
		return
	}
	j.addFile(ref, hit{
		rule: c.rule, place: e.Path, path: e.Path, layer: ref.Layer, detail: c.what,
		severity: c.severity, confidence: c.confidence,
	})
}

// isEmpty reports whether a file has no content. A hard link has that of its target;
// one whose target is not known counts as filled.
func (j *judge) isEmpty(ref layers.Ref, e *layers.Entry) bool {
	if e.Type == layers.HardLink {
		e = j.view.Entry(j.view.Origin(ref))
	}
	return e != nil && e.Type == layers.Regular && e.Size == 0
}

// classify tells environment files, private keys and credential files by name.
func classify(p string) (class, bool) {
	dir, base := path.Split(p)
	c, ok := classifyName(dir, base)
	if !ok {
		return class{}, false
	}
	if isSample(dir) {
		c.confidence, c.severity = finding.Unsure, finding.Low
	}
	return c, true
}

func classifyName(dir, base string) (class, bool) {
	if c, ok := dotenv(base); ok {
		return c, true
	}
	if c, ok := credential(dir, base); ok {
		return c, true
	}
	return privateKey(dir, base)
}

// dotenv knows .env, .env.production, prod.env, .envrc, but no templates of them.
func dotenv(base string) (class, bool) {
	c := class{rule: ruleDotenv, confidence: finding.Sure}
	rest, dotted := strings.CutPrefix(base, ".env")
	switch {
	case dotted && (rest == "" || rest[0] == '.' || rest[0] == '-' || rest[0] == '_'):
	case base == ".envrc", base == ".flaskenv":
		c.confidence = finding.Likely
	case strings.HasSuffix(base, ".env") && !dotted:
		c.confidence = finding.Likely
	default:
		return class{}, false
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(base), isSeparator) {
		switch word {
		case "example", "examples", "sample", "samples", "template", "tmpl", "tpl", "dist", "defaults", "schema", "vault", "md", "ts", "js", "py", "go", "rb":
			return class{}, false
		}
	}
	return c, true
}

func isSeparator(r rune) bool { return r == '.' || r == '-' || r == '_' || r == ' ' }

// credentialNames are files that are credential files wherever they lie.
var credentialNames = map[string]string{
	".npmrc":                   "npm's configuration, the usual place of a registry token",
	".pypirc":                  "passwords for uploading Python packages",
	".netrc":                   "passwords for hosts, used by curl, git and many more",
	"_netrc":                   "passwords for hosts, used by curl, git and many more",
	".pgpass":                  "PostgreSQL passwords",
	".my.cnf":                  "MySQL's user configuration, the usual place of its password",
	".mylogin.cnf":             "MySQL passwords, scrambled",
	".dockercfg":               "Docker registry passwords",
	".dockerconfigjson":        "Docker registry passwords",
	".htpasswd":                "password hashes of a web server",
	".git-credentials":         "git passwords in clear",
	".s3cfg":                   "s3cmd's access keys",
	".boto":                    "access keys of boto and gsutil",
	".vault-token":             "a Vault token",
	".terraformrc":             "Terraform's configuration, the usual place of its token",
	"credentials.tfrc.json":    "Terraform Cloud tokens",
	"terraform.tfstate":        "Terraform state, which holds every secret of what it made",
	"terraform.tfstate.backup": "Terraform state, which holds every secret of what it made",
	".smbcredentials":          "passwords of network shares",
	".passwd-s3fs":             "s3fs access keys",
	"krb5.keytab":              "Kerberos keys",
	"kubeconfig":               "access to a Kubernetes cluster",
	"accessTokens.json":        "Azure access tokens",
	"msal_token_cache.json":    "Azure access tokens",
	"access_tokens.db":         "Google Cloud access tokens",
	"rclone.conf":              "rclone's remotes with their passwords",
	".erlang.cookie":           "the shared secret of an Erlang cluster",
	".msmtprc":                 "a mail account's password",
	".fetchmailrc":             "a mail account's password",
}

// credentialPlaces are files that mean credentials only in their directory, as the
// end of a path.
var credentialPlaces = map[string]string{
	".docker/config.json":                  "Docker registry passwords",
	".docker/plaintext-passwords.json":     "Docker registry passwords",
	"containers/auth.json":                 "registry passwords of Podman, Buildah and Skopeo",
	".aws/credentials":                     "AWS access keys",
	".kube/config":                         "access to a Kubernetes cluster",
	".kube/config.yaml":                    "access to a Kubernetes cluster",
	"gcloud/credentials.db":                "Google Cloud credentials",
	"gcloud/legacy_credentials":            "Google Cloud credentials",
	"application_default_credentials.json": "Google Cloud credentials",
	"gh/hosts.yml":                         "a GitHub token",
	".config/hub":                          "a GitHub token",
	"glab-cli/config.yml":                  "a GitLab token",
	".gem/credentials":                     "a RubyGems key",
	".bundle/config":                       "Bundler's configuration, a place of passwords",
	".cargo/credentials":                   "a crates registry token",
	".cargo/credentials.toml":              "a crates registry token",
	".m2/settings.xml":                     "Maven's settings, the usual place of repository passwords",
	".m2/settings-security.xml":            "Maven's master password",
	".gradle/gradle.properties":            "Gradle's user properties, the usual place of repository passwords",
	".composer/auth.json":                  "Composer's passwords",
	"composer/auth.json":                   "Composer's passwords",
	".nuget/NuGet.Config":                  "NuGet's configuration, a place of feed passwords",
	"doctl/config.yaml":                    "a DigitalOcean token",
	".netlify/config.json":                 "a Netlify token",
	"heroku/credentials":                   "a Heroku token",
}

// unsureNames are names that people give to credential files and to other files.
var unsureNames = map[string]string{
	".yarnrc.yml":         "Yarn's configuration, a place of registry tokens",
	"credentials.json":    "the name that cloud consoles give to downloaded credentials",
	"credential.json":     "the name that cloud consoles give to downloaded credentials",
	"client_secret.json":  "the name that cloud consoles give to downloaded credentials",
	"serviceaccount.json": "the name that cloud consoles give to downloaded credentials",
	"secrets.json":        "a file of secrets by its name",
	"secrets.yml":         "a file of secrets by its name",
	"secrets.yaml":        "a file of secrets by its name",
	"credentials.xml":     "credentials of a build server by its name",
	"htpasswd":            "password hashes of a web server by its name",
}

// credential knows the files in which programs keep passwords and tokens.
func credential(dir, base string) (class, bool) {
	c := class{rule: ruleCredential, confidence: finding.Likely}
	if what, ok := credentialNames[base]; ok {
		c.what = what
		return c, true
	}
	if what, ok := credentialPlaces[path.Base(dir)+"/"+base]; ok {
		c.what = what
		return c, true
	}
	if what, ok := credentialPlaces[base]; ok {
		c.what = what
		return c, true
	}
	low := strings.ToLower(base)
	switch what, ok := unsureNames[low]; {
	case ok:
		c.what, c.severity = what, finding.Medium
	case strings.HasPrefix(low, "client_secret_") && strings.HasSuffix(low, ".json"),
		strings.HasPrefix(low, "service-account") && strings.HasSuffix(low, ".json"),
		strings.HasPrefix(low, "service_account") && strings.HasSuffix(low, ".json"):
		c.what, c.severity = "the name that cloud consoles give to downloaded credentials", finding.Medium
	case strings.HasSuffix(low, ".tfvars"), strings.HasSuffix(low, ".tfvars.json"):
		c.what, c.severity = "Terraform variables, the usual place of the secrets that it is given", finding.Medium
	case strings.HasSuffix(low, ".keytab"):
		c.what = "Kerberos keys"
	case strings.HasSuffix(low, ".publishsettings"):
		c.what = "Azure deployment passwords"
	default:
		return class{}, false
	}
	return c, true
}

// sampleDirs are directories whose files are mostly made for tests and examples,
// or come with a package that somebody else published.
var sampleDirs = map[string]bool{
	"test": true, "tests": true, "testdata": true, "test-data": true, "test_data": true, "testing": true, "__tests__": true, "__fixtures__": true,
	"fixture": true, "fixtures": true, "spec": true, "specs": true, "mock": true, "mocks": true, "example": true, "examples": true,
	"sample": true, "samples": true, "demo": true, "demos": true, "doc": true, "docs": true, "node_modules": true, "bower_components": true,
	"site-packages": true, "dist-packages": true, "gems": true,
}

func isSample(dir string) bool {
	for part := range strings.SplitSeq(dir, "/") {
		if sampleDirs[part] {
			return true
		}
	}
	return strings.Contains(dir, "go/pkg/mod/") || strings.Contains(dir, ".cargo/registry/")
}
