package score

import "fmt"

// Version is a version of OWASP's AIVSS. Its versions are different formulas
// under one name, so a score without its version says nothing.
type Version string

// The versions that this package computes.
const (
	V05 Version = "0.5"
	V08 Version = "0.8"
)

// Threat is how far the weakness is known to be attacked, the threat multiplier of AIVSS.
type Threat string

// The levels of threat. What they multiply by depends on the version.
const (
	Attacked       Threat = "attacked"   // 1.00
	ProofOfConcept Threat = "poc"        // 0.97; AIVSS's default
	Unreported     Threat = "unreported" // 0.91 in version 0.5, 0.50 in 0.8
)

// Mitigation is what stands in an attacker's way, a multiplier of version 0.8 alone.
type Mitigation string

// The levels of mitigation.
const (
	Unmitigated Mitigation = "none"    // 1.00; AIVSS's default
	Partly      Mitigation = "partial" // 0.83
	Strongly    Mitigation = "strong"  // 0.67
)

// multipliers are in hundredths.
var (
	threats = map[Version]map[Threat]int64{
		V05: {Attacked: 100, ProofOfConcept: 97, Unreported: 91},
		V08: {Attacked: 100, ProofOfConcept: 97, Unreported: 50},
	}
	mitigations = map[Mitigation]int64{Unmitigated: 100, Partly: 83, Strongly: 67}
)

// settle puts the defaults in, or says what is wrong.
func (o Options) settle() (Options, error) {
	if o.AIVSS == "" {
		o.AIVSS = V05
	}
	if o.Threat == "" {
		o.Threat = ProofOfConcept
	}
	if o.Mitigation == "" {
		o.Mitigation = Unmitigated
	}
	if threats[o.AIVSS] == nil {
		return o, fmt.Errorf("unknown version %.20q of AIVSS: one of %s, %s", o.AIVSS, V05, V08)
	}
	if threats[o.AIVSS][o.Threat] == 0 {
		return o, fmt.Errorf("unknown threat %.20q: one of %s, %s, %s", o.Threat, Attacked, ProofOfConcept, Unreported)
	}
	if mitigations[o.Mitigation] == 0 {
		return o, fmt.Errorf("unknown mitigation %.20q: one of %s, %s, %s", o.Mitigation, Unmitigated, Partly, Strongly)
	}
	if o.AIVSS == V05 && o.Mitigation != Unmitigated {
		return o, fmt.Errorf("mitigation %q: version %s of AIVSS has none, use version %s", o.Mitigation, V05, V08)
	}
	return o, nil
}

// AIVSS joins a CVSS v4.0 base score and the sum of the ten AARS factors, both 0.0
// to 10.0, by the formula of the version that the options name:
//
//	0.5: ((CVSS + AARS) / 2) × ThM           with AARS = sum
//	0.8: (CVSS + AARS) × MF                  with AARS = (10 - CVSS) × (sum / 10) × ThM
//
// rounded to one decimal, a half up. The vector is "(CVSS:9.4/AARS:8.5)", its AARS
// exact and not rounded. Sources: OWASP AIVSS v0.5, sections 4.3 and 7.3; v0.8, 3.1 to 3.7.
func AIVSS(cvss, sum Tenths, opts Options) (score Tenths, vector string, err error) {
	opts, err = opts.settle()
	if err != nil {
		return 0, "", err
	}
	for _, v := range []Tenths{cvss, sum} {
		if v < 0 || v > 100 {
			return 0, "", fmt.Errorf("scoring %s: it is not between 0 and 10", v)
		}
	}
	c, s, threat := int64(cvss), int64(sum), threats[opts.AIVSS][opts.Threat]
	aars := s * 10000 // in 1/100000
	if opts.AIVSS == V05 {
		score = Tenths(halfUp((c+s)*threat, 200))
	} else {
		aars = (100 - c) * s * threat
		score = Tenths(halfUp((c*10000+aars)*mitigations[opts.Mitigation], 1000000))
	}
	return score, fmt.Sprintf("(CVSS:%s/AARS:%s)", cvss, exact(aars, 5)), nil
}

// Band names the band of a score, of CVSS v4.0 and of both versions of AIVSS.
func Band(score Tenths) string {
	switch {
	case score >= 90:
		return "Critical"
	case score >= 70:
		return "High"
	case score >= 40:
		return "Medium"
	case score > 0:
		return "Low"
	}
	return "None"
}
