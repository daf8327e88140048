package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// flaw makes a finding of a vulnerability.
func flaw(id string, p finding.VulnerablePackage, sev finding.Severity, fixed string, places ...finding.Location) finding.Finding {
	d := &finding.VulnerabilityDetail{
		ID: id, Namespace: "made:distro:debian:12", Source: "https://example.com/" + id, Package: p, Rating: string(sev),
		CVSS: []finding.CVSSRating{}, Aliases: []string{}, MatchedBy: []string{"dpkg-matcher: exact-direct-match"}, Fix: finding.Fix{State: finding.NotFixed, Versions: []string{}},
	}
	if fixed != "" {
		d.Fix = finding.Fix{State: finding.Fixed, Versions: []string{fixed}, Upgrade: fixed}
	}
	f := finding.Finding{
		ID: finding.MatchID(id, p), Rule: id, Category: finding.Vulnerability, Severity: sev, Title: id + " in " + p.Name + " " + p.Version,
		Description: "A made flaw.", Remediation: "Upgrade " + p.Name + " to " + fixed + " in the instruction of layer 4.", Vulnerability: d,
	}
	if fixed == "" {
		f.Remediation = "No version without the flaw is known: remove " + p.Name + " if nothing needs it."
	}
	for _, l := range places {
		l.Confidence = finding.Sure
		f.Locations = append(f.Locations, l)
	}
	f.Settle()
	return f
}

// vulnerableImage is a report on an image with flaws of every kind.
func vulnerableImage() *Report {
	m := newMaker(31)
	im := m.image("registry.example.com/shop/checkout:2.4.1")
	r := &Report{Images: []Image{im}, Coverage: Coverage{Complete: true, Scanned: Scanned{Files: 88_753, Bytes: 940_000_000}}}
	add := func(f finding.Finding, change ...func(*finding.VulnerabilityDetail)) {
		for _, c := range change {
			c(f.Vulnerability)
		}
		r.Findings = append(r.Findings, f)
	}
	status := im.at(0, "var/lib/dpkg/status", 0)
	openssl := finding.VulnerablePackage{Name: "libssl3", Version: "3.0.11-1~deb12u2", Type: "deb", PURL: "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64"}
	attacked := func(d *finding.VulnerabilityDetail) {
		d.KEV = &finding.KnownExploited{Added: "2026-03-02", Due: "2026-03-23", Ransomware: true}
		d.EPSS = &finding.EPSS{Probability: 0.9432, Percentile: 0.9991, Date: "2026-11-20"}
		d.CVSS = []finding.CVSSRating{{Source: "nobody@example.com", Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Score: 9.8}}
		d.Aliases = []string{"DSA-9999-1"}
	}
	add(flaw("CVE-2026-10001", openssl, finding.Critical, "3.0.14-1~deb12u1", status), attacked)
	for i := range 7 {
		add(flaw(fmt.Sprintf("CVE-2026-1001%d", i), openssl, finding.Severities()[1+i%4], "3.0.13-1~deb12u1", status))
	}
	add(flaw("CVE-2026-20001", finding.VulnerablePackage{Name: "perl-base", Version: "5.36.0-7", Type: "deb"}, finding.High, "", status))
	add(flaw("GHSA-7777-8888-9999", finding.VulnerablePackage{Name: "@shop/a-package-with-a-rather-long-name-for-a-table", Version: "1.0.0-beta.12", Type: "npm"}, finding.High, "1.0.1",
		im.at(4, "srv/app/node_modules/@shop/a-package-with-a-rather-long-name-for-a-table/package.json", 0),
		im.at(4, "srv/app/node_modules/other/node_modules/@shop/a-package-with-a-rather-long-name-for-a-table/package.json", 0),
		im.at(4, "srv/app/tools/node_modules/@shop/a-package-with-a-rather-long-name-for-a-table/package.json", 0)))
	add(flaw("GO-2026-4001", finding.VulnerablePackage{Name: "stdlib", Version: "go1.22.1", Type: "go-module"}, finding.Medium, "1.22.9", im.at(8, "usr/local/bin/entry", 0)),
		func(d *finding.VulnerabilityDetail) {
			d.Rating, d.Aliases = "unknown", []string{"CVE-2026-30001"}
			d.VEX = &finding.VEXStatement{Status: "under_investigation", Reason: "the team looks at it", From: "shop.openvex.json"}
		})
	hidden := finding.VulnerablePackage{Name: "lodash", Version: "4.17.4", Type: "npm", Hidden: true}
	f := flaw("GHSA-1111-2222-3333", hidden, finding.Critical, "4.17.21", im.at(3, "srv/app/old/node_modules/lodash/package.json", 0, im.lost(finding.Deleted, finding.Whiteout, 5)))
	f.Remediation = "Build lodash out of the image: no final file shows it, but layer 3 still holds it."
	add(f)
	for i := range 20 {
		add(flaw(fmt.Sprintf("CVE-2025-7%03d", i), finding.VulnerablePackage{Name: fmt.Sprintf("libfiller%d", i), Version: "1.2-3", Type: "deb"}, finding.Low, "", status))
	}
	finding.Sort(r.Findings)
	r.Vulnerabilities = []Vulnerabilities{{Assessed: true, Matches: len(r.Findings), Suppressed: 2, BySeverity: map[finding.Severity]int{finding.Critical: 2}, Remarks: []string{},
		Database: &Database{Schema: "6.1.10", Built: "2026-11-20T06:00:00Z", AgeDays: ptr(8), Old: true, Checksum: "xxh64:0123456789abcdef"}}}
	r.Suppressed = []Suppression{
		{Finding: "0123456789abcdef0123", Rule: "CVE-2026-1", Path: "var/lib/dpkg/status", By: "shop.openvex.json", Reason: "not_affected: vulnerable_code_not_in_execute_path", Package: "zlib1g 1:1.2.13"},
		{Finding: "1123456789abcdef0123", Rule: "CVE-2026-2", Path: "var/lib/dpkg/status", By: "default of Grype", Reason: "headers", Package: "linux-libc-dev 6.1.1-1"},
	}
	return r
}

// unassessed is a report on an image for which there was no database.
func unassessed() *Report {
	r := clean()
	r.Vulnerabilities = []Vulnerabilities{{Reason: "there is no vulnerability database; get one with imgaudit db import FILE", BySeverity: map[finding.Severity]int{}, Remarks: []string{}}}
	return r
}

func TestVulnerabilitiesArePackagesNotScreensOfNumbers(t *testing.T) {
	text := write(t, "text", vulnerableImage(), WriterOptions{Text: TextOptions{Width: 100}})
	if n := strings.Count(text, "\n"); n > 130 {
		t.Errorf("%d lines", n)
	}
	for _, want := range []string{
		"libssl3 3.0.11-1~deb12u2", "known to be exploited, by ransomware too", "EPSS 94 %", "fixed in 3.0.14-1~deb12u1", "and 4 more", "Settles 8 vulnerabilities, 1 of them known", "layer 0 (base)",
		"○ lodash 4.17.4", "in no file of the final image", "layer 3 by COPY", "○ deleted in layer 5 by RUN rm", "20 more packages with 20 low: libfiller0, ", "By the database of 2026-11-20, 8 days old",
		"2 more matches are suppressed", "Upgrade @shop/", "Rebuild on a newer base image", "Build lodash out of layer 3",
	} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) && !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	all := write(t, "text", vulnerableImage(), WriterOptions{Text: TextOptions{Width: 160, Verbose: true}})
	for _, f := range vulnerableImage().Findings {
		if !strings.Contains(all, f.Rule) {
			t.Errorf("%s is not in the verbose report", f.Rule)
		}
	}
	for _, want := range []string{"GO-2026-4001 medium (rated unknown)", "also CVE-2026-30001", "under investigation by shop.openvex.json: the team looks at it", "CVSS 9.8 (v3.1)", "exploited since 2026-03-02", "not_affected: vulnerable_code"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
}

func TestAnUpgradeSettlesWhatItMendsAlone(t *testing.T) {
	r := vulnerableImage()
	i := slices.IndexFunc(r.Findings, func(f finding.Finding) bool { return f.Vulnerability.Package.Name == "libssl3" })
	f := r.Findings[i]
	r.Findings = append(r.Findings, flaw("CVE-2026-10099", f.Vulnerability.Package, finding.High, "", f.Locations[0]))
	finding.Sort(r.Findings)
	text := strings.Join(strings.Fields(write(t, "text", r, WriterOptions{})), " ")
	if !strings.Contains(text, "CVE-2026-10099") && !strings.Contains(text, "and 5 more") || !strings.Contains(text, "Settles 8 vulnerabilities") {
		t.Error(text)
	}
}

func TestWhatWasNotAssessedIsSaidPlainly(t *testing.T) {
	text := write(t, "text", unassessed(), WriterOptions{})
	if !strings.Contains(text, "Vulnerabilities were not assessed: there is no vulnerability database") || strings.Contains(text, "None known") {
		t.Error(text)
	}
	r := unassessed()
	r.Vulnerabilities[0] = Vulnerabilities{Assessed: true, Database: &Database{Built: "2026-11-20T06:00:00Z"}}
	if text := write(t, "text", r, WriterOptions{}); !strings.Contains(text, "✓ None known.") || strings.Contains(text, "not assessed") {
		t.Error(text)
	}
}
