package checks

import (
	"cmp"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// ruleOddity is the rule of an oddity that the catalogue has no rule for.
const ruleOddity = "tar-oddity"

const ruleDevice = "tar-device-node"

func integrityRules() []finding.Rule {
	rule := func(id string, s finding.Severity, cwe, title, why string) finding.Rule {
		r := finding.Rule{
			ID: id, Category: finding.Integrity, Severity: s, Confidence: finding.Sure, Title: title, Description: why,
			Remediation: "Find out which tool wrote this layer; build it again with a current builder. Do not unpack the layer with " +
				"tools that trust names and links in archives.",
			References: []string{refLayerSpec},
		}
		if cwe != "" {
			r.CWE = []string{cwe}
		}
		return r
	}
	return []finding.Rule{
		rule("tar-path-escape", finding.High, "CWE-22", "Entry that points out of the image's root",
			"The name of the entry climbs out of the root with dot segments. A careless unpacker writes it over a file of the host."),
		rule("tar-absolute-name", finding.Low, "CWE-36", "Entry with an absolute name",
			"The name begins with a slash. Some tools strip it, some write to that place on the host."),
		rule("tar-link-escape", finding.High, "CWE-59", "Link that leads out of the image's root",
			"The target climbs out of the root. Whoever follows the link on the host, or unpacks a later entry through it, reads or writes the host's files."),
		rule("tar-duplicate-entry", finding.Medium, "CWE-436", "Path that is in one layer twice",
			"No honest builder writes a path twice. The later entry wins at run time, while a scanner that keeps the first sees another file."),
		rule("tar-whiteout-and-entry", finding.Medium, "CWE-436", "Whiteout and entry of one path in one layer",
			"The layer deletes a path and has it too. Tools disagree on what is left."),
		rule("tar-bad-whiteout", finding.Medium, "CWE-436", "Whiteout that names nothing",
			"A whiteout marker whose name is empty or reserved. Tools disagree on what it hides."),
		rule("tar-overlay-whiteout", finding.Low, "CWE-436", "Whiteout in the form of an overlay file system",
			"A character device 0/0 or an overlay attribute says 'deleted' to one kernel driver, but is no whiteout of the image format: "+
				"some runtimes show the file below, some hide it."),
		rule(ruleDevice, finding.Medium, "CWE-732", "Device node in a layer",
			"Runtimes make the devices that a container needs. A node in a layer gives access to a device of the host if the container may use it."),
		rule("tar-trailing-data", finding.Medium, "CWE-436", "Data behind the end of the tar",
			"What lies behind the end marker is in the layer and in its digest, but most tools never look at it."),
		rule("tar-missing-end", finding.Low, "", "Tar without an end marker",
			"The layer stops without the two empty blocks that end a tar. It may have been cut."),
		rule("tar-bad-name", finding.Low, "CWE-436", "Entry with a name that is no name",
			"The name is empty, has a null byte or control characters, or is otherwise of a kind that tools read in different ways."),
		rule("tar-size-mismatch", finding.Medium, "CWE-436", "Entry whose headers disagree on its size",
			"Two headers of one entry give different sizes. Tools that believe one or the other find the next entry at different places, and so see different files."),
		rule("tar-entry-through-link", finding.Low, "CWE-59", "Entry written through a symbolic link of the same layer",
			"The layer makes a symbolic link and then writes below it. Where the file lands depends on how the unpacker follows links; a careless one leaves the root."),
		rule("tar-link-missing", finding.Low, "CWE-436", "Hard link to a file that the layer does not have",
			"Unpackers refuse the entry, leave it out, or link to what an earlier layer or the host has there."),
		rule("tar-aufs-metadata", finding.Info, "", "Metadata of the aufs file system in a layer",
			"Old Docker versions left these files of their own in layers. They are no part of the image."),
		rule("tar-unknown-type", finding.Low, "", "Entry of an unknown type",
			"The type of the entry is none that images may have. Some tools take it for a file, some leave it out."),
		rule(ruleOddity, finding.Low, "CWE-436", "Odd tar entry",
			"The layer has something that no honest builder writes."),
	}
}

// oddities judges what the walk found odd about the tars.
func (j *judge) oddities(index int, l *layers.Layer) {
	var usual map[string]bool
	for i := range l.Facts.Oddities {
		o := &l.Facts.Oddities[i]
		place := cmp.Or(o.Path, ".") // what is odd about the tar as a whole is so at its root
		h := hit{
			rule: o.Rule, place: place, path: place, layer: index, detail: o.Detail,
			// The layer itself is odd, not what a later one made of it.
			outcome: layers.Outcome{Fate: finding.Present, Layer: -1},
		}
		if _, known := j.rules[o.Rule]; !known {
			h.rule = ruleOddity
			if o.Rule != "" {
				h.detail = strings.TrimSpace(o.Rule + ": " + o.Detail)
			}
		}
		if o.Rule == ruleDevice {
			if usual == nil {
				usual = usualDevices(l.Facts.Entries)
			}
			h.place = parent(strings.TrimPrefix(place, "./"))
			if usual[strings.TrimPrefix(place, "./")] {
				h.rule = ruleUsualDevices
			}
		}
		j.add(h)
	}
}

// usualDevices gives the paths of the nodes that root file systems are made with and
// that runtimes lay their own over.
func usualDevices(entries []layers.Entry) map[string]bool {
	numbers := map[string][2]int64{
		"dev/null": {1, 3}, "dev/zero": {1, 5}, "dev/full": {1, 7}, "dev/random": {1, 8}, "dev/urandom": {1, 9},
		"dev/tty": {5, 0}, "dev/console": {5, 1}, "dev/ptmx": {5, 2},
	}
	usual := map[string]bool{}
	for i := range entries {
		e := &entries[i]
		if want, ok := numbers[e.Path]; ok && e.Type == layers.CharDev && want == [2]int64{e.DevMajor, e.DevMinor} {
			usual[e.Path] = true
		}
	}
	return usual
}
