package credfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Bounds of what is read of one file.
const (
	MaxBytes       = 4 << 20 // the largest file that is parsed
	MaxCredentials = 10_000  // in one file
	MaxDepth       = 64      // levels of nested elements, objects and blocks
)

// What stops the reading of a file. Other errors say that the file does not have the format.
var (
	ErrTooLarge = fmt.Errorf("the file is larger than %d bytes", MaxBytes)
	ErrTooMany  = fmt.Errorf("the file has more than %d credentials", MaxCredentials)
	ErrTooDeep  = fmt.Errorf("the file is nested deeper than %d levels", MaxDepth)
	ErrBroken   = errors.New("the reader broke down")

	errFormat = errors.New("the content does not have this format")
)

// Confidence is how sure it is that a value is a credential in use.
type Confidence uint8

// The format says so, or its place and name do, or it might be an example.
const (
	Certain Confidence = iota
	Likely
	Unsure
)

// String gives the confidence in lower case.
func (c Confidence) String() string {
	switch c {
	case Certain:
		return "certain"
	case Likely:
		return "likely"
	default:
		return "unsure"
	}
}

// What [Credential.Weak] says of a password that was found out offline.
const (
	WeakBlank  = "blank"
	WeakCommon = "common"
)

// Credential is one secret of a file.
type Credential struct {
	// Format is the ID of the format.
	Format string

	// Value is the secret, decoded and unquoted. It is empty for a store of
	// secrets that was not opened and for a blank password.
	Value string

	// Offset and Length are the place of the secret's form in the content, in
	// bytes. When the secret is escaped, encoded or encrypted there, it is the place of
	// that form, which then differs from Value. Offset is -1 where there is no such place.
	Offset, Length int

	// Name is the option, key or account that the secret belongs to.
	Name string

	// User and Host are whose secret it is and where it opens what, if the file tells.
	User, Host string

	// Hash is the kind of a password hash ("yescrypt", "bcrypt", "sha512crypt",
	// "md5crypt", "des", "nt"), and empty for anything else.
	Hash string

	// Weak is WeakBlank or WeakCommon for such a password, in clear or guessed
	// from its hash.
	Weak string

	Confidence Confidence

	// Comment is a short fact for the report.
	Comment string

	// Encrypted says that Value cannot be used without a key that is not in the file.
	Encrypted bool
}

// Format is one row of the table of formats.
type Format struct {
	ID            string // "pgpass"
	Title         string // "PostgreSQL password file"
	Documentation string // URL or manual page that describes the format

	names []string                // patterns of paths, see index.go
	head  func(first string) bool // for patterns that begin with "?"
	read  reader
}

// reader finds the credentials of one file. An error says that the file does not
// have the format, or from where on it could not be read.
type reader func(*file) error

// Formats gives the table, sorted by ID.
func Formats() []Format { return slices.Clone(formats()) }

var formats = sync.OnceValue(func() []Format {
	table := slices.Concat(
		databaseFormats(), databaseClientFormats(), transferFormats(), editorFormats(),
		phpFormats(), frameworkFormats(), javaFormats(), webServerFormats(),
		buildFormats(), mailFormats(), networkFormats(), proxyFormats(), chatFormats(),
		cloudFormats(), hostingFormats(), brokerFormats(), backupFormats(),
		containerFormats(), clusterFormats(), packageFormats(), languageFormats(), gitFormats(),
		storeFormats(), windowsFormats(), accountFormats(), installerFormats(),
		infrastructureFormats(), historyFormats(),
	)
	slices.SortFunc(table, func(a, b Format) int { return strings.Compare(a.ID, b.ID) })
	return table
})

// Candidate is a format that a file may have.
type Candidate struct {
	format *Format
	path   string
}

// Format gives the row of the table.
func (m Candidate) Format() Format { return *m.format }

// Parse gives the credentials of the whole content of a file, in the order of
// their places. With an error there may be credentials as well: those before the
// place where the content stopped making sense.
//
// A reader that breaks down on what a stranger wrote gives an error like any other.
func (m Candidate) Parse(content []byte) (found []Credential, err error) {
	defer func() {
		if p := recover(); p != nil {
			found, err = nil, fmt.Errorf("reading %s: %w: %v", m.format.ID, ErrBroken, p)
		}
	}()
	return m.parse(content)
}

func (m Candidate) parse(content []byte) ([]Credential, error) {
	if len(content) > MaxBytes {
		return nil, fmt.Errorf("reading %s: %w", m.format.ID, ErrTooLarge)
	}
	f := newFile(m, content)
	f.match = Match
	err := m.format.read(f)
	if f.dropped {
		err = ErrTooMany
	}
	slices.SortStableFunc(f.found, func(a, b Credential) int { return a.Offset - b.Offset })
	f.found = slices.CompactFunc(f.found, func(a, b Credential) bool {
		return a.Offset == b.Offset && a.Length == b.Length && a.Value == b.Value && a.Name == b.Name
	})
	if err != nil {
		err = fmt.Errorf("reading %s: %w", m.format.ID, err)
	}
	return f.found, err
}
