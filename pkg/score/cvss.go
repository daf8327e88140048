package score

import (
	"fmt"
	"math"

	gocvss40 "github.com/pandatix/go-cvss/40"
)

// CVSSBase gives the score of a CVSS v4.0 vector, "CVSS:4.0/AV:N/…", 0.0 to 10.0.
// The arithmetic is go-cvss's.
func CVSSBase(vector string) (Tenths, error) {
	v, err := gocvss40.ParseVector(vector)
	if err != nil {
		return 0, fmt.Errorf("reading CVSS vector %.200q: %w", vector, err)
	}
	return Tenths(math.Round(v.Score() * 10)), nil
}

// vector is what the flaw's own record says, if it has a vector of version 4.0 that is one; else
// that of its kind.
func (w weighed) vector() string {
	if w.Vulnerability != nil {
		for _, rating := range w.Vulnerability.CVSS {
			if _, err := CVSSBase(rating.Vector); err == nil {
				return rating.Vector
			}
		}
	}
	if w.kind.Vector == "" {
		return ""
	}
	return "CVSS:4.0/" + w.kind.Vector
}

// worst is the CVSS of the image: that of the worst finding. CVSS scores one
// weakness; scores are neither added nor averaged over weaknesses, by its own text
// and by AIVSS's. What comes together shows in the penalty.
func worst(found []weighed) (CVSS, error) {
	image := CVSS{Findings: []string{}}
	scores := map[string]Tenths{}
	var at []weighed
	for _, w := range found {
		vector := w.vector()
		if !w.counts || vector == "" {
			continue
		}
		score, ok := scores[vector]
		if !ok {
			var err error
			if score, err = CVSSBase(vector); err != nil {
				return image, err
			}
			scores[vector] = score
		}
		if score > image.Score {
			image.Score, image.Vector, at = score, vector, nil
		}
		if score == image.Score {
			at = append(at, w)
		}
	}
	image.Findings = ids(at)
	return image, nil
}
