package sbom

import (
	"context"
	"crypto/sha256"
	"sync"
	_ "unsafe" // for go:linkname

	"github.com/google/licensecheck"

	"github.com/imgaudit/imgaudit/pkg/sbom/internal/licencetext"
)

// Syft builds its licence scanner before it catalogues anything: most of a second, though many
// images have no text to ask it about. It takes another one with the context, but has no public
// name for that. These are its own functions: if Syft renames one, linking fails; if it changes
// their types, the test that compares the answers does.

//go:linkname newSyftScanner github.com/anchore/syft/internal/licenses.NewScanner
func newSyftScanner(*syftScannerConfig) (syftScanner, error)

//go:linkname withSyftScanner github.com/anchore/syft/internal/licenses.SetContextLicenseScanner
func withSyftScanner(context.Context, syftScanner) context.Context

// syftScannerConfig has the fields of Syft's ScannerConfig.
type syftScannerConfig struct {
	CoverageThreshold float64
	Scanner           func([]byte) licensecheck.Coverage
}

// syftScanner stands for Syft's Scanner, whose method has types without a public name: it is
// handed on and never called.
type syftScanner interface{ FindEvidence() }

// licenceScanner finds licences in texts as Syft's own scanner does, and remembers its answers:
// many packages come with the same texts.
type licenceScanner struct {
	mu      sync.Mutex
	answers map[[sha256.Size]byte]licensecheck.Coverage
}

// Bounds of what a licenceScanner remembers.
const (
	maxLicenceTexts   = 2000
	maxLicenceMatches = 50 // in one text
)

// with hands the scanner to Syft. A text of which licences cover less than some percent has none.
func (s *licenceScanner) with(ctx context.Context, percent float64) (context.Context, error) {
	syfts, err := newSyftScanner(&syftScannerConfig{percent, s.scan})
	if err != nil {
		return nil, err
	}
	return withSyftScanner(ctx, syfts), nil
}

func (s *licenceScanner) scan(text []byte) licensecheck.Coverage {
	sum := sha256.Sum256(text)
	s.mu.Lock()
	answer, known := s.answers[sum]
	s.mu.Unlock()
	if known {
		return answer
	}
	answer = licencetext.Scan(text)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answers == nil {
		s.answers = map[[sha256.Size]byte]licensecheck.Coverage{}
	}
	if len(s.answers) < maxLicenceTexts && len(answer.Match) <= maxLicenceMatches {
		s.answers[sum] = answer
	}
	return answer
}
