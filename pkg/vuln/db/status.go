package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Status says which database it is.
type Status struct {
	Path     string    // of the file
	Schema   string    // as 6.1.10
	Built    time.Time // when it was made
	Checksum string    // of the file when it was imported, as xxh64:…
	Source   string    // where it was imported from; may be empty
	Counts   Counts
	Sources  []DataSource // what it was built from, in the order of their ids
}

// Counts are how many rows the database has.
type Counts struct {
	Vulnerabilities  int64
	Packages         int64 // that are affected by one; a package counts once for each
	OperatingSystems int64 // releases of distributions
	KnownExploited   int64
	EPSS             int64
}

// DataSource is one origin of the data.
type DataSource struct {
	ID       string
	Captured time.Time // when the data were taken, or changed last; zero if it is not told
	Digest   string    // of the data; may be empty
}

// Age is how old the data are at a time: since the database was built, or since the newest
// of its data were taken if that was earlier. A database that is built today from last year's
// records is a year old.
func (s Status) Age(now time.Time) time.Duration {
	newest := s.Newest()
	if newest.IsZero() || newest.After(s.Built) {
		newest = s.Built
	}
	return max(0, now.Sub(newest))
}

// Newest is when the newest of the data were taken; zero if that is not told. Scores and the
// catalogue of what is exploited are not counted: they make no old record newer.
func (s Status) Newest() (newest time.Time) {
	for _, d := range s.Sources {
		if d.ID != "epss" && d.ID != "kev" && d.Captured.After(newest) {
			newest = d.Captured
		}
	}
	return newest
}

// count fills in what is counted.
func (s *Status) count(c *sql.DB, tables map[string]bool) error {
	for _, n := range []struct {
		table string
		into  *int64
		must  bool
	}{
		{"vulnerability_handles", &s.Counts.Vulnerabilities, true},
		{"affected_package_handles", &s.Counts.Packages, true},
		{"operating_systems", &s.Counts.OperatingSystems, true},
		{"known_exploited_vulnerability_handles", &s.Counts.KnownExploited, false},
		{"epss_handles", &s.Counts.EPSS, false},
	} {
		if !tables[n.table] {
			if n.must {
				return fmt.Errorf("it has no table %s", n.table)
			}
			continue
		}
		row := c.QueryRowContext(context.Background(), "SELECT count(*) FROM "+n.table) //nolint:gosec // a name from above
		if err := row.Scan(n.into); err != nil {
			return err
		}
	}
	rows, err := c.QueryContext(context.Background(), "SELECT id, date_captured, input_digest FROM providers ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var source DataSource
		var captured sql.NullTime
		var digest sql.NullString
		if err := rows.Scan(&source.ID, &captured, &digest); err != nil {
			return err
		}
		source.Captured, source.Digest = captured.Time.UTC(), digest.String
		if !captured.Valid {
			source.Captured = time.Time{}
		}
		s.Sources = append(s.Sources, source)
	}
	return rows.Err()
}
