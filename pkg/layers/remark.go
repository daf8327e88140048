package layers

// maxExamples is how many paths one line of the ledger names.
const maxExamples = 5

// AddRemark adds r to a ledger: to the line of the same reason and detail if
// there is one, as a new line otherwise. So details should not name paths or
// counts; Examples and Files do.
func AddRemark(ledger []Remark, r Remark) []Remark {
	for i := range ledger {
		if l := &ledger[i]; l.Reason == r.Reason && l.Detail == r.Detail {
			l.Files += r.Files
			l.Bytes += r.Bytes
			room := max(0, maxExamples-len(l.Examples))
			l.Examples = append(l.Examples, r.Examples[:min(room, len(r.Examples))]...)
			return ledger
		}
	}
	if len(r.Examples) > maxExamples {
		r.Examples = r.Examples[:maxExamples]
	}
	return append(ledger, r)
}

// AddRemarks adds several.
func AddRemarks(ledger []Remark, rs ...Remark) []Remark {
	for _, r := range rs {
		ledger = AddRemark(ledger, r)
	}
	return ledger
}
