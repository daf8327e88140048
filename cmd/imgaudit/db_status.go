package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/vuln/db"
)

// oldDatabase is the age from which on a database is called old: Grype's own measure
// (db.max-allowed-built-age).
const oldDatabase = 5 * 24 * time.Hour

func (p *program) dbStatusCommand(s *databaseSettings) *cobra.Command {
	var maxAge ageValue
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say which database is there, how old it is, and whether it is sound",
		Long: `Status describes the database and verifies its checksum. With --max-age it exits with
1 if the database is older; without one a warning tells of an age of more than 5 days.
`,
		Example: `  imgaudit db status
  imgaudit db status --max-age 3d -o json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := p.prepare(cmd, s)
			if err != nil {
				return err
			}
			d, err := db.Open(dir, db.OpenOptions{})
			if err != nil {
				return adviseOnDatabase(err)
			}
			defer d.Close()
			if err := p.printDatabase(s.format, d.Status()); err != nil {
				return err
			}
			age := d.Status().Age(p.now())
			switch limit := time.Duration(maxAge); {
			case limit > 0 && age > limit:
				return &statusError{exitGate, fmt.Sprintf("the vulnerability database is %s old, more than %s; get a newer one with imgaudit db update or db import", days(age), days(limit))}
			case limit == 0 && age > oldDatabase:
				fmt.Fprintf(p.stderr, "imgaudit: the vulnerability database is %s old\n", days(age))
			}
			return nil
		},
	}
	cmd.Flags().Var(&maxAge, "max-age", "exit with 1 if the database is older than this `AGE`, such as 5d or 36h")
	formatFlag(cmd, &s.format)
	return cmd
}

// databaseJSON is a database in JSON output.
type databaseJSON struct {
	Path       string             `json:"path"`
	Schema     string             `json:"schema"`
	Built      time.Time          `json:"built"`
	AgeSeconds int64              `json:"ageSeconds"`
	Checksum   string             `json:"checksum"`
	Source     string             `json:"source"`
	Counts     countsJSON         `json:"counts"`
	Sources    []databaseDataJSON `json:"sources"`
}

type countsJSON struct {
	Vulnerabilities  int64 `json:"vulnerabilities"`
	Packages         int64 `json:"packages"`
	OperatingSystems int64 `json:"operatingSystems"`
	KnownExploited   int64 `json:"knownExploited"`
	EPSS             int64 `json:"epss"`
}

type databaseDataJSON struct {
	ID       string     `json:"id"`
	Captured *time.Time `json:"captured"`
	Digest   string     `json:"digest"`
}

func toDatabaseJSON(s db.Status, now time.Time) databaseJSON {
	j := databaseJSON{
		Path: s.Path, Schema: s.Schema, Built: s.Built, AgeSeconds: int64(s.Age(now) / time.Second),
		Checksum: s.Checksum, Source: s.Source, Counts: countsJSON(s.Counts), Sources: []databaseDataJSON{},
	}
	for _, d := range s.Sources {
		source := databaseDataJSON{ID: d.ID, Digest: d.Digest}
		if !d.Captured.IsZero() {
			source.Captured = &d.Captured
		}
		j.Sources = append(j.Sources, source)
	}
	return j
}

func (p *program) printDatabase(format string, s db.Status) error {
	if format == "json" {
		return printJSON(p.stdout, toDatabaseJSON(s, p.now()))
	}
	line := func(name, value string) { fmt.Fprintf(p.stdout, "%-9s %s\n", name, finding.EscapeText(value)) }
	line("database", s.Path)
	line("schema", s.Schema)
	line("built", s.Built.Format(time.RFC3339))
	line("age", days(s.Age(p.now()))+" since the newest of its data")
	line("checksum", s.Checksum)
	line("source", cmp.Or(s.Source, "not told"))
	c := s.Counts
	line("holds", fmt.Sprintf("%s, %s, %s, %d known to be exploited, %s",
		number(c.Vulnerabilities, "vulnerability", "vulnerabilities"), number(c.Packages, "affected package", "affected packages"),
		number(c.OperatingSystems, "release of distributions", "releases of distributions"), c.KnownExploited, number(c.EPSS, "EPSS score", "EPSS scores")))
	name := "data"
	for _, d := range s.Sources {
		when := "of an unknown day"
		if !d.Captured.IsZero() {
			when = "of " + d.Captured.Format(time.DateOnly)
		}
		line(name, d.ID+" "+when)
		name = ""
	}
	return nil
}

// now is the time that ages are measured against.
func (p *program) now() time.Time {
	if t, err := p.sourceDate(); err == nil && !t.IsZero() {
		return t
	}
	return time.Now()
}

// days writes an age in the largest unit that tells it well.
func days(d time.Duration) string {
	unit := func(n int64, name string) string {
		if n == 1 {
			return "1 " + name
		}
		return strconv.FormatInt(n, 10) + " " + name + "s"
	}
	switch {
	case d >= 48*time.Hour:
		return unit(int64(d/(24*time.Hour)), "day")
	case d >= time.Hour:
		return unit(int64(d/time.Hour), "hour")
	case d >= time.Minute:
		return unit(int64(d/time.Minute), "minute")
	}
	return unit(int64(d/time.Second), "second")
}

// ageValue is a flag that reads 5d, 2w or 36h.
type ageValue time.Duration

func (a *ageValue) Set(s string) error {
	for suffix, unit := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if number, ok := strings.CutSuffix(s, suffix); ok {
			if n, err := strconv.ParseUint(number, 10, 16); err == nil && n > 0 {
				*a = ageValue(time.Duration(n) * unit)
				return nil
			}
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is no age: write 5d, 2w or 36h", s)
	}
	*a = ageValue(d)
	return nil
}

func (a *ageValue) Type() string { return "age" }

func (a *ageValue) String() string {
	if *a == 0 {
		return ""
	}
	return time.Duration(*a).String()
}

// clientTrusting gives a client that trusts the authorities of a file as well.
func clientTrusting(caFile string) (*http.Client, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, usagef("", "--ca-file: %v", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, usagef("it takes PEM", "--ca-file: %s holds no certificate", caFile)
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = 30 * time.Second
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: t}, nil
}
