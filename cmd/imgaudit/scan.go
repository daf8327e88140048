package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/report"
)

const targetHelp = `
Targets:
  registry:REF          an image in a registry
  oci-dir:DIR           an OCI layout directory
  oci-archive:FILE      an OCI layout in a tar
  docker-archive:FILE   what docker save wrote
  docker:REF            an image of the local Docker daemon
  podman:REF            an image of the local Podman
  dir:ROOTFS            a root file system, a source tree or a build context
  -                     any archive on standard input
Without a scheme the kind is recognised; :TAG or @DIGEST behind a path chooses an
image inside.
`

func (p *program) scanCommand() *cobra.Command {
	s := &settings{incomplete: incompleteFail}
	cmd := &cobra.Command{
		Use:   "scan TARGET",
		Short: "Scan an image from anywhere",
		Long: `Scan reads every layer of an image once and reports the secrets and the things that
should not ship, each with its layer, the instruction that wrote it and what became of it.
` + targetHelp,
		Example: `  imgaudit scan app.tar
  imgaudit scan oci-dir:build/image:1.2 -o json=report.json -o text
  docker save app:1 | imgaudit scan - --fail-on high`,
		Args:              oneArgument("target", "app.tar"),
		ValidArgsFunction: completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.scan(cmd, s, args[0])
		},
	}
	s.allFlags(cmd)
	return cmd
}

func (s *settings) allFlags(cmd *cobra.Command) {
	cmd.Flags().SortFlags = false
	s.reportFlags(cmd.Flags())
	s.referrerFlag(cmd.Flags())
	s.sourceFlags(cmd.Flags())
	s.commonFlags(cmd.Flags())
	completeFlags(cmd)
}

// scan audits a target, writes the reports and gives the gate's verdict.
func (p *program) scan(cmd *cobra.Command, s *settings, target string) error {
	if err := p.settle(cmd, s, target); err != nil {
		return err
	}
	outputs, err := parseOutputs(s.outputs)
	if err != nil {
		return err
	}
	result, err := p.audit(cmd.Context(), s, target)
	if err != nil {
		return err
	}
	if err := p.write(outputs, result, s, target); err != nil {
		return err
	}
	return s.verdict(result)
}

// audit runs the audit of a target under a progress bar.
func (p *program) audit(ctx context.Context, s *settings, target string) (*audit.Result, error) {
	var stdin io.Reader
	if readsStdin(target) {
		if isTerminal(p.stdin) {
			return nil, usagef("pipe an image in, as in: docker save app:1 | imgaudit scan -", "standard input is a terminal")
		}
		reading, cancel := withTimeout(ctx, s.timeout)
		defer cancel()
		stdin = &cancelReader{ctx: reading, from: p.stdin}
	}
	for _, path := range s.loaded {
		p.log(s, "read settings from "+path)
	}
	opts, done, err := p.ready(s, stdin)
	if err != nil {
		return nil, err
	}
	defer done()
	bars := newProgress(p.bars(s))
	defer bars.close()
	opts.Walk.Progress = bars.hook()
	result, err := audit.Run(ctx, target, opts)
	if err != nil {
		return nil, s.reword(err)
	}
	for _, lines := range [][]report.LedgerLine{result.Report.Coverage.Gaps, result.Report.Coverage.Notes} {
		for i := range lines {
			lines[i].Detail = inFlags(lines[i].Detail)
		}
	}
	p.warn(s, result)
	return result, nil
}

// ready gives the options of a run, with what they say is to be read and opened. The run is
// to be followed by done.
func (p *program) ready(s *settings, stdin io.Reader) (opts audit.Options, done func(), err error) {
	opts = s.auditOptions(stdin)
	if err := s.readSuppressions(&opts); err != nil {
		return opts, nil, err
	}
	if opts.Now, err = p.sourceDate(); err != nil {
		return opts, nil, err
	}
	done, err = p.openDatabase(s, &opts)
	return opts, done, err
}

// verdict says by its error which exit status a written report has.
func (s *settings) verdict(result *audit.Result) error {
	if s.failOn != "" {
		n := 0
		for _, f := range result.Report.Findings {
			if f.Severity.Rank() >= finding.Severity(s.failOn).Rank() {
				n++
			}
		}
		if n > 0 {
			return &statusError{exitGate, fmt.Sprintf("the gate failed: %s of severity %s or worse (--fail-on %s)", plural(n, "finding"), s.failOn, s.failOn)}
		}
	}
	denied := 0
	for _, b := range result.Report.SBOM {
		denied += len(b.Denied)
	}
	if denied > 0 {
		return &statusError{exitGate, fmt.Sprintf("the gate failed: %s under denied licences (--deny-license %s)", plural(denied, "package"), finding.EscapeText(strings.Join(s.denied, ",")))}
	}
	if c := result.Report.Coverage; !c.Complete && s.incomplete == incompleteFail {
		return &statusError{exitIncomplete, fmt.Sprintf("the scan is incomplete: %s (--incomplete=warn accepts that)",
			redactor(result).String(gapsInWords(c.Gaps)))}
	}
	return nil
}

// gapsInWords tells of the first gap, and how many more there are.
func gapsInWords(gaps []report.LedgerLine) string {
	text := gaps[0].Reason
	if layer := gaps[0].Layer; layer != nil {
		text = fmt.Sprintf("layer %d: %s", *layer, text)
	}
	if gaps[0].Detail != "" {
		text += ": " + gaps[0].Detail
	}
	if more := len(gaps) - 1; more > 0 {
		text += fmt.Sprintf("; and %s in the report's coverage", plural(more, "more gap"))
	}
	return text
}

func plural(n int, noun string) string {
	return number(int64(n), noun, noun+"s")
}

// number counts things of which several have a name of their own.
func number(n int64, one, many string) string {
	if n == 1 {
		many = one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// warn tells on the terminal what a pipeline would else see in a report alone.
func (p *program) warn(s *settings, result *audit.Result) {
	for _, v := range result.Report.Vulnerabilities {
		if d := v.Database; d != nil && d.Old && !s.quiet {
			fmt.Fprintf(p.stderr, "imgaudit: warning: the data of the vulnerability database are %s old (--db-max-age); get newer ones with imgaudit db update or db import\n", plural(*d.AgeDays, "day"))
			return
		}
	}
}

// log writes a line of what is done, for who asked for it.
func (p *program) log(s *settings, line string) {
	if s.verbose && !s.quiet {
		fmt.Fprintf(p.stderr, "imgaudit: %s\n", finding.EscapeText(line))
	}
}

// reword makes an error of the packages one of the command: limits under the names
// of their flags, and the registry's password taken out, should the registry have
// answered with it.
func (s *settings) reword(err error) error {
	if err == nil {
		return nil
	}
	text := inFlags(err.Error())
	if word := s.password.Reveal(); word != "" {
		text = strings.ReplaceAll(text, word, s.password.Redacted())
	}
	if text == err.Error() {
		return err
	}
	return &reworded{text, err}
}

type reworded struct {
	text string
	err  error
}

func (e *reworded) Error() string { return e.text }
func (e *reworded) Unwrap() error { return e.err }

// inFlags says limits as flags.
func inFlags(text string) string {
	return strings.NewReplacer(
		"(Limits.Time)", "(--timeout)", "(Limits.Bytes)", "(--max-layer-bytes)", "(Limits.Ratio)", "(--max-ratio)",
		"(Limits.Entries)", "(--max-entries)", "(Limits.NameLength)", "(--max-name-bytes)",
		"(Limits.HeaderBytes)", "(--max-header-bytes)", "(Limits.IndexBytes)", "(--max-index-bytes)",
	).Replace(text)
}
