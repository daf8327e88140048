package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/imgaudit/imgaudit/pkg/layers"
)

func TestProgressDrawsAndTakesItselfAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := newProgress(&out)
		hook := p.hook()
		for i := range 20 {
			l := layers.Layer{Index: i, Size: 10_000_000}
			hook(layers.Event{Key: fmt.Sprint(i), Layer: l, Stage: layers.Started})
			hook(layers.Event{Key: fmt.Sprint(i), Layer: l, Stage: layers.Reading, Read: 5_000_000})
		}
		hook(layers.Event{Key: "0", Stage: layers.Finished, Read: 10_000_000})
		hook(layers.Event{Key: "unheard of", Stage: layers.Finished})
		time.Sleep(3 * redrawEvery) // of the bubble's own clock
		p.close()
		p.close()

		text := out.String()
		for _, want := range []string{"layer 1 ", "5.00 MB / 10.00 MB", "1 layer read, 105.0 MB"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not shown in\n%s", want, text)
			}
		}
		escapes := regexp.MustCompile(`\x1b\[[0-9]*[AJ]`)
		drawn, up := 0, 0
		for line := range strings.Lines(text) {
			if plain := escapes.ReplaceAllString(line, ""); utf8.RuneCountInString(plain) > 81 {
				t.Errorf("a line of %d columns: %q", utf8.RuneCountInString(plain), plain)
			}
			if strings.HasSuffix(line, "\n") {
				drawn++
			}
		}
		for _, m := range regexp.MustCompile(`\x1b\[([0-9]+)A`).FindAllStringSubmatch(text, -1) {
			n := 0
			fmt.Sscan(m[1], &n)
			up += n
		}
		if drawn == 0 || drawn != up {
			t.Errorf("%d lines drawn, %d taken back", drawn, up)
		}
		if !strings.HasSuffix(text, "\x1b[J") {
			t.Errorf("something is left: %q", text[max(0, len(text)-80):])
		}
	})
}

func TestWithoutATerminalThereIsNoProgress(t *testing.T) {
	p := newProgress(nil)
	if p.hook() != nil {
		t.Error("events are counted for nobody")
	}
	p.close()
}
