package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/imgaudit/imgaudit/pkg/vuln/db"
)

// databaseSettings are what the verbs about the database have in common.
type databaseSettings struct {
	dir    string
	format string
}

func (p *program) dbCommand() *cobra.Command {
	s := &databaseSettings{format: "text"}
	cmd := &cobra.Command{
		Use:   "db",
		Short: "Keep the local vulnerability database",
		Long: `Db imports, fetches, builds and describes the database that packages are matched
with. It is of Grype's format, version 6. Nothing is fetched but by db update.
`,
		Example: `  imgaudit db import vulnerability-db_v6.1.10_2026-11-27T00:34:05Z_1732682321.tar.zst
  imgaudit db update --url https://mirror.example/databases
  imgaudit db build --osv all.zip
  imgaudit db status --max-age 5d`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	databaseFlag(cmd.PersistentFlags(), &s.dir)
	cmd.AddCommand(p.dbImportCommand(s), p.dbUpdateCommand(s), p.dbStatusCommand(s), p.dbBuildCommand(s))
	return cmd
}

// databaseFlag is --db.
func databaseFlag(f *pflag.FlagSet, dir *string) {
	f.StringVar(dir, "db", "", "`DIR` of the vulnerability database (default imgaudit/db in the user's cache directory)")
}

// databaseDir is the directory of the database: the one that was given, or the user's.
func (p *program) databaseDir(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	cache, err := p.cacheDir()
	if err != nil {
		return "", usagef("give one with --db", "there is no cache directory for the vulnerability database: %v", err)
	}
	return filepath.Join(cache, "imgaudit", "db"), nil
}

// prepare joins the flags of a verb with variables and files of settings.
func (p *program) prepare(cmd *cobra.Command, s *databaseSettings) (dir string, err error) {
	if err := p.fromEnvironment(cmd); err != nil {
		return "", err
	}
	if err := p.fromFiles(cmd, &settings{}); err != nil {
		return "", err
	}
	return p.databaseDir(s.dir)
}

func (p *program) dbImportCommand(s *databaseSettings) *cobra.Command {
	var opts db.ImportOptions
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Take a database from an archive, as Grype publishes them",
		Long: `Import takes the database out of an archive (.tar.zst, .tar.gz or .tar.xz), or a bare
database file, and puts it in the place of the one that is there. The archive is
verified against --checksum, or against a latest.json beside it that names it; the
database against the checksum in the archive; its schema and its pages are checked.
Until all is well, and if anything is not, the old database stands.
`,
		Example: `  imgaudit db import vulnerability-db_v6.1.10_2026-11-27T00:34:05Z_1732682321.tar.zst
  imgaudit db import db.tar.gz --checksum sha256:3f0c…`,
		Args: oneArgument("file", "vulnerability-db.tar.zst"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := p.prepare(cmd, s)
			if err != nil {
				return err
			}
			status, err := db.Import(cmd.Context(), args[0], dir, opts)
			if err != nil {
				return adviseOnDatabase(err)
			}
			return p.printDatabase(s.format, status)
		},
	}
	cmd.Flags().StringVar(&opts.Checksum, "checksum", "", "the archive has to have this `SHA256`, as sha256:…")
	formatFlag(cmd, &s.format)
	return cmd
}

func (p *program) dbUpdateCommand(s *databaseSettings) *cobra.Command {
	var url, caFile string
	var opts db.UpdateOptions
	cmd := &cobra.Command{
		Use:   "update",
		Short: "Fetch the newest database, if there is a newer one",
		Long: `Update reads a listing (latest.json), and if the database that it names was built
after the one that is there, fetches it, verifies its checksum and imports it. The
address is that of the listing, or of the directory above v6/latest.json; a path works
too. Without --url it is the one where Grype's databases are published.
`,
		Example: `  imgaudit db update
  imgaudit db update --url https://mirror.example/databases --ca-file ca.pem
  imgaudit db update --url /mnt/mirror`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := p.prepare(cmd, s)
			if err != nil {
				return err
			}
			if caFile != "" {
				if opts.Client, err = clientTrusting(caFile); err != nil {
					return err
				}
			}
			status, updated, err := db.Update(cmd.Context(), url, dir, opts)
			if err != nil {
				return adviseOnDatabase(err)
			}
			if s.format == "json" {
				return printJSON(p.stdout, struct {
					Updated  bool         `json:"updated"`
					Database databaseJSON `json:"database"`
				}{updated, toDatabaseJSON(status, p.now())})
			}
			if !updated {
				fmt.Fprintln(p.stdout, "there is no newer database")
			}
			return p.printDatabase(s.format, status)
		},
	}
	f := cmd.Flags()
	f.StringVar(&url, "url", "", "`ADDRESS` of the listing: http, https, file or a path (default "+db.DefaultURL()+")")
	f.StringVar(&caFile, "ca-file", "", "trust the authorities in this PEM `FILE` too")
	f.BoolVar(&opts.Force, "force", false, "fetch the database even if it is not newer")
	formatFlag(cmd, &s.format)
	return cmd
}

// adviseOnDatabase adds to an error about a database what to do next.
func adviseOnDatabase(err error) error {
	hint := ""
	switch {
	case errors.Is(err, db.ErrNone):
		hint = "get one with imgaudit db import FILE, db update or db build --osv DIR"
	case errors.Is(err, db.ErrChecksum):
		hint = "get the archive again, and its checksum from where it is published"
	case errors.Is(err, db.ErrSchema):
		hint = "get a database of Grype's version 6, or build one with imgaudit db build"
	case errors.Is(err, db.ErrDamaged):
		hint = "get it again with imgaudit db import FILE or db update"
	}
	if hint == "" || strings.HasSuffix(err.Error(), hint) {
		return err
	}
	return &usageError{err.Error(), hint}
}
