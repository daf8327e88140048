package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/vuln/db"
)

func (p *program) dbBuildCommand(s *databaseSettings) *cobra.Command {
	var sources, outputs []string
	var opts db.BuildOptions
	cmd := &cobra.Command{
		Use:   "build --osv PATH…",
		Short: "Build a database from records in the OSV format",
		Long: `Build makes a database from records in the Open Source Vulnerability format: a directory
of JSON files, a file, or an archive (zip; tar, also compressed), as osv.dev exports
them for each ecosystem. It takes the place of the database that is there; with -o
FILE it is packed into an archive instead, which db import and Grype take.

What cannot be matched is left out and counted: withdrawn records, ranges of Git commits,
ecosystems that no package manager of an image belongs to. EPSS scores (--epss) and
CISA's catalogue of known exploited vulnerabilities (--kev) are added if they are given.
`,
		Example: `  imgaudit db build --osv Debian.zip --osv Go.zip --osv npm.zip
  imgaudit db build --osv records/ --epss epss_scores-current.csv.gz --kev known_exploited_vulnerabilities.json
  imgaudit db build --osv all.zip -o mirror/v6/vulnerability-db.tar.zst --listing`,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := p.prepare(cmd, s)
			if err != nil {
				return err
			}
			if sources = append(sources, args...); len(sources) == 0 {
				return usagef("for example: imgaudit db build --osv all.zip", "imgaudit db build needs a source of records")
			}
			target, format, err := buildOutputs(outputs, dir)
			if err != nil {
				return err
			}
			if opts.Listing && target == dir {
				return usagef("name it with -o FILE.tar.zst", "--listing goes with an archive")
			}
			if opts.Time, err = p.sourceDate(); err != nil {
				return err
			}
			result, err := db.Build(cmd.Context(), sources, target, opts)
			if err != nil {
				return adviseOnDatabase(err)
			}
			if format == "json" {
				return printJSON(p.stdout, p.toBuildJSON(result))
			}
			return p.printBuild(result)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&sources, "osv", nil, "`PATH` of records: a directory, a JSON file or an archive; can be repeated")
	f.StringVar(&opts.EPSS, "epss", "", "EPSS scores from `FILE`, the CSV that FIRST publishes")
	f.StringVar(&opts.KEV, "kev", "", "known exploited vulnerabilities from `FILE`, CISA's catalogue in JSON")
	f.StringArrayVarP(&outputs, "output", "o", nil, "text, json, or an archive `FILE` to write instead of the database (.tar.zst, .tar.gz, .tar.xz)")
	f.BoolVar(&opts.Listing, "listing", false, "write a latest.json beside the archive, for a mirror")
	return cmd
}

// buildOutputs tells the formats of -o from its archives.
func buildOutputs(outputs []string, dir string) (target, format string, err error) {
	target, format = dir, "text"
	for _, o := range outputs {
		switch {
		case o == "text" || o == "json":
			format = o
		case !slices.ContainsFunc([]string{".tar.zst", ".tar.gz", ".tar.xz"}, func(ext string) bool { return strings.HasSuffix(o, ext) }):
			return "", "", usagef("archives end with .tar.zst, .tar.gz or .tar.xz; a directory is given with --db", "-o %s is no archive", o)
		case target != dir:
			return "", "", usagef("", "-o names two archives, %s and %s", target, o)
		default:
			target = o
		}
	}
	return target, format, nil
}

// buildJSON is what was built in JSON output.
type buildJSON struct {
	Database        databaseJSON `json:"database"`
	Archive         string       `json:"archive"`
	Checksum        string       `json:"checksum"`
	Records         int64        `json:"records"`
	Vulnerabilities int64        `json:"vulnerabilities"`
	Withdrawn       int64        `json:"withdrawn"`
	Duplicates      int64        `json:"duplicates"`
	LeftOut         []leftJSON   `json:"leftOut"`
	Notes           []string     `json:"notes"`
}

type leftJSON struct {
	What    string `json:"what"`
	Count   int64  `json:"count"`
	Example string `json:"example"`
}

func (p *program) toBuildJSON(r db.BuildResult) buildJSON {
	j := buildJSON{
		Database: toDatabaseJSON(r.Status, p.now()), Archive: r.Archive, Checksum: r.Checksum, Records: r.Records,
		Vulnerabilities: r.Vulnerabilities, Withdrawn: r.Withdrawn, Duplicates: r.Duplicates,
		LeftOut: []leftJSON{}, Notes: append([]string{}, r.Notes...),
	}
	for _, l := range r.Left {
		j.LeftOut = append(j.LeftOut, leftJSON{l.What, l.Count, l.Example})
	}
	return j
}

func (p *program) printBuild(r db.BuildResult) error {
	fmt.Fprintf(p.stdout, "read      %s\n", number(r.Records, "record", "records"))
	fmt.Fprintf(p.stdout, "left out  %d withdrawn, %d in an older version\n", r.Withdrawn, r.Duplicates)
	for _, l := range r.Left {
		example := ""
		if l.Example != "" {
			example = " (such as " + finding.EscapeText(l.Example) + ")"
		}
		fmt.Fprintf(p.stdout, "          %d %s%s\n", l.Count, finding.EscapeText(l.What), example)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(p.stdout, "note      %s\n", finding.EscapeText(n))
	}
	if r.Checksum != "" {
		fmt.Fprintf(p.stdout, "archive   %s\n", r.Checksum)
	}
	return p.printDatabase("text", r.Status)
}
