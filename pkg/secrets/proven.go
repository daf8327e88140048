package secrets

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/secrets/internal/proof"
)

// prove adds to places what can be shown about their value without a network, and what follows
// for the confidence: a wrong checksum ends it, a right one settles it where no doubt of ours
// about the place stands against it.
func (s *Scanner) prove(rule, value string, places []sighting, certs certificates) finding.Proof {
	r := proof.Of(rule, value, s.now)
	byForm := s.rank(rule) >= rankFormat // the others go by the place, of which the value says nothing
	for i := range places {
		c := &places[i].location.Confidence
		switch {
		case r.Confidence == finding.Unsure, r.Confidence == finding.Likely && *c == finding.Sure && byForm,
			r.Confidence == finding.Sure && *c == finding.Likely:
			*c = r.Confidence
		}
	}
	facts := finding.Proof(r.Facts)
	if c, ok := certs[r.PublicKey]; ok && r.PublicKey != "" {
		facts = append(facts, c.fact(s.now))
	}
	return facts
}

// certificate is a certificate of an image and where it lies.
type certificate struct {
	proof.Cert
	path string
}

func (c certificate) fact(now time.Time) string {
	valid := "is valid until"
	if c.NotAfter.Before(now) {
		valid = "was valid until"
	}
	return fmt.Sprintf("the certificate in %s is for this key and %s %s: %s",
		finding.EscapePath(c.path), valid, c.NotAfter.Format(time.DateOnly), cmp.Or(c.Subject, strings.Join(c.DNSNames, ", ")))
}

// certificates are those of all images, by their public key.
type certificates map[string]certificate

func certificatesOf(images []*layers.Image) certificates {
	all := certificates{}
	for _, img := range images {
		for _, l := range img.Layers {
			if l.Facts == nil {
				continue
			}
			found, _ := l.Facts.Scans[Name].(*LayerFacts)
			if found == nil {
				continue
			}
			for _, c := range found.certs {
				if old, known := all[c.PublicKey]; !known || cmp.Or(c.NotAfter.Compare(old.NotAfter), -cmp.Compare(c.path, old.path)) > 0 {
					all[c.PublicKey] = c
				}
			}
		}
	}
	return all
}

// mostCertificates is how many certificates of a layer are remembered.
const mostCertificates = 10_000

// certificate remembers the certificate that a file begins with. Bundles of authorities
// are left out: nobody keeps their keys beside them.
func (l *layerScan) certificate(p piece) {
	f := p.file
	if !slices.Contains([]string{".pem", ".crt", ".cer", ".cert", ".der"}, strings.ToLower(path.Ext(p.text.path))) || len(p.whole) > mostUnnamed {
		return
	}
	c, err := proof.Certificate(p.whole)
	if err != nil {
		return
	}
	where := f.path
	if f.inner != "" {
		where = finding.Inside(where, f.inner)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.certs) < mostCertificates {
		l.certs = append(l.certs, certificate{c, where})
	}
}

// pair marks an AWS key ID and a secret key that stand in one file: each makes the other credible.
func pair(hits []Hit) {
	id, key := -1, -1
	for i := range hits {
		switch hits[i].Rule {
		case "aws-access-token":
			id = i
		case ruleAWS:
			key = i
		}
	}
	if id < 0 || key < 0 {
		return
	}
	for i := range hits {
		switch hits[i].Rule {
		case "aws-access-token":
			hits[i].Facts = append(hits[i].Facts, fmt.Sprintf("its secret key stands in the same file%s", atLine(hits[key].Line)))
		case ruleAWS:
			hits[i].Facts = append(hits[i].Facts, fmt.Sprintf("its key ID stands in the same file%s", atLine(hits[id].Line)))
			if hits[i].Confidence == finding.Likely {
				hits[i].Confidence = finding.Sure
			}
		}
	}
}

func atLine(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", line %d", n)
}
