package checks

import (
	"regexp"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// judgeSteps judges how an image was built, by its history.
func (j *judge) judgeSteps(image *layers.Image, steps []step) {
	j.judgeVariables(image, steps)
	about := []string{ruleUpdateAlone, ruleAdd, ruleSudo, ruleCurlPipe, ruleVerification, rulePasswordSet}
	if !ofDockerfile(steps) {
		j.leave("there is no history of instructions", about...)
		return
	}
	if why := unparsed(steps); why != "" {
		j.leave(why, slices.DeleteFunc(about, func(r string) bool { return r == ruleAdd })...)
	}
	for _, s := range steps {
		switch s.word {
		case "RUN":
			j.judgeRun(s)
		case "ADD":
			j.judgeAdd(s)
		}
	}
}

func (j *judge) judgeRun(s step) {
	for _, u := range updatesAlone(s.script.commands) {
		j.noteStep(ruleUpdateAlone, u.manager, s, "", u.confidence)
	}
	for _, f := range s.script.fed {
		j.noteStep(ruleCurlPipe, f.from+" to "+f.to, s, "", "")
	}
	for _, c := range s.script.commands {
		if c.sudo {
			j.noteStep(ruleSudo, "", s, "", "")
		}
		if setsPassword(c) {
			j.noteStep(rulePasswordSet, c.name, s, "", "")
		}
		if what := unverified(c); what != "" {
			j.noteStep(ruleVerification, what, s, "", "")
		}
	}
	for _, a := range s.script.set {
		if switchedOff(a) {
			j.noteStep(ruleVerification, a.name, s, "", "")
		}
	}
}

// judgeAdd judges ADD where COPY would do. A root file system that an image begins
// with cannot be added in another way.
func (j *judge) judgeAdd(s step) {
	if s.first || addsRoot(s.rest) {
		return
	}
	if strings.Contains(s.rest, "http://") || strings.Contains(s.rest, "https://") || strings.Contains(s.rest, "git@") {
		if !strings.Contains(s.rest, "--checksum=") {
			j.noteStep(ruleAdd, "a download without a checksum", s, finding.Medium, "")
		}
		return
	}
	j.noteStep(ruleAdd, "", s, "", "")
}

// addsRoot reports whether ADD unpacks one thing into the root.
func addsRoot(rest string) bool {
	words := slices.DeleteFunc(strings.Fields(rest), func(w string) bool { return strings.HasPrefix(w, "--") || w == "in" })
	return len(words) == 2 && words[1] == "/" && !strings.Contains(words[0], "://") &&
		(strings.HasPrefix(words[0], "file:") || strings.Contains(words[0], ".tar") || strings.HasSuffix(words[0], ".tgz"))
}

// managers are package managers that keep lists of packages: what fetches the
// lists, and what uses them.
var managers = map[string]struct{ update, use []string }{
	"apt":    {[]string{"update"}, []string{"install", "upgrade", "dist-upgrade", "full-upgrade", "build-dep", "download", "source", "satisfy", "reinstall"}},
	"apk":    {[]string{"update"}, []string{"add", "upgrade", "fetch"}},
	"yum":    {[]string{"update", "makecache", "check-update"}, []string{"install", "localinstall", "groupinstall", "group", "upgrade", "reinstall", "swap", "builddep"}},
	"zypper": {[]string{"refresh", "ref"}, []string{"install", "in", "update", "up", "dist-upgrade", "dup", "patch"}},
}

var managerNames = map[string]string{
	"apt": "apt", "apt-get": "apt", "aptitude": "apt", "apk": "apk",
	"yum": "yum", "dnf": "yum", "dnf5": "yum", "microdnf": "yum", "tdnf": "yum", "zypper": "zypper",
}

type updateAlone struct {
	manager    string
	confidence finding.Confidence
}

// updatesAlone finds package lists that are fetched in one RUN and used in another,
// where the builder's cache keeps old ones.
func updatesAlone(commands []command) []updateAlone {
	updated, used := map[string]string{}, map[string]bool{}
	var doubt finding.Confidence
	for _, c := range commands {
		if c.own && managerNames[c.name] == "" || isInterpreter(c.name) {
			doubt = finding.Unsure // a script of the build may install
		}
		family := managerNames[c.name]
		if family == "" {
			if slices.Contains(c.args, "install") || slices.Contains(c.args, "install-deps") {
				doubt = finding.Unsure // so may other tools, with the lists of this one
			}
			continue
		}
		verb := firstVerb(c.args)
		if slices.Contains(managers[family].use, verb) {
			used[family] = true
		}
		if slices.Contains(managers[family].update, verb) && updated[family] == "" {
			updated[family] = c.name
		}
		if family == "apk" && slices.Contains(c.args, "--update") && verb == "" {
			updated[family] = c.name
		}
	}
	var alone []updateAlone
	for _, family := range []string{"apt", "apk", "yum", "zypper"} {
		if name := updated[family]; name != "" && !used[family] {
			alone = append(alone, updateAlone{name, doubt})
		}
	}
	return alone
}

// firstVerb gives the first argument that is no flag and no flag's value.
func firstVerb(args []string) string {
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "-o" || a == "-c" || a == "-t" || a == "--repository" || a == "-X" || a == "-p" || a == "--root":
			i++
		case !strings.HasPrefix(a, "-"):
			return a
		}
	}
	return ""
}

// setsPassword knows commands that give an account a password.
func setsPassword(c command) bool {
	switch c.name {
	case "chpasswd":
		return true
	case "passwd":
		return slices.Contains(c.args, "--stdin")
	case "useradd", "usermod":
		return slices.ContainsFunc(c.args, func(a string) bool { return a == "-p" || strings.HasPrefix(a, "--password") })
	}
	return false
}

var trustedSource = regexp.MustCompile(`\bdeb(?:-src)?\s+\[[^\]]*trusted=yes`)

// unverified says how a command switches the verification of what it fetches off;
// empty if it does not.
func unverified(c command) string {
	has := func(flags ...string) string {
		for _, a := range c.args {
			for _, f := range flags {
				if a == f || strings.HasPrefix(a, f+"=") && !isOff(a[len(f)+1:]) {
					return plainName(c.name) + " " + f
				}
			}
		}
		return ""
	}
	for _, a := range c.args {
		if trustedSource.MatchString(a) {
			return "apt source with trusted=yes"
		}
	}
	switch name := plainName(c.name); name {
	case "curl":
		if insecureCurl(c.args) {
			return "curl --insecure"
		}
	case "wget", "wget2":
		return has("--no-check-certificate")
	case "pip", "python":
		return has("--trusted-host")
	case "apk":
		return has("--allow-untrusted")
	case "apt", "apt-get", "aptitude":
		if what := has("--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"); what != "" {
			return what
		}
		return optionSet(c, "apt-get", "apt::get::allowunauthenticated=", "acquire::allowinsecurerepositories=", "acquire::https::verify-peer=!")
	case "yum", "dnf", "microdnf", "tdnf", "zypper":
		if what := has("--nogpgcheck", "--no-gpg-checks", "--no-gpg-check"); what != "" {
			return what
		}
		return optionSet(c, name, "--setopt=gpgcheck=!", "--setopt=sslverify=!")
	case "rpm":
		return has("--nosignature", "--nodigest", "--nofiledigest", "--noverify")
	case "git":
		for i, a := range c.args {
			low := strings.ToLower(a)
			if low == "http.sslverify" && i+1 < len(c.args) && isOff(c.args[i+1]) || strings.HasPrefix(low, "http.sslverify=") && isOff(a[len("http.sslverify="):]) {
				return "git http.sslVerify=false"
			}
		}
	case "npm", "yarn", "pnpm":
		for i, a := range c.args {
			if a == "--no-strict-ssl" || a == "strict-ssl" && i+1 < len(c.args) && isOff(c.args[i+1]) || strings.HasSuffix(a, "strict-ssl=false") {
				return name + " strict-ssl=false"
			}
		}
	case "conda", "mamba":
		if i := slices.Index(c.args, "ssl_verify"); i >= 0 && i+1 < len(c.args) && isOff(c.args[i+1]) {
			return name + " ssl_verify=false"
		}
	}
	return ""
}

// optionSet looks for a setting on the command line, by its lower-case start; one
// that ends in an exclamation mark must be off, another on.
func optionSet(c command, name string, starts ...string) string {
	for _, a := range c.args {
		low := strings.ToLower(strings.TrimPrefix(a, "-o"))
		for _, s := range starts {
			s, off := strings.CutSuffix(s, "!")
			if value, ok := strings.CutPrefix(low, s); ok && isOff(strings.Trim(value, `"'`)) == off {
				return name + " " + strings.TrimSuffix(strings.TrimPrefix(s, "--setopt="), "=")
			}
		}
	}
	return ""
}

// insecureCurl reads curl's short flags, which may stand together: in -fsSLko the
// k counts, in -ok it is the name of a file.
func insecureCurl(args []string) bool {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--insecure" || a == "--proxy-insecure" {
			return true
		}
		if a == "--" || len(a) < 2 || a[0] != '-' || a[1] == '-' {
			continue
		}
		for k := 1; k < len(a); k++ {
			if a[k] == 'k' {
				return true
			}
			if strings.IndexByte("oHduAexXmTFbcCrwyYzEKtQPDU", a[k]) >= 0 {
				if k == len(a)-1 {
					i++ // the next word is its value
				}
				break
			}
		}
	}
	return false
}
