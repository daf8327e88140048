package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

func (p *program) sbomCommand() *cobra.Command {
	s := &settings{incomplete: incompleteFail}
	cmd := &cobra.Command{
		Use:   "sbom TARGET",
		Short: "List the packages of an image as SPDX or CycloneDX",
		Long: `Sbom catalogues the packages of an image in one pass over its layers and writes the
bill of materials: spdx-json (the default), spdx-tag-value, cyclonedx-json,
cyclonedx-xml or syft-json. Each package names the layer that brought it, the one that
changed it last, and their instructions. Packages that a later layer deleted or
replaced are listed apart, as hidden ones. With SOURCE_DATE_EPOCH in the environment
the same image gives the same bytes.
` + targetHelp,
		Example: `  imgaudit sbom app.tar > app.spdx.json
  imgaudit sbom oci-dir:build/image -o cyclonedx-json=app.cdx.json -o spdx-json=app.spdx.json`,
		Args:              oneArgument("target", "app.tar"),
		ValidArgsFunction: completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.settle(cmd, s, args[0]); err != nil {
				return err
			}
			if len(s.outputs) == 0 {
				s.outputs = []string{sbom.SPDXJSON}
			}
			s.scanners = []string{audit.SBOM}
			outputs, err := parseOutputs(s.outputs)
			if err != nil {
				return err
			}
			result, err := p.audit(cmd.Context(), s, args[0])
			if err != nil {
				return err
			}
			if err := p.write(outputs, result, s, args[0]); err != nil {
				return err
			}
			return s.verdict(result)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVarP(&s.outputs, "output", "o", nil, "`FORMAT[=FILE]`: "+formatList()+"; can be repeated (default "+sbom.SPDXJSON+")")
	s.packageFlags(f)
	f.Var(&s.incomplete, "incomplete", "what gaps in the scan mean, `fail|warn`: exit with 3 or with 0")
	s.referrerFlag(f)
	s.sourceFlags(f)
	s.commonFlags(f)
	completeFlags(cmd)
	cmd.AddCommand(p.sbomAttachCommand(), p.sbomConvertCommand())
	return cmd
}

// writeBill writes the bill of materials of the one image of a result.
func writeBill(w io.Writer, format string, r *audit.Result) error {
	switch len(r.SBOM) {
	case 0:
		return usagef("add sbom to --scanners", "-o %s needs the packages", format)
	case 1:
	default:
		return usagef("choose one with --platform, or a tag or digest behind the target", "-o %s holds one image, and the target has %d", format, len(r.SBOM))
	}
	at, err := sourceDate()
	if err != nil {
		return err
	}
	return writeBillAt(w, format, r, at)
}

// writeBillAt writes the bill of materials of the first image of a result with a date.
func writeBillAt(w io.Writer, format string, r *audit.Result, at time.Time) error {
	hide := redactor(r)
	safe := hide.Writer(w)
	err := sbom.Write(safe, format, r.SBOM[0], sbom.WriteOptions{Version: version(), Time: at, Redact: hide.String})
	return errors.Join(err, safe.Flush())
}

// sourceDate is the time that SOURCE_DATE_EPOCH gives, zero without it.
func sourceDate() (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 || seconds > 253402300799 {
		return time.Time{}, usagef("give seconds since 1970", "SOURCE_DATE_EPOCH=%s", fmt.Sprintf("%q", text))
	}
	return time.Unix(seconds, 0).UTC(), nil
}
