package db

import (
	"fmt"
	"strings"
	"time"

	"github.com/anchore/grype/grype/db/data"
	"github.com/anchore/grype/grype/db/provider"
	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/db/v6/build/transformers"

	"github.com/imgaudit/imgaudit/pkg/vuln/internal/osv"
)

// decorate writes the scores and the catalogue, for the CVEs that are there.
func (b *builder) decorate(w data.Writer) error {
	if b.opts.EPSS != "" {
		scores, day, err := osv.ReadEPSS(b.opts.EPSS)
		if err != nil {
			return fmt.Errorf("reading EPSS scores: %w", err)
		}
		if day.IsZero() {
			day = b.now.Truncate(24 * time.Hour)
		}
		b.captured["epss"] = day
		var rows []any
		for _, s := range scores {
			if b.cves[s.CVE] {
				rows = append(rows, v6.EpssHandle{Cve: s.CVE, Epss: s.Score, Percentile: s.Percentile, Date: day})
			}
		}
		b.result.EPSS = int64(len(rows))
		if err := b.writeRows(w, "epss", rows); err != nil {
			return err
		}
	}
	if b.opts.KEV == "" {
		return nil
	}
	known, err := osv.ReadKEV(b.opts.KEV)
	if err != nil {
		return fmt.Errorf("reading known exploited vulnerabilities: %w", err)
	}
	var rows []any
	for _, k := range known {
		row := exploited(k)
		if b.cves[k.CVE] {
			rows = append(rows, row)
		}
		if added := row.BlobValue.DateAdded; added != nil && added.After(b.captured["kev"]) {
			b.captured["kev"] = *added // the catalogue grows with each entry
		}
	}
	b.result.KEV = int64(len(rows))
	return b.writeRows(w, "kev", rows)
}

func (b *builder) writeRows(w data.Writer, origin string, rows []any) error {
	if len(rows) == 0 {
		return nil
	}
	rows = append([]any{*provider.Model(b.state(origin))}, rows...)
	if err := w.Write(transformers.NewEntries(rows...)...); err != nil {
		return fmt.Errorf("writing %s: %w", origin, err)
	}
	return nil
}

func exploited(k osv.KnownExploited) v6.KnownExploitedVulnerabilityHandle {
	day := func(s string) *time.Time {
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return nil
		}
		return &t
	}
	blob := &v6.KnownExploitedVulnerabilityBlob{
		Cve: k.CVE, VendorProject: k.VendorProject, Product: k.Product, DateAdded: day(k.DateAdded),
		RequiredAction: k.RequiredAction, DueDate: day(k.DueDate),
		KnownRansomwareCampaignUse: k.RansomwareCampaign, CWEs: k.CWEs,
	}
	for part := range strings.SplitSeq(k.Notes, ";") {
		if part = strings.TrimSpace(part); strings.HasPrefix(part, "https://") || strings.HasPrefix(part, "http://") {
			blob.URLs = append(blob.URLs, part)
		} else if part != "" {
			blob.Notes = strings.TrimSpace(blob.Notes + " " + part)
		}
	}
	return v6.KnownExploitedVulnerabilityHandle{Cve: k.CVE, BlobValue: blob}
}
