package checks

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// maxScript bounds the text of one RUN that is parsed. Builders write a few thousand
// bytes; the bound also keeps what is nested in a hostile text from filling the stack.
const maxScript = 64 << 10

// maxLooks bounds how often commands of one script are looked at: what is nested or
// piped deeply is looked at from every level.
const maxLooks = 20_000

// script is what the words of one RUN do, as far as they can be told without
// running them.
type script struct {
	commands []command
	set      []assignment
	fed      []feed
	foreign  bool   // for a shell of Windows: nothing of it is known
	broken   string // why the text could not be understood
	looks    int
}

// command is one call of a program, with sudo, env and the like taken off.
type command struct {
	name string // without its directory
	args []string
	sudo bool
	own  bool // started by a path, as scripts of the build are
}

// assignment gives a variable its value, for the script or for one command.
type assignment struct{ name, value string }

// feed is an interpreter that runs what another command writes.
type feed struct{ from, to string }

// shellStart finds the shell that builders write before the words of a RUN.
var shellStart = regexp.MustCompile(`(?:^|\s)(?:/\S*/)?(?:ba|da|a|z|k)?sh(?:\s+-o\s+[a-z]+|\s+-[A-Za-z]+)*?\s+-[A-Za-z]*c\s+`)

// windowsShell finds the shells of Windows.
var windowsShell = regexp.MustCompile(`(?i)^(?:\S*[\\/])?(?:powershell|pwsh|cmd)(?:\.exe)?\s`)

// parseRun reads the words behind RUN, as a Dockerfile or a history has them.
func parseRun(text string) script {
	text = strings.TrimSpace(text)
	if _, rest, ok := cutBuildArgs(text); ok {
		text = rest
	}
	for strings.HasPrefix(text, "--") { // flags of a Dockerfile's RUN
		_, rest, ok := strings.Cut(text, " ")
		if !ok {
			break
		}
		text = strings.TrimSpace(rest)
	}
	if windowsShell.MatchString(text) {
		return script{foreign: true}
	}
	if at := shellStart.FindStringIndex(text); at != nil && at[0] == 0 {
		text = text[at[1]:]
	}
	var s script
	s.parse(text, 0)
	return s
}

var (
	buildArgMark = regexp.MustCompile(`^\|([0-9]{1,4}) `)
	buildArgName = regexp.MustCompile(`(?:^| )([A-Za-z_][A-Za-z0-9_]*)=`)
)

// cutBuildArgs takes the build arguments off that builders write before the words
// of a RUN: their number, then each as NAME=value, unquoted. Where a value ends is a
// guess: before the next name and, for the last, before the shell.
func cutBuildArgs(text string) (args []assignment, rest string, ok bool) {
	m := buildArgMark.FindStringSubmatch(text)
	if m == nil {
		return nil, text, false
	}
	var most int
	_, _ = fmt.Sscan(m[1], &most)
	text = text[len(m[0]):]
	end := len(text)
	if at := shellStart.FindStringIndex(text); at != nil {
		end = at[0]
	}
	names := buildArgName.FindAllStringSubmatchIndex(text[:end], -1)
	names = names[:min(len(names), most)]
	for i, n := range names {
		stop := end
		switch {
		case i+1 < len(names):
			stop = names[i+1][0]
		case end == len(text): // no shell: the last value is one word
			if space := strings.IndexByte(text[n[1]:], ' '); space >= 0 {
				stop = n[1] + space
				end = stop
			}
		}
		args = append(args, assignment{text[n[2]:n[3]], strings.TrimSpace(text[n[1]:stop])})
	}
	return args, strings.TrimSpace(text[end:]), true
}

// parse adds what the text of a shell says. Scripts within scripts (sh -c "…") are
// followed a few steps.
func (s *script) parse(text string, depth int) {
	if len(text) > maxScript {
		s.broken = "it is longer than 64 KiB"
		return
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		s.broken = "it is no shell text that can be parsed"
		return
	}
	s.walk(file, depth)
}

func (s *script) walk(root syntax.Node, depth int) {
	syntax.Walk(root, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			s.call(n, depth)
		case *syntax.DeclClause:
			s.assign(n.Args)
		case *syntax.BinaryCmd:
			if n.Op == syntax.Pipe || n.Op == syntax.PipeAll {
				s.pipe(n)
			}
		}
		return true
	})
}

func (s *script) call(n *syntax.CallExpr, depth int) {
	s.assign(n.Assigns)
	c, ok := unwrap(texts(n.Args))
	if !ok {
		return
	}
	s.commands = append(s.commands, c)
	if isInterpreter(c.name) || c.name == "eval" || c.name == "source" || c.name == "." {
		for _, w := range n.Args {
			if from := s.downloader(substituted(w)); from != "" {
				s.fed = append(s.fed, feed{from, c.name})
			}
		}
	}
	if inner, ok := inlineScript(c); ok && depth < 3 {
		s.parse(inner, depth+1)
	}
}

// pipe looks whether one side of a pipe downloads and the other runs what comes.
func (s *script) pipe(n *syntax.BinaryCmd) {
	from := s.downloader(n.X)
	if from == "" {
		return
	}
	for _, c := range s.calls(n.Y) {
		if runsInput(c) {
			s.fed = append(s.fed, feed{from, c.name})
			return
		}
	}
}

func (s *script) assign(list []*syntax.Assign) {
	for _, a := range list {
		if a.Name != nil && a.Value != nil {
			s.set = append(s.set, assignment{a.Name.Value, text(a.Value)})
		}
	}
}

// calls gives the commands in a part of a script.
func (s *script) calls(n syntax.Node) []command {
	var found []command
	syntax.Walk(n, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok {
			if s.looks++; s.looks > maxLooks {
				s.broken = "it is nested too deeply"
			} else if c, ok := unwrap(texts(call.Args)); ok {
				found = append(found, c)
			}
		}
		return s.looks <= maxLooks
	})
	return found
}

// downloader gives the program in a part of a script that fetches something and
// writes it to its output.
func (s *script) downloader(nodes syntax.Node) string {
	if nodes == nil {
		return ""
	}
	for _, c := range s.calls(nodes) {
		switch c.name {
		case "curl", "fetch", "aria2c", "http", "https":
			return c.name
		case "wget":
			for _, a := range c.args {
				if strings.HasPrefix(a, "-") && (strings.Contains(a, "O-") || strings.HasSuffix(a, "O") || strings.HasPrefix(a, "--output-document")) {
					return c.name
				}
			}
		}
	}
	return ""
}

// substituted gives what is run to make a word, if the word is that alone:
// "$(curl …)", <(curl …).
func substituted(w *syntax.Word) syntax.Node {
	parts := w.Parts
	if len(parts) == 1 {
		if q, ok := parts[0].(*syntax.DblQuoted); ok {
			parts = q.Parts
		}
	}
	if len(parts) != 1 {
		return nil
	}
	switch p := parts[0].(type) {
	case *syntax.CmdSubst:
		return p
	case *syntax.ProcSubst:
		return p
	}
	return nil
}

// isInterpreter knows the programs that run what they are given.
func isInterpreter(name string) bool {
	switch plainName(name) {
	case "sh", "bash", "ash", "dash", "zsh", "ksh", "mksh", "fish", "python", "perl", "ruby", "node", "nodejs", "php", "pwsh":
		return true
	}
	return false
}

// runsInput reports whether an interpreter runs what it reads: it has neither a
// script to run nor the text of one, or was told to read.
func runsInput(c command) bool {
	if !isInterpreter(c.name) {
		return false
	}
	shell := strings.HasSuffix(c.name, "sh")
	for i, a := range c.args {
		switch {
		case a == "-", a == "/dev/stdin", shell && a == "-s":
			return true
		case a == "--":
			return i+1 == len(c.args)
		case shell && (a == "-o" || a == "+o" || a == "-O"):
			return runsInput(command{name: c.name, args: c.args[min(i+2, len(c.args)):]})
		case strings.HasPrefix(a, "--"):
		case strings.HasPrefix(a, "-") || strings.HasPrefix(a, "+"):
			if shell && strings.Contains(a, "s") {
				return true
			}
			if strings.ContainsAny(a, "ce") && (!shell || strings.Contains(a, "c")) || !shell && strings.ContainsAny(a, "mrp") {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// inlineScript gives the text behind sh -c.
func inlineScript(c command) (string, bool) {
	if !strings.HasSuffix(c.name, "sh") || !isInterpreter(c.name) {
		return "", false
	}
	for i, a := range c.args {
		if len(a) > 1 && a[0] == '-' && a[1] != '-' && strings.Contains(a, "c") && i+1 < len(c.args) {
			return c.args[i+1], true
		}
	}
	return "", false
}

// unwrap takes programs off that only start others.
func unwrap(args []string) (command, bool) {
	var c command
	for len(args) > 0 {
		c.name, c.args = path.Base(args[0]), args[1:]
		c.own = strings.Contains(args[0], "/")
		var valued string // flags with a value of their own
		switch c.name {
		case "sudo", "doas":
			c.sudo, valued = true, "ugUCDhpRrTt"
		case "env":
			valued = "uCS"
		case "exec", "command", "nohup", "time", "nice", "ionice", "stdbuf", "setsid", "builtin", "eatmydata", "chronic":
		default:
			return c, true
		}
		rest := args[1:]
		for len(rest) > 0 {
			a := rest[0]
			assigns := c.name == "env" || c.name == "sudo"
			if len(a) == 2 && a[0] == '-' && strings.IndexByte(valued, a[1]) >= 0 {
				rest = rest[min(2, len(rest)):]
			} else if strings.HasPrefix(a, "-") || assigns && strings.Contains(a, "=") {
				rest = rest[1:]
			} else {
				break
			}
		}
		if len(rest) == 0 {
			return c, true
		}
		args = rest
	}
	return c, false
}

func texts(list []*syntax.Word) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = text(w)
	}
	return out
}

// text writes a word as the shell would hand it on; what is known only when it
// runs is a dollar sign.
func text(w *syntax.Word) string {
	var b strings.Builder
	writeParts(&b, w.Parts)
	return b.String()
}

func writeParts(b *strings.Builder, parts []syntax.WordPart) {
	for _, p := range parts {
		switch p := p.(type) {
		case *syntax.Lit:
			b.WriteString(strings.ReplaceAll(p.Value, `\`, ""))
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			writeParts(b, p.Parts)
		default:
			b.WriteByte('$')
		}
	}
}
