package report

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/score"
)

// maker makes the parts of sample reports. Its secrets are random, but the same
// for one seed, so that golden files hold.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, 7))} }

const alnum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func (m maker) chars(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[m.IntN(len(alphabet))]
	}
	return string(b)
}

func (m maker) hash() string { return "sha256:" + m.chars("0123456789abcdef", 64) }

func (m maker) pem() string {
	raw := make([]byte, 320)
	for i := range raw {
		raw[i] = byte(m.IntN(256))
	}
	body := base64.StdEncoding.EncodeToString(raw)
	var b strings.Builder
	kind := "OPENSSH PRIVATE" + " KEY"
	b.WriteString("-----BEGIN " + kind + "-----\n")
	for len(body) > 64 {
		b.WriteString(body[:64] + "\n")
		body = body[64:]
	}
	b.WriteString(body + "\n-----END " + kind + "-----\n")
	return b.String()
}

func ptr[T any](v T) *T { return &v }

// secret makes a finding of a secret with the given places.
func (m maker) secret(rule, title, value string, sev finding.Severity, conf finding.Confidence, places ...finding.Location) finding.Finding {
	v := finding.Hide(value)
	f := finding.Finding{
		ID: finding.SecretID(rule, v, places[0].Path, ""), Rule: rule, Category: finding.Secret, Severity: sev, Title: title,
		Description: "Whoever can pull the image can read it out of its layer.",
		Remediation: "Revoke it where it was issued, and pass a new one at run time or as a BuildKit secret mount.",
		CWE:         []string{"CWE-798"}, References: []string{"https://cwe.mitre.org/data/definitions/798.html"},
		Secret: &finding.SecretDetail{Redacted: v.Redacted(), Value: v},
	}
	for _, p := range places {
		p.Confidence = conf
		f.Locations = append(f.Locations, p)
	}
	f.Settle()
	return f
}

func (m maker) hygiene(rule, title string, cat finding.Category, sev finding.Severity, remediation string, places ...finding.Location) finding.Finding {
	f := finding.Finding{
		ID: finding.PlaceID(rule, places[0].Path), Rule: rule, Category: cat, Severity: sev, Title: title,
		Description: "It does not belong into an image that is shipped.", Remediation: remediation,
	}
	for _, p := range places {
		p.Confidence = finding.Sure
		f.Locations = append(f.Locations, p)
	}
	f.Settle()
	return f
}

// at makes a place in a layer of an image, with its fate filled in by the caller's functions.
func (im *Image) at(layer int, path string, line int, change ...func(*finding.Location)) finding.Location {
	l := finding.Location{Path: path, Line: line, Fate: finding.Present}
	if layer >= 0 {
		l.Layer, l.DiffID, l.Instruction, l.Base = ptr(layer), im.Layers[layer].DiffID, im.Layers[layer].Instruction, im.Layers[layer].Base
	}
	for _, c := range change {
		c(&l)
	}
	return l
}

func (im *Image) lost(fate finding.Fate, by finding.FateBy, layer int) func(*finding.Location) {
	return func(l *finding.Location) {
		l.Fate, l.FateBy, l.FateLayer, l.FateInstruction = fate, by, ptr(layer), im.Layers[layer].Instruction
	}
}

// inGit makes a place one of a repository's history.
func inGit(commit, path string) func(*finding.Location) {
	return func(l *finding.Location) {
		l.Git = &finding.GitPlace{
			Object: "9d" + commit[2:], File: "srv/app/.git/objects/pack/pack-77aa.pack", Path: path, Commit: commit, Others: 2,
			Author: "Kim Example <kim@example.com>", Date: "2025-03-07T16:41:09+01:00", Subject: "Deploy to the new account", Reach: finding.InHistory,
		}
	}
}

func said(instruction string) func(*finding.Location) {
	return func(l *finding.Location) { l.Instruction = ptr(instruction) }
}

// image makes an image of a shop's checkout service.
func (m maker) image(ref string) Image {
	im := Image{Reference: ref, Source: "registry", Platform: "linux/amd64", ManifestDigest: ptr(m.hash()), ImageID: m.hash(), Created: "2026-11-20T09:14:03Z"}
	for i, l := range []struct {
		instruction string
		bytes       int64
		files       int64
	}{
		{"ADD debian-bookworm-rootfs.tar.xz / # buildkit", 78_450_211, 3412},
		{"RUN /bin/sh -c apt-get update && apt-get install -y nodejs npm build-essential python3 # buildkit", 412_870_144, 18744},
		{"WORKDIR /srv/app", 0, 0},
		{"COPY . /srv/app # buildkit", 38_221_005, 2210},
		{"RUN |2 NODE_ENV=production NPM_TOKEN=%s /bin/sh -c npm ci --omit=dev && npm run build # buildkit", 186_004_772, 31087},
		{"RUN /bin/sh -c rm -rf .env .git /root/.ssh # buildkit", 0, 0},
		{"COPY config/production.yaml /srv/app/config/default.yaml # buildkit", 4_120, 1},
		{"RUN /bin/sh -c chown -R node:node /srv/app && chmod -R 777 /srv/app/cache # buildkit", 224_229_897, 33_298},
		{"COPY --chown=node:node docker/entrypoint.sh /usr/local/bin/ # buildkit", 2_911, 1},
	} {
		im.Layers = append(im.Layers, Layer{
			Index: i, Digest: ptr(m.hash()), DiffID: m.hash(), MediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
			CompressedBytes: l.bytes / 3, Bytes: l.bytes, Files: l.files, Instruction: ptr(l.instruction), Base: i == 0, Complete: true,
		})
	}
	return im
}

// sample is a report as a careless team gets it.
func sample() *Report {
	m := newMaker(1)
	im := m.image("registry.example.com/shop/checkout:2.8.1")
	npm := "npm" + "_" + m.chars(alnum, 36)
	im.Layers[4].Instruction = ptr(fmt.Sprintf(*im.Layers[4].Instruction, npm))
	github := "ghp" + "_" + m.chars(alnum, 36)
	aws := "AKIA" + m.chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)
	slack := "https://hooks.slack.com/services/" + m.chars(alnum, 9) + "/" + m.chars(alnum, 11) + "/" + m.chars(alnum, 24)
	var everywhere []finding.Location
	for i := range 14 {
		everywhere = append(everywhere, im.at(4, fmt.Sprintf("srv/app/node_modules/@shop/notify-%02d/lib/transports/slack/config.js", i), 12+i))
	}
	r := &Report{
		Tool:   Tool{Name: "imgaudit", Version: "0.1.0", Rules: []string{"gitleaks 8.30.1", "imgaudit 1"}},
		Images: []Image{im},
		Findings: []finding.Finding{
			m.secret("private-key", "Private key (OpenSSH)", m.pem(), finding.Critical, finding.Sure,
				im.at(3, "root/.ssh/id_ed25519", 1, im.lost(finding.Deleted, finding.ParentWhiteout, 5))),
			m.secret("aws-access-token", "AWS access key", aws, finding.Critical, finding.Sure,
				im.at(3, "srv/app/.env", 4, im.lost(finding.Deleted, finding.Whiteout, 5)),
				im.at(3, "srv/app/.git!/3f9c2d1e5b7a90c4d6e8f0123456789abcdef012:deploy/terraform.tfvars", 9, im.lost(finding.Deleted, finding.ParentWhiteout, 5),
					inGit("3f9c2d1e5b7a90c4d6e8f0123456789abcdef012", "deploy/terraform.tfvars")),
				im.at(6, "srv/app/config/default.yaml", 31)),
			m.secret("github-pat", "GitHub personal access token", github, finding.Critical, finding.Sure,
				im.at(3, "srv/app/.npmrc", 2, im.lost(finding.Overwritten, finding.Rewritten, 4))),
			m.secret("npm-access-token", "npm access token", npm, finding.High, finding.Sure,
				im.at(-1, "history!/4", 0, said(*im.Layers[4].Instruction))),
			m.secret("generic-password", "Password in an environment variable", "Summer"+m.chars("0123456789", 4)+"!", finding.High, finding.Likely,
				im.at(-1, "config!/env/DATABASE_PASSWORD", 0, said("ENV DATABASE_PASSWORD"))),
			m.secret("slack-webhook-url", "Slack incoming webhook", slack, finding.Medium, finding.Sure, everywhere...),
			m.secret("generic-api-key", "Something that looks like an API key", m.chars(alnum, 32), finding.Low, finding.Unsure,
				im.at(4, "srv/app/node_modules/left-pad-of-a-very-long-name/dist/assets/vendor/bundle.production.min.js", 1)),
			m.hygiene("image-git-dir", "A Git repository is in the image", finding.Hygiene, finding.High, "Add .git to .dockerignore.",
				im.at(3, "srv/app/.git", 0, im.lost(finding.Deleted, finding.Whiteout, 5))),
			m.hygiene("image-dotenv", "An environment file is in the image", finding.Hygiene, finding.High, "Add .env to .dockerignore.",
				im.at(3, "srv/app/.env", 0, im.lost(finding.Deleted, finding.Whiteout, 5))),
			m.hygiene("image-user-root", "The image runs as root", finding.Config, finding.Medium, "Add a USER instruction.",
				im.at(-1, "config!/user", 0, said("USER is not set"))),
			m.hygiene("tar-path-escape", "An entry's name leads out of the root", finding.Integrity, finding.High, "Find out what wrote this layer.",
				im.at(7, "../../etc/cron.d/update", 0)),
			m.hygiene("image-package-cache", "A package manager's cache is in the image", finding.Hygiene, finding.Low, "Remove it in the instruction that fills it.",
				im.at(1, "var/lib/apt/lists", 0)),
		},
		Coverage: Coverage{Complete: true, Scanned: Scanned{Files: 88_753, Bytes: 939_783_060}},
	}
	for _, tool := range []string{"gcc-12", "g++-12", "make", "cc1", "ld", "as", "cpp-12", "python3.11"} {
		r.Findings = append(r.Findings, m.hygiene("image-build-tools", "A build tool is in the image", finding.Hygiene, finding.Low,
			"Build in one stage and copy the result into a small one.", im.at(1, "usr/bin/"+tool, 0)))
	}
	for i := range 9 {
		r.Findings = append(r.Findings, m.hygiene("image-world-writable", "Everybody may write to a file", finding.Hygiene, finding.Medium,
			"chmod o-w.", im.at(7, fmt.Sprintf("srv/app/cache/%03d", i), 0)))
	}
	r.Coverage.Notes = []LedgerLine{{Image: ptr(0), Layer: ptr(3), Reason: "encrypted-archive", Detail: "a password protects the archive", Files: 2, Bytes: 48_211, Examples: []string{"srv/app/test/fixtures/locked.zip"}}}
	r.Suppressed = []Suppression{
		{Finding: "0123456789abcdef0123", Rule: "generic-api-key", Path: "srv/app/test/fixtures/tokens.json", By: ".imgauditignore:4", Reason: "made up for tests"},
		{Finding: "0123456789abcdef0124", Rule: "image-setuid", Path: "usr/bin/newgrp", By: "baseline last.json", Reason: "known before"},
	}
	finding.Sort(r.Findings)
	return r
}

// scored is a report with the score of its image.
func scored() *Report {
	r := sample()
	for _, f := range r.Findings {
		f.Settle()
	}
	in := score.Input{Findings: score.OfImage(r.Findings, 0)}
	for i, result := range []string{score.Fail, score.NotAssessed, score.Pass, score.Fail} {
		in.Controls = append(in.Controls, score.Control{
			ID: fmt.Sprintf("4.%d", i+1), Title: "Control of that number", Result: result, Evidence: []string{r.Findings[0].ID},
		})
	}
	result, err := score.Of(in, score.Options{})
	if err != nil {
		panic(err)
	}
	r.Score = []Score{{Image: 0, Result: result}}
	return r
}

// clean is a report with nothing to say.
func clean() *Report {
	m := newMaker(2)
	im := m.image("registry.example.com/base/distroless:1")
	im.Layers = im.Layers[:1]
	return &Report{Tool: Tool{Name: "imgaudit", Version: "0.1.0"}, Images: []Image{im},
		Coverage: Coverage{Complete: true, Scanned: Scanned{Files: 3412, Bytes: 78_450_211}}}
}

// packaged is a report with a bill of materials.
func packaged() *Report {
	r := clean()
	s := SBOM{
		Packages: 214, ByType: map[string]int{"deb": 171, "npm": 40, "binary": 3}, Unlicensed: 12, Complete: true,
		Licenses: []LicenseCount{{"GPL-2.0-or-later", 88}, {"MIT", 61}, {"LGPL-2.1-or-later WITH Classpath-exception-2.0", 40}},
	}
	for i := range 9 {
		s.Licenses = append(s.Licenses, LicenseCount{fmt.Sprintf("LicenseRef-%d", i), 9 - i})
		s.Hidden = append(s.Hidden, HiddenPackage{
			Name: fmt.Sprintf("lib%d", i), Version: "1.0-1", Type: "deb", PURL: fmt.Sprintf("pkg:deb/debian/lib%d@1.0-1", i), Paths: []string{"var/lib/dpkg/status"},
			Layer: ptr(0), Fate: finding.Deleted, FateBy: finding.Rewritten, FateLayer: ptr(4), FateInstruction: ptr("RUN apt-get purge -y vim-tiny && apt-get autoremove -y && apt-get clean"),
		})
	}
	s.Hidden[1].Fate, s.Hidden[1].Successor, s.Hidden[1].FateInstruction = finding.Overwritten, "1.0-2", nil
	for i := range 7 {
		s.Denied = append(s.Denied, DeniedPackage{
			Name: fmt.Sprintf("tool%d", i), Version: "2", Type: "deb", Licenses: []string{"GPL-3.0-only"}, By: "GPL-3.0*", Layer: ptr(0), Hidden: i == 1,
		})
	}
	s.Denied[2].Licenses, s.Denied[2].By = nil, "NONE"
	r.SBOM = []SBOM{s}
	return r
}

// gapped is a report on an image that could not be read as a whole.
func gapped() *Report {
	r := sample()
	r.Coverage.Complete = false
	r.Images[0].Layers[7].Complete = false
	r.Coverage.Gaps = []LedgerLine{
		{Image: ptr(0), Layer: ptr(7), Reason: "truncated", Detail: "the gzip stream ends after 61 MB of 224 MB", Files: 0, Bytes: 163_000_000},
		{Image: ptr(0), Layer: ptr(4), Reason: "limit-ratio", Detail: "the archive unpacks to more than 1000 times its size", Files: 1, Bytes: 0, Examples: []string{"srv/app/vendor/weird.zip"}},
		{Reason: "no-manifest", Detail: "the stream ended before it named its layers", Files: 3},
	}
	return r
}

// several is a report on three platforms of one image.
func several() *Report {
	r := sample()
	for i, platform := range []string{"linux/arm64/v8", "linux/s390x"} {
		im := r.Images[0]
		im.Platform = platform
		r.Images = append(r.Images, im)
		for j := range r.Findings {
			f := &r.Findings[j]
			n := len(f.Locations) / (i + 1)
			for _, l := range f.Locations[:n] {
				l.Image = i + 1
				f.Locations = append(f.Locations, l)
			}
		}
	}
	return r
}

// huge is a report with n findings.
func huge(n int) *Report {
	m := newMaker(3)
	im := m.image("registry.example.com/shop/monolith:latest")
	r := &Report{Images: []Image{im}, Coverage: Coverage{Complete: true, Scanned: Scanned{Files: 400_000, Bytes: 9_000_000_000}}}
	for i := range n {
		rule := []string{"generic-api-key", "aws-access-token", "jwt", "private-key"}[i%4]
		r.Findings = append(r.Findings, m.secret(rule, "Finding of "+rule, m.chars(alnum, 40), finding.Severities()[i%5], finding.Sure,
			im.at(i%9, fmt.Sprintf("srv/app/data/%05d.json", i), i+1)))
	}
	finding.Sort(r.Findings)
	return r
}
