// Package score puts a verdict on one image in numbers: CVSS v4.0, AARS and AIVSS,
// the CIS benchmark, and one grade from A to F.
//
// In go findings, the results of controls and what else was observed ([Input]);
// out comes a [Result], in which every figure names what moved it. The package
// reads nothing and knows no image: [Of] is a pure function. All its rules are data
// that can be listed: [Kinds], [Weights], [Grades], [Caps], [ControlFacts], [Factors].
//
// # The grade
//
// An image starts with 100 points. Each finding takes off a weight by its severity:
//
//	critical 40    high 20    medium 8    low 2    info 0
//
// That is the weight of a finding of high confidence. One of medium confidence takes
// three quarters of it, one of low confidence a quarter. What does harm in a
// running container alone, and was deleted by a later layer, takes a quarter of
// that; secrets and files that whoever pulls the image can read weigh the same
// deleted or not. Of the findings of one rule the heaviest weighs whole, the next half, then a
// quarter and so on; all vulnerabilities count as of one rule. No finding takes less than 0.1, but for those that weigh
// nothing: of severity info, and suppressed ones. Each failed control of the
// benchmark takes 1.0 more. What is taken off is the penalty; it has no bound, so that one more
// defect always shows, also in an image that has no points left. A severity that is
// none counts as low, a confidence that is none as medium.
//
// The points give the grade:
//
//	A above 90    B above 70    C above 50    D above 30    E above 10    F the rest
//
// The worst finding bars better grades, whatever the points. Findings of low
// confidence, and deleted ones that do harm in a running container alone, bar none:
//
//	critical, of high confidence             F
//	critical, of medium confidence           E
//	secret of medium severity or worse       D
//	anything else of high severity           C
//	anything else of medium severity         B
//	something was not looked at              C
//
// What nobody looked at because there was nothing to look at it with, such as vulnerabilities without
// a database, stands beside the grade and moves nothing: see [Input.NotAssessed].
//
// # CVSS
//
// Each kind of finding has a base vector, which [Kinds] lists with its reasons; a vulnerability whose
// record has a vector of version 4.0 has that. The image has
// the vector and the score of its worst finding: CVSS scores one weakness, and adding
// or averaging scores would mean nothing. Findings of low confidence, deleted ones that
// do harm in a running container alone, and mere waste move no CVSS score. An image
// without a weakness has the score 0.0 and no vector.
//
// # AARS and AIVSS
//
// AIVSS is made for agents; an image is not one, and shows few of the ten
// factors. What it shows is a lower bound: a client of a container engine in
// the image proves that the process may have it as a tool, its absence proves nothing. So
// no factor is ever 0 by what an image lacks, one below 1 is marked as "at least", and
// one that nothing is known of is nil. [Input.Answers] states factors that those who run the
// agent know; what the image shows wins where it is higher.
//
//	toolUse            1 host control        0.5 a shell, or build tools
//	dynamicIdentity    1 user 0 with host control    0.5 user 0, or ways to more rights
//	selfModification   1 user 0 with build tools     0.5 user 0, or world-writable files
//
// A factor that is not assessed counts 0.5 in the sum, the middle of what it can be: 0
// would reward not looking, 1 would make all images alike. The range from low
// to high is what AIVSS would be if all that is not known were 0, or 1. The formulas are
// those of OWASP's AIVSS 0.5, the default, and 0.8: see [AIVSS]. The totals that the text of
// version 0.5 prints for seven of its ten examples are not the sums of the factors beside them; here
// a sum is a sum.
//
// Beside the factors stand three indicators of the image itself, each 0, 0.5, 1, or nil
// when nothing of it was looked at:
//
//	toolAccess     1 host control                     0.5 user 0, or ways to more rights
//	dataExposure   1 a secret                         0.5 sensitive files, or a secret of low confidence
//	availability   1 neither health check nor limits  0.5 one of both is missing
//
// # CIS
//
// The percentage is 100 × passed / (passed + failed). Controls that were not
// assessed are listed, and count on neither side; if none was assessed there is no percentage.
//
// # Promises
//
//   - No figure gets better by one more finding, by a worse or surer one, by one that is
//     visible again, by a control that fails, or by a fact that is present.
//   - Each further finding that weighs anything makes the penalty larger, each control that fails
//     too.
//   - Numbers are decimals with one digit, rounded half up; nothing is computed in floating point
//     but CVSS, whose scores have one digit by themselves.
//   - The order of the input does not matter, and the input is not changed.
//   - Evidence is ids of findings and the caller's own words, sorted; no list is nil.
package score
