package main

import (
	"fmt"
	"strings"

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
			if err := p.printLayers(result, format, s); err != nil {
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

func (p *program) printLayers(result *audit.Result, format string, s *settings) error {
	r := redactor(result).Report(result.Report)
	images := make([]layerImage, len(r.Images))
	for i, image := range r.Images {
		images[i].Image = image
		images[i].Layers = make([]countedLayer, len(image.Layers))
		for j, l := range image.Layers {
			images[i].Layers[j] = countedLayer{l, countIn(r.Findings, i, l.Index)}
		}
	}
	if format == "json" {
		return printJSON(p.stdout, struct {
			Images []layerImage `json:"images"`
		}{images})
	}
	for i, image := range images {
		if i > 0 {
			fmt.Fprintln(p.stdout)
		}
		p.printLayerTable(image)
	}
	return nil
}

// printLayerTable prints one line a layer; the instruction takes what is left of
// the width.
func (p *program) printLayerTable(image layerImage) {
	width := p.width()
	if width == 0 {
		width = 100
	}
	name := image.Reference
	if image.Platform != "" {
		name += " (" + image.Platform + ")"
	}
	fmt.Fprintln(p.stdout, cutText(finding.EscapeText(name), width))
	const head = "LAYER        SIZE     FILES  FINDINGS  INSTRUCTION"
	fmt.Fprintln(p.stdout, cutText(head, width))
	left := width - strings.Index(head, "INSTRUCTION")
	for _, l := range image.Layers {
		instruction := "?"
		if l.Instruction != nil {
			instruction = finding.EscapeText(strings.Join(strings.Fields(*l.Instruction), " "))
		}
		if !l.Complete {
			instruction = "(incomplete) " + instruction
		}
		found := 0
		for _, n := range l.Findings {
			found += n
		}
		fmt.Fprintf(p.stdout, "%5d  %10s  %8d  %8d  %s\n", l.Index, inBytes(float64(l.Bytes)), l.Files, found, cutText(instruction, left))
	}
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

// cutText cuts text at a width, with a sign that something is missing.
func cutText(s string, width int) string {
	r := []rune(s)
	if len(r) <= width {
		return s
	}
	return string(r[:max(width-1, 0)]) + "…"
}
