package db

import (
	"fmt"
	"strings"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/version"

	"github.com/imgaudit/imgaudit/pkg/vuln/internal/osv"
)

// ranges turns what an entry says about versions into Grype's ranges. left is told what
// could not be turned. None at all means that nothing of the entry can be matched.
func (p place) ranges(a osv.Affected, left func(what, example string)) []v6.Range {
	format := version.ParseFormat(p.format)
	compare := func(x, y string) (int, error) {
		return version.New(p.explicit(x), format).Compare(version.New(p.explicit(y), format))
	}
	var out []v6.Range
	for _, r := range a.Ranges {
		if r.Type != osv.Semver && r.Type != osv.Own {
			left("ranges of "+kindOf(r.Type), a.Package.Name)
			continue
		}
		windows, err := r.Windows(compare)
		if err == nil {
			err = p.understood(windows, format)
		}
		if err != nil {
			left("ranges with events that cannot be ordered", fmt.Sprintf("%s: %v", a.Package.Name, err))
			continue
		}
		for _, w := range windows {
			out = append(out, p.window(w))
		}
	}
	if rest := p.listed(a, out, format, left); rest != "" {
		out = append(out, v6.Range{Version: v6.Version{Type: p.format, Constraint: rest}})
	}
	for _, r := range out {
		if r.Version.Constraint == "" { // all versions: Grype would not count it beside others
			return []v6.Range{r}
		}
	}
	return out
}

func kindOf(kind string) string {
	if kind == osv.Git {
		return "Git commits"
	}
	return fmt.Sprintf("the unknown type %.40q", kind)
}

// window is one interval as a range.
func (p place) window(w osv.Window) v6.Range {
	var parts []string
	if w.From != "" {
		parts = append(parts, ">= "+p.explicit(w.From))
	}
	var fix *v6.Fix
	switch {
	case w.Before != "":
		parts = append(parts, "< "+p.explicit(w.Before))
		fix = &v6.Fix{Version: w.Before, State: v6.FixedStatus}
	case w.UpTo != "":
		parts = append(parts, "<= "+p.explicit(w.UpTo)) // whether there is a fix is not said
	default:
		fix = &v6.Fix{State: v6.NotFixedStatus}
	}
	return v6.Range{Version: v6.Version{Type: p.format, Constraint: strings.Join(parts, ",")}, Fix: fix}
}

// explicit writes the epoch of an RPM even if it is 0: Grype leaves epochs out of the
// comparison unless both sides have one.
func (p place) explicit(v string) string {
	if p.format == "rpm" && !strings.Contains(v, ":") {
		return "0:" + v
	}
	return v
}

// understood says whether all versions of windows can stand in a constraint.
func (p place) understood(windows []osv.Window, format version.Format) error {
	for _, w := range windows {
		for _, v := range []string{w.From, w.Before, w.UpTo} {
			if v == "" {
				continue
			}
			if err := p.version(v, format); err != nil {
				return err
			}
		}
	}
	return nil
}

// version says whether a version can stand in a constraint: Grype's language of
// constraints gives some characters a meaning and drops others.
func (p place) version(v string, format version.Format) error {
	const meant = "<>=|,()\"'`/\\ \t"
	if strings.ContainsFunc(v, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(meant, c) }) {
		return fmt.Errorf("the version %.100q has characters that no constraint can hold", v)
	}
	return version.New(p.explicit(v), format).Validate()
}

// listed is the constraint for the versions of the list that no range has.
func (p place) listed(a osv.Affected, ranges []v6.Range, format version.Format, left func(what, example string)) string {
	var constraints []version.Constraint
	for _, r := range ranges {
		c, err := version.GetConstraint(r.Version.Constraint, format)
		if err == nil {
			constraints = append(constraints, c)
		}
	}
	var parts []string
	for _, v := range a.Versions {
		if err := p.version(v, format); err != nil {
			left("listed versions that cannot be ordered", fmt.Sprintf("%s: %v", a.Package.Name, err))
			continue
		}
		if !has(constraints, version.New(p.explicit(v), format)) {
			parts = append(parts, "= "+p.explicit(v))
		}
	}
	return strings.Join(parts, " || ")
}

func has(constraints []version.Constraint, v *version.Version) bool {
	for _, c := range constraints {
		if ok, err := c.Satisfied(v); err == nil && ok {
			return true
		}
	}
	return false
}
