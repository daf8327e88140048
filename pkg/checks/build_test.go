package checks

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

var testNow = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// built is an image whose history is made of the given words; each made a layer.
func built(cfg v1.Config, steps ...string) *layers.Image {
	im := &layers.Image{Reference: "example.test/app:1", Source: "registry", Config: &v1.ConfigFile{
		Created: v1.Time{Time: testNow.Add(-24 * time.Hour)}, OS: "linux", Config: cfg,
	}}
	for i, s := range append([]string{"ADD rootfs.tar / # buildkit"}, steps...) {
		im.Config.History = append(im.Config.History, v1.History{CreatedBy: s})
		im.Layers = append(im.Layers, layers.Layer{Index: i, Facts: &layers.Facts{Scans: map[string]any{}}})
	}
	return im
}

func run(cmd string) string { return "RUN /bin/sh -c " + cmd + " # buildkit" }

// answer gives the result of a rule, and the kinds of its findings.
func answer(t *testing.T, im *layers.Image, rule string) (Result, []string) {
	t.Helper()
	j := Judge([]*layers.Image{im}, []*layers.View{layers.NewView(im.Layers)}, Options{Now: testNow})
	i := slices.IndexFunc(j.Assessments, func(a Assessment) bool { return a.Rule == rule })
	if i < 0 {
		t.Fatalf("no assessment of %s", rule)
	}
	a := j.Assessments[i]
	if (a.Result == Fail) == (len(a.Findings) == 0) || (a.Result == Fail) == (a.Why != "") {
		t.Errorf("half an assessment: %+v", a)
	}
	kinds := []string{}
	for _, f := range j.Findings {
		if f.Rule == rule {
			_, kind, _ := strings.Cut(f.Title, ": ")
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return a.Result, kinds
}

// withFile puts a file into the base layer, and its content before the scanner.
func withFile(im *layers.Image, path, content string) *layers.Image {
	facts := im.Layers[0].Facts
	e := layers.Entry{Path: path, Type: layers.Regular, Mode: 0o644, Size: int64(len(content)), Seq: len(facts.Entries)}
	facts.Entries = append(facts.Entries, e)
	scan := &accountScan{found: accounts{}}
	if old, ok := facts.Scans[scannerName].(accounts); ok {
		scan.found = old
	}
	if w := scan.Entry(&e); w != nil {
		_, _ = io.WriteString(w, content)
		_ = w.Close()
	}
	facts.Scans[scannerName] = scan.Facts().Found
	return im
}

const passwd = "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n"

// cases has, for each rule on configuration and history, images that break it, that
// nearly do, and about which it has no answer.
var cases = []struct {
	name  string
	rule  string
	image func() *layers.Image
	want  Result
	kinds string // of the findings, joined by commas; "-" does not look
}{
	{"no user", ruleUserRoot, user(""), Fail, ""},
	{"root by name", ruleUserRoot, user("root"), Fail, ""},
	{"root by number", ruleUserRoot, user("0"), Fail, ""},
	{"root with its group", ruleUserRoot, user("0:0"), Fail, ""},
	{"root and its group by name", ruleUserRoot, user("root:root"), Fail, ""},
	{"a name that maps to 0", ruleUserRoot, user("toor"), Fail, ""},
	{"a name that is not in passwd", ruleUserRoot, user("nobody2"), Fail, "a user that the image does not have"},
	{"a user of passwd", ruleUserRoot, user("app"), Pass, ""},
	{"a user of passwd in root's group", ruleUserRoot, user("app:0"), Pass, ""},
	{"a number", ruleUserRoot, user("65532:65532"), Pass, ""},
	{"a name where passwd was not read", ruleUserRoot, func() *layers.Image {
		im := user("app")()
		im.Layers[0].Facts.Scans = nil
		return im
	}, NotAssessed, ""},
	{"no configuration", ruleUserRoot, func() *layers.Image {
		im := user("app")()
		im.Config = nil
		return im
	}, NotAssessed, ""},

	{"no health check", ruleNoHealthcheck, config(v1.Config{}), Fail, ""},
	{"a health check that is switched off", ruleNoHealthcheck, config(v1.Config{Healthcheck: &v1.HealthConfig{Test: []string{"NONE"}}}), Fail, ""},
	{"a health check", ruleNoHealthcheck, config(v1.Config{Healthcheck: &v1.HealthConfig{Test: []string{"CMD", "/health"}}}), Pass, ""},

	{"port 22", ruleSSHPort, ports("22/tcp"), Fail, ""},
	{"a range with 22", ruleSSHPort, ports("20-25/tcp"), Fail, ""},
	{"port 2222", ruleSSHPort, ports("2222/tcp"), Pass, ""},
	{"port 80", rulePrivilegedPort, ports("80/tcp"), Fail, "80/tcp"},
	{"port 1024", rulePrivilegedPort, ports("1024"), Pass, ""},
	{"a port that is none", rulePrivilegedPort, ports("http"), NotAssessed, ""},
	{"the port of a debugger", ruleAdminPort, ports("5005/tcp"), Fail, "a Java debugger"},
	{"the port of a service", ruleAdminPort, ports("8080/tcp"), Pass, ""},

	{"a password in ENV", ruleSecretName, env("DB_PASSWORD=x9"), Fail, "DB_PASSWORD"},
	{"in camel case", ruleSecretName, env("dbPassword=x9"), Fail, "dbPassword"},
	{"a token in a build argument", ruleSecretName, steps("RUN |2 NPM_TOKEN=abc MODE=x /bin/sh -c npm ci # buildkit"), Fail, "NPM_TOKEN"},
	{"a default of ARG", ruleSecretName, steps("ARG API_KEY=abc"), Fail, "API_KEY"},
	{"one that a later ENV empties", ruleSecretName, steps("ENV API_KEY=abc"), Fail, "API_KEY"},
	{"an empty value", ruleSecretName, env("DB_PASSWORD="), Pass, ""},
	{"a path", ruleSecretName, env("DB_PASSWORD_FILE=/run/secrets/db", "TLS_KEY=/etc/tls.key"), Pass, ""},
	{"something public", ruleSecretName, env("PUBLIC_KEY=abc", "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D", "KEY_VERSION=3"), Pass, ""},
	{"words with a word in them", ruleSecretName, env("KEYCLOAK_HOME=x", "MONKEY=x", "PASSENGER=x", "COMPASS=x"), Pass, ""},
	{"a switch", ruleSecretName, env("AUTH=true", "TOKEN_TTL=3600", "PWD=x"), Pass, ""},

	{"update alone", ruleUpdateAlone, steps(run("apt-get update"), run("apt-get install -y curl")), Fail, "apt-get"},
	{"update with flags alone", ruleUpdateAlone, steps(run("apt-get -qq -o Acquire::Retries=3 update && rm -rf /tmp/x")), Fail, "apt-get"},
	{"apk update alone", ruleUpdateAlone, steps(run("apk update")), Fail, "apk"},
	{"yum update alone", ruleUpdateAlone, steps(run("yum -y update")), Fail, "yum"},
	{"update in a nested shell", ruleUpdateAlone, steps(run(`bash -c "apt-get update"`)), Fail, "apt-get"},
	{"update and install", ruleUpdateAlone, steps(run("set -eux; \tapt-get update; \tapt-get install -y --no-install-recommends ca-certificates; \trm -rf /var/lib/apt/lists/*")), Pass, ""},
	{"update and install by two names", ruleUpdateAlone, steps(run("apt-get update && apt install -y x")), Pass, ""},
	{"update and install on lines", ruleUpdateAlone, steps("RUN /bin/sh -c set -e\napt-get update\napt-get install -y x\n # buildkit"), Pass, ""},
	{"update in a comment", ruleUpdateAlone, steps("RUN /bin/sh -c # apt-get update\ntrue # buildkit"), Pass, ""},
	{"update in a quoted text", ruleUpdateAlone, steps(run(`echo "run apt-get update first"`)), Pass, ""},
	{"update of something else", ruleUpdateAlone, steps(run("npm update && update-ca-certificates")), Pass, ""},
	{"a version with an equals sign", ruleUpdateAlone, steps(run("apk add --no-cache libcrypto3=3.1.4-r1")), Pass, ""},
	{"text that is no shell", ruleUpdateAlone, steps(run("if then (")), NotAssessed, ""},
	{"a shell of Windows", ruleUpdateAlone, steps("RUN powershell -Command Install-Thing"), NotAssessed, ""},
	{"a history without instructions", ruleUpdateAlone, func() *layers.Image {
		im := built(v1.Config{})
		im.Config.History = []v1.History{{CreatedBy: "bazel build ..."}}
		return im
	}, NotAssessed, ""},

	{"ADD of a file", ruleAdd, steps("ADD app.tar.gz /app # buildkit"), Fail, ""},
	{"ADD by the classic builder", ruleAdd, steps("/bin/sh -c #(nop) ADD file:0123 in /app "), Fail, ""},
	{"ADD of a download", ruleAdd, steps("ADD https://example.test/x /x # buildkit"), Fail, "a download without a checksum"},
	{"ADD of a download with a checksum", ruleAdd, steps("ADD --checksum=sha256:00 https://example.test/x /x # buildkit"), Pass, ""},
	{"the base's ADD", ruleAdd, steps(), Pass, ""},
	{"a second root file system", ruleAdd, steps("/bin/sh -c #(nop) ADD file:0123 in / "), Pass, ""},
	{"COPY", ruleAdd, steps("COPY . /app # buildkit"), Pass, ""},

	{"sudo", ruleSudo, steps(run("sudo -E apt-get install -y x")), Fail, ""},
	{"a package called sudo", ruleSudo, steps(run("apt-get install -y sudo")), Pass, ""},

	{"curl piped to a shell", ruleCurlPipe, steps(run("curl -fsSL https://example.test/i | sh")), Fail, "curl to sh"},
	{"curl piped to a shell through sudo", ruleCurlPipe, steps(run("curl -fsSL https://example.test/i | sudo -E bash -")), Fail, "curl to bash"},
	{"with arguments for the script", ruleCurlPipe, steps(run("curl https://example.test/i | bash -s -- --yes")), Fail, "curl to bash"},
	{"wget piped to a shell", ruleCurlPipe, steps(run("wget -qO- https://example.test/i | bash")), Fail, "wget to bash"},
	{"through a third program", ruleCurlPipe, steps(run("curl x | tee /tmp/i | bash")), Fail, "curl to bash"},
	{"a download in a word", ruleCurlPipe, steps(run(`sh -c "$(curl -fsSL https://example.test/i)"`)), Fail, "curl to sh"},
	{"a download as a file", ruleCurlPipe, steps(run(`bash <(curl -s https://example.test/i)`)), Fail, "curl to bash"},
	{"a pipe to Python", ruleCurlPipe, steps(run("curl x | python3 -")), Fail, "curl to python3"},
	{"a pipe to tar", ruleCurlPipe, steps(run("curl -fsSL x | tar xz")), Pass, ""},
	{"a pipe to gpg", ruleCurlPipe, steps(run("curl -fsSL x | gpg --dearmor -o /k")), Pass, ""},
	{"a pipe to a script's input", ruleCurlPipe, steps(run(`curl x | python3 -c "import json, sys"`)), Pass, ""},
	{"a pipe to a script", ruleCurlPipe, steps(run(`curl x | sh ./install.sh`)), Pass, ""},
	{"a version from a download", ruleCurlPipe, steps(run(`V="$(curl x)" && echo "$V" | sh -c cat`)), Pass, ""},

	{"curl -k", ruleVerification, steps(run("curl -fsSLk x -o y")), Fail, "curl --insecure"},
	{"a file named k", ruleVerification, steps(run("curl -fsSLok x")), Pass, ""},
	{"wget", ruleVerification, steps(run("wget --no-check-certificate x")), Fail, "wget --no-check-certificate"},
	{"pip", ruleVerification, steps(run("pip3 install --trusted-host h x")), Fail, "pip --trusted-host"},
	{"apk", ruleVerification, steps(run("apk add --allow-untrusted x.apk")), Fail, "apk --allow-untrusted"},
	{"apt", ruleVerification, steps(run("apt-get install -y --allow-unauthenticated x")), Fail, "apt-get --allow-unauthenticated"},
	{"apt with force", ruleVerification, steps(run("apt-get install --force-yes x")), Fail, "apt-get --force-yes"},
	{"a trusted source", ruleVerification, steps(run(`echo "deb [trusted=yes] http://x y z" > /etc/apt/sources.list`)), Fail, "apt source with trusted=yes"},
	{"yum", ruleVerification, steps(run("yum install -y --nogpgcheck x")), Fail, "yum --nogpgcheck"},
	{"dnf by a setting", ruleVerification, steps(run("dnf install --setopt=sslverify=false x")), Fail, "dnf sslverify"},
	{"rpm", ruleVerification, steps(run("rpm -i --nosignature x.rpm")), Fail, "rpm --nosignature"},
	{"npm", ruleVerification, steps(run("npm config set strict-ssl false")), Fail, "npm strict-ssl=false"},
	{"git", ruleVerification, steps(run("git config --global http.sslVerify false")), Fail, "git http.sslVerify=false"},
	{"a variable in a step", ruleVerification, steps(run("NODE_TLS_REJECT_UNAUTHORIZED=0 npm ci")), Fail, "NODE_TLS_REJECT_UNAUTHORIZED"},
	{"an exported variable", ruleVerification, steps(run("export GIT_SSL_NO_VERIFY=1; git clone x")), Fail, "GIT_SSL_NO_VERIFY"},
	{"a variable in ENV", ruleVerification, env("PYTHONHTTPSVERIFY=0"), Fail, "PYTHONHTTPSVERIFY"},
	{"a variable that keeps verification", ruleVerification, env("NODE_TLS_REJECT_UNAUTHORIZED=1", "NPM_CONFIG_STRICT_SSL=true"), Pass, ""},
	{"ordinary downloads", ruleVerification, steps(run("curl -fsSL x -o y && wget -q x && npm config set strict-ssl true")), Pass, ""},

	{"chpasswd", rulePasswordSet, steps(run("echo u:p | chpasswd")), Fail, "chpasswd"},
	{"a user without a password", rulePasswordSet, steps(run("useradd -m app")), Pass, ""},

	{"an account without a password", ruleEmptyPassword, func() *layers.Image {
		return withFile(withFile(built(v1.Config{}), "etc/passwd", passwd), "etc/shadow", "root::19000:0:99999:7:::\n")
	}, Fail, "root"},
	{"accounts that are locked", ruleEmptyPassword, func() *layers.Image {
		return withFile(withFile(built(v1.Config{}), "etc/passwd", passwd), "etc/shadow", "root:*:19000:0:99999:7:::\napp:!:19000::::::\n")
	}, Pass, ""},

	{"built a year ago", ruleOld, created(testNow.AddDate(-1, 0, 0)), Fail, ""},
	{"built last month", ruleOld, created(testNow.AddDate(0, -1, 0)), Pass, ""},
	{"built at no time", ruleOld, created(time.Unix(0, 0)), NotAssessed, ""},
	{"built in the future", ruleOld, created(testNow.AddDate(1, 0, 0)), NotAssessed, ""},

	{"latest", ruleLatestTag, named("example.test/app:latest"), Fail, ""},
	{"no tag", ruleLatestTag, named("example.test:5000/app"), Fail, ""},
	{"a version", ruleLatestTag, named("example.test:5000/app:1.2"), Pass, ""},
	{"a digest", ruleLatestTag, named("example.test/app@sha256:00"), Pass, ""},
	{"no name", ruleLatestTag, named(""), NotAssessed, ""},

	{"an SSH server", ruleSSHD, entries(program("usr/sbin/sshd")), Fail, "sshd"},
	{"a client", ruleSSHD, entries(program("usr/bin/ssh")), Pass, ""},
	{"a directory of that name", ruleSSHD, entries(dir("etc/sshd")), Pass, ""},

	{"much that is deleted", ruleWaste, func() *layers.Image {
		im := built(v1.Config{}, run("make"), run("rm /big"))
		im.Layers[1].Facts.Entries = []layers.Entry{sized(file("big"), 30<<20)}
		im.Layers[2].Facts.Entries = []layers.Entry{whiteout("big")}
		return im
	}, Fail, ""},
	{"little that is deleted", ruleWaste, func() *layers.Image {
		im := built(v1.Config{}, run("make"), run("rm /small"))
		im.Layers[1].Facts.Entries = []layers.Entry{sized(file("small"), 30<<10)}
		im.Layers[2].Facts.Entries = []layers.Entry{whiteout("small")}
		return im
	}, Pass, ""},
	{"setuid programs of the distribution", ruleUsualSetuid, entries(mode(file("usr/bin/su"), 0o4755)), Fail, ""},
	{"no setuid programs", ruleUsualSetuid, entries(program("usr/bin/su")), Pass, ""},
}

func config(c v1.Config) func() *layers.Image { return func() *layers.Image { return built(c) } }

func user(name string) func() *layers.Image {
	return func() *layers.Image { return withFile(built(v1.Config{User: name}), "etc/passwd", passwd) }
}

func ports(p string) func() *layers.Image {
	return config(v1.Config{ExposedPorts: map[string]struct{}{p: {}}})
}

func env(list ...string) func() *layers.Image { return config(v1.Config{Env: list}) }

func steps(list ...string) func() *layers.Image {
	return func() *layers.Image { return built(v1.Config{}, list...) }
}

func created(at time.Time) func() *layers.Image {
	return func() *layers.Image {
		im := built(v1.Config{})
		im.Config.Created.Time = at
		return im
	}
}

func named(ref string) func() *layers.Image {
	return func() *layers.Image {
		im := built(v1.Config{})
		im.Reference = ref
		return im
	}
}

func entries(list ...layers.Entry) func() *layers.Image {
	return func() *layers.Image {
		im := built(v1.Config{})
		for i := range list {
			list[i].Seq = i
		}
		im.Layers[0].Facts.Entries = list
		return im
	}
}

func TestChecksOnConfigurationAndHistory(t *testing.T) {
	for _, c := range cases {
		t.Run(c.rule+": "+c.name, func(t *testing.T) {
			got, kinds := answer(t, c.image(), c.rule)
			if got != c.want || strings.Join(kinds, ",") != c.kinds {
				t.Errorf("got %s %q, want %s %q", got, kinds, c.want, c.kinds)
			}
		})
	}
}

func TestEveryRuleOnConfigurationHasACaseForAndOneAgainst(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range cases {
		seen[c.rule+string(c.want)] = true
	}
	for _, r := range configRules() {
		if !seen[r.ID+string(Fail)] || !seen[r.ID+string(Pass)] {
			t.Errorf("%s has no case for it, or none against it", r.ID)
		}
	}
}

func TestEveryControlOfARuleIsOneOfTheBenchmark(t *testing.T) {
	known := map[string]bool{}
	for _, c := range BenchmarkControls() {
		known[c.ID] = true
	}
	for _, r := range Rules() {
		if len(r.CIS) != len(r.Controls) {
			t.Errorf("%s: %d of %d controls are of the benchmark", r.ID, len(r.CIS), len(r.Controls))
		}
		for _, c := range r.CIS {
			if !known[c.ID] || c.Version != BenchmarkVersion {
				t.Errorf("%s: unknown control %+v", r.ID, c)
			}
		}
	}
}

func TestAnIncompleteLayerLeavesPassesUnassessed(t *testing.T) {
	im := built(v1.Config{})
	im.Layers[0].Facts.Gaps = []layers.Remark{{Reason: layers.ReasonTruncated}}
	if got, _ := answer(t, im, ruleSetuid); got != NotAssessed {
		t.Errorf("got %s", got)
	}
}

func TestTheToolsThatTheEntrypointRunsOnAreNone(t *testing.T) {
	list := []layers.Entry{
		program("opt/jdk/bin/java"), program("opt/jdk/bin/javac"), program("usr/bin/gcc"), program("usr/bin/git"),
	}
	im := entries(list...)()
	im.Config.Config = v1.Config{Entrypoint: []string{"tini", "--", "java", "-jar", "/app.jar"}, Env: []string{"PATH=/usr/bin:/opt/jdk/bin"}}
	if _, kinds := answer(t, im, ruleBuildTools); strings.Join(kinds, ",") != "C and C++ toolchain,version control" {
		t.Errorf("with java: got %q", kinds)
	}
	im.Config.Config.Entrypoint = []string{"/bin/sh", "-c", "exec git daemon"}
	if _, kinds := answer(t, im, ruleBuildTools); strings.Join(kinds, ",") != "C and C++ toolchain,Java toolchain" {
		t.Errorf("with git: got %q", kinds)
	}
}

func TestNoValueOfAVariableIsInAFinding(t *testing.T) {
	value := strings.Repeat("zq", 9)
	im := built(v1.Config{Env: []string{"DB_PASSWORD=" + value}}, "ENV API_KEY="+value)
	j := Judge([]*layers.Image{im}, []*layers.View{layers.NewView(im.Layers)}, Options{})
	for _, f := range j.Findings {
		for i := range f.Locations {
			f.Locations[i].Instruction = nil // the history's words, which the redactor looks after
		}
		if strings.Contains(fmt.Sprintf("%+v", f), value) {
			t.Errorf("%s holds the value: %+v", f.Rule, f)
		}
	}
}

func TestControls(t *testing.T) {
	im := withFile(built(v1.Config{User: "app", Healthcheck: &v1.HealthConfig{Test: []string{"CMD", "x"}}}, run("sudo true")), "etc/passwd", passwd)
	j := Judge([]*layers.Image{im}, []*layers.View{layers.NewView(im.Layers)}, Options{Now: testNow})
	all := Controls(0, j.Findings, j.Assessments, nil)
	got := map[string]Result{}
	assessed := 0
	for _, v := range all {
		got[v.ID] = v.Result
		if v.Result != NotAssessed {
			assessed++
		}
		if v.Version != "1.7.0" || v.Title == "" || (v.Result == Fail) == (len(v.Evidence) == 0) || (v.Result != Fail) == (v.Why == "") {
			t.Errorf("half a verdict: %+v", v)
		}
	}
	if len(all) != 12+32 || assessed < 14 {
		t.Errorf("%d controls, %d assessed", len(all), assessed)
	}
	for id, want := range map[string]Result{"4.1": Pass, "4.3": Fail, "4.6": Pass, "4.10": Pass, "5.5": NotAssessed, "5.28": Pass} {
		if got[id] != want {
			t.Errorf("%s: got %s, want %s", id, got[id], want)
		}
	}
	for _, v := range Controls(0, j.Findings, j.Assessments, func(c finding.Category) string {
		if c == finding.Secret {
			return "not asked for"
		}
		return ""
	}) {
		if v.ID == "4.10" && (v.Result != NotAssessed || v.Why != "not asked for") {
			t.Errorf("got %+v", v)
		}
	}
}

func FuzzRun(f *testing.F) {
	f.Add("|1 A=b /bin/sh -c apt-get update && curl x | sudo bash -s -- y")
	f.Add("sh -c \"$(curl x)\" <<EOF\nEOF\n'`${#")
	f.Add(strings.Repeat("$(", 500) + strings.Repeat("if (", 500))
	f.Fuzz(func(t *testing.T, text string) {
		im := built(v1.Config{User: text, Env: []string{text}, ExposedPorts: map[string]struct{}{text: {}}, Entrypoint: []string{text}}, "RUN "+text, "ENV "+text, "ADD "+text)
		im.Reference = text
		withFile(im, "etc/passwd", text)
		for _, found := range Findings([]*layers.Image{im}, []*layers.View{layers.NewView(im.Layers)}) {
			if found.Title != finding.EscapeText(found.Title) || found.Description != finding.EscapeText(found.Description) {
				t.Fatalf("%q is not escaped", found.Title)
			}
		}
	})
}
