package report_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/report"
)

// A report is written without the values that were found.
func ExampleNewWriter() {
	value := finding.Hide("correct-horse-42")
	layer, instruction := 0, "RUN curl -u deploy:correct-horse-42 https://example.com"
	r := &report.Report{
		Images: []report.Image{{Reference: "example.com/app:1", Platform: "linux/amd64", Layers: []report.Layer{
			{Bytes: 1_200_000, Instruction: &instruction, Complete: true},
		}}},
		Findings: []finding.Finding{{
			Rule: "basic-auth", Category: finding.Secret, Severity: finding.High, Confidence: finding.Sure, Title: "Password in a file", Visible: true,
			Secret:    &finding.SecretDetail{Value: value, Redacted: value.Redacted()},
			Locations: []finding.Location{{Layer: &layer, Path: "etc/app.conf", Line: 3, Instruction: &instruction}},
		}},
		Coverage: report.Coverage{Complete: true, Scanned: report.Scanned{Files: 12, Bytes: 1_200_000}},
	}
	w, err := report.NewWriter("text", report.WriterOptions{Text: report.TextOptions{Width: 72}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var text strings.Builder
	if err := w.Write(&text, r); err != nil {
		fmt.Println(err)
		return
	}
	_, findings, _ := strings.Cut(text.String(), "\n\n")
	fmt.Println(findings[:strings.Index(findings, "What to do")])
	// Output:
	// 1 finding: 1 high
	// The secret is in plain sight in the final image.
	// Everything was read: 12 files, 1.2 MB.
	//
	// Layers ─────────────────────────────────────────────────────────────────
	//   #      SIZE  BUILT BY                                            FOUND
	//   0    1.2 MB  RUN curl -u deploy:****(16) https://example.com     1H
	//   H high
	//
	// High  1 ────────────────────────────────────────────────────────────────
	//   ● Password in a file  basic-auth
	//     ****(16) · in the final image
	//     etc/app.conf:3
	//       layer 0 ● added by RUN curl -u deploy:****(16) https://example.com
}

// Standard error is redacted while it is written.
func ExampleRedactor_Writer() {
	r := report.NewRedactor(report.Secret{Value: finding.Hide("correct-horse-42")})
	w := r.Writer(os.Stdout)
	fmt.Fprint(w, "pulling https://deploy:correct-")
	fmt.Fprintln(w, "horse-42@example.com")
	_ = w.Close()
	// Output: pulling https://deploy:****(16)@example.com
}
