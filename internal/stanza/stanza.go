// Package stanza splits the databases of dpkg, opkg and apk, which are texts: one
// stanza a package, with an empty line between two.
package stanza

import (
	"bytes"
	"iter"
)

// All yields the stanzas of a database, without the line breaks behind them.
func All(db []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(db) > 0 {
			one, rest, _ := bytes.Cut(db, []byte("\n\n"))
			db = bytes.TrimLeft(rest, "\n")
			if one = bytes.Trim(one, "\n"); len(one) > 0 && !yield(one) {
				return
			}
		}
	}
}

// Without gives a database without some of its stanzas; nil if none is left.
func Without(db []byte, gone func(stanza []byte) bool) []byte {
	var left []byte
	for s := range All(db) {
		if !gone(s) {
			left = append(append(left, s...), "\n\n"...)
		}
	}
	return left
}

// ID says of which package a stanza is.
type ID struct{ Name, Version, Architecture string }

// Identify reads the fields of dpkg and opkg (Package, Version, Architecture) or of apk
// (P, V, A); what a stanza does not say is empty.
func Identify(stanza []byte) ID {
	var id ID
	for line := range bytes.Lines(stanza) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		var to *string
		switch string(name) {
		case "Package", "P":
			to = &id.Name
		case "Version", "V":
			to = &id.Version
		case "Architecture", "A":
			to = &id.Architecture
		default:
			continue
		}
		if *to == "" {
			*to = string(bytes.TrimSpace(value))
		}
	}
	return id
}
