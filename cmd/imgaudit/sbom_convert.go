package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

func (p *program) sbomConvertCommand() *cobra.Command {
	s := &settings{}
	cmd := &cobra.Command{
		Use:   "convert FILE",
		Short: "Write an SBOM in another format",
		Long: `Convert reads a bill of materials of any tool in SPDX 2 (JSON or tag-value), CycloneDX
(JSON or XML) or Syft's JSON, and writes it in other formats; - is standard input. What
imgaudit wrote of the layers of packages comes along. What the other format cannot
carry is told on standard error. With SOURCE_DATE_EPOCH in the environment the same
file gives the same bytes.
`,
		Example: `  imgaudit sbom convert app.spdx.json -o cyclonedx-json=app.cdx.json
  syft app:1 -o json | imgaudit sbom convert - -o spdx-tag-value`,
		Args: oneArgument("file", "app.spdx.json -o cyclonedx-json"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.settle(cmd, s, ""); err != nil {
				return err
			}
			if len(s.outputs) == 0 {
				return usagef("give -o FORMAT[=FILE], of "+strings.Join(sbom.Formats(), ", "), "there is no format to convert to")
			}
			for _, o := range s.outputs {
				if format, _, _ := strings.Cut(o, "="); !slices.Contains(sbom.Formats(), format) {
					return usagef("there are "+strings.Join(sbom.Formats(), ", "), "unknown format %q of an SBOM in -o", format)
				}
			}
			outputs, err := parseOutputs(s.outputs)
			if err != nil {
				return err
			}
			return p.convert(s, args[0], outputs)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVarP(&s.outputs, "output", "o", nil, "`FORMAT[=FILE]`: "+strings.Join(sbom.Formats(), ", ")+"; can be repeated")
	s.commonFlags(f)
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(sbom.Formats(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// convert writes files first, whole or not at all, then standard output.
func (p *program) convert(s *settings, file string, outputs []output) error {
	raw, err := p.readBill(file)
	if err != nil {
		return err
	}
	given, err := sbom.Read(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	at, err := sourceDate()
	if err != nil {
		return err
	}
	if len(given.Unread) > 0 {
		p.tell(s, fmt.Sprintf("%s has what no other format gets: %s", file, strings.Join(given.Unread, ", ")))
	}
	slices.SortStableFunc(outputs, func(a, b output) int { return strings.Compare(b.file, a.file) })
	for _, o := range outputs {
		var doc bytes.Buffer
		if err := sbom.Write(&doc, o.format, given.Bill, sbom.WriteOptions{Version: version(), Time: at}); err != nil {
			return err
		}
		after, err := sbom.Read(doc.Bytes())
		if err != nil {
			return fmt.Errorf("reading what was written as %s: %w", o.format, err)
		}
		if lost := sbom.Lost(given.Bill, after.Bill); len(lost) > 0 {
			p.tell(s, fmt.Sprintf("%s does not carry %s", o.format, strings.Join(lost, ", ")))
		}
		write := func(w io.Writer) error { _, err := w.Write(doc.Bytes()); return err }
		if o.file == "" {
			err = write(p.stdout)
		} else {
			err = writeFile(o.file, false, write)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tell writes a line for everybody who does not ask for silence.
func (p *program) tell(s *settings, line string) {
	if !s.quiet {
		fmt.Fprintf(p.stderr, "imgaudit: %s\n", finding.EscapeText(line))
	}
}

// maxBill is the most bytes of a bill of materials that is given as a file.
const maxBill = 128 << 20

// readBill reads a bill of materials from a file or from standard input.
func (p *program) readBill(file string) ([]byte, error) {
	in := p.stdin
	switch {
	case file == "-" && isTerminal(p.stdin):
		return nil, usagef("pipe an SBOM in", "standard input is a terminal")
	case file != "-":
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("reading the SBOM: %w", err)
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, usagef("", "%s is a directory, not an SBOM", file)
		}
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxBill+1))
	if err != nil {
		return nil, fmt.Errorf("reading the SBOM: %w", err)
	}
	if len(raw) > maxBill {
		return nil, fmt.Errorf("reading the SBOM: %s is larger than %d MiB", file, maxBill>>20)
	}
	return raw, nil
}
