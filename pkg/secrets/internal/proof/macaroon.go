package proof

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// macaroon is what stands in a macaroon but for its signature.
type macaroon struct {
	location, identifier string
	caveats              []string
}

// maxCaveats bounds the caveats of one macaroon.
const maxCaveats = 64

// provePyPI reads API tokens of PyPI, which are macaroons. Everybody can add caveats, nobody
// but the issuer can check the signature.
//
// Sources: PyPI's help, "What are API tokens"; the caveats are those of Warehouse's
// warehouse/macaroons/caveats.
func provePyPI(s secret) (Result, bool) {
	encoded, ok := strings.CutPrefix(s.value, "pypi-")
	if !ok || len(encoded) < 40 || !only(encoded, base64URL+"=") {
		return Result{}, false
	}
	var r Result
	r.fact("PyPI API token")
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		r.wrong("not valid base64")
		return r, true
	}
	m, err := readMacaroon(b)
	if err != nil {
		r.wrong("not a macaroon: ", err.Error())
		return r, true
	}
	r.Confidence = finding.Sure
	r.fact("a macaroon for ", words(m.location))
	if m.location != "pypi.org" {
		r.Confidence = finding.Likely
	}
	for _, caveat := range m.caveats {
		r.caveat(caveat, s)
	}
	return r, true
}

// caveat says what a caveat of PyPI restricts. One that is not known says nothing.
func (r *Result) caveat(caveat string, s secret) {
	var numbered []json.RawMessage
	if json.Unmarshal([]byte(caveat), &numbered) == nil && len(numbered) >= 2 {
		tag, _ := strconv.Atoi(string(numbered[0]))
		switch tag {
		case 0:
			var end float64
			if json.Unmarshal(numbered[1], &end) == nil {
				if t, ok := unix(end); ok {
					r.expiry(t, s.now)
				}
			}
		case 1:
			var names []string
			if json.Unmarshal(numbered[1], &names) == nil {
				r.fact("for the projects ", words(strings.Join(names, ", ")))
			}
		case 2:
			r.fact("for some projects only")
		}
		return
	}
	var old struct {
		Permissions json.RawMessage `json:"permissions"`
	}
	if json.Unmarshal([]byte(caveat), &old) != nil {
		return
	}
	var limited struct {
		Projects []string `json:"projects"`
	}
	switch {
	case string(old.Permissions) == `"user"`:
		r.fact("for all projects of its user")
	case json.Unmarshal(old.Permissions, &limited) == nil && len(limited.Projects) > 0:
		r.fact("for the projects ", words(strings.Join(limited.Projects, ", ")))
	}
}

// readMacaroon reads version 2 of the binary form: 2, a section of fields for the head, one for each
// caveat, an empty one, and the signature of 32 bytes. A field is its type, its
// length, both as varint, and its bytes; a type of 0 ends a section.
//
// Source: libmacaroons, doc/format.txt.
func readMacaroon(b []byte) (macaroon, error) {
	const end, location, identifier, verification, signature = 0, 1, 2, 4, 6
	var m macaroon
	if len(b) == 0 || b[0] != 2 {
		return m, errors.New("unknown version")
	}
	b = b[1:]
	for section := 0; ; section++ {
		fields := 0
		for {
			kind, rest, err := varint(b)
			if err != nil {
				return m, err
			}
			b = rest
			if kind == end {
				break
			}
			size, rest, err := varint(b)
			if err != nil {
				return m, err
			}
			if size > uint64(len(rest)) {
				return m, errors.New("a field is cut off")
			}
			field := string(rest[:size])
			b = rest[size:]
			fields++
			switch {
			case kind == location && section == 0:
				m.location = field
			case kind == identifier && section == 0:
				m.identifier = field
			case kind == identifier:
				m.caveats = append(m.caveats, field)
			case kind != location && kind != verification:
				return m, errors.New("a field is out of place")
			}
		}
		if section == 0 && m.identifier == "" {
			return m, errors.New("no identifier")
		}
		if section > 0 && fields == 0 {
			break
		}
		if section > maxCaveats {
			return m, errors.New("too many caveats")
		}
	}
	if len(b) != 34 || b[0] != signature || b[1] != 32 {
		return m, errors.New("no signature of 32 bytes at its end")
	}
	return m, nil
}

func varint(b []byte) (uint64, []byte, error) {
	n, size := binary.Uvarint(b)
	if size <= 0 {
		return 0, nil, errors.New("cut off")
	}
	return n, b[size:], nil
}
