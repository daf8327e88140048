package osv

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/imgaudit/imgaudit/internal/decompress"
)

// maxScores is how many bytes a file of scores may have, uncompressed. That of FIRST for all
// CVEs has some 15 MiB, CISA's catalogue 2 MiB.
const maxScores = 512 << 20

// EPSS is the score of one CVE in the Exploit Prediction Scoring System.
type EPSS struct {
	CVE        string
	Score      float64 // probability of exploitation within 30 days, 0 to 1
	Percentile float64 // share of all CVEs with this score or less, 0 to 1
}

// KnownExploited is an entry of CISA's catalogue of known exploited vulnerabilities.
type KnownExploited struct {
	CVE                string   `json:"cveID"`
	VendorProject      string   `json:"vendorProject"`
	Product            string   `json:"product"`
	DateAdded          string   `json:"dateAdded"` // as 2006-01-02
	RequiredAction     string   `json:"requiredAction"`
	DueDate            string   `json:"dueDate"` // as 2006-01-02
	RansomwareCampaign string   `json:"knownRansomwareCampaignUse"`
	Notes              string   `json:"notes"`
	CWEs               []string `json:"cwes"`
}

var cve = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,19}$`)

// IsCVE reports whether an id is one of a CVE.
func IsCVE(id string) bool { return cve.MatchString(id) }

// ReadEPSS reads the scores as FIRST publishes them: a CSV file, also compressed, with a
// comment that tells the day, and the columns cve, epss and percentile. Without that
// comment the day is zero.
func ReadEPSS(path string) (scores []EPSS, day time.Time, err error) {
	f, err := open(path)
	if err != nil {
		return nil, day, err
	}
	defer f.Close()
	in := bufio.NewReader(f)
	if b, _ := in.Peek(1); len(b) == 1 && b[0] == '#' {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return nil, day, fmt.Errorf("reading %s: its first line has no end", path)
		}
		day = scoreDay(string(line))
	}
	r := csv.NewReader(in)
	r.ReuseRecord = true
	at := map[string]int{}
	for line := 0; ; line++ {
		fields, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, day, fmt.Errorf("reading %s: %w", path, err)
		}
		if line == 0 {
			for i, f := range fields {
				at[strings.ToLower(strings.TrimSpace(f))] = i
			}
			if len(at) < 3 || !has(at, "cve", "epss", "percentile") {
				return nil, day, fmt.Errorf("reading %s: it has no columns cve, epss and percentile", path)
			}
			continue
		}
		e := EPSS{CVE: strings.ToUpper(fields[at["cve"]])}
		var bad1, bad2 error
		e.Score, bad1 = strconv.ParseFloat(fields[at["epss"]], 64)
		e.Percentile, bad2 = strconv.ParseFloat(fields[at["percentile"]], 64)
		if !IsCVE(e.CVE) || bad1 != nil || bad2 != nil || !share(e.Score) || !share(e.Percentile) {
			return nil, day, fmt.Errorf("reading %s: row %d is no score", path, line)
		}
		scores = append(scores, e)
	}
	if len(scores) == 0 {
		return nil, day, fmt.Errorf("reading %s: it has no score", path)
	}
	return scores, day, nil
}

// ReadKEV reads CISA's catalogue in JSON, also compressed.
func ReadKEV(path string) ([]KnownExploited, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var d struct {
		Vulnerabilities []KnownExploited `json:"vulnerabilities"`
	}
	if err := json.NewDecoder(f).Decode(&d); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if len(d.Vulnerabilities) == 0 {
		return nil, fmt.Errorf("reading %s: it has no vulnerabilities", path)
	}
	for i := range d.Vulnerabilities {
		k := &d.Vulnerabilities[i]
		if k.CVE = strings.ToUpper(k.CVE); !IsCVE(k.CVE) {
			return nil, fmt.Errorf("reading %s: %.100q is no CVE", path, k.CVE)
		}
	}
	return d.Vulnerabilities, nil
}

func has(at map[string]int, keys ...string) bool {
	for _, k := range keys {
		if _, ok := at[k]; !ok {
			return false
		}
	}
	return true
}

func share(f float64) bool { return f >= 0 && f <= 1 }

// scoreDay is the day that a comment such as "#model_version:v2025.03.14,score_date:2026-01-02T00:00:00+0000" tells.
func scoreDay(comment string) time.Time {
	_, after, _ := strings.Cut(comment, "score_date:")
	if len(after) < 10 {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, after[:10])
	if err != nil {
		return time.Time{}
	}
	return t
}

// open opens a file that may be compressed, and gives at most maxScores bytes.
func open(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(f, 64<<10)
	head, err := in.Peek(decompress.SniffBytes)
	if err != nil && err != io.EOF {
		f.Close()
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	c := decompress.Sniff(head)
	if c == decompress.None {
		return &bounded{in, f, maxScores}, nil
	}
	d, err := decompress.New(c, in)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return &bounded{d, f, maxScores}, nil
}

type bounded struct {
	io.Reader
	io.Closer
	left int64
}

var errScores = errors.New("it is larger than any file of scores")

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errScores
	}
	n, err := b.Reader.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
