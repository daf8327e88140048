package secrets

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/internal/plant"
)

func mustScanner(t testing.TB) *Scanner {
	t.Helper()
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryPlantedSecretIsFoundUnderItsRuleForManySeeds(t *testing.T) {
	s := mustScanner(t)
	seeds := 40
	if testing.Short() {
		seeds = 10
	}
	for seed := range uint64(seeds) {
		for _, p := range plant.Secrets(rand.New(rand.NewPCG(seed, 1))) {
			for _, carrier := range []string{p.Line, p.Env} {
				if carrier == "" {
					continue
				}
				found := false
				for _, h := range s.settle(s.scanText("# configuration\n" + carrier + "\nend\n")) {
					found = found || h.Rule == p.Rule && h.Value.Reveal() == p.Value
				}
				if !found {
					var got []string
					for _, h := range s.settle(s.scanText(carrier + "\n")) {
						got = append(got, h.Rule+" "+h.Value.Reveal())
					}
					t.Fatalf("seed %d: %s in %q was not found; found were:\n%s", seed, p.Rule, carrier, strings.Join(got, "\n"))
				}
			}
		}
	}
}
