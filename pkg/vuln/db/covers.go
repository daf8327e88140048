package db

import (
	"context"
	"fmt"
	"strings"
)

// Covers gives the kinds of packages that the database has records of, as Syft names them
// (deb, npm, …), in lower case. It is nil for a database with records by CPE, which may fit packages of
// any kind, as Grype's own has. The database is asked once; the answer is not to be changed.
func (d *DB) Covers(ctx context.Context) (map[string]bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.covered {
		return d.covers, nil
	}
	covers, err := d.readCovers(ctx)
	if err == nil {
		d.covers, d.covered = covers, true
	}
	return covers, err
}

func (d *DB) readCovers(ctx context.Context) (map[string]bool, error) {
	c, err := connect(d.status.Path)
	if err != nil {
		return nil, fmt.Errorf("opening the vulnerability database: %w", err)
	}
	defer c.Close()
	var any bool
	if err := c.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM affected_cpe_handles)").Scan(&any); err != nil {
		return nil, fmt.Errorf("reading the vulnerability database: %w", err)
	}
	if any {
		return nil, nil
	}
	rows, err := c.QueryContext(ctx, "SELECT DISTINCT ecosystem FROM packages")
	if err != nil {
		return nil, fmt.Errorf("reading the vulnerability database: %w", err)
	}
	defer rows.Close()
	kinds := map[string]bool{}
	for rows.Next() {
		var kind string
		if err := rows.Scan(&kind); err != nil {
			return nil, fmt.Errorf("reading the vulnerability database: %w", err)
		}
		kinds[strings.ToLower(kind)] = true
	}
	return kinds, rows.Err()
}
