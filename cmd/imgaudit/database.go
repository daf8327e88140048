package main

import (
	"errors"
	"os"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/suppress"
	"github.com/imgaudit/imgaudit/pkg/vuln"
	"github.com/imgaudit/imgaudit/pkg/vuln/db"
)

// databaseFlags say which vulnerability database is asked, and what of its answers counts.
func (s *settings) databaseFlags(f *pflag.FlagSet) {
	databaseFlag(f, &s.db)
	f.Var(&s.dbMaxAge, "db-max-age", "warn, here and in the report, if the vulnerability database or its newest data are older than this `AGE`, such as 3d or 36h (default 5d); db status --max-age fails")
	f.StringArrayVar(&s.vex, "vex", nil, "statements on vulnerabilities from `FILE` in OpenVEX or CycloneDX; can be repeated")
	f.BoolVar(&s.trustBeside, "trust-attested-vex", false, "let such statements suppress that lie beside the image as well (else they are noted)")
	f.StringArrayVar(&s.grypeConfigs, "grype-config", nil, "suppress what the list \"ignore\" of `FILE` names, a .grype.yaml; can be repeated")
	f.BoolVar(&s.onlyFixed, "only-fixed", false, "suppress vulnerabilities of which no fixed version is known")
	f.StringVar(&s.since, "since", "", "suppress vulnerabilities that the JSON report `FILE` of an earlier run has")
}

// openDatabase opens the vulnerability database, if vulnerabilities are asked for, and what judges
// its answers. One that nobody asked for need not be there.
func (p *program) openDatabase(s *settings, opts *audit.Options) (done func(), err error) {
	done = func() {}
	if len(s.scanners) > 0 && !slices.Contains(s.scanners, audit.Vulnerability) {
		return done, nil
	}
	m := vuln.Matcher{OnlyFixed: s.onlyFixed, TrustBeside: s.trustBeside}
	if err := s.readStatements(&m, opts); err != nil {
		return done, err
	}
	opts.DatabaseAge = time.Duration(s.dbMaxAge)
	dir, err := p.databaseDir(s.db)
	if err == nil {
		m.DB, err = db.Open(dir, db.OpenOptions{SkipChecksum: true})
	}
	asked := s.db != "" || len(s.scanners) > 0
	switch {
	case err == nil:
		opts.Vulnerabilities = s.withRoom(m)
		return func() { m.DB.Close() }, nil
	case asked:
		return done, adviseOnDatabase(err)
	case errors.Is(err, db.ErrNone):
		err = db.ErrNone // whose directory is nobody's who reads the report
	}
	opts.NoDatabase = adviseOnDatabase(err).Error()
	return done, nil
}

// readStatements reads the files that say which vulnerabilities matter.
func (s *settings) readStatements(m *vuln.Matcher, opts *audit.Options) error {
	read := func(flag, name string, use func(*os.File) error) error {
		f, err := os.Open(name)
		if err != nil {
			return usagef("name a file that is there", "reading %s: %v", flag, err)
		}
		defer f.Close()
		if err := use(f); err != nil {
			return usagef("", "%v", err)
		}
		opts.Loaded = append(opts.Loaded, name)
		return nil
	}
	for _, name := range s.vex {
		if err := read("--vex", name, func(f *os.File) error {
			doc, err := vuln.ReadVEX(name, f)
			m.VEX = append(m.VEX, doc)
			return err
		}); err != nil {
			return err
		}
	}
	for _, name := range s.grypeConfigs {
		if err := read("--grype-config", name, func(f *os.File) error {
			rules, err := vuln.ReadIgnore(name, f)
			m.Ignore = append(m.Ignore, rules...)
			return err
		}); err != nil {
			return err
		}
	}
	if s.since != "" {
		return read("--since", s.since, func(f *os.File) (err error) {
			opts.Suppress.Since, err = suppress.Vulnerabilities(s.since, f)
			return err
		})
	}
	return nil
}
