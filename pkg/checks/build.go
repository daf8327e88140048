package checks

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// judgeBuild judges an image by its configuration, its history and its final view.
func (j *judge) judgeBuild(image *layers.Image, view *layers.View) {
	j.judgePasswords(image, view)
	j.judgeReference(image)
	if image.Config == nil {
		return
	}
	steps := history(image)
	j.judgeUser(image, view, steps)
	j.judgeHealthcheck(image, steps)
	j.judgePorts(image, steps)
	j.judgeNames(image, steps)
	j.judgeAge(image)
	j.judgeSteps(image, steps)
}

// note adds a hit on a place of the configuration, with the step that set it.
func (j *judge) note(rule, kind, where, detail string, by *step, severity finding.Severity) {
	h := hit{
		rule: rule, kind: short(kind), place: rule, path: finding.Inside("config", finding.EscapePath(where)), detail: detail,
		severity: severity, noted: true, layer: -1,
	}
	if by != nil {
		h.instruction, h.base = &by.instruction, by.base
	}
	j.add(h)
}

// noteStep adds a hit on a step of the history.
func (j *judge) noteStep(rule, kind string, s step, severity finding.Severity, confidence finding.Confidence) {
	j.add(hit{
		rule: rule, kind: short(kind), place: rule, path: s.path, severity: severity, confidence: confidence,
		noted: true, layer: -1, instruction: &s.instruction, base: s.base,
	})
}

// short makes a stranger's word fit for a title.
func short(s string) string {
	const most = 80
	if s = finding.EscapeText(s); len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// lastStep gives the last step with an instruction, nil if there is none.
func lastStep(steps []step, word string) *step {
	for i := range slices.Backward(steps) {
		if steps[i].word == word {
			return &steps[i]
		}
	}
	return nil
}

// judgeUser judges who the processes of a container run as.
func (j *judge) judgeUser(image *layers.Image, view *layers.View, steps []step) {
	if image.Config.OS == "windows" {
		j.leave("the image is for Windows, which has other users", ruleUserRoot)
		return
	}
	by := lastStep(steps, "USER")
	name, _, _ := strings.Cut(strings.TrimSpace(image.Config.Config.User), ":")
	uid, err := strconv.Atoi(name)
	switch {
	case name == "":
		j.note(ruleUserRoot, "", "user", "The configuration names no user, which means root", nil, "")
		return
	case name == "root", err == nil && uid == 0:
		j.note(ruleUserRoot, "", "user", "The configuration names "+quote(image.Config.Config.User), by, "")
		return
	case err == nil:
		return
	}
	accounts, exists, read := accountsAt(image, view, "etc/passwd")
	if i := slices.IndexFunc(accounts.users, func(a account) bool { return a.name == name }); i >= 0 && (exists && read) {
		if accounts.users[i].uid == 0 {
			j.note(ruleUserRoot, "", "user", "The image's own etc/passwd gives "+quote(name)+" the number 0", by, "")
		}
		return
	}
	if why := j.unassessed(j.image, ruleSSHD); !read || why != "" {
		j.leave("the user "+quote(name)+" cannot be looked up, because the image's etc/passwd could not be read", ruleUserRoot)
		return
	}
	j.note(ruleUserRoot, "a user that the image does not have", "user",
		"The image's own etc/passwd has no "+quote(name)+": a container does not start, or runs as whom the runtime makes of it", by, finding.Low)
}

func quote(s string) string { return strconv.Quote(short(s)) }

// judgeHealthcheck looks for a command that tells whether the application works.
func (j *judge) judgeHealthcheck(image *layers.Image, steps []step) {
	switch h := image.Config.Config.Healthcheck; {
	case h == nil || len(h.Test) == 0:
		j.note(ruleNoHealthcheck, "", "healthcheck", "", nil, "")
	case h.Test[0] == "NONE":
		j.note(ruleNoHealthcheck, "", "healthcheck", "The configuration switches the check of the base image off", lastStep(steps, "HEALTHCHECK"), "")
	}
}

// adminPorts are ports of remote administration and of debuggers.
var adminPorts = map[int]string{
	23: "Telnet", 512: "rexec", 513: "rlogin", 514: "rsh", 2375: "the Docker daemon without TLS", 3389: "remote desktops", 5900: "VNC", 6000: "X11",
	5005: "a Java debugger", 9229: "the debugger of Node.js", 5858: "the debugger of Node.js", 2345: "a Go debugger", 5678: "a Python debugger", 10000: "Webmin",
}

// judgePorts judges what EXPOSE asks for.
func (j *judge) judgePorts(image *layers.Image, steps []step) {
	exposed := make([]string, 0, len(image.Config.Config.ExposedPorts))
	for p := range image.Config.Config.ExposedPorts {
		exposed = append(exposed, p)
	}
	slices.Sort(exposed)
	for _, p := range exposed {
		number, _, _ := strings.Cut(p, "/")
		first, last, isRange := strings.Cut(number, "-")
		from, err := strconv.Atoi(first)
		to := from
		if isRange && err == nil {
			to, err = strconv.Atoi(last)
		}
		if err != nil || from < 0 || to < from || to > 65535 {
			j.leave("the port "+quote(p)+" is none", ruleSSHPort, rulePrivilegedPort, ruleAdminPort)
			continue
		}
		by := exposing(steps, number)
		where := "ports/" + p
		if from <= 22 && 22 <= to {
			j.note(ruleSSHPort, "", where, "", by, "")
		}
		if from < 1024 {
			j.note(rulePrivilegedPort, p, where, "", by, "")
		}
		for port := from; port <= to && port-from < 65536; port++ {
			if what, ok := adminPorts[port]; ok {
				j.note(ruleAdminPort, what, where, "", by, "")
			}
		}
	}
}

func exposing(steps []step, number string) *step {
	for i := range slices.Backward(steps) {
		if steps[i].word == "EXPOSE" && slices.ContainsFunc(strings.Fields(strings.Trim(steps[i].rest, "map[]")), func(f string) bool {
			return f == number || strings.HasPrefix(f, number+"/")
		}) {
			return &steps[i]
		}
	}
	return nil
}

// judgeAge measures how long ago an image was built.
func (j *judge) judgeAge(image *layers.Image) {
	created := image.Config.Created.UTC()
	if j.Now.IsZero() {
		j.leave("there is no date to measure the image's age against", ruleOld)
		return
	}
	switch {
	case image.Config.Created.IsZero(), created.Year() < 2013: // before there were containers of this kind
		j.leave("the image does not say when it was built", ruleOld)
	case created.After(j.Now.Add(24 * time.Hour)):
		j.leave("the image says that it was built in the future", ruleOld)
	case j.Now.Sub(created) > cmp.Or(j.MaxAge, DefaultMaxAge):
		j.note(ruleOld, "", "created", "Built on "+created.Format(time.DateOnly), nil, "")
	}
}

// judgeReference looks whether a reference says which version is meant.
func (j *judge) judgeReference(image *layers.Image) {
	const unnamed = "the image was not named by a reference with a tag or a digest"
	name, digest, pinned := strings.Cut(image.Reference, "@")
	if pinned && digest != "" {
		return
	}
	_, tag, tagged := strings.Cut(name[strings.LastIndexByte(name, '/')+1:], ":")
	remote := image.Source == "registry" || image.Source == "docker" || image.Source == "podman"
	switch {
	case image.Source == "dir" || !tagged && !remote || name == "":
		j.leave(unnamed, ruleLatestTag)
	case !tagged, tag == "latest":
		j.note(ruleLatestTag, "", "reference", "", nil, "")
	}
}

// judgePasswords looks for accounts that need no password.
func (j *judge) judgePasswords(image *layers.Image, view *layers.View) {
	passwd, _, read := accountsAt(image, view, "etc/passwd")
	shadow, exists, shadowRead := accountsAt(image, view, "etc/shadow")
	if view == nil || !read || exists && !shadowRead {
		j.leave("the image's accounts could not be read", ruleEmptyPassword)
		return
	}
	for _, f := range []struct {
		path string
		list []account
	}{{"etc/passwd", passwd.users}, {"etc/shadow", shadow.users}} {
		for _, a := range f.list {
			if !a.open {
				continue
			}
			ref, _ := view.Resolve(f.path)
			j.add(hit{
				rule: ruleEmptyPassword, kind: short(a.name), place: path.Base(f.path), path: f.path, layer: ref.Layer, outcome: view.Outcome(ref),
			})
		}
	}
}
