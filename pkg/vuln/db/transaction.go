package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/anchore/grype/grype/db/data"
	"gorm.io/gorm"
)

// hasty says how a new database is written: with a bounded part of it in memory, and without
// what only matters to a file that has to outlive a crash. References are not looked up
// one by one: Grype's writer writes what is referred to first.
var hasty = []string{
	"PRAGMA journal_mode = MEMORY", "PRAGMA synchronous = OFF", "PRAGMA locking_mode = EXCLUSIVE",
	"PRAGMA cache_size = -65536", "PRAGMA mmap_size = 0", "PRAGMA foreign_keys = OFF",
}

// idle are the indexes that nothing asks while rows are written. Grype's writer keeps them
// up to date with each row, and drops them at the end; they are made when the database is
// installed.
const idle = `SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND name NOT IN ('idx_package', 'idx_cpe', 'os_idx')`

// transaction is the connection of Grype's writer, in one transaction. By itself the writer
// ends one with each row, and holds the whole file in memory.
type transaction struct {
	gorm.ConnPool
	db   *sql.DB
	conn *sql.Conn
}

// takeOver puts a writer into one transaction. It gives nil if the writer keeps its database
// where no version known here did: then it writes as it does by itself.
func takeOver(ctx context.Context, w data.Writer) (*transaction, error) {
	g := databaseOf(w)
	if g == nil {
		return nil, nil
	}
	pool, err := g.DB()
	if err != nil {
		return nil, fmt.Errorf("making the vulnerability database: %w", err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("making the vulnerability database: %w", err)
	}
	if err := begin(ctx, conn); err != nil {
		conn.Close()
		return nil, fmt.Errorf("making the vulnerability database: %w", err)
	}
	t := &transaction{ConnPool: conn, db: pool, conn: conn}
	g.Statement.ConnPool = t
	return t, nil
}

// databaseOf reaches for what Grype's writer has, but does not show.
func databaseOf(w data.Writer) *gorm.DB {
	v := reflect.ValueOf(w)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	f := v.Elem().FieldByName("store")
	if !f.IsValid() {
		return nil
	}
	store, ok := reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem().Interface().(interface{ GetDB() *gorm.DB })
	if !ok {
		return nil
	}
	return store.GetDB()
}

func begin(ctx context.Context, conn *sql.Conn) error {
	statements := slices.Clone(hasty)
	rows, err := conn.QueryContext(ctx, idle)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		statements = append(statements, "DROP INDEX `"+name+"`")
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, s := range append(statements, "BEGIN") {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// ExecContext leaves out what Grype does to compact the file when all is written: it has no holes.
func (t *transaction) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if strings.HasPrefix(query, "VACUUM") {
		return driver.ResultNoRows, nil
	}
	return t.ConnPool.ExecContext(ctx, query, args...)
}

// GetDBConn is how gorm finds what it closes.
func (t *transaction) GetDBConn() (*sql.DB, error) { return t.db, nil }

// end makes the rows stay, after the writer was closed.
func (t *transaction) end(ctx context.Context) error {
	if t == nil {
		return nil
	}
	_, err := t.conn.ExecContext(ctx, "COMMIT")
	return errors.Join(err, t.conn.Close())
}
