package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// manyLayers is the number of layers from which runs of quiet ones are one row.
const manyLayers = 16

// layers writes the layers of each image as a table.
func (t *text) layers() {
	seen := map[string]int{} // layers as one text → image that has them
	for i, im := range t.r.Images {
		if i == maxImages && len(t.r.Images) > maxImages+1 && !t.opts.Verbose {
			break
		}
		if len(im.Layers) == 0 {
			continue
		}
		key := fmt.Sprint(diffIDs(im))
		if first, ok := seen[key]; ok {
			t.words("  ", quiet, t.imageLabel(i)+" has the same layers as "+t.imageLabel(first)+".")
			continue
		}
		seen[key] = i
		title := "Layers"
		if len(t.r.Images) > 1 {
			title += " of " + middle(t.imageLabel(i), t.width-12)
		}
		t.heading(title)
		t.layerTable(i, im)
	}
}

func diffIDs(im Image) []string {
	var ids []string
	for _, l := range im.Layers {
		ids = append(ids, l.DiffID)
	}
	return ids
}

// imageLabel tells the images of one report apart: by platform where the names are equal.
func (t *text) imageLabel(i int) string {
	if i < 0 || i >= len(t.r.Images) {
		return "image " + strconv.Itoa(i)
	}
	im := t.r.Images[i]
	sameName, samePlatform := 0, 0
	for _, o := range t.r.Images {
		if imageName(o) == imageName(im) {
			sameName++
			if o.Platform == im.Platform {
				samePlatform++
			}
		}
	}
	switch {
	case sameName == 1:
		return imageName(im)
	case samePlatform == 1 && im.Platform != "":
		return im.Platform
	}
	return fmt.Sprintf("image %d, %s", i+1, shortDigest(im.ImageID))
}

// row is one line of the table of layers.
type row struct {
	index, base, text string
	found             map[finding.Severity]int
	bytes             int64
	complete          bool
	noSize            bool // configuration and history
}

func (t *text) layerTable(image int, im Image) {
	perLayer, besides := t.foundIn(image)
	var rows []row
	for _, l := range im.Layers {
		r := row{index: strconv.Itoa(l.Index), text: short(l.Instruction), bytes: l.Bytes, complete: l.Complete, found: perLayer[l.Index]}
		if l.Base {
			r.base = "base"
		}
		if r.text == "" {
			r.text = "(not known)"
		}
		rows = append(rows, r)
	}
	if len(rows) > manyLayers && !t.opts.Verbose {
		rows = foldQuiet(rows)
	}
	for _, name := range []string{"configuration", "history"} {
		if c := besides[name]; len(c) > 0 {
			rows = append(rows, row{text: name, found: c, complete: true, noSize: true})
		}
	}
	t.table(rows)
}

// foundIn counts the findings in each layer of an image by severity, and those
// in its configuration and history.
func (t *text) foundIn(image int) (layers map[int]map[finding.Severity]int, besides map[string]map[finding.Severity]int) {
	layers, besides = map[int]map[finding.Severity]int{}, map[string]map[finding.Severity]int{}
	for _, f := range t.r.Findings {
		inLayer, beside := map[int]bool{}, map[string]bool{}
		for _, l := range f.Locations {
			switch {
			case l.Image != image:
			case l.Layer != nil:
				inLayer[*l.Layer] = true
			case strings.HasPrefix(l.Path, "history!/"):
				beside["history"] = true
			default:
				beside["configuration"] = true
			}
		}
		for l := range inLayer {
			increase(layers, l, f.Severity)
		}
		for b := range beside {
			increase(besides, b, f.Severity)
		}
	}
	return layers, besides
}

func increase[K comparable](m map[K]map[finding.Severity]int, key K, s finding.Severity) {
	if m[key] == nil {
		m[key] = map[finding.Severity]int{}
	}
	m[key][s]++
}

func (r row) quiet() bool { return len(r.found) == 0 && r.complete }

// foldQuiet makes one row of three or more quiet layers that follow each other.
func foldQuiet(rows []row) []row {
	var out []row
	for i := 0; i < len(rows); {
		j := i
		var bytes int64
		for j < len(rows) && rows[j].quiet() && rows[j].base == rows[i].base {
			bytes += rows[j].bytes
			j++
		}
		if j-i < 3 {
			out = append(out, rows[i])
			i++
			continue
		}
		out = append(out, row{index: rows[i].index + "–" + rows[j-1].index, base: rows[i].base, bytes: bytes, complete: true,
			text: count(j-i, "layer") + ", nothing found"})
		i = j
	}
	return out
}

const sizeCells = 8 // "999.9 MB"

func (t *text) table(rows []row) {
	index, base, found := 1, 0, 5
	var biggest int64 = 1
	all := map[finding.Severity]int{}
	for i := range rows {
		r := &rows[i]
		index, base, biggest = max(index, columns(r.index)), max(base, columns(r.base)), max(biggest, r.bytes)
		found = max(found, columns(t.foundCell(*r)))
		for s, n := range r.found {
			all[s] += n
		}
	}
	bar := 0
	switch {
	case t.width >= 100:
		bar = 10
	case t.width >= 80:
		bar = 6
	}
	gap := "  "
	fixed := 2 + index + 2 + sizeCells + 2 + found
	if bar > 0 {
		fixed += bar + 1
	}
	if base > 0 {
		fixed += base + 2
	}
	text := max(t.width-fixed-2, 8)

	put := func(m mood, index_, size, bar_, base_, text_, found_ string) {
		line := gap + pad(index_, index, true) + gap + pad(size, sizeCells, true)
		if bar > 0 {
			line += " " + pad(bar_, bar, false)
		}
		line = t.paint(m, line) + gap
		if base > 0 {
			line += t.paint(quiet, pad(base_, base, false)) + gap
		}
		t.line(line, t.paint(m, pad(end(text_, text), text, false)), gap, found_)
	}
	put(quiet, "#", "SIZE", "", "", "BUILT BY", "FOUND")
	for _, r := range rows {
		m, bytes := plain, size(r.bytes)
		if r.quiet() {
			m = quiet
		}
		if r.noSize {
			bytes = ""
		}
		put(m, r.index, bytes, drawBar(r.bytes, biggest, bar), r.base, r.text, t.foundCell(r))
	}
	var legend []string
	for _, s := range finding.Severities() {
		if all[s] > 0 {
			legend = append(legend, strings.ToUpper(string(s[:1]))+" "+string(s))
		}
	}
	if len(legend) > 0 {
		t.line("  ", t.paint(quiet, strings.Join(legend, " · ")))
	}
}

// foundCell gives the counts of a row by severity: "2C 1H".
func (t *text) foundCell(r row) string {
	var parts []string
	for _, s := range finding.Severities() {
		if n := r.found[s]; n > 0 {
			parts = append(parts, t.paint(severityMood(s), strconv.Itoa(n)+strings.ToUpper(string(s[:1]))))
		}
	}
	if !r.complete {
		parts = append(parts, t.paint(bad, "gap"))
	}
	if len(parts) == 0 {
		return t.paint(quiet, "–")
	}
	return strings.Join(parts, " ")
}

// drawBar draws a share of the biggest in eighths of a cell.
func drawBar(n, biggest int64, cells int) string {
	if n <= 0 {
		return ""
	}
	eighths := int(float64(n) / float64(biggest) * float64(cells*8))
	eighths = max(eighths, 1)
	s := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		s += string([]rune(" ▏▎▍▌▋▊▉")[rest])
	}
	return s
}
