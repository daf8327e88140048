package vuln

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/anchore/grype/grype/match"
	"github.com/anchore/grype/grype/pkg"
	"github.com/anchore/grype/grype/version"
	"github.com/anchore/grype/grype/vulnerability"
	syftpkg "github.com/anchore/syft/syft/pkg"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// The most that is taken over from one record, in bytes and addresses.
const (
	maxDescription = 2000
	maxReferences  = 20
)

// wording puts Grype's matches into the project's own record.
type wording struct {
	provider vulnerability.Provider
	ratings  map[vulnerability.Reference]*vulnerability.Metadata // of aliases
}

func newWording(p vulnerability.Provider) wording {
	return wording{p, map[vulnerability.Reference]*vulnerability.Metadata{}}
}

func (w wording) match(m match.Match, hidden bool) finding.Match {
	v, p := m.Vulnerability, m.Package
	meta := v.Metadata
	if meta == nil {
		meta = &vulnerability.Metadata{}
	}
	out := finding.Match{
		PackageID: string(p.ID), Paths: evidence(p), Confidence: finding.Unsure,
		Description: short(meta.Description), References: references(v, meta),
	}
	d := &out.Detail
	d.ID, d.Namespace, d.Source = v.ID, v.Namespace, meta.DataSource
	d.Package = finding.VulnerablePackage{Name: p.Name, Version: p.Version, Type: string(p.Type), PURL: p.PURL, Hidden: hidden}
	for _, r := range v.RelatedVulnerabilities {
		if !strings.EqualFold(r.ID, v.ID) {
			d.Aliases = append(d.Aliases, r.ID)
		}
	}
	d.Aliases = tidy(d.Aliases)
	for _, c := range meta.CWEs {
		out.CWE = append(out.CWE, c.CWE)
	}
	out.CWE = tidy(out.CWE)
	out.Severity, d.Rating, d.CVSS = w.rate(v, meta)
	d.EPSS, d.KEV = likelihood(meta.EPSS), exploited(meta.KnownExploited)
	d.Fix = remedy(v.Fix, p)
	for _, how := range m.Details {
		d.MatchedBy = append(d.MatchedBy, fmt.Sprintf("%s: %s", how.Matcher, how.Type))
		switch how.Type {
		case match.ExactDirectMatch, match.ExactIndirectMatch:
			out.Confidence = finding.Sure
		case match.CPEMatch: // names that may be those of another program
			if out.Confidence == finding.Unsure {
				out.Confidence = finding.Likely
			}
		}
	}
	d.MatchedBy = tidy(d.MatchedBy)
	return out
}

// remedy orders the versions without the flaw, and chooses the one to upgrade to.
func remedy(f vulnerability.Fix, p pkg.Package) finding.Fix {
	out := finding.Fix{State: finding.FixState(cmp.Or(f.State, vulnerability.FixStateUnknown)), Versions: tidy(f.Versions)}
	as := pkg.VersionFormat(p)
	compare := func(a, b string) int {
		n, err := version.New(a, as).Compare(version.New(b, as))
		if err != nil {
			return 0
		}
		return n
	}
	slices.SortStableFunc(out.Versions, compare)
	for _, v := range out.Versions {
		if v != "" && compare(v, p.Version) > 0 {
			out.Upgrade = v
			break
		}
	}
	return out
}

// evidence gives the paths that show a package, the main ones if they are marked.
func evidence(p pkg.Package) []string {
	var main, all []string
	for _, l := range p.Locations.ToSlice() {
		path := strings.TrimPrefix(l.RealPath, "/")
		all = append(all, path)
		if l.Annotations[syftpkg.EvidenceAnnotationKey] == syftpkg.PrimaryEvidenceAnnotation {
			main = append(main, path)
		}
	}
	if len(main) > 0 {
		all = main
	}
	return tidy(all)
}

// rate gives the severity, the word for it that the record has, and the ratings behind it.
func (w wording) rate(v vulnerability.Vulnerability, meta *vulnerability.Metadata) (finding.Severity, string, []finding.CVSSRating) {
	ratings := scores(meta.Cvss)
	word := vulnerability.ParseSeverity(meta.Severity)
	if word == vulnerability.UnknownSeverity && len(ratings) == 0 {
		for _, alias := range v.RelatedVulnerabilities {
			other := w.ratingOf(alias)
			word = max(word, vulnerability.ParseSeverity(other.Severity))
			ratings = append(ratings, scores(other.Cvss)...)
		}
	}
	ratings = append([]finding.CVSSRating{}, ratings...)
	slices.SortFunc(ratings, func(a, b finding.CVSSRating) int {
		return cmp.Or(-cmp.Compare(a.Version, b.Version), -cmp.Compare(a.Score, b.Score), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Vector, b.Vector))
	})
	ratings = slices.Compact(ratings)
	if word != vulnerability.UnknownSeverity {
		return severityOf(word), word.String(), ratings
	}
	worst := 0.0
	for _, r := range ratings {
		worst = max(worst, r.Score)
	}
	switch {
	case worst >= 9:
		return finding.Critical, word.String(), ratings
	case worst >= 7:
		return finding.High, word.String(), ratings
	case worst > 0 && worst < 4:
		return finding.Low, word.String(), ratings
	}
	return finding.Medium, word.String(), ratings
}

func (w wording) ratingOf(alias vulnerability.Reference) *vulnerability.Metadata {
	key := vulnerability.Reference{ID: alias.ID, Namespace: alias.Namespace}
	if known, ok := w.ratings[key]; ok {
		return known
	}
	meta, err := w.provider.VulnerabilityMetadata(key) //nolint:staticcheck // there is no other way to ask for an alias
	if err != nil || meta == nil {
		meta = &vulnerability.Metadata{}
	}
	w.ratings[key] = meta
	return meta
}

func severityOf(s vulnerability.Severity) finding.Severity {
	switch s {
	case vulnerability.CriticalSeverity:
		return finding.Critical
	case vulnerability.HighSeverity:
		return finding.High
	case vulnerability.LowSeverity:
		return finding.Low
	case vulnerability.NegligibleSeverity:
		return finding.Info
	}
	return finding.Medium
}

func scores(all []vulnerability.Cvss) []finding.CVSSRating {
	var out []finding.CVSSRating
	for _, c := range all {
		out = append(out, finding.CVSSRating{Source: c.Source, Version: c.Version, Vector: c.Vector, Score: c.Metrics.BaseScore})
	}
	return out
}

// likelihood takes the highest of the record's CVEs.
func likelihood(all []vulnerability.EPSS) *finding.EPSS {
	if len(all) == 0 {
		return nil
	}
	worst := slices.MaxFunc(all, func(a, b vulnerability.EPSS) int { return cmp.Compare(a.EPSS, b.EPSS) })
	return &finding.EPSS{Probability: worst.EPSS, Percentile: worst.Percentile, Date: day(&worst.Date)}
}

// exploited joins the entries of the record's CVEs: the first days, and ransomware if any knows of it.
func exploited(all []vulnerability.KnownExploited) *finding.KnownExploited {
	if len(all) == 0 {
		return nil
	}
	out := &finding.KnownExploited{}
	first := func(old, next string) string {
		if old == "" || next != "" && next < old {
			return next
		}
		return old
	}
	for _, k := range all {
		out.Added, out.Due = first(out.Added, day(k.DateAdded)), first(out.Due, day(k.DueDate))
		out.Ransomware = out.Ransomware || strings.EqualFold(k.KnownRansomwareCampaignUse, "known")
	}
	return out
}

func day(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// references are the addresses of a record and its advisories, where it came from first.
func references(v vulnerability.Vulnerability, meta *vulnerability.Metadata) []string {
	var out []string
	add := func(address string) {
		if address != "" && len(out) < maxReferences && !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	add(meta.DataSource)
	for _, a := range v.Advisories {
		add(a.Link)
	}
	for _, u := range meta.URLs {
		add(u)
	}
	return out
}

func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= maxDescription {
		return text
	}
	return strings.ToValidUTF8(text[:maxDescription], "") + "…"
}

func tidy(words []string) []string {
	out := append([]string{}, words...)
	slices.Sort(out)
	return slices.Compact(out)
}
