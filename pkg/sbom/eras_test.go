package sbom

import (
	"testing"
	"testing/synctest"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

func TestLayersAreReadAgainForTheFinalViewFirst(t *testing.T) {
	for _, c := range []struct {
		name  string
		ofEra bool
	}{
		{"a file of the final view does not wait", false},
		{"a file of a lower layer waits", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				turn := make(chan struct{})
				image := &layers.Image{}
				r := &resolver{image: image, again: &again{image: image, lost: map[layers.Ref]error{}, paths: map[layers.Ref]lostEntry{}}}
				if c.ofEra {
					r.era = &era{turn: turn}
				}
				asked := false
				go func() {
					_, _ = r.read(layers.Ref{}, &layers.Entry{Size: 1}) // there is no source to read from
					asked = true
				}()
				synctest.Wait()
				if asked == c.ofEra {
					t.Errorf("before the final view is catalogued: asked %v", asked)
				}
				close(turn)
				synctest.Wait()
				if !asked {
					t.Error("never asked")
				}
			})
		})
	}
}
