package main

import (
	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/report"
)

func (p *program) layersCommand() *cobra.Command {
	s := &settings{incomplete: incompleteFail}
	format := "text"
	cmd := &cobra.Command{
		Use:   "layers TARGET",
		Short: "List the layers: size, files, instruction, findings",
		Long: `Layers lists the layers of an image with their size, the instruction that wrote them and
the number of findings in each. It scans as scan does.
` + targetHelp,
		Example: `  imgaudit layers app.tar
  imgaudit layers registry.example.com/app:1 -o json`,
		Args:              oneArgument("target", "app.tar"),
		ValidArgsFunction: completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.settle(cmd, s, args[0]); err != nil {
				return err
			}
			result, err := p.audit(cmd.Context(), s, args[0])
			if err != nil {
				return err
			}
			if err := p.printLayers(result, format, s, args[0]); err != nil {
				return err
			}
			return s.verdict(result)
		},
	}
	cmd.Flags().SortFlags = false
	formatFlag(cmd, &format)
	s.findingFlags(cmd.Flags())
	s.sourceFlags(cmd.Flags())
	s.commonFlags(cmd.Flags())
	completeFlags(cmd)
	return cmd
}

// layerImage is an image as `layers -o json` prints it.
type layerImage struct {
	report.Image
	Layers []countedLayer `json:"layers"` // instead of the image's own
}

type countedLayer struct {
	report.Layer
	Findings map[finding.Severity]int `json:"findings"`
}

func (p *program) printLayers(result *audit.Result, format string, s *settings, target string) error {
	if format != "json" {
		return p.writeText(result, s, report.TextOptions{Layers: true, Verbose: true, Target: target})
	}
	r := redactor(result).Report(result.Report)
	images := make([]layerImage, len(r.Images))
	for i, image := range r.Images {
		images[i].Image = image
		images[i].Layers = make([]countedLayer, len(image.Layers))
		for j, l := range image.Layers {
			images[i].Layers[j] = countedLayer{l, countIn(r.Findings, i, l.Index)}
		}
	}
	return printJSON(p.stdout, struct {
		Images []layerImage `json:"images"`
	}{images})
}

// countIn counts the findings that have a place in a layer.
func countIn(found []finding.Finding, image, layer int) map[finding.Severity]int {
	counts := map[finding.Severity]int{}
	for _, f := range found {
		for _, l := range f.Locations {
			if l.Image == image && l.Layer != nil && *l.Layer == layer {
				counts[f.Severity]++
				break
			}
		}
	}
	return counts
}
