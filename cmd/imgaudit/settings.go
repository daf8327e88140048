package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/imgaudit/imgaudit/internal/licence"
	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

// settings are all that flags, variables and files of settings can say.
type settings struct {
	config     string
	quiet      bool
	verbose    bool
	noProgress bool
	noColor    bool

	platform     string
	allPlatforms bool
	timeout      time.Duration
	maxMemory    bytesValue
	workers      int

	username      string
	passwordStdin bool
	plainHTTP     bool
	insecure      bool
	caFile        string
	mirrors       []string
	noReferrers   bool

	maxLayerBytes, maxHeaderBytes, maxDocumentBytes, maxNameBytes, maxIndexBytes bytesValue
	maxEntries                                                                   int64
	maxRatio                                                                     float64

	outputs     []string
	scanners    []string
	scope       string
	denied      []string // licences
	showSecrets bool
	failOn      severityValue
	rules       string
	ignoreFiles []string
	baseline    string
	noComments  bool

	db           string
	dbMaxAge     ageValue
	vex          []string
	trustBeside  bool
	grypeConfigs []string
	onlyFixed    bool
	since        string

	incomplete incompleteValue

	// shown is the target in the commands that a report suggests, if it is not
	// the one that was given.
	shown string

	// What follows is found out by settle.
	password finding.Value
	loaded   []string // files of settings
}

// commonFlags are flags of every verb that works on a target.
func (s *settings) commonFlags(f *pflag.FlagSet) {
	f.StringVar(&s.config, "config", "", "read settings from `FILE` instead of the user's configuration directory")
	f.BoolVarP(&s.quiet, "quiet", "q", false, "write nothing to standard error but errors")
	f.BoolVarP(&s.verbose, "verbose", "v", false, "every finding and every place in the text report; what is done on standard error")
	f.BoolVar(&s.noProgress, "no-progress", false, "no progress bars (there are none without a terminal)")
	f.BoolVar(&s.noColor, "no-color", false, "no colours, like NO_COLOR (there are none without a terminal)")
}

// sourceFlags say how a target is opened and read.
func (s *settings) sourceFlags(f *pflag.FlagSet) {
	f.StringVar(&s.platform, "platform", "", "`OS/ARCH[/VARIANT]` of a multi-platform image (default linux and this machine's architecture)")
	f.BoolVar(&s.allPlatforms, "all-platforms", false, "every platform of a multi-platform image")
	f.DurationVar(&s.timeout, "timeout", 0, "end after so long, such as 10m; what is left is a gap (default none)")
	f.Var(&s.maxMemory, "max-memory", "keep the memory of the process under about so many `BYTES`, such as 400MiB; it is a soft limit (default 200MiB)")
	f.IntVar(&s.workers, "workers", 0, "layers read at once (default one for each processor)")

	f.StringVar(&s.username, "username", "", "`NAME` at the registry, with --password-stdin (default: Docker's own configuration)")
	f.BoolVar(&s.passwordStdin, "password-stdin", false, "read the password or token for --username from standard input")
	f.BoolVar(&s.plainHTTP, "plain-http", false, "speak HTTP to the registry; on loopback it is tried in any case")
	f.BoolVar(&s.insecure, "insecure", false, "do not verify the registry's certificate")
	f.StringVar(&s.caFile, "ca-file", "", "trust the authorities in this PEM `FILE` too")
	f.StringArrayVar(&s.mirrors, "mirror", nil, "`HOST[/PREFIX]` to try before the registry itself; can be repeated")

	f.Var(&s.maxLayerBytes, "max-layer-bytes", "uncompressed `BYTES` of one layer to read (default 64GiB)")
	f.Int64Var(&s.maxEntries, "max-entries", 0, "entries of one layer to read; -1 for no limit (default 5000000)")
	f.Float64Var(&s.maxRatio, "max-ratio", 0, "uncompressed to stored bytes of one layer; -1 for no limit (default 250)")
	f.Var(&s.maxNameBytes, "max-name-bytes", "`BYTES` of a path or link (default 64KiB)")
	f.Var(&s.maxHeaderBytes, "max-header-bytes", "`BYTES` of the headers of one entry (default 1MiB)")
	f.Var(&s.maxIndexBytes, "max-index-bytes", "`BYTES` of names, links and attributes to keep of one layer (default 512MiB)")
	f.Var(&s.maxDocumentBytes, "max-document-bytes", "`BYTES` of a manifest, index or configuration (default 8MiB)")
}

// referrerFlag is for verbs that look at what lies beside an image.
func (s *settings) referrerFlag(f *pflag.FlagSet) {
	f.BoolVar(&s.noReferrers, "no-referrers", false, "do not ask the registry for SBOMs and statements on vulnerabilities that refer to the image")
}

// reportFlags say what is looked for and how it is told.
func (s *settings) reportFlags(f *pflag.FlagSet) {
	f.StringArrayVarP(&s.outputs, "output", "o", nil, "`FORMAT[=FILE]`: "+formatList()+"; can be repeated (default text)")
	f.BoolVar(&s.showSecrets, "show-secrets", false, "write the secrets themselves into the report; its files are readable by you alone")
	s.findingFlags(f)
	s.packageFlags(f)
}

// packageFlags say which packages are listed.
func (s *settings) packageFlags(f *pflag.FlagSet) {
	f.StringVar(&s.scope, "scope", string(sbom.Squashed), "`SCOPE` of an SBOM: "+strings.Join(sbom.Scopes(), " or ")+", as Syft has them; hidden packages are reported in both")
	f.StringSliceVar(&s.denied, "deny-license", nil, "exit with 1 if a package cannot be kept without one of these licences: `SPDX-IDS` such as AGPL-3.0*,SSPL-1.0, or NONE for packages without one")
}

// findingFlags say what is looked for and when the exit status tells of it.
func (s *settings) findingFlags(f *pflag.FlagSet) {
	f.StringSliceVar(&s.scanners, "scanners", nil, "`NAMES` of what to look for, of "+strings.Join(scannerNames(), ",")+" (default all)")
	f.StringVar(&s.rules, "rules", "", "rules for secrets from `FILE` in gitleaks' format, instead of gitleaks' own unless it extends them")
	f.StringVar(&s.baseline, "baseline", "", "a report in JSON, `FILE`, of an earlier run: places of findings that it has are suppressed")
	f.StringArrayVar(&s.ignoreFiles, "ignore-file", nil, "suppress what `FILE` lists (.imgauditignore, .gitleaksignore, .trivyignore or .dockleignore); can be repeated")
	f.BoolVar(&s.noComments, "no-allow-comments", false, "report also what a comment gitleaks:allow or imgaudit:allow in the image suppresses")
	s.databaseFlags(f)
	f.Var(&s.failOn, "fail-on", "exit with 1 if there is a finding of this `SEVERITY` or worse: critical, high, medium, low, info")
	f.Var(&s.incomplete, "incomplete", "what gaps in the scan mean, `fail|warn`: exit with 3 or with 0")
}

// settle joins the flags with variables and files of settings, and checks what
// can be checked before any work.
func (p *program) settle(cmd *cobra.Command, s *settings, target string) error {
	if err := p.fromEnvironment(cmd); err != nil {
		return err
	}
	if err := p.fromFiles(cmd, s); err != nil {
		return err
	}
	if slices.Contains(s.scanners, "") {
		return usagef("one of "+strings.Join(scannerNames(), ", "), "--scanners holds an empty name")
	}
	for _, name := range s.scanners {
		if !slices.Contains(scannerNames(), name) {
			return usagef("one of "+strings.Join(scannerNames(), ", "), "unknown scanner %q in --scanners", name)
		}
	}
	if _, err := licence.Deny(s.denied); err != nil {
		return usagef("give SPDX ids, such as GPL-3.0-only or AGPL-*", "--deny-license: %v", err)
	}
	switch {
	case len(s.denied) > 0 && len(s.scanners) > 0 && !slices.Contains(s.scanners, audit.SBOM):
		return usagef("add sbom to --scanners", "--deny-license needs the packages")
	case s.scope != "" && !slices.Contains(sbom.Scopes(), s.scope):
		return usagef("one of "+strings.Join(sbom.Scopes(), ", "), "unknown scope %q in --scope", s.scope)
	case s.platform != "" && s.allPlatforms:
		return usagef("choose one", "--platform and --all-platforms do not go together")
	case (s.username != "") != s.passwordStdin:
		return usagef("give both, or neither", "--username and --password-stdin belong together")
	case s.passwordStdin && readsStdin(target):
		return usagef("log in with docker login instead", "standard input cannot be the image and the password at once")
	}
	if s.passwordStdin {
		raw, err := io.ReadAll(io.LimitReader(p.stdin, 64<<10))
		if err != nil {
			return fmt.Errorf("reading the password from standard input: %w", err)
		}
		word := strings.TrimRight(string(raw), "\r\n")
		if word == "" {
			return usagef("pipe it in, as in: imgaudit … --password-stdin < FILE", "the password on standard input is empty")
		}
		s.password = finding.Hide(word)
	}
	s.limitMemory()
	return nil
}

// memoryGoal is the soft limit on memory when the user gives none: above it the
// collector works harder. It keeps the peak under 300 MiB for images of some gigabytes
// (benchmarks/RESULTS.md).
const memoryGoal = 200 << 20

// heapGrowth is by how many percent the heap grows before the collector runs, twice as many as Go
// has it: the limit bounds the heap in any case.
const heapGrowth = 200

// limitMemory sets the soft limit, unless Go's own variables have done so.
func (s *settings) limitMemory() {
	switch {
	case s.maxMemory > 0:
		debug.SetMemoryLimit(int64(s.maxMemory))
	case os.Getenv("GOMEMLIMIT") == "":
		debug.SetMemoryLimit(memoryGoal)
	default:
		return
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
}

// auditOptions are the settings as pkg/audit takes them.
func (s *settings) auditOptions(stdin io.Reader) audit.Options {
	limits := layers.Limits{
		Entries: s.maxEntries, Bytes: int64(s.maxLayerBytes), Ratio: s.maxRatio,
		NameLength: int(s.maxNameBytes), HeaderBytes: int64(s.maxHeaderBytes), IndexBytes: int64(s.maxIndexBytes), Document: int64(s.maxDocumentBytes),
	}
	return audit.Options{
		Open: layers.Options{
			Platform: s.platform, AllPlatforms: s.allPlatforms, NoReferrers: s.noReferrers, Stdin: stdin, Limits: limits,
			Registry: layers.Registry{
				PlainHTTP: s.plainHTTP, Insecure: s.insecure, CAFile: s.caFile,
				Username: s.username, Password: s.password.Reveal(), Mirrors: s.mirrors,
				UserAgent: "imgaudit/" + version(),
			},
		},
		Walk:     layers.WalkOptions{Limits: limits, Workers: s.workers},
		Scanners: s.scanners, DenyLicenses: s.denied, Timeout: s.timeout, Version: version(), Loaded: s.loaded,
		Packages: sbom.Cataloger{Scope: sbom.Scope(s.scope), PackagesOnly: !s.writesBill()},
	}
}

// writesBill reports whether a bill of materials is among the outputs.
func (s *settings) writesBill() bool {
	return slices.ContainsFunc(s.outputs, func(o string) bool {
		format, _, _ := strings.Cut(o, "=")
		return slices.Contains(sbom.Formats(), format)
	})
}

// scannerNames are the scanners that this program has.
func scannerNames() []string { return audit.Scanners() }

// severityValue is a flag that holds a severity or nothing.
type severityValue string

func (v *severityValue) Set(s string) error {
	severity, err := finding.ParseSeverity(s)
	*v = severityValue(severity)
	return err
}

func (v *severityValue) Type() string   { return "severity" }
func (v *severityValue) String() string { return string(*v) }

// incompleteValue is a flag that says whether gaps fail.
type incompleteValue string

const (
	incompleteFail incompleteValue = "fail"
	incompleteWarn incompleteValue = "warn"
)

func (v *incompleteValue) Set(s string) error {
	switch incompleteValue(s) {
	case incompleteFail, incompleteWarn:
		*v = incompleteValue(s)
		return nil
	}
	return fmt.Errorf("%q is neither fail nor warn", s)
}

func (v *incompleteValue) Type() string   { return "fail|warn" }
func (v *incompleteValue) String() string { return string(*v) }
