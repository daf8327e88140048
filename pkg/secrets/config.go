package secrets

import (
	"slices"
	"strconv"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// A note is a text of an image's configuration or history, with its place.
type note struct {
	path        string // escaped
	instruction *string
	text        string
	variables   []variable // that the text assigns
}

// variable is a name and the value that it gets.
type variable struct{ name, value string }

// Where notes lie, as paths say it.
const (
	inConfig  = "config"
	inHistory = "history"
)

// notes gives all texts of an image's configuration and history.
func notes(cfg *v1.ConfigFile) []note {
	if cfg == nil {
		return nil
	}
	var out []note
	add := func(place, path string, instruction *string, text string, vars ...variable) {
		if text != "" {
			out = append(out, note{finding.Inside(place, finding.EscapePath(path)), instruction, text, vars})
		}
	}
	c := cfg.Config
	for _, e := range c.Env {
		name, value, _ := strings.Cut(e, "=")
		add(inConfig, "env/"+name, setBy(cfg.History, "ENV", name), e, variable{name, value})
	}
	for _, k := range sortedKeys(c.Labels) {
		add(inConfig, "labels/"+k, setBy(cfg.History, "LABEL", k), k+"="+c.Labels[k], variable{k, c.Labels[k]})
	}
	command := func(path string, args []string) {
		add(inConfig, path, nil, strings.Join(args, " "), flags(args)...)
	}
	command("entrypoint", c.Entrypoint)
	command("cmd", c.Cmd)
	if c.Healthcheck != nil {
		command("healthcheck", c.Healthcheck.Test)
	}
	for i, s := range c.OnBuild {
		add(inConfig, "onbuild/"+strconv.Itoa(i), nil, s, assignments(s)...)
	}
	for i, h := range cfg.History {
		var instruction *string
		if s := layers.Instruction(h); s != "" {
			instruction = &s
		}
		path := strconv.Itoa(i)
		args, command := buildArgs(h.CreatedBy)
		add(inHistory, path, instruction, command, assignments(command)...)
		for _, a := range args {
			add(inHistory, path, instruction, a.name+"="+a.value, a)
		}
		add(inHistory, path, instruction, h.Comment)
	}
	return out
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// setBy gives the last instruction of the history that sets a variable or label.
func setBy(history []v1.History, word, name string) *string {
	for _, h := range slices.Backward(history) {
		s := layers.Instruction(h)
		if rest, ok := strings.CutPrefix(s, word+" "); ok {
			rest = " " + strings.ReplaceAll(strings.TrimSpace(rest), `"`, "")
			if strings.Contains(rest, " "+name+"=") || strings.HasPrefix(rest, " "+name+" ") {
				return &s
			}
		}
	}
	return nil
}

// argMark is how builders write the build arguments of a RUN into its history:
// their number, then NAME=value for each, then the shell and the command. Nothing
// is quoted.
var (
	argMark  = newExpression(`^(?:RUN )?\|(\d{1,4}) `)
	argName  = newExpression(`(?:^| )([A-Za-z_][A-Za-z0-9_]*)=`)
	argShell = newExpression(` (?:/bin/|/usr/bin/|/busybox/)?(?:(?:ba|da|a|z|k)?sh|pwsh|powershell|cmd)(?:\.exe)? (?:-[A-Za-z]+|/S) `)
)

// buildArgs splits the words of a history entry into build arguments and the
// command. A value may contain spaces, so where one ends is a guess: before the
// next name and, for the last, before the shell.
func buildArgs(createdBy string) ([]variable, string) {
	m := argMark.compiled().FindStringSubmatch(createdBy)
	if m == nil {
		return nil, createdBy
	}
	rest := createdBy[len(m[0]):]
	count, _ := strconv.Atoi(m[1])
	end, command := len(rest), ""
	if at := argShell.compiled().FindStringIndex(rest); at != nil {
		end, command = at[0], rest[at[1]:]
	} else if last := argName.compiled().FindAllStringIndex(rest, count); len(last) > 0 {
		if i := strings.IndexByte(rest[last[len(last)-1][1]:], ' '); i >= 0 {
			end = last[len(last)-1][1] + i
			command = rest[end+1:]
		}
	}
	return pairs(rest[:end], count), command
}

// pairs reads NAME=value NAME=value, where a value reaches to the next name.
func pairs(s string, most int) []variable {
	var out []variable
	names := argName.compiled().FindAllStringSubmatchIndex(s, -1)
	for i, n := range names {
		if len(out) == most {
			break
		}
		end := len(s)
		if i+1 < len(names) && len(out)+1 < most {
			end = names[i+1][0]
		}
		out = append(out, variable{s[n[2]:n[3]], s[n[1]:end]})
	}
	return out
}

// assigned finds NAME=value in a command, quoted or not, and assignedOld the
// old form of ENV with a space.
var (
	assigned    = newExpression(`(?:^|[\s;&|("'])-{0,2}([A-Za-z_][A-Za-z0-9_.-]*)=("[^"]*"|'[^']*'|[^\s;&|)"']+)`)
	assignedOld = newExpression(`^(?:/bin/sh -c #\(nop\)\s+)?(?:ENV|LABEL) ([A-Za-z_][A-Za-z0-9_.-]*) (.+)$`)
	assignedArg = newExpression(`\s--?([A-Za-z][A-Za-z0-9-]*) ("[^"]*"|'[^']*'|[^\s;&|)"'-][^\s;&|)"']*)`)
)

// assignments gives what a command or instruction assigns to names: in the
// environment, and as flags.
func assignments(s string) []variable {
	var out []variable
	for _, e := range []*expression{assigned, assignedOld, assignedArg} {
		for _, m := range e.compiled().FindAllStringSubmatch(s, -1) {
			out = append(out, variable{m[1], strings.Trim(m[2], `"'`)})
		}
	}
	return out
}

// flags gives the flags with values of a command's arguments.
func flags(args []string) []variable {
	var out []variable
	for i, a := range args {
		name, value, ok := strings.Cut(a, "=")
		switch {
		case ok:
			out = append(out, variable{strings.TrimLeft(name, "-"), value})
		case strings.HasPrefix(a, "-") && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-"):
			out = append(out, variable{strings.TrimLeft(a, "-"), args[i+1]})
		case strings.Contains(a, " "):
			out = append(out, assignments(a)...)
		}
	}
	return out
}

// scanNote gives the hits in a text of the configuration or history.
func (s *Scanner) scanNote(n note) []settled {
	hits := s.scanText(n.text + "\n")
	for _, v := range n.variables {
		confidence := judgeVariable(v.name, v.value)
		if confidence == "" {
			continue
		}
		at := strings.Index(n.text, v.value)
		if at < 0 {
			continue
		}
		hits = append(hits, rawHit{name: v.name, match: match{
			rule: s.byID[ruleVariable], start: at, end: at + len(v.value),
			secretStart: at, secret: v.value, confidence: confidence,
		}})
	}
	out := s.settle(hits)
	for i := range out {
		if len(n.variables) == 1 && out[i].Name == "" {
			out[i].Name = n.variables[0].name
		}
		// Fingerprints and checksums stand in variables too: without a name that
		// speaks of a credential, a random value is not much of a sign.
		if out[i].Rule == ruleGeneric && !credentialName(out[i].Name) {
			out[i].Confidence = finding.Unsure
		}
	}
	return out
}
