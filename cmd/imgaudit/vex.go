package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/vuln"
)

func (p *program) vexCommand() *cobra.Command {
	s := &settings{incomplete: incompleteFail}
	var file, author string
	cmd := &cobra.Command{
		Use:   "vex TARGET|SBOM|DIRECTORY",
		Short: "Write an OpenVEX document on the open vulnerabilities, to be finished by hand",
		Long: `Vex matches as imgaudit vuln does and writes an OpenVEX document with a statement on each
vulnerability that is open, status under_investigation. Change the status to not_affected,
with a justification, or to fixed, affected, and give the document to imgaudit vuln --vex.
` + targetHelp + sbomTargetHelp,
		Example: `  imgaudit vex app.tar -o app.openvex.json
  imgaudit vuln app.tar --vex app.openvex.json`,
		Args:              oneArgument("target", "app.tar"),
		ValidArgsFunction: completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.settle(cmd, s, args[0]); err != nil {
				return err
			}
			result, err := p.match(cmd, s, args[0])
			if err != nil {
				return err
			}
			at, err := p.sourceDate()
			if err != nil {
				return err
			}
			write := func(w io.Writer) error {
				safe := redactor(result).Writer(w)
				err := vuln.WriteSkeleton(safe, result.Report.Findings, products(result), vuln.SkeletonOptions{Author: author, Time: at, Version: version()})
				return errors.Join(err, safe.Flush())
			}
			if file == "" || file == "-" {
				err = write(p.stdout)
			} else {
				err = writeFile(file, false, write)
			}
			if err != nil {
				return err
			}
			return s.verdict(result)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&file, "file", "o", "", "write the document to `FILE` (default standard output)")
	f.StringVar(&author, "author", "", "`NAME` or address of who makes the statements (default Unknown Author)")
	s.databaseFlags(f)
	f.Var(&s.incomplete, "incomplete", "what gaps in the scan mean, `fail|warn`: exit with 3 or with 0")
	s.referrerFlag(f)
	s.sourceFlags(f)
	s.commonFlags(f)
	return cmd
}

// products are the images of a result as statements name them. A path, which could be read as the
// reference of an image of Docker's registry, is the name of none.
func products(result *audit.Result) []finding.Subject {
	all := result.Subjects()
	for i, image := range result.Images {
		switch image.Source {
		case "registry", "docker", "podman":
		default:
			all[i].Names = nil
		}
	}
	return all
}
