package secrets

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/plant"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// built is an image made of layers, each a list of entries; content is keyed by path.
func built(t *testing.T, s *Scanner, history []v1.History, cfg v1.Config, tars ...[]layers.Entry) (*layers.Image, *layers.View) {
	t.Helper()
	img := &layers.Image{Config: &v1.ConfigFile{Config: cfg, History: history}}
	var made []v1.History
	for _, h := range history {
		if !h.EmptyLayer {
			made = append(made, h)
		}
	}
	for n, entries := range tars {
		var files []member
		facts := &layers.Facts{Scans: map[string]any{}}
		for i, e := range entries {
			e.Seq = i
			if e.Type == 0 {
				e.Type = layers.Regular
			}
			content := e.RawName // the tests' place for it
			e.RawName, e.Size = "", int64(len(content))
			facts.Entries = append(facts.Entries, e)
			files = append(files, member{e.Path, []byte(content)})
		}
		facts.Scans[Name] = scanLayer(t, s, 1000, files...).Found
		l := layers.Layer{Index: n, Facts: facts, Base: n == 0}
		if n < len(made) {
			text := layers.Instruction(made[n])
			l.Instruction = &text
		}
		img.Layers = append(img.Layers, l)
	}
	return img, layers.NewView(img.Layers)
}

func find(t *testing.T, fs []finding.Finding, value string) finding.Finding {
	t.Helper()
	var found []finding.Finding
	for _, f := range fs {
		if f.Secret.Value.Reveal() == value {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d findings with the value", len(found))
	}
	return found[0]
}

func TestOneValueIsOneFindingWithAllItsPlacesAndFates(t *testing.T) {
	s := mustScanner(t)
	p := plant.Secrets(rand.New(rand.NewPCG(1, 2)))
	token := p[2] // github-pat
	history := []v1.History{
		{CreatedBy: "ADD file:x in /"},
		{CreatedBy: "COPY . /app # buildkit"},
		{CreatedBy: "ENV " + token.Env + " # buildkit", EmptyLayer: true},
		{CreatedBy: "RUN /bin/sh -c rm /app/.env # buildkit"},
	}
	img, view := built(t, s, history, v1.Config{Env: []string{"PATH=/bin", token.Env}},
		[]layers.Entry{{Path: "etc/motd", RawName: "hello\n"}},
		[]layers.Entry{
			{Path: "app/.env", RawName: "A=1\n" + token.Line + "\n"},
			{Path: "app/copy", Type: layers.HardLink, Link: "app/.env"},
		},
		[]layers.Entry{{Path: "app/.env", Whiteout: layers.PathWhiteout}},
	)
	fs := s.Findings([]*layers.Image{img}, []*layers.View{view})
	f := find(t, fs, token.Value)
	if f.Rule != "github-pat" || f.Severity != finding.Critical || f.Confidence != finding.Sure || !f.Visible {
		t.Errorf("%s %s %s visible %v", f.Rule, f.Severity, f.Confidence, f.Visible)
	}
	if !slices.Contains(f.AlsoMatched, "generic-api-key") {
		t.Errorf("also matched: %v", f.AlsoMatched)
	}
	type place struct {
		layer       int
		path        string
		line        int
		fate        finding.Fate
		by          finding.FateBy
		instruction string
	}
	var got []place
	for _, l := range f.Locations {
		layer := -1
		if l.Layer != nil {
			layer = *l.Layer
		}
		instruction := ""
		if l.Instruction != nil {
			instruction = *l.Instruction
		}
		got = append(got, place{layer, l.Path, l.Line, l.Fate, l.FateBy, instruction})
	}
	env := "ENV " + token.Env
	want := []place{
		{1, "app/.env", 2, finding.Deleted, finding.Whiteout, "COPY . /app"},
		{1, "app/copy", 2, finding.Present, "", "COPY . /app"},
		{-1, "config!/env/GITHUB_TOKEN", 0, finding.Present, "", env},
		{-1, "history!/2", 0, finding.Present, "", env},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if l := f.Locations[0]; l.FateLayer == nil || *l.FateLayer != 2 || l.FateInstruction == nil || !strings.Contains(*l.FateInstruction, "rm /app/.env") {
		t.Errorf("who deleted it: %+v", l)
	}
	if again := s.Findings([]*layers.Image{img}, []*layers.View{view}); again[0].ID != fs[0].ID || len(again) != len(fs) {
		t.Error("a second run differs")
	}
}

func TestSecretsInConfigurationAndHistory(t *testing.T) {
	s := mustScanner(t)
	p := plant.Secrets(rand.New(rand.NewPCG(2, 2)))
	weak := "Tr0ub4dor" + "-and-3" // reads like a password that someone chose
	for _, c := range []struct {
		name    string
		history []v1.History
		config  v1.Config
		value   string
		rule    string
		path    string
		held    string // name in the id of a weak value; "" to skip
	}{
		{name: "a variable by its name", config: v1.Config{Env: []string{"DB_PASSWORD=" + weak}}, value: weak, rule: ruleVariable, path: "config!/env/DB_PASSWORD"},
		{name: "a label", config: v1.Config{Labels: map[string]string{"com.example.token": p[4].Value}}, value: p[4].Value, rule: p[4].Rule, path: "config!/labels/com.example.token"},
		{name: "an entry point's flag", config: v1.Config{Entrypoint: []string{"/app", "--db-password", weak}}, value: weak, rule: ruleVariable, path: "config!/entrypoint"},
		{name: "an entry point's flag with =", config: v1.Config{Entrypoint: []string{"/app", "--db-password=" + weak}}, value: weak, rule: ruleVariable, path: "config!/entrypoint"},
		{name: "a command's URL", config: v1.Config{Cmd: []string{"migrate", p[25].Form}}, value: p[25].Value, rule: ruleURL, path: "config!/cmd"},
		{name: "a health check", config: v1.Config{Healthcheck: &v1.HealthConfig{Test: []string{"CMD-SHELL", "probe --token=" + p[2].Value}}}, value: p[2].Value, rule: p[2].Rule, path: "config!/healthcheck"},
		{name: "a trigger", config: v1.Config{OnBuild: []string{"COPY . .", "ENV API_TOKEN=" + weak}}, value: weak, rule: ruleVariable, path: "config!/onbuild/1"},
		{name: "BuildKit's build arguments", history: []v1.History{{CreatedBy: "RUN |2 VERSION=1 2 NPM_TOKEN=" + p[7].Value + " /bin/sh -c npm ci # buildkit"}}, value: p[7].Value, rule: p[7].Rule, path: "history!/0"},
		{name: "the classic builder's build arguments", history: []v1.History{{}, {CreatedBy: "|1 DB_PASSWORD=" + weak + " /bin/sh -c make"}}, value: weak, rule: ruleVariable, path: "history!/1"},
		{name: "a build argument with spaces", history: []v1.History{{CreatedBy: "RUN |1 DB_PASSWORD=" + weak + " and more /bin/bash -o pipefail -c make"}}, value: weak + " and more", rule: ruleVariable, path: "history!/0"},
		{name: "an old ENV with a space", history: []v1.History{{CreatedBy: "/bin/sh -c #(nop)  ENV MYSQL_ROOT_PASSWORD " + weak, EmptyLayer: true}}, value: weak, rule: ruleVariable, path: "history!/0"},
		{name: "an assignment in a command", history: []v1.History{{CreatedBy: "RUN /bin/sh -c PGPASSWORD='" + weak + "' psql -f x.sql"}}, value: weak, rule: ruleVariable, path: "history!/0"},
		{name: "a URL in a command", history: []v1.History{{CreatedBy: "RUN git clone https://bot:" + p[25].Value + "@git.example.org/x.git"}}, value: p[25].Value, rule: ruleURL, path: "history!/0"},
		{name: "a comment", history: []v1.History{{Comment: "token " + p[2].Value}}, value: p[2].Value, rule: p[2].Rule, path: "history!/0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			img, view := built(t, s, c.history, c.config)
			f := find(t, s.Findings([]*layers.Image{img}, []*layers.View{view}), c.value)
			if f.Rule != c.rule || len(f.Locations) != 1 || f.Locations[0].Path != c.path || f.Locations[0].Layer != nil || f.Locations[0].Fate != finding.Present {
				t.Errorf("%s (also %v) at %+v", f.Rule, f.AlsoMatched, f.Locations)
			}
		})
	}
}

func TestVariablesThatHoldNoSecretAreNotReported(t *testing.T) {
	s := mustScanner(t)
	for _, env := range []string{
		"PATH=/usr/local/bin:/usr/bin", "DB_PASSWORD=", "DB_PASSWORD=$SECRET", "DB_PASSWORD=${DB_PASSWORD}", "DB_PASSWORD_FILE=/run/secrets/db",
		"DB_PASSWORD=/run/secrets/db", "TOKEN_TTL=86400", "SECRET_NAME=billing-database", "USE_PASSWORD=true", "PASSWORD_MIN_LENGTH=12345",
		"TOKEN_URL=https://login.example.org/token", "GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305", "KEYBOARD=us-international",
		"AUTH_MODE=password", "PYTHON_SHA256=" + strings.Repeat("ab12", 16), "URL=http://user:password@host/", "URL=http://user:${PASS}@host/", "COMPASS=north-by-northwest",
	} {
		img, view := built(t, s, nil, v1.Config{Env: []string{env}})
		for _, f := range s.Findings([]*layers.Image{img}, []*layers.View{view}) {
			// A fingerprint looks random; its name says little.
			if !strings.HasPrefix(env, "GPG_KEY") || f.Confidence != finding.Unsure {
				t.Errorf("%s: %s %s", env, f.Rule, f.Confidence)
			}
		}
	}
}

func TestAPlaceholderIsReportedAtLowConfidence(t *testing.T) {
	s := mustScanner(t)
	img, view := built(t, s, nil, v1.Config{Env: []string{"DB_PASSWORD=changeme"}})
	fs := s.Findings([]*layers.Image{img}, []*layers.View{view})
	if len(fs) != 1 || fs[0].Confidence != finding.Unsure {
		t.Errorf("%+v", fs)
	}
}

func TestWeakValuesOfOneNameHaveIDsOfTheirOwn(t *testing.T) {
	s := mustScanner(t)
	content := "a.db.password = \"kq7-wzf9-xv2b-qj84\"\nb.db.password = \"zb3-qjw8-vf6k-xq27\"\n"
	img, view := built(t, s, nil, v1.Config{}, []layers.Entry{{Path: "conf", RawName: strings.ReplaceAll(strings.ReplaceAll(content, "a.db.", ""), "b.db.", "")}})
	fs := s.Findings([]*layers.Image{img}, []*layers.View{view})
	if len(fs) != 2 || fs[0].ID == fs[1].ID {
		t.Errorf("%d findings: %+v", len(fs), fs)
	}
}

func TestTheMostSpecificRuleNamesAFindingWhateverTheOrder(t *testing.T) {
	s := mustScanner(t)
	index := func(id string) int { return s.byID[id] }
	value := strings.Repeat("kq7w", 10)
	hit := func(rule string, from, to int) rawHit {
		return rawHit{match: match{rule: index(rule), start: from, end: to, secretStart: from, secret: value[:to-from]}}
	}
	hits := []rawHit{
		hit("generic-api-key", 0, 40), hit("github-pat", 4, 40), hit(ruleVariable, 0, 40), hit("generic-api-key", 40, 60), hit("jwt", 2, 30),
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		r.Shuffle(len(hits), func(i, j int) { hits[i], hits[j] = hits[j], hits[i] })
		got := s.settle(slices.Clone(hits))
		if len(got) != 2 || got[0].Rule != "github-pat" || got[1].Rule != "generic-api-key" ||
			!slices.Equal(got[0].AlsoMatched, []string{ruleVariable, "generic-api-key", "jwt"}) {
			t.Fatalf("%+v", got)
		}
	}
}

func TestEveryRuleIsExplained(t *testing.T) {
	s := mustScanner(t)
	rules := s.Rules()
	if len(rules) < 220 {
		t.Errorf("%d rules", len(rules))
	}
	for _, r := range rules {
		if r.ID == "" || r.Title == "" || r.Description == "" || r.Remediation == "" || r.Severity.Rank() == 0 || r.Confidence.Rank() == 0 || r.Category != finding.Secret {
			t.Errorf("%+v", r)
		}
		t.Logf("%-45s %-8s %-6s %s · %s", r.ID, r.Severity, r.Confidence, r.Title, strings.TrimSuffix(r.Remediation, advice))
	}
}

func TestWhatIsDoubtfulIsKeptAtLowConfidence(t *testing.T) {
	s := mustScanner(t)
	begin, end := "-----BEGIN "+"RSA PRIVATE KEY-----", "-----END "+"RSA PRIVATE KEY-----"
	for _, c := range []struct {
		name, text string
		want       finding.Confidence
	}{
		{"source code that names the lines of a key", "first = \"" + begin + "\"; last = \"" + end + "\"" + strings.Repeat(" ", 30) + "\n" + end, finding.Unsure},
		{"a key", plant.Secrets(rand.New(rand.NewPCG(1, 9)))[23].Line, finding.Sure},
		{"a key in JSON", strings.ReplaceAll(plant.Secrets(rand.New(rand.NewPCG(1, 9)))[22].Line, "\n", "\\n"), finding.Sure},
	} {
		hits := s.settle(s.scanText(c.text + "\n"))
		if len(hits) != 1 || hits[0].Confidence != c.want {
			t.Errorf("%s: %+v", c.name, hits)
		}
	}
}

func TestEveryPlantedSecretIsFoundInEveryCarrierOfAConfiguration(t *testing.T) {
	s := mustScanner(t)
	for _, p := range plant.Secrets(rand.New(rand.NewPCG(13, 13))) {
		if p.Env == "" {
			continue
		}
		img, view := built(t, s, []v1.History{{CreatedBy: "RUN |2 A=b " + p.Env + " /bin/sh -c make # buildkit"}},
			v1.Config{Env: []string{p.Env}, Labels: map[string]string{"com.example." + p.Name: p.Form}})
		f := find(t, s.Findings([]*layers.Image{img}, []*layers.View{view}), p.Value)
		rule := p.Rule
		if rule == ruleGeneric {
			rule = ruleVariable // which knows where a variable's value ends
		}
		var paths []string
		for _, l := range f.Locations {
			paths = append(paths, l.Path)
		}
		if want := []string{"config!/env/" + p.Name, "config!/labels/com.example." + p.Name, "history!/0"}; f.Rule != rule || !slices.Equal(paths, want) {
			t.Errorf("%s: %s at %q, want %q", rule, f.Rule, paths, want)
		}
	}
}

func TestAKeyInASystemLibraryIsDoubtfulUntilItIsSeenElsewhere(t *testing.T) {
	s := mustScanner(t)
	var key string
	for _, p := range plant.Secrets(rand.New(rand.NewPCG(51, 52))) {
		if p.Rule == "private-key" {
			key = p.Value
		}
	}
	binary := "\x7fELF\x00\x00" + strings.Repeat("\x00\x01\x02", 100) + key + "\n\x00"
	library := layers.Entry{Path: "usr/lib/x86_64-linux-gnu/libtls.so.30.1", RawName: binary}
	for name, c := range map[string]struct {
		entries    []layers.Entry
		confidence finding.Confidence
		severity   finding.Severity
	}{
		"in a library of the distribution": {[]layers.Entry{library}, finding.Unsure, finding.Medium},
		"also in a program of one's own":   {[]layers.Entry{library, {Path: "app/server", RawName: binary}}, finding.Sure, finding.Critical},
		"in a text beside the libraries":   {[]layers.Entry{{Path: "usr/lib/server.so", RawName: key + "\n"}}, finding.Sure, finding.Critical},
	} {
		t.Run(name, func(t *testing.T) {
			img, view := built(t, s, nil, v1.Config{}, c.entries)
			f := find(t, s.Findings([]*layers.Image{img}, []*layers.View{view}), key)
			if f.Confidence != c.confidence || f.Severity != c.severity || len(f.Locations) != len(c.entries) {
				t.Errorf("%s at %s confidence in %d places, want %s at %s", f.Severity, f.Confidence, len(f.Locations), c.severity, c.confidence)
			}
		})
	}
}

func TestWhatPeopleChooseThemselvesIsNotInTheID(t *testing.T) {
	s := mustScanner(t)
	idOf := func(password string) string {
		img, view := built(t, s, nil, v1.Config{}, []layers.Entry{{Path: "app/.env", RawName: "DB=postgres://app:" + password + "@db.internal:5432/app\n"}})
		return find(t, s.Findings([]*layers.Image{img}, []*layers.View{view}), password).ID
	}
	r := rand.New(rand.NewPCG(61, 62))
	var passwords []string
	for _, p := range append(plant.Secrets(r), plant.Secrets(r)...) {
		if p.Rule == "url-credentials" {
			passwords = append(passwords, p.Value+p.Value)
		}
	}
	if !finding.Hide(passwords[0]).Strong() {
		t.Fatal("the password is not long enough to be told from a token")
	}
	if idOf(passwords[0]) != idOf(passwords[1]) {
		t.Error("the id of a password in a URL depends on the password")
	}
}

func TestASecretInALogIsALoggedOne(t *testing.T) {
	s := mustScanner(t)
	for path, want := range map[string]bool{"var/log/app/service": true, "opt/app/run.log": true, "srv/logs/today": true, "opt/logic/a.txt": false, "opt/catalog": false} {
		p := githubToken(t, 71)
		img, view := built(t, s, nil, v1.Config{}, []layers.Entry{{Path: path, RawName: "login with " + p.Value + "\n"}})
		f := find(t, s.Findings([]*layers.Image{img}, []*layers.View{view}), p.Value)
		if got := slices.Contains(f.CWE, "CWE-532"); got != want || !slices.Contains(f.CWE, "CWE-798") {
			t.Errorf("%s: %v", path, f.CWE)
		}
	}
}
