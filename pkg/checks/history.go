package checks

import (
	"strconv"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// step is one entry of an image's history.
type step struct {
	path        string // history!/n
	instruction string // readable, as layers writes it
	word, rest  string // RUN and what is behind it; empty for what is no instruction of a Dockerfile
	layer       int    // that it made, or -1
	first       bool   // it made the first layer
	base        bool   // belongs to the base image
	script      script // of a RUN
}

// history reads the steps of an image.
func history(image *layers.Image) []step {
	if image.Config == nil {
		return nil
	}
	steps := make([]step, 0, len(image.Config.History))
	made := 0
	for i, h := range image.Config.History {
		s := step{path: finding.Inside("history", strconv.Itoa(i)), instruction: layers.Instruction(h), layer: -1}
		if !h.EmptyLayer {
			s.layer, s.first = made, made == 0
			made++
		}
		s.word, s.rest = instructionWord(s.instruction)
		if s.word == "RUN" {
			s.script = parseRun(s.rest)
		}
		steps = append(steps, s)
	}
	markBase(steps, image.Layers, made)
	return steps
}

// markBase marks the steps of the base image: those up to its last layer, and what
// follows that without a layer up to a CMD or ENTRYPOINT.
func markBase(steps []step, list []layers.Layer, made int) {
	base := 0
	if made == len(list) {
		for base < len(list) && list[base].Base {
			base++
		}
	}
	if base == 0 {
		return
	}
	last, above := 0, len(steps)
	for i, s := range steps {
		if s.layer == base-1 {
			last = i
		}
		if s.layer == base {
			above = i
			break
		}
	}
	for i := last + 1; i < above; i++ {
		if steps[i].word == "CMD" || steps[i].word == "ENTRYPOINT" {
			last = i
		}
	}
	for i := range last + 1 {
		steps[i].base = true
	}
}

// instructionWord splits an instruction of a Dockerfile. Other words than a
// Dockerfile's are no instruction.
func instructionWord(text string) (word, rest string) {
	word, rest, _ = strings.Cut(text, " ")
	switch word {
	case "RUN", "COPY", "ADD", "ENV", "ARG", "LABEL", "CMD", "ENTRYPOINT", "EXPOSE", "USER", "WORKDIR", "VOLUME", "HEALTHCHECK", "SHELL", "STOPSIGNAL", "ONBUILD", "MAINTAINER":
		return word, strings.TrimSpace(rest)
	}
	return "", text
}

// ofDockerfile reports whether a history tells of instructions at all.
func ofDockerfile(steps []step) bool {
	for _, s := range steps {
		if s.word != "" {
			return true
		}
	}
	return false
}

// unparsed says which RUN could not be understood; empty when all were.
func unparsed(steps []step) string {
	for _, s := range steps {
		switch {
		case s.script.foreign:
			return "the RUN of " + s.path + " is for a shell of Windows"
		case s.script.broken != "":
			return "the RUN of " + s.path + " could not be understood: " + s.script.broken
		}
	}
	return ""
}

// buildArguments gives the arguments that a step was built with, or declares with a value.
func (s step) buildArguments() []assignment {
	switch s.word {
	case "RUN":
		args, _, _ := cutBuildArgs(s.rest)
		return args
	case "ARG":
		if name, value, ok := strings.Cut(s.rest, "="); ok {
			return []assignment{{name, strings.Trim(value, `"'`)}}
		}
	case "ENV":
		return environment(s.rest)
	}
	return nil
}

// environment reads the words of ENV: NAME=value NAME="two words", or the old form
// NAME value.
func environment(text string) []assignment {
	name, value, ok := strings.Cut(text, " ")
	if !strings.Contains(name, "=") {
		if !ok {
			return nil
		}
		return []assignment{{name, strings.TrimSpace(value)}}
	}
	var list []assignment
	names := buildArgName.FindAllStringSubmatchIndex(text, -1)
	for i, n := range names {
		end := len(text)
		if i+1 < len(names) {
			end = names[i+1][0]
		}
		list = append(list, assignment{text[n[2]:n[3]], strings.Trim(strings.TrimSpace(text[n[1]:end]), `"'`)})
	}
	return list
}

// variables gives the environment of an image's configuration.
func variables(cfg *v1.ConfigFile) []assignment {
	var list []assignment
	for _, e := range cfg.Config.Env {
		name, value, _ := strings.Cut(e, "=")
		list = append(list, assignment{name, value})
	}
	return list
}
