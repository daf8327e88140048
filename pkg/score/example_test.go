package score_test

import (
	"fmt"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/score"
)

// A secret that a later layer deleted, and a process of user 0.
func Example() {
	result, err := score.Of(score.Input{
		Findings: []finding.Finding{
			{ID: "5ec2e7", Rule: "slack-bot-token", Category: finding.Secret, Severity: finding.High, Confidence: finding.Sure},
			{ID: "000000", Rule: "image-user-root", Category: finding.Config, Severity: finding.Medium, Confidence: finding.Sure, Visible: true},
		},
		Controls: []score.Control{
			{ID: "4.1", Result: score.Fail, Evidence: []string{"000000"}},
			{ID: "4.6", Result: score.Pass, Evidence: []string{"HEALTHCHECK CMD"}},
			{ID: "4.10", Result: score.Fail, Evidence: []string{"5ec2e7"}},
			{ID: "5.5", Result: score.NotAssessed, Evidence: []string{"an image does not say how it is run"}},
		},
	}, score.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s, %s points: at best %s for %s %s\n", result.Grade, result.Points, result.GradeCap.Grade, result.GradeCap.Reason, result.GradeCap.Evidence)
	fmt.Println(result.CVSS.Score, result.CVSS.Vector, result.CVSS.Findings)
	fmt.Printf("%s %s, %s to %s, %s; %d of %d factors assessed\n",
		result.AIVSS.Score, result.AIVSS.Vector, result.AIVSS.Low, result.AIVSS.High, result.AIVSS.Band, result.AARS.Assessed, result.AARS.Of)
	fmt.Printf("%s: %s %% of %d assessed\n", result.CIS.Benchmark, result.CIS.Percent, result.CIS.Passed+result.CIS.Failed)
	// Output:
	// D, 70.0 points: at best D for a secret that whoever pulls the image can read, deleted or not [5ec2e7]
	// 8.7 CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:L/SI:L/SA:N [5ec2e7]
	// 6.6 (CVSS:8.7/AARS:5.0), 4.7 to 9.1, Medium; 2 of 10 factors assessed
	// CIS Docker Benchmark v1.7.0: 33.3 % of 3 assessed
}
