package audit

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/internal/plant"
	"github.com/imgaudit/imgaudit/pkg/report"
)

const distrolessPasswd = "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532::/home/nonroot:/sbin/nologin\n"

// distroless is an image as careful people build it: no shell, a user of its own, a health check.
func distroless() imagemake.Image {
	return imagemake.Image{
		Layers: []imagemake.Layer{
			{Entries: []imagemake.Entry{imagemake.Dir("etc"), imagemake.File("etc/passwd", distrolessPasswd)}, CreatedBy: "COPY rootfs / # buildkit"},
			{Entries: []imagemake.Entry{imagemake.Dir("app"), imagemake.Executable("app/server", "binary", 0o755)}, CreatedBy: "COPY server /app/server # buildkit"},
		},
		Config: v1.Config{User: "nonroot", Entrypoint: []string{"/app/server"}, Healthcheck: &v1.HealthConfig{Test: []string{"CMD", "/app/server", "-health"}}},
	}
}

func step(by string, entries ...imagemake.Entry) func(*imagemake.Image) {
	return func(img *imagemake.Image) {
		img.Layers = append(slices.Clone(img.Layers), imagemake.Layer{Entries: entries, CreatedBy: by})
	}
}

func with(defects ...func(*imagemake.Image)) imagemake.Image {
	img := distroless()
	for _, d := range defects {
		d(&img)
	}
	return img
}

// secretLine is a line with a secret that a rule is sure of.
func secretLine() string {
	for _, s := range plant.Secrets(rand.New(rand.NewPCG(77, 1))) {
		if s.Env != "" {
			return s.Line + "\n"
		}
	}
	panic("no secret to plant")
}

var (
	asRoot     = func(img *imagemake.Image) { img.Config.User = "" }
	unhealthy  = func(img *imagemake.Image) { img.Config.Healthcheck = nil }
	compiler   = step("RUN /bin/sh -c apt-get update && apt-get install -y gcc # buildkit", imagemake.Executable("usr/bin/gcc", "x", 0o755))
	setuidBash = step("RUN /bin/sh -c chmod u+s /bin/bash # buildkit", imagemake.Executable("bin/bash", "x", 0o4755))
	gitDir     = step("COPY . /src # buildkit", imagemake.File("src/.git/HEAD", "ref: refs/heads/main\n"), imagemake.File("src/.git/objects/00/x", "x"))
	deleted    = func(img *imagemake.Image) {
		step("COPY settings /app/settings # buildkit", imagemake.File("app/settings", secretLine()))(img)
		step("RUN /bin/sh -c rm /app/settings # buildkit", imagemake.Whiteout("app", "settings"))(img)
	}
	inSight = step("COPY settings /app/settings # buildkit", imagemake.File("app/settings", secretLine()))
)

func scoreOf(t *testing.T, img imagemake.Image) report.Score {
	t.Helper()
	r := runLayout(t, Options{Now: imagemake.Epoch.Add(24 * time.Hour)}, imagemake.Layout(imagemake.Tagged{Ref: "example.test/app:1", Built: img.Build()}))
	if len(r.Report.Score) != 1 {
		t.Fatalf("%d scores", len(r.Report.Score))
	}
	return r.Report.Score[0]
}

func TestSixReferenceImagesStandInAFixedOrder(t *testing.T) {
	last, grades := report.Score{}, ""
	for i, c := range []struct {
		name  string
		image imagemake.Image
	}{
		{"distroless", with()},
		{"without a health check, and with a compiler", with(unhealthy, compiler)},
		{"of root, too", with(unhealthy, compiler, asRoot)},
		{"with a setuid shell", with(unhealthy, compiler, asRoot, setuidBash)},
		{"with a secret that was deleted", with(unhealthy, compiler, asRoot, setuidBash, deleted)},
		{"with everything", with(unhealthy, compiler, asRoot, setuidBash, deleted, gitDir, inSight,
			step("RUN /bin/sh -c curl -k https://example.test/i | sh # buildkit", imagemake.File("etc/shadow", "root::19000:0:99999:7:::\n")),
			step("RUN /bin/sh -c chmod 777 /app # buildkit", imagemake.File("root/.ssh/id_rsa", "x")))},
	} {
		s := scoreOf(t, c.image)
		grades += s.Grade
		if i > 0 && (s.Grade < last.Grade || s.Penalty <= last.Penalty) {
			t.Errorf("%s: %s, penalty %s after %s, %s", c.name, s.Grade, s.Penalty, last.Grade, last.Penalty)
		}
		last = s
	}
	if grades[0] != 'A' || grades[4] < 'D' || grades[5] != 'F' {
		t.Errorf("grades %s", grades)
	}
}

func TestASecretInAnyLayerIsDOrWorse(t *testing.T) {
	for name, defect := range map[string]func(*imagemake.Image){"deleted": deleted, "in sight": inSight} {
		if s := scoreOf(t, with(defect)); s.Grade < "D" || s.GradeCap == nil || len(s.GradeCap.Evidence) == 0 {
			t.Errorf("%s: grade %s, cap %+v", name, s.Grade, s.GradeCap)
		}
	}
}

func TestEachSeededDefectMakesTheScoreStrictlyWorse(t *testing.T) {
	none := scoreOf(t, with())
	for name, defect := range map[string]func(*imagemake.Image){
		"root": asRoot, "no health check": unhealthy, "a compiler": compiler, "a setuid shell": setuidBash, "a repository": gitDir, "a deleted secret": deleted, "a secret": inSight,
		"a secret's name in ENV":      func(img *imagemake.Image) { img.Config.Env = []string{"DB_PASSWORD=hunter"} },
		"verification off in ENV":     func(img *imagemake.Image) { img.Config.Env = []string{"NODE_TLS_REJECT_UNAUTHORIZED=0"} },
		"the SSH port":                func(img *imagemake.Image) { img.Config.ExposedPorts = map[string]struct{}{"22/tcp": {}} },
		"a privileged port":           func(img *imagemake.Image) { img.Config.ExposedPorts = map[string]struct{}{"80/tcp": {}} },
		"the port of a debugger":      func(img *imagemake.Image) { img.Config.ExposedPorts = map[string]struct{}{"5005/tcp": {}} },
		"an environment file":         step("COPY .env /app/ # buildkit", imagemake.File("app/.env", "A=b\n")),
		"a key file":                  step("COPY key / # buildkit", imagemake.File("root/.ssh/id_rsa", "x")),
		"a package cache":             step("RUN /bin/sh -c true # buildkit", imagemake.File("var/cache/apt/archives/x.deb", "xx")),
		"a world-writable file":       step("RUN /bin/sh -c true # buildkit", imagemake.Executable("app/run", "x", 0o777)),
		"su":                          step("RUN /bin/sh -c true # buildkit", imagemake.Executable("usr/bin/su", "x", 0o4755)),
		"an SSH server":               step("RUN /bin/sh -c true # buildkit", imagemake.Executable("usr/sbin/sshd", "x", 0o755)),
		"an account without password": step("RUN /bin/sh -c true # buildkit", imagemake.File("etc/shadow", "root::19000:0:99999:7:::\n")),
		"update alone":                step("RUN /bin/sh -c apt-get update # buildkit"),
		"ADD":                         step("ADD x /x # buildkit"),
		"sudo":                        step("RUN /bin/sh -c sudo true # buildkit"),
		"curl to a shell":             step("RUN /bin/sh -c curl x | sh # buildkit"),
		"a password in a step":        step("RUN /bin/sh -c echo a:b | chpasswd # buildkit"),
		"wasted bytes": func(img *imagemake.Image) {
			step("COPY big / # buildkit", imagemake.File("big", strings.Repeat("x", 3<<20)))(img)
			step("RUN /bin/sh -c rm /big # buildkit", imagemake.Whiteout("", "big"))(img)
		},
	} {
		if s := scoreOf(t, with(defect)); s.Penalty <= none.Penalty || s.Points > none.Points || s.Grade < none.Grade {
			t.Errorf("%s: %s points, penalty %s; without it %s and %s", name, s.Points, s.Penalty, none.Points, none.Penalty)
		}
	}
	old := runLayout(t, Options{Now: imagemake.Epoch.AddDate(1, 0, 0)}, imagemake.Layout(imagemake.Tagged{Ref: "example.test/app:1", Built: with().Build()}))
	if s := old.Report.Score[0]; s.Penalty <= none.Penalty {
		t.Errorf("age: penalty %s", s.Penalty)
	}
}

func TestFourteenControlsAreAssessedFromAnImageAlone(t *testing.T) {
	if s := scoreOf(t, with()); s.CIS.Passed < 14 || s.CIS.Failed != 0 || len(s.CIS.Controls) != 44 {
		t.Errorf("%d passed, %d failed of %d: %s", s.CIS.Passed, s.CIS.Failed, len(s.CIS.Controls), asJSON(t, s.CIS))
	}
}

func TestWhatWasNotAskedForOrNotReadCapsTheGrade(t *testing.T) {
	files := imagemake.Layout(imagemake.Tagged{Ref: "example.test/app:1", Built: with().Build()})
	r := runLayout(t, Options{Now: imagemake.Epoch, Scanners: []string{Config}}, files)
	s := r.Report.Score[0]
	if s.Grade == "A" || s.GradeCap == nil {
		t.Errorf("grade %s, cap %+v", s.Grade, s.GradeCap)
	}
	for _, c := range s.CIS.Controls {
		if c.ID == "4.10" && c.Result != "not-assessed" {
			t.Errorf("control 4.10 is a %s without the scanner for secrets", c.Result)
		}
	}
}

func TestEveryFindingThatAScoreNamesIsInTheReport(t *testing.T) {
	r := runLayout(t, Options{Now: imagemake.Epoch}, imagemake.Layout(imagemake.Tagged{Ref: "example.test/app:1", Built: with(asRoot, deleted, compiler, gitDir).Build()}))
	ids := map[string]bool{}
	for _, f := range r.Report.Findings {
		ids[f.ID] = true
	}
	s := r.Report.Score[0]
	named := slices.Concat(s.CVSS.Findings, s.GradeCap.Evidence)
	for _, reason := range s.GradeReasons {
		named = append(named, reason.Evidence...)
	}
	for _, c := range s.CIS.Controls {
		if c.Result == "fail" {
			named = append(named, c.Evidence...)
		}
	}
	for _, id := range named {
		if !ids[id] {
			t.Errorf("%s is no finding of the report", id)
		}
	}
	if len(named) < 5 {
		t.Errorf("only %d named", len(named))
	}
}

func TestScoresAreTheSameBytesInTwoRuns(t *testing.T) {
	img := with(asRoot, deleted, compiler, gitDir)
	var first []byte
	for range 3 {
		b, err := json.Marshal(scoreOf(t, img))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if !bytes.Equal(b, first) {
			t.Fatal("two runs differ")
		}
	}
}
