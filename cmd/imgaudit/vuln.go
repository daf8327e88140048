package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/report"
	"github.com/imgaudit/imgaudit/pkg/sbom"
	"github.com/imgaudit/imgaudit/pkg/vuln"
)

const sbomTargetHelp = `  sbom:FILE             a bill of materials: SPDX (JSON, tag-value), CycloneDX (JSON, XML)
                        or Syft's JSON; recognised by content without the scheme; - for
                        standard input. A directory of such files is as many images.
`

func (p *program) vulnCommand() *cobra.Command {
	s := &settings{incomplete: incompleteFail}
	cmd := &cobra.Command{
		Use:   "vuln TARGET|SBOM|DIRECTORY",
		Short: "Say which packages are known to be vulnerable",
		Long: `Vuln matches the packages of an image, or of bills of materials that are there already,
against the local vulnerability database (see imgaudit db), without the network. Packages
that a later layer deleted or replaced are matched too: they are still in the image.
` + targetHelp + sbomTargetHelp,
		Example: `  imgaudit vuln app.tar
  imgaudit vuln app.spdx.json --fail-on high --only-fixed
  imgaudit vuln app.tar --since last-week.json
  imgaudit vuln app.tar --vex app.openvex.json --grype-config .grype.yaml -o json=app.json`,
		Args:              oneArgument("target", "app.tar"),
		ValidArgsFunction: completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.settle(cmd, s, args[0]); err != nil {
				return err
			}
			outputs, err := parseOutputs(s.outputs)
			if err != nil {
				return err
			}
			result, err := p.match(cmd, s, args[0])
			if err != nil {
				return err
			}
			if err := p.write(outputs, result, s, args[0]); err != nil {
				return err
			}
			return s.verdict(result)
		},
	}
	s.vulnerabilityFlags(cmd)
	return cmd
}

// vulnerabilityFlags are those of a verb that looks for vulnerabilities alone.
func (s *settings) vulnerabilityFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVarP(&s.outputs, "output", "o", nil, "`FORMAT[=FILE]`: "+formatList()+"; can be repeated (default text)")
	s.databaseFlags(f)
	f.StringVar(&s.baseline, "baseline", "", "a report in JSON, `FILE`, of an earlier run: places of findings that it has are suppressed")
	f.StringArrayVar(&s.ignoreFiles, "ignore-file", nil, "suppress what `FILE` lists (.imgauditignore or .trivyignore); can be repeated")
	f.Var(&s.failOn, "fail-on", "exit with 1 if there is a vulnerability of this `SEVERITY` or worse: critical, high, medium, low, info")
	f.Var(&s.incomplete, "incomplete", "what gaps in the scan mean, `fail|warn`: exit with 3 or with 0")
	s.referrerFlag(f)
	s.sourceFlags(f)
	s.commonFlags(f)
	completeFlags(cmd)
}

// match matches a target: bills of materials, or an image whose packages are catalogued first.
func (p *program) match(cmd *cobra.Command, s *settings, target string) (*audit.Result, error) {
	s.scanners = []string{audit.Vulnerability}
	documents, passedOver, err := p.bills(target)
	if err != nil {
		return nil, err
	}
	if documents == nil {
		result, err := p.audit(cmd.Context(), s, target)
		if err == nil {
			result.Report.Score = []report.Score{} // of an image of which only the packages were looked at
		}
		return result, err
	}
	opts, done, err := p.ready(s, nil)
	if err != nil {
		return nil, err
	}
	defer done()
	result, err := audit.MatchBills(cmd.Context(), documents, passedOver, opts)
	if err != nil {
		return nil, s.reword(err)
	}
	p.warn(s, result)
	return result, nil
}

// bills reads the bills of materials that a target is; nil if it is something else.
func (p *program) bills(target string) (documents []audit.Document, passedOver []string, err error) {
	path, named := strings.CutPrefix(target, "sbom:")
	if named && path == "-" {
		d, err := document("standard input", p.stdin)
		return []audit.Document{d}, nil, err
	}
	info, err := os.Stat(path)
	switch {
	case err != nil && named:
		return nil, nil, usagef("name a file or directory that is there", "reading the bill of materials: %v", err)
	case err != nil:
		return nil, nil, nil
	case info.IsDir():
		return directory(path, named)
	}
	if !named && !looksLikeSBOM(path) {
		return nil, nil, nil
	}
	d, err := documentFile(path)
	return []audit.Document{d}, nil, err
}

// directory reads all bills of materials of a directory. One that holds none is something else: a
// root file system, or a layout.
func directory(dir string, named bool) (documents []audit.Document, passedOver []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the bills of materials: %w", err)
	}
	var damaged []audit.Document
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if e.Name() == "oci-layout" && !named {
			return nil, nil, nil
		}
		if !e.Type().IsRegular() {
			continue
		}
		d, err := audit.Document{}, sbom.ErrNoSBOM
		if looksLikeSBOM(path) {
			d, err = documentFile(path)
		}
		switch {
		case errors.Is(err, sbom.ErrNoSBOM):
			passedOver = append(passedOver, path)
		case err != nil:
			damaged = append(damaged, audit.Document{Name: path, Err: err})
		default:
			documents = append(documents, d)
		}
	}
	switch {
	case len(documents) > 0:
		documents = append(documents, damaged...)
	case len(damaged) > 0:
		return nil, nil, damaged[0].Err
	case named:
		return nil, nil, usagef("bills of materials lie in it, not below", "%s holds no bill of materials", dir)
	}
	return documents, passedOver, nil
}

func documentFile(path string) (audit.Document, error) {
	f, err := os.Open(path)
	if err != nil {
		return audit.Document{}, fmt.Errorf("reading the bill of materials: %w", err)
	}
	defer f.Close()
	return document(path, f)
}

func document(name string, r io.Reader) (audit.Document, error) {
	counted := &countingReader{Reader: r}
	bill, subject, err := vuln.ReadSBOM(counted)
	if err != nil {
		return audit.Document{}, fmt.Errorf("reading the bill of materials %s: %w", name, err)
	}
	return audit.Document{Name: name, Bytes: counted.n, Bill: bill, Subject: subject}, nil
}

type countingReader struct {
	io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

// looksLikeSBOM looks at the first bytes of a file.
func looksLikeSBOM(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head)
	return vuln.MayBeSBOM(bytes.TrimRight(head[:n], "\x00"))
}
