// Package licencetext recognises licences in texts exactly as licensecheck.Scan does, without
// most of the second that licensecheck needs to build its automaton: the finished automaton lies
// beside this file and is put in its place.
package licencetext

import (
	"sync"

	"github.com/google/licensecheck"
)

//go:generate go test -run TestTheTableIsWhatTheLibraryBuilds -update .

// Scan says what licensecheck.Scan says.
func Scan(text []byte) licensecheck.Coverage {
	return scanner()(text)
}

// scanner is the library's with our table or, where the library has become another one than the
// table was made of, the library's own: slower, and never different. A test fails then.
var scanner = sync.OnceValue(func() func([]byte) licensecheck.Coverage {
	s, err := fromTable()
	if err != nil {
		return licensecheck.Scan
	}
	return s.Scan
})

func fromTable() (*licensecheck.Scanner, error) {
	t, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	return t.scanner(licensecheck.BuiltinLicenses())
}
