package gitobj

import (
	"cmp"
	"slices"
)

// The reasons of remarks.
const (
	ReasonCorrupt        = "git-corrupt"         // damaged, cut short, or not what it claims to be
	ReasonMissingBase    = "git-missing-base"    // deltas whose base is not in their pack, or was not kept
	ReasonTooLarge       = "git-too-large"       // larger than a limit for one object or file
	ReasonObjectMismatch = "git-object-mismatch" // a loose object whose content has another ID than its name
	ReasonLimit          = "git-limit"           // beyond a limit for the layer or the repository
	ReasonReftable       = "git-reftable"        // refs in the reftable format, which is not read
)

// Remark says what was not read, or not understood, and why.
type Remark struct {
	Path    string // the file in the layer; empty for the layer as a whole
	Reason  string
	Detail  string // in words, for people
	Gap     bool   // content was not handed over; otherwise only its place in the history is unclear
	Objects int64  // how many objects it stands for, where known
}

// maxRemarks is how many remarks are kept apart. Those beyond it are joined by reason.
const maxRemarks = 1000

// ledger gathers remarks. Those of one file and reason become one.
type ledger struct {
	list []Remark
	at   map[[2]string]int
}

func (l *ledger) add(r Remark) {
	key := [2]string{r.Path, r.Reason}
	i, known := l.at[key]
	if !known && len(l.list) >= maxRemarks {
		r.Path = ""
		key[0] = ""
		i, known = l.at[key]
	}
	if known {
		l.list[i].Objects += r.Objects
		l.list[i].Gap = l.list[i].Gap || r.Gap
		return
	}
	if l.at == nil {
		l.at = map[[2]string]int{}
	}
	l.at[key] = len(l.list)
	l.list = append(l.list, r)
}

func (l *ledger) sorted() []Remark {
	out := slices.Clone(l.list)
	slices.SortStableFunc(out, func(a, b Remark) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Reason, b.Reason))
	})
	return out
}
