package vuln

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/anchore/grype/grype"
	"github.com/anchore/grype/grype/distro"
	"github.com/anchore/grype/grype/match"
	"github.com/anchore/grype/grype/matcher"
	"github.com/anchore/grype/grype/matcher/dpkg"
	"github.com/anchore/grype/grype/matcher/rpm"
	"github.com/anchore/grype/grype/matcher/stock"
	"github.com/anchore/grype/grype/pkg"
	"github.com/anchore/grype/grype/version"
	"github.com/anchore/grype/grype/vulnerability"
	"github.com/anchore/syft/syft/format/syftjson"
	syftpkg "github.com/anchore/syft/syft/pkg"
	syftsbom "github.com/anchore/syft/syft/sbom"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/sbom"
	"github.com/imgaudit/imgaudit/pkg/vuln/db"
)

// Matcher matches bills of materials against a database.
type Matcher struct {
	DB        *db.DB
	Ignore    []Rule     // of a .grype.yaml
	VEX       []Document // statements on flaws in products
	OnlyFixed bool       // take away what no version is free of

	// TrustBeside lets statements that lie beside the image take matches away. Whoever may
	// write there can have made them, so that else they only stand beside the match.
	TrustBeside bool
}

// Match gives the records that fit the packages of a bill. The subject is the image
// itself, by which VEX statements may name it. It fails if the database cannot be read, if
// the bill is of a form that it does not know, and when the context ends.
func (m Matcher) Match(ctx context.Context, bill finding.Bill, subject finding.Subject) (finding.Matching, error) {
	status := m.DB.Status()
	out := finding.Matching{Database: finding.Database{Schema: status.Schema, Built: status.Built, Newest: status.Newest(), Checksum: status.Checksum, Source: status.Source}}
	say := newWording(m.DB.Provider())
	statements, remarks := m.statements(subject)
	missing, err := m.missing(ctx, bill)
	if err != nil {
		return out, err
	}
	untrusted := 0
	for _, hidden := range []bool{false, true} {
		packages, err := packagesOf(bill, hidden)
		if err != nil {
			return out, err
		}
		found, ignored, err := m.search(ctx, packages)
		if err != nil {
			return out, err
		}
		for _, f := range found {
			one := say.match(f, hidden)
			s := statements.about(&one, subject)
			switch {
			case s == nil:
			case s.settles() && (m.TrustBeside || !s.beside):
				out.Silenced = append(out.Silenced, finding.Silenced{Match: one, By: s.from, Reason: s.reason()})
				continue
			case s.settles():
				untrusted++
				fallthrough
			default:
				one.Detail.VEX = s.annotation()
			}
			out.Matches = append(out.Matches, one)
		}
		for _, f := range ignored {
			out.Silenced = append(out.Silenced, m.silenced(say.match(f.Match, hidden), f.AppliedIgnoreRules))
		}
	}
	if untrusted > 0 {
		remarks = append(remarks, fmt.Sprintf("Documents beside the image call %d of these matches not_affected or fixed. Whoever can write there can have made them: they count with --trust-attested-vex alone.", untrusted))
	}
	if nameless := sbom.Nameless(bill); len(nameless) > 0 {
		remarks = append(remarks, fmt.Sprintf("Of %d packages, such as %s, no CPE names could be made: records that go by these alone were not found.", len(nameless), finding.EscapeText(nameless[0])))
	}
	out.Remarks = slices.Concat(remarks, missing)
	return out, nil
}

// missing says of which kinds of packages the database has no record at all, so that nothing that
// is found of them means nothing.
func (m Matcher) missing(ctx context.Context, bill finding.Bill) ([]string, error) {
	covers, err := m.DB.Covers(ctx)
	if err != nil || covers == nil {
		return nil, err
	}
	uncovered := map[string]int{}
	for _, p := range bill.Packages {
		if !covers[p.Type] {
			uncovered[p.Type]++
		}
	}
	for _, h := range bill.Hidden {
		if !covers[h.Type] {
			uncovered[h.Type]++
		}
	}
	var remarks []string
	for _, kind := range slices.Sorted(maps.Keys(uncovered)) {
		remarks = append(remarks, fmt.Sprintf("The database has no record of any package of type %s: whether the %d here are vulnerable is not known.", finding.EscapeText(kind), uncovered[kind]))
	}
	return remarks, nil
}

// packagesOf makes Grype's packages of the final image, or of those that lower layers hide.
func packagesOf(bill finding.Bill, hidden bool) ([]pkg.Package, error) {
	get := sbom.Syft
	if hidden {
		if len(bill.Hidden) == 0 {
			return nil, nil
		}
		get = sbom.SyftHidden
	}
	doc, ok := get(bill)
	if !ok {
		return nil, errors.New("matching packages: there is no bill of materials")
	}
	return provide(doc)
}

// provide makes Grype's packages of a bill. It goes through Syft's own JSON, since only Grype's
// reader of such a file leaves out what a distribution's package owns, as Grype does.
func provide(doc *syftsbom.SBOM) ([]pkg.Package, error) {
	var b bytes.Buffer
	encoder, err := syftjson.NewFormatEncoderWithConfig(syftjson.DefaultEncoderConfig())
	if err == nil {
		err = encoder.Encode(&b, *doc)
	}
	if err != nil {
		return nil, fmt.Errorf("handing the bill of materials to Grype: %w", err)
	}
	return read(b.Bytes())
}

// read makes Grype's packages of a bill of materials in any of Syft's formats.
func read(raw []byte) ([]pkg.Package, error) {
	packages, _, _, err := pkg.ProvideFromReader(bytes.NewReader(raw), pkg.ProviderConfig{
		SynthesisConfig: pkg.SynthesisConfig{Distro: pkg.DistroConfig{FixChannels: distro.DefaultFixChannels()}},
	})
	if err != nil {
		return nil, fmt.Errorf("reading the bill of materials: %w", err)
	}
	return packages, nil
}

// search asks the database.
func (m Matcher) search(ctx context.Context, packages []pkg.Package) ([]match.Match, []match.IgnoredMatch, error) {
	provider := m.DB.Provider()
	if len(packages) == 0 {
		return nil, nil, ctx.Err()
	}
	var rules []match.IgnoreRule
	if slices.ContainsFunc(packages, mayHoldHeaders) { // Grype compiles each rule again for each match
		rules = headersOfTheKernel()
	}
	for _, r := range m.Ignore {
		rules = append(rules, r.rule())
	}
	if m.OnlyFixed {
		rules = append(rules, withoutFix()...)
	}
	g := grype.VulnerabilityMatcher{VulnerabilityProvider: provider, Matchers: matchers(), IgnoreRules: rules}
	if p, ok := provider.(match.ExclusionProvider); ok {
		g.ExclusionProvider = p
	}
	found, ignored, err := g.FindMatchesContext(ctx, packages, pkg.Context{})
	switch {
	case ctx.Err() != nil:
		return nil, nil, context.Cause(ctx)
	case err != nil:
		// A matcher that panics hands its stack over in the error.
		text, _, _ := strings.Cut(err.Error(), "\n")
		return nil, nil, fmt.Errorf("matching packages: %s", finding.EscapeText(text))
	}
	return found.Sorted(), ignored, nil
}

// matchers are Grype's, set up as its program sets them up by default.
func matchers() []match.Matcher {
	return matcher.NewDefaultMatchers(matcher.Config{
		Stock: stock.MatcherConfig{UseCPEs: true},
		Dpkg:  dpkg.MatcherConfig{MissingEpochStrategy: version.MissingEpochStrategyZero},
		Rpm:   rpm.MatcherConfig{MissingEpochStrategy: version.MissingEpochStrategyAuto},
	})
}

// reasons of rules that no file gave.
const (
	reasonHeaders = "the package holds headers of the kernel and none of its code"
	reasonNoFix   = "no version without the flaw is known"

	byDefault   = "default of Grype"
	byOnlyFixed = "--only-fixed"
)

// headersOfTheKernel are the rules of Grype's program on packages that are built from the
// kernel's sources and hold no code of it.
func headersOfTheKernel() []match.IgnoreRule {
	var rules []match.IgnoreRule
	for _, p := range []match.IgnoreRulePackage{
		{Type: string(syftpkg.RpmPkg), Name: "kernel-headers", UpstreamName: "kernel"},
		{Type: string(syftpkg.DebPkg), Name: "linux(-.*)?-headers-.*", UpstreamName: "linux.*"},
		{Type: string(syftpkg.DebPkg), Name: "linux-libc-dev", UpstreamName: "linux"},
		{Type: string(syftpkg.DebPkg), Name: "linux-kbuild-.*", UpstreamName: "linux.*"},
	} {
		rules = append(rules, match.IgnoreRule{Package: p, MatchType: match.ExactIndirectMatch, Reason: reasonHeaders})
	}
	return rules
}

// mayHoldHeaders reports whether one of these rules can be about a package.
func mayHoldHeaders(p pkg.Package) bool {
	return strings.HasPrefix(p.Name, "linux") || p.Name == "kernel-headers"
}

func withoutFix() []match.IgnoreRule {
	var rules []match.IgnoreRule
	for _, state := range []vulnerability.FixState{vulnerability.FixStateNotFixed, vulnerability.FixStateWontFix, vulnerability.FixStateUnknown} {
		rules = append(rules, match.IgnoreRule{FixState: string(state), Reason: reasonNoFix})
	}
	return rules
}

// silenced says which rule took a match away: the user's before a default.
func (m Matcher) silenced(one finding.Match, applied []match.IgnoreRule) finding.Silenced {
	s := finding.Silenced{Match: one, By: byDefault}
	for _, a := range applied {
		i := slices.IndexFunc(m.Ignore, func(r Rule) bool { return r.rule() == a })
		switch {
		case i >= 0:
			s.By, s.Reason = m.Ignore[i].From, m.Ignore[i].why()
			return s
		case a.Reason == reasonNoFix:
			s.By, s.Reason = byOnlyFixed, reasonNoFix
		case s.Reason == "":
			s.Reason = a.Reason
		}
	}
	return s
}
