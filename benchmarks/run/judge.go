//go:build linux

package main

import (
	"encoding/json"
	"fmt"
)

// statusIncomplete is imgaudit's exit status if not everything could be read.
const statusIncomplete = 3

// scanReport is the part of imgaudit's report that shows what was read.
type scanReport struct {
	Images []struct {
		Layers []struct {
			DiffID string `json:"diffID"`
			Bytes  int64  `json:"bytes"`
		} `json:"layers"`
	} `json:"images"`
	Findings []json.RawMessage `json:"findings"`
	Coverage struct {
		Complete bool `json:"complete"`
		Gaps     []struct {
			Reason string `json:"reason"`
			Files  int64  `json:"files"`
		} `json:"gaps"`
	} `json:"coverage"`
}

// scanFacts is what a scan says of an image.
type scanFacts struct {
	findings int
	limited  int64 // archives that reached a limit of unpacking
}

// judge holds a report and the exit status against the raw bytes that the floor read. Only a scan that
// did all its work may be measured: every layer to its end, and no gap but archives in which a limit
// ended the unpacking.
func judge(text []byte, status int, raw int64) (scanFacts, error) {
	var report scanReport
	if err := json.Unmarshal(text, &report); err != nil {
		return scanFacts{}, fmt.Errorf("reading the report: %w", err)
	}
	if read := report.rawBytes(); read != raw {
		return scanFacts{}, fmt.Errorf("the scan read %d of %d raw bytes", read, raw)
	}
	facts := scanFacts{findings: len(report.Findings)}
	for _, g := range report.Coverage.Gaps {
		switch g.Reason {
		case "archive-ratio", "archive-bytes":
			facts.limited += g.Files
		default:
			return scanFacts{}, fmt.Errorf("the scan has a gap: %s", g.Reason)
		}
	}
	if complete := len(report.Coverage.Gaps) == 0; report.Coverage.Complete != complete || (status == 0) != complete {
		return scanFacts{}, fmt.Errorf("the scan ended with status %d and says complete %v, but has %d gaps", status, report.Coverage.Complete, len(report.Coverage.Gaps))
	}
	return facts, nil
}

// rawBytes counts each layer once.
func (r scanReport) rawBytes() int64 {
	var sum int64
	seen := map[string]bool{}
	for _, image := range r.Images {
		for _, l := range image.Layers {
			if !seen[l.DiffID] {
				seen[l.DiffID] = true
				sum += l.Bytes
			}
		}
	}
	return sum
}
