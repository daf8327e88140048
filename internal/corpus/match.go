package corpus

import "strings"

// index finds plants by the outermost file of their paths and by their values.
type index struct {
	plants []Plant
	values [][]string // of each plant: value and forms, plain
	beside map[string]bool
	byFile map[string][]int
}

func newIndex(plants []Plant) *index {
	x := &index{plants: plants, beside: map[string]bool{}, byFile: map[string][]int{}}
	for i, p := range plants {
		values := []string{plain(p.Value)}
		for _, f := range p.Forms {
			values = append(values, plain(f))
		}
		x.values = append(x.values, values)
		for _, b := range p.Beside {
			x.beside[plain(b)] = true
		}
		file, _, _ := strings.Cut(p.Path, "!/")
		x.byFile[file] = append(x.byFile[file], i)
	}
	return x
}

// at gives the plants that a report finds in their places.
func (x *index) at(f Found) []int {
	file, _, _ := strings.Cut(f.Path, "!/")
	var out []int
	for _, i := range x.byFile[file] {
		if samePlace(x.plants[i].Path, f.Path) && x.matches(i, plain(f.Value)) {
			out = append(out, i)
		}
	}
	return out
}

type valueKind int

const (
	unplantedValue valueKind = iota
	besideValue
	secretValue
	lookAlikeValue
)

// elsewhere says what a value is that stands under a path where it was not planted.
func (x *index) elsewhere(f Found) valueKind {
	value := plain(f.Value)
	if x.beside[value] {
		return besideValue
	}
	kind := unplantedValue
	for i, p := range x.plants {
		if x.matches(i, value) {
			if p.True {
				return secretValue
			}
			kind = lookAlikeValue
		}
	}
	return kind
}

// samePlace reports whether the found path leads to the planted one, or below it, whatever
// containers it names between the outermost and the innermost file.
func samePlace(planted, found string) bool {
	if planted == found || strings.HasPrefix(found, planted+"!/") {
		return true
	}
	p, f := strings.Split(planted, "!/"), strings.Split(found, "!/")
	return len(p) > 1 && len(f) > 1 && p[0] == f[0] &&
		strings.TrimPrefix(p[len(p)-1], "./") == strings.TrimPrefix(f[len(f)-1], "./")
}

// The least part of a value that a report must have, and the most around it: the URL or the
// line that holds a password, not the file.
const (
	leastPart  = 8
	mostAround = 300
)

func (x *index) matches(i int, found string) bool {
	for _, v := range x.values[i] {
		switch {
		case found == v:
			return true
		case len(v) >= leastPart && len(found) <= 4*len(v)+mostAround && strings.Contains(found, v):
			return true
		case len(found) >= leastPart && 2*len(found) >= len(v) && strings.Contains(v, found):
			return true
		}
	}
	return false
}

// plain leaves white space out, real and escaped, because keys are reported with and without their line ends.
func plain(s string) string {
	return strings.NewReplacer(`\r`, "", `\n`, "", "\r", "", "\n", "", "\t", "", " ", "").Replace(s)
}
