package report

import (
	"fmt"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// maxImages is how many images are shown one by one.
const maxImages = 8

// header says what was looked at.
func (t *text) header() {
	if len(t.r.Images) == 0 {
		t.line(t.paint(strong, "No image"))
		return
	}
	if n := len(t.r.Images); n > 1 {
		t.line(t.paint(strong, count(n, "image")))
	}
	for i, im := range t.r.Images {
		if i == maxImages && len(t.r.Images) > maxImages+1 && !t.opts.Verbose {
			t.line(t.paint(quiet, fmt.Sprintf("and %s; -v shows them all", count(len(t.r.Images)-i, "more image"))))
			return
		}
		if i == 0 || imageName(im) != imageName(t.r.Images[i-1]) {
			t.line(t.paint(strong, middle(imageName(im), t.width)))
		}
		var about []string
		add := func(s string) {
			if s != "" {
				about = append(about, s)
			}
		}
		add(im.Platform)
		if im.ManifestDigest != nil {
			add(shortDigest(*im.ManifestDigest))
		} else if im.ImageID != "" {
			add("ID " + shortDigest(im.ImageID))
		}
		if date, _, ok := strings.Cut(im.Created, "T"); ok {
			add("built " + date)
		}
		if len(im.Layers) > 0 || im.Source != "sbom" {
			add(count(len(im.Layers), "layer") + ", " + size(imageBytes(im)))
		}
		if im.Source != "" && columns(strings.Join(append(about, im.Source), " · "))+2 <= t.width {
			add(im.Source)
		}
		t.items("  ", quiet, about)
	}
}

// items writes short texts with dots between them, as many on a line as fit;
// further lines stand a little further in.
func (t *text) items(indent string, m mood, items []string) {
	line, broken := "", false
	for _, item := range items {
		item = middle(item, t.width-len(indent))
		if line != "" && t.width < len(indent)+columns(line)+3+columns(item) {
			t.line(indent, t.paint(m, line))
			line = ""
			if !broken {
				indent, broken = indent+hang, true
			}
			item = middle(item, t.width-len(indent))
		}
		if line != "" {
			line += " · "
		}
		line += item
	}
	t.line(indent, t.paint(m, line))
}

// hang is how much further in the other lines stand than the first.
const hang = "  "

func imageName(im Image) string {
	switch {
	case im.Reference != "":
		return im.Reference
	case im.ImageID != "":
		return shortDigest(im.ImageID)
	}
	return "an image without a name"
}

func imageBytes(im Image) int64 {
	var n int64
	for _, l := range im.Layers {
		n += l.Bytes
	}
	return n
}

// verdict says in two or three lines what the report is about.
func (t *text) verdict() {
	t.blank()
	counts := map[finding.Severity]int{}
	secrets, lost := 0, 0
	for _, f := range t.r.Findings {
		counts[f.Severity]++
		if f.Category == finding.Secret {
			secrets++
			if !f.Visible {
				lost++
			}
		}
	}
	switch {
	case len(t.r.Findings) > 0:
		var parts []string
		for _, s := range finding.Severities() {
			if n := counts[s]; n > 0 {
				parts = append(parts, t.paint(severityMood(s), fmt.Sprintf("%s %s", number10(int64(n)), s)))
			}
		}
		t.line(t.paint(strong, count(len(t.r.Findings), "finding")), ": ", strings.Join(parts, ", "))
	case t.r.Coverage.Complete:
		t.line(t.paint(good, "✓ Nothing found."))
	default:
		t.line(t.paint(medium, "! Nothing found in what could be read."))
	}
	switch {
	case lost > 0 && lost == secrets:
		t.words("", strong, fmt.Sprintf("No file of the final image shows %s, but a lower layer still holds %s.",
			either(secrets, "the secret", "the "+count(secrets, "secret")), either(secrets, "it", "them")))
	case lost > 0:
		t.words("", strong, fmt.Sprintf("%s of %s %s deleted or overwritten, and still in the image.",
			number10(int64(lost)), count(secrets, "secret"), either(lost, "is", "are")))
	case secrets > 0:
		t.words("", plain, fmt.Sprintf("%s in plain sight in the final image.", either(secrets, "The secret is", "All "+count(secrets, "secret")+" are")))
	}
	scanned := fmt.Sprintf("%s, %s", count(t.r.Coverage.Scanned.Files, "file"), size(t.r.Coverage.Scanned.Bytes))
	if t.r.Coverage.Complete {
		t.words("", quiet, "Everything was read: "+scanned+".")
	} else {
		t.words("", bad, "! Incomplete: "+count(len(t.r.Coverage.Gaps), "part")+" could not be read. Read: "+scanned+".")
	}
	t.notAssessed()
}

func either[N int | int64](n N, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
