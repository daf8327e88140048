package secrets_test

import (
	"fmt"
	"os"
	"sort"
	"testing"

	"github.com/imgaudit/imgaudit/internal/corpus"
)

func TestDebugCorpus(t *testing.T) {
	if os.Getenv("DEBUGCORPUS") == "" {
		t.Skip()
	}
	built, plants := corpus.Build(1)
	fs := findIn(t, built)
	type k struct{ rule, kind string }
	counts := map[string]int{}
	missed := map[string]int{}
	var all []string
	for _, p := range plants {
		best, rule := 0, ""
		for _, f := range fs {
			for _, l := range f.Locations {
				r := corpus.Judge([]corpus.Plant{p}, []corpus.Found{{Value: f.Secret.Value.Reveal(), Path: l.Path, Confidence: string(l.Confidence)}})
				s := 0
				if p.True {
					s = r.Secrets.Any + r.Secrets.Medium + r.Secrets.High
				} else if len(r.LookAlikes) > 0 {
					s = r.LookAlikes[0].Any + r.LookAlikes[0].Medium + r.LookAlikes[0].High
				}
				if s > best {
					best, rule = s, f.Rule
				}
			}
		}
		all = append(all, fmt.Sprintf("%v %d %s %q %s %s", p.True, best, rule, p.Value, p.ID, p.Path))
		if p.True && best < 3 && best > 0 {
			counts[rule+" "+fmt.Sprint(best)]++
		}
		if p.True && best == 0 {
			missed[p.Kind]++
		}
	}
	sort.Strings(all)
	f, _ := os.Create("/tmp/plants.txt")
	for _, a := range all {
		fmt.Fprintln(f, a)
	}
	f.Close()
	print := func(m map[string]int) {
		var ks []string
		for s := range m {
			ks = append(ks, s)
		}
		sort.Slice(ks, func(i, j int) bool { return m[ks[i]] > m[ks[j]] })
		for _, s := range ks {
			fmt.Println(m[s], s)
		}
	}
	print(counts)
	fmt.Println("--- missed")
	print(missed)
}

func TestDebugWrong(t *testing.T) {
	built, plants := corpus.Build(1)
	var found []corpus.Found
	rules := map[string]string{}
	for _, f := range findIn(t, built) {
		for _, l := range f.Locations {
			found = append(found, corpus.Found{Value: f.Secret.Value.Reveal(), Path: l.Path, Confidence: string(l.Confidence)})
			rules[f.Secret.Value.Reveal()] = f.Rule
		}
	}
	r := corpus.Judge(plants, found)
	for _, w := range r.Wrong {
		if w.Confidence != "low" {
			fmt.Printf("%s %s %.100q %s\n", w.Confidence, rules[w.Value], w.Value, w.Path)
		}
	}
}
