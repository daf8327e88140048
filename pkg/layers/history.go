package layers

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// ReasonHistoryMismatch is the reason of the note on an image whose history
// makes another number of layers than the image has, as kaniko, jib, Bazel and
// squashed builds leave it.
const ReasonHistoryMismatch = "history-mismatch"

// applyHistory gives each layer its instruction and its time from the history in
// the configuration, and marks the layers of the base image.
//
// The entries of history that made a layer must be as many as the layers.
// Otherwise no layer gets anything and a note says so: a wrong instruction is
// worse than none. Without a configuration there is nothing to fit and no note.
func applyHistory(layers []Layer, cfg *v1.ConfigFile) []Remark {
	for i := range layers {
		layers[i].Instruction, layers[i].Created, layers[i].Base = nil, time.Time{}, false
	}
	if cfg == nil {
		return nil
	}
	var made []v1.History
	for _, h := range cfg.History {
		if !h.EmptyLayer {
			made = append(made, h)
		}
	}
	if len(made) != len(layers) {
		return []Remark{{
			Reason: ReasonHistoryMismatch,
			Detail: fmt.Sprintf("the history tells of %d layers and the image has %d, so no layer is given an instruction", len(made), len(layers)),
		}}
	}
	base := baseLayers(cfg.History)
	for i, h := range made {
		if text := instruction(h); text != "" {
			layers[i].Instruction = &text
		}
		layers[i].Created = h.Created.Time
		layers[i].Base = i < base
	}
	return nil
}

// The shell that Docker's builders put before the words of a Dockerfile.
const (
	shellNop = "/bin/sh -c #(nop)"
	shell    = "/bin/sh -c "
	buildkit = "# buildkit"
)

// Instruction makes the words of a history entry readable; see instruction.
func Instruction(h v1.History) string { return instruction(h) }

// instruction makes the words of a history entry readable, and leaves them true:
// what the classic builder hid behind a shell becomes the instruction of the
// Dockerfile that it was, BuildKit's mark goes, and all else stays as it is.
// Without words the comment stands for them.
func instruction(h v1.History) string {
	text := strings.TrimSpace(h.CreatedBy)
	if text == "" {
		return strings.TrimSpace(h.Comment)
	}
	if rest, ok := strings.CutSuffix(text, buildkit); ok && strings.TrimRight(rest, " \t\n") != rest {
		text = strings.TrimSpace(rest)
	}
	if rest, ok := strings.CutPrefix(text, shellNop); ok {
		return strings.TrimSpace(rest)
	}
	if rest, ok := strings.CutPrefix(text, shell); ok {
		return "RUN " + strings.TrimSpace(rest)
	}
	if classicArgs.MatchString(text) {
		return "RUN " + text
	}
	return text
}

// classicArgs is how the classic builder wrote RUN with build arguments.
var classicArgs = regexp.MustCompile(`(?s)^\|[0-9]+ .*/bin/sh -c `)

// baseLayers guesses how many layers, from the first, are the base image's.
//
// An image ends with metadata; official base images end with CMD, ENTRYPOINT or
// both. So the base ends at the last CMD or ENTRYPOINT that made no layer and has
// an entry behind it that did: what comes behind the image's own is no layer.
// Without one, the first layer alone is the base if it is a root file system and
// not the whole image. It is a guess: a Dockerfile that copies files behind its
// own CMD is taken for a base image up to there.
func baseLayers(history []v1.History) int {
	base, layers, bare := 0, 0, false
	ended := -1 // layers below the last CMD or ENTRYPOINT
	for _, h := range history {
		text := instruction(h)
		if h.EmptyLayer {
			if word, _, _ := strings.Cut(text, " "); word == "CMD" || word == "ENTRYPOINT" {
				ended = layers
			}
			continue
		}
		if ended >= 0 {
			base = ended
		}
		if layers == 0 {
			bare = rootFS(text)
		}
		layers++
	}
	if base == 0 && bare && layers > 1 {
		return 1
	}
	return base
}

// rootFS reports whether an instruction puts a whole root file system into a
// layer: ADD of one thing into the root, or one of Debian's own builders.
func rootFS(text string) bool {
	for _, mark := range []string{"debuerreotype", "debootstrap", "# debian.sh"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	words := strings.Fields(text)
	if len(words) < 3 || words[0] != "ADD" || words[len(words)-1] != "/" {
		return false
	}
	source := ""
	for _, w := range words[1 : len(words)-1] {
		switch {
		case strings.HasPrefix(w, "--"), w == "in":
		case source != "" || strings.Contains(w, "://"): // downloads are not unpacked
			return false
		default:
			source = w
		}
	}
	return strings.HasPrefix(source, "file:") || strings.Contains(source, ".tar") || strings.HasSuffix(source, ".tgz")
}
