package osvmake

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/internal/tooltest"
)

func TestThereAreEnoughRecordsOfEachKindAndShape(t *testing.T) {
	count := map[string]int{}
	seen := map[string]bool{}
	var withdrawn, last, upstream, lists, modules int
	for _, r := range Records() {
		if seen[r.ID] {
			t.Fatalf("%s is there twice", r.ID)
		}
		seen[r.ID] = true
		var d struct {
			ID, Withdrawn string
			Upstream      []string
			Affected      []struct{ Package struct{ Ecosystem string } }
		}
		if err := json.Unmarshal(r.JSON, &d); err != nil || d.ID != r.ID {
			t.Fatalf("%s: %v", r.ID, err)
		}
		kind, _, _ := strings.Cut(d.Affected[0].Package.Ecosystem, ":")
		count[kind]++
		for text, n := range map[string]*int{`"withdrawn"`: &withdrawn, `"last_affected"`: &last, `"upstream"`: &upstream, `"versions"`: &lists, `"rpm_modularity"`: &modules} {
			if strings.Contains(string(r.JSON), text) {
				*n++
			}
		}
	}
	debs, rpms := count["Debian"]+count["Ubuntu"], count["Rocky Linux"]+count["Red Hat"]+count["openSUSE"]
	for kind, n := range map[string]int{"deb": debs, "rpm": rpms, "apk": count["Alpine"], "npm": count["npm"], "pypi": count["PyPI"], "maven": count["Maven"]} {
		if n < 50 {
			t.Errorf("%d records for %s", n, kind)
		}
	}
	if withdrawn < 14 || last < 70 || upstream < 100 || lists < 50 || modules < 40 {
		t.Errorf("withdrawn %d, last_affected %d, upstream %d, versions %d, modules %d", withdrawn, last, upstream, lists, modules)
	}
}

func TestTheSameCallGivesTheSameBytes(t *testing.T) {
	same := func(a, b Record) bool { return a.ID == b.ID && string(a.JSON) == string(b.JSON) }
	if a, b := Records(), Records(); len(a) == 0 || !slices.EqualFunc(a, b, same) {
		t.Error("two calls differ")
	}
}

func TestVerdictsGoBothWays(t *testing.T) {
	type key struct{ kind, release string }
	yes, no := map[key]int{}, map[key]int{}
	for _, v := range Verdicts() {
		k := key{v.Type, v.Release.Ecosystem}
		if len(v.Vulnerable) > 0 {
			yes[k]++
		} else {
			no[k]++
		}
	}
	for k, n := range yes {
		if n == 0 || no[k] == 0 {
			t.Errorf("%v: %d vulnerable, %d not", k, n, no[k])
		}
	}
	if len(yes) < 12 {
		t.Errorf("only %d kinds and releases have a vulnerable package", len(yes))
	}
}

// TestVerdictsFollowTheSchema holds the evaluation against the examples of the schema's text.
func TestVerdictsFollowTheSchema(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []event
		want   []int // of the steps 0 to 9
	}{
		{"every version is affected", []event{{introduced, -1}}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"everything before the fix", []event{{introduced, -1}, {fixed, 3}}, []int{0, 1, 2}},
		{"two branches", []event{{introduced, 1}, {fixed, 3}, {introduced, 6}, {fixed, 8}}, []int{1, 2, 6, 7}},
		{"the last affected version is affected", []event{{introduced, 2}, {lastAffected, 4}}, []int{2, 3, 4}},
		{"events in any order", []event{{fixed, 5}, {introduced, 2}}, []int{2, 3, 4}},
		{"a limit ends it", []event{{introduced, 2}, {limit, 5}}, []int{2, 3, 4}},
		{"any limit will do", []event{{introduced, 2}, {limit, 4}, {limit, 6}}, []int{2, 3, 4, 5}},
	} {
		a := affected{ranges: [][]event{c.events}}
		var have []int
		for step := range 10 {
			if a.has(step) {
				have = append(have, step)
			}
		}
		if !slices.Equal(have, c.want) {
			t.Errorf("%s: have %v, want %v", c.name, have, c.want)
		}
	}
}

// TestLaddersAreInTheOrderOfTheirPrograms asks the programs whose order it is.
func TestLaddersAreInTheOrderOfTheirPrograms(t *testing.T) {
	systems := Systems()
	for _, c := range []struct {
		name, program string
		ladders       [][]string
		older         func(a, b string) bool
	}{
		{"dpkg", "dpkg", [][]string{systems[0].Ladder}, func(a, b string) bool {
			return exec.CommandContext(t.Context(), "dpkg", "--compare-versions", a, "lt", b).Run() == nil
		}},
		{"RPM", "rpm", [][]string{systems[2].Ladder, systems[3].Ladder}, func(a, b string) bool {
			out, err := exec.CommandContext(t.Context(), "rpm", "--eval", fmt.Sprintf(`%%{lua:print(rpm.vercmp("%s", "%s"))}`, a, b)).Output()
			return err == nil && strings.TrimSpace(string(out)) == "-1"
		}},
		{"PEP 440", "python3", [][]string{systems[5].Ladder}, func(a, b string) bool {
			const code = "import sys; from pip._vendor.packaging.version import Version as V; sys.exit(not V(sys.argv[1]) < V(sys.argv[2]))"
			return exec.CommandContext(t.Context(), "python3", "-c", code, a, b).Run() == nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tooltest.Need(t, c.program)
			if c.program == "python3" && exec.CommandContext(t.Context(), "python3", "-c", "import pip._vendor.packaging.version").Run() != nil {
				t.Skip("SKIPPED: python3 is installed without pip")
			}
			for _, ladder := range c.ladders {
				for i := range ladder[1:] {
					if !c.older(ladder[i], ladder[i+1]) {
						t.Errorf("%s is not older than %s", ladder[i], ladder[i+1])
					}
				}
			}
		})
	}
}
