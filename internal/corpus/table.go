package corpus

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// String is a table: all, each place, each kind, and the look-alikes that were reported.
func (r Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "precision at medium %5.1f %%  (%d right, %d look-alikes, %d not planted)\n", 100*r.AtMedium.Share(), r.AtMedium.Right, r.AtMedium.LookAlikes, r.AtMedium.Unplanted)
	fmt.Fprintf(&b, "precision at high   %5.1f %%  (%d right, %d look-alikes, %d not planted)\n", 100*r.AtHigh.Share(), r.AtHigh.Right, r.AtHigh.LookAlikes, r.AtHigh.Unplanted)
	fmt.Fprintf(&b, "%d reports; %d of secrets under other paths, %d of what lies beside a secret, %d repeated, %d without value or path\n\n",
		r.Reports, r.Elsewhere, r.Beside, r.Repetitions, r.NoPathOrNone)

	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	head := func(title string) { fmt.Fprintf(w, "%s\tplants\tfound\tmedium\thigh\trecall\n", title) }
	line := func(name string, s Score) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%.1f %%\n", name, s.Plants, s.Any, s.Medium, s.High, 100*part(s.Any, s.Plants))
	}
	head("RECALL")
	line("all secrets", r.Secrets)
	fmt.Fprintln(w)
	head("BY PLACE")
	for _, row := range r.Places {
		line(row.Name, row.Score)
	}
	fmt.Fprintln(w)
	head("BY KIND")
	for _, row := range r.Kinds {
		line(row.Name, row.Score)
	}
	fmt.Fprintln(w)
	head("LOOK-ALIKES REPORTED")
	for _, row := range r.LookAlikes {
		if row.Any > 0 {
			line(row.Name, row.Score)
		}
	}
	w.Flush()
	return b.String()
}
