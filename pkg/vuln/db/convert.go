package db

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/anchore/grype/grype/db/data"
	"github.com/anchore/grype/grype/db/processors"
	"github.com/anchore/grype/grype/db/provider"
	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/db/v6/build/transformers"
	grypeosv "github.com/anchore/grype/grype/db/v6/build/transformers/osv"

	"github.com/imgaudit/imgaudit/pkg/vuln/internal/osv"
)

// converter turns records into what Grype's writer writes.
type converter struct {
	now      time.Time
	captured map[string]time.Time // when the newest record of each origin was modified
	digests  map[string]string    // of the records of each origin
	redHat   bool                 // whether Red Hat's own records are there
	systems  systems
	left     leftOut

	cves  map[string]bool // that the records name
	cwes  map[string]bool // CVE and CWE that were written
	alma  bool            // whether AlmaLinux stands in for Red Hat
	rocky bool            // whether there are records of Rocky Linux
}

// convert gives the rows of a record, or none if nothing of it can be matched.
func (c *converter) convert(r *osv.Record, raw []byte) ([]data.Entry, int, error) {
	if c.asGrype(r.ID) {
		return c.convertAsGrype(r, raw)
	}
	var packages []any
	for _, a := range slices.Concat(r.Affected, withoutPro(r)) {
		if row, ok := c.affected(r, a); ok {
			packages = append(packages, row)
		}
	}
	if len(packages) == 0 {
		c.left.add("records without a package that can be matched", r.ID)
		return nil, 0, nil
	}
	rows := append([]any{c.vulnerability(r)}, packages...)
	return transformers.NewEntries(append(rows, c.weaknesses(r)...)...), len(packages), nil
}

// asGrype reports whether records of a database are read by Grype's own reader, which
// knows what they mean: it takes Go's further ranges and symbols, and what Bitnami,
// Chainguard and Root tell by package URLs alone. AlmaLinux's say what is fixed, which
// Grype sets against what Red Hat's say.
func (c *converter) asGrype(id string) bool {
	prefix, _, _ := strings.Cut(id, "-")
	switch prefix {
	case "GO", "BIT", "CGA", "ROOT":
		return true
	case "ALSA", "ALBA", "ALEA":
		return c.redHat
	}
	return false
}

func (c *converter) convertAsGrype(r *osv.Record, raw []byte) ([]data.Entry, int, error) {
	reader := processors.NewV2OSVProcessor(grypeosv.Transform)
	entries, err := reader.Process(bytes.NewReader(raw), c.state(originOf(r.ID)))
	if err != nil {
		c.left.add("records that Grype's reader refuses", fmt.Sprintf("%s: %v", r.ID, err))
		return nil, 0, nil
	}
	packages := 0
	for _, e := range entries {
		related, ok := e.Data.(transformers.RelatedEntries)
		if !ok || related.VulnerabilityHandle == nil {
			continue
		}
		packages += len(related.Related)
		h := related.VulnerabilityHandle
		h.PublishedDate, h.ModifiedDate = dateOf(r.Published), dateOf(r.Modified)
		if h.BlobValue.Description == "" {
			h.BlobValue.Description = r.Summary
		}
		h.BlobValue.Severities = c.severities(r)
		c.name(r.ID, h.BlobValue.Aliases)
	}
	if packages == 0 {
		c.left.add("records without a package that can be matched", r.ID)
		return nil, 0, nil
	}
	return entries, packages, nil
}

// vulnerability is the row of the record itself.
func (c *converter) vulnerability(r *osv.Record) v6.VulnerabilityHandle {
	state := c.state(originOf(r.ID))
	aliases := aliasesOf(r)
	c.name(r.ID, aliases)
	description := r.Summary
	if description == "" {
		description = r.Details
	}
	return v6.VulnerabilityHandle{
		Name: r.ID, ProviderID: state.Provider, Provider: provider.Model(state), Status: v6.VulnerabilityActive,
		PublishedDate: dateOf(r.Published), ModifiedDate: dateOf(r.Modified),
		BlobValue: &v6.VulnerabilityBlob{
			ID: r.ID, Description: strings.TrimSpace(description), Aliases: aliases,
			References: references(r), Severities: c.severities(r),
		},
	}
}

// withoutPro gives the entries about Ubuntu Pro that have no counterpart for the release
// itself as entries about that. Grype looks there for what is vulnerable, and among Pro's
// updates only for what is fixed; and who has no Pro is not better off.
func withoutPro(r *osv.Record) []osv.Affected {
	var out []osv.Affected
	for _, a := range r.Affected {
		release, ok := strings.CutPrefix(a.Package.Ecosystem, "Ubuntu:Pro:")
		if !ok {
			continue
		}
		a.Package.Ecosystem = "Ubuntu:" + release
		same := func(b osv.Affected) bool {
			return b.Package.Ecosystem == a.Package.Ecosystem && b.Package.Name == a.Package.Name
		}
		if !slices.ContainsFunc(r.Affected, same) {
			out = append(out, a)
		}
	}
	return out
}

// name notes the CVEs that a record is about.
func (c *converter) name(id string, aliases []string) {
	for _, a := range append([]string{id}, aliases...) {
		if a = strings.ToUpper(a); osv.IsCVE(a) {
			c.cves[a] = true
		}
	}
}

// aliasesOf are the ids of the same vulnerability: the aliases, what is upstream of an
// advisory of a distribution, and the CVEs that older advisories name as related alone.
func aliasesOf(r *osv.Record) []string {
	list := slices.Concat(r.Aliases, r.Upstream)
	if len(list) == 0 && slices.ContainsFunc(r.Affected, func(a osv.Affected) bool {
		_, distro, _ := osv.Distro(a.Package.Ecosystem)
		return distro
	}) {
		for _, id := range r.Related {
			if osv.IsCVE(strings.ToUpper(id)) {
				list = append(list, id)
			}
		}
	}
	var out []string
	for _, id := range list {
		if id != r.ID && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// affected is the row of an entry about a package.
func (c *converter) affected(r *osv.Record, a osv.Affected) (v6.AffectedPackageHandle, bool) {
	p, ok := c.place(a.Package.Ecosystem)
	if !ok {
		return v6.AffectedPackageHandle{}, false
	}
	if len(a.Ranges) == 0 && len(a.Versions) == 0 {
		c.left.add("entries without versions", r.ID)
		return v6.AffectedPackageHandle{}, false
	}
	ranges := p.ranges(a, func(what, example string) { c.left.add(what, r.ID+", "+example) })
	if len(ranges) == 0 {
		return v6.AffectedPackageHandle{}, false
	}
	row := v6.AffectedPackageHandle{
		Package:   &v6.Package{Ecosystem: string(p.kind), Name: p.packageName(a.Package.Name)},
		BlobValue: &v6.PackageBlob{CVEs: aliasesOf(r), Ranges: ranges},
	}
	if p.system != nil {
		system := *p.system // the writer numbers it
		row.OperatingSystem = &system
	}
	if a.Module != "" {
		module := a.Module
		row.BlobValue.Qualifiers = &v6.PackageQualifiers{RpmModularity: &module}
	}
	return row, true
}

// place finds where packages of an ecosystem stand.
func (c *converter) place(ecosystem string) (place, bool) {
	d, distro, err := osv.Distro(ecosystem)
	if !distro {
		p, ok := language(ecosystem)
		if !ok {
			system, _ := osv.Split(ecosystem)
			c.left.add(fmt.Sprintf("packages of the ecosystem %.60s", system), ecosystem)
		}
		return p, ok
	}
	if err == nil {
		switch d.ID {
		case "almalinux": // Grype looks for its vulnerabilities under Red Hat
			d.ID, c.alma = "rhel", true
		case "rocky":
			c.rocky = true
		}
		var p place
		if p, err = c.systems.place(d); err == nil {
			return p, true
		}
	}
	system, _ := osv.Split(ecosystem)
	c.left.add(fmt.Sprintf("packages of releases of %.60s that are not matched", system), err.Error())
	return place{}, false
}

// state is the origin of records in Grype's words.
func (c *converter) state(origin string) provider.State {
	s := provider.State{Provider: origin, Version: 1, Processor: "imgaudit", Timestamp: c.now}
	if t, ok := c.captured[origin]; ok {
		s.Timestamp = t
	}
	if d := c.digests[origin]; d != "" {
		s.Listing = &provider.File{Algorithm: "sha256", Digest: d}
	}
	return s
}

// originOf names the database that a record is from, in Grype's words where it has some.
func originOf(id string) string {
	prefix, _, _ := strings.Cut(id, "-")
	switch prefix {
	case "GHSA":
		return "github"
	case "GO":
		return "govulndb"
	case "DEBIAN", "DSA", "DLA", "DTSA":
		return "debian"
	case "UBUNTU", "USN":
		return "ubuntu"
	case "ALPINE":
		return "alpine"
	case "RHSA", "RHBA", "RHEA":
		return "rhel"
	case "ALSA", "ALBA", "ALEA":
		return "alma"
	case "RLSA", "RXSA":
		return "rocky"
	case "SUSE":
		return "sles"
	case "BIT":
		return "bitnami"
	case "CGA":
		return "chainguard"
	case "ROOT":
		return "rootio"
	}
	return "osv"
}

func dateOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
