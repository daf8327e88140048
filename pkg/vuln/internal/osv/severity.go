package osv

import (
	"net/url"
	"strings"

	gocvss20 "github.com/pandatix/go-cvss/20"
	gocvss30 "github.com/pandatix/go-cvss/30"
	gocvss31 "github.com/pandatix/go-cvss/31"
	gocvss40 "github.com/pandatix/go-cvss/40"
)

// CVSS gives the version and the vector of a score of a CVSS type, and whether it is one
// that can be read.
func (s Severity) CVSS() (version, vector string, ok bool) {
	if len(s.Score) > maxID {
		return "", "", false
	}
	var err error
	switch vector = strings.TrimSpace(s.Score); {
	case s.Type == "CVSS_V2":
		version = "2.0"
		_, err = gocvss20.ParseVector(vector)
	case s.Type == "CVSS_V3" && strings.HasPrefix(vector, "CVSS:3.0/"):
		version = "3.0"
		_, err = gocvss30.ParseVector(vector)
	case s.Type == "CVSS_V3":
		version = "3.1"
		_, err = gocvss31.ParseVector(vector)
	case s.Type == "CVSS_V4":
		version = "4.0"
		_, err = gocvss40.ParseVector(vector)
	default:
		return "", "", false
	}
	return version, vector, err == nil
}

// Word gives a severity that is a word, such as Ubuntu's priority, in the words that
// scanners use: critical, high, medium, low or negligible.
func Word(s string) (string, bool) {
	switch w := strings.ToLower(strings.TrimSpace(s)); w {
	case "critical", "high", "medium", "low", "negligible":
		return w, true
	case "important":
		return "high", true
	case "moderate":
		return "medium", true
	}
	return "", false
}

// qualifier is one of the qualifiers of a package URL.
func qualifier(purl, key string) string {
	_, query, ok := strings.Cut(purl, "?")
	if !ok || len(purl) > 8*maxID {
		return ""
	}
	query, _, _ = strings.Cut(query, "#")
	values, err := url.ParseQuery(strings.ReplaceAll(query, "+", "%2B"))
	if err != nil || name(values.Get(key)) != nil {
		return ""
	}
	return values.Get(key)
}
