package score

// Result is the score of one image. No list in it is nil.
type Result struct {
	Grade   string `json:"grade"`   // A, the best, to F
	Points  Tenths `json:"points"`  // 100 less the penalty, not below 0; see the package's rules
	Penalty Tenths `json:"penalty"` // without upper bound: every further defect adds to it

	GradeCap     *GradeCap     `json:"gradeCap"`     // nil when no finding bars a better grade
	GradeReasons []GradeReason `json:"gradeReasons"` // what the penalty is made of, most first

	NotAssessed []string `json:"notAssessed"` // what the score does not speak of, in words

	CVSS  CVSS       `json:"cvss"`
	AARS  AARS       `json:"aars"`
	AIVSS AIVSSScore `json:"aivss"`
	CIS   CIS        `json:"cis"`
}

// GradeCap says why the grade cannot be better, whatever the points.
type GradeCap struct {
	Grade    string   `json:"grade"` // the best grade that is possible
	Reason   string   `json:"reason"`
	Evidence []string `json:"evidence"` // ids of findings, or what was not looked at
}

// GradeReason is one part of the penalty: all findings of a rule, or a failed control.
type GradeReason struct {
	Rule     string   `json:"rule,omitempty"`
	Control  string   `json:"control,omitempty"`
	Penalty  Tenths   `json:"penalty"`
	Evidence []string `json:"evidence"` // ids of findings; for a control what it failed on
}

// CVSS is the base score, version 4.0, of the worst that was found.
type CVSS struct {
	Vector   string   `json:"vector"`   // empty when nothing that was found has one
	Score    Tenths   `json:"score"`    // 0.0 to 10.0
	Findings []string `json:"findings"` // all that have this score
}

// AARS is the Agentic AI Risk Score.
type AARS struct {
	Version  string   `json:"version"` // of AIVSS, whose factors they are
	Sum      Tenths   `json:"sum"`     // of the ten factors; one that is not assessed counts 0.5
	Low      Tenths   `json:"low"`     // the sum if all that is not known were 0
	High     Tenths   `json:"high"`    // the sum if all that is not known were 1
	Factors  []Factor `json:"factors"`
	Assessed int      `json:"assessed"` // factors with a value
	Of       int      `json:"of"`       // ten

	// The three groups of indicators of the image itself, beside the ten factors.
	ToolAccess   Indicator `json:"toolAccess"`
	DataExposure Indicator `json:"dataExposure"`
	Availability Indicator `json:"availability"`
}

// Factor is one of the ten.
type Factor struct {
	Name     string   `json:"name"`
	Value    *Level   `json:"value"`   // nil: not assessed
	AtLeast  bool     `json:"atLeast"` // the image shows this much; it cannot show that there is no more
	Evidence []string `json:"evidence"`
}

// Indicator is one group of indicators.
type Indicator struct {
	Value    *Level   `json:"value"` // nil: nothing of it was looked at
	Evidence []string `json:"evidence"`
}

// AIVSSScore is the score that joins CVSS and AARS.
type AIVSSScore struct {
	Version    string   `json:"version"`
	Vector     string   `json:"vector"` // "(CVSS:9.3/AARS:5.5)"
	Score      Tenths   `json:"score"`
	Low        Tenths   `json:"low"`  // with AARS.Low
	High       Tenths   `json:"high"` // with AARS.High
	Band       string   `json:"band"` // of the score
	Threat     string   `json:"threat"`
	Mitigation string   `json:"mitigation"`
	Evidence   []string `json:"evidence"` // what moved the CVSS score or a factor
}

// CIS counts the controls of the benchmark.
type CIS struct {
	Benchmark   string          `json:"benchmark"`
	Passed      int             `json:"passed"`
	Failed      int             `json:"failed"`
	NotAssessed int             `json:"notAssessed"`
	Percent     *Tenths         `json:"percent"` // 100 × passed / (passed + failed); nil when nothing was assessed
	Controls    []ControlResult `json:"controls"`
}

// ControlResult is one control in the report.
type ControlResult struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Result   string   `json:"result"`
	Evidence []string `json:"evidence"`
}
