package licencetext

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"reflect"
	"testing"

	"github.com/google/licensecheck"
)

var update = flag.Bool("update", false, "write automaton.zst anew")

func TestTheTableIsWhatTheLibraryBuilds(t *testing.T) {
	all := licensecheck.BuiltinLicenses()
	built, err := licensecheck.NewScanner(all)
	if err != nil {
		t.Fatal(err)
	}
	want, err := tableOf(built, all)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		b, err := want.pack()
		if err == nil {
			err = os.WriteFile("automaton.zst", b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		packed = b
	}
	got, err := unpack(packed)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatal("automaton.zst is of another version of licensecheck; go generate writes it anew")
	}
	s, err := fromTable()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(withoutTexts(t, s), withoutTexts(t, built)) {
		t.Error("a scanner with the table is another than the one that the library builds")
	}
}

// withoutTexts are all fields of a scanner; the texts that licences are recognised by are needed for nothing any more.
func withoutTexts(t *testing.T, s *licensecheck.Scanner) *licensecheck.Scanner {
	t.Helper()
	var err error
	addresses := private(reflect.ValueOf(s).Elem(), "urls", &err)
	if err != nil {
		t.Fatal(err)
	}
	byAddress := addresses.Interface().(map[string]licensecheck.License)
	if len(byAddress) == 0 {
		t.Fatal("the scanner knows no address")
	}
	for address, l := range byAddress {
		l.LRE = ""
		byAddress[address] = l
	}
	return s
}

func TestTextsHaveTheLicencesThatTheLibraryFinds(t *testing.T) {
	texts := []string{"", "nothing of the kind", "see https://opensource.org/licenses/MIT for more\n"}
	for i, l := range licensecheck.BuiltinLicenses() {
		if i%9 == 0 {
			texts = append(texts, "Copyright 2020 Nobody\n"+l.LRE, l.LRE[:len(l.LRE)/2], l.URL)
		}
	}
	found := 0
	for _, text := range texts {
		got, want := Scan([]byte(text)), licensecheck.Scan([]byte(text))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%.100q: %v, want %v", text, got, want)
		}
		found += len(want.Match)
	}
	if found < 50 {
		t.Errorf("only %d licences are found", found)
	}
}

func TestATableOfOtherLicencesIsNotUsed(t *testing.T) {
	table, err := unpack(packed)
	if err != nil {
		t.Fatal(err)
	}
	all := licensecheck.BuiltinLicenses()
	all[3].LRE += " changed"
	if _, err := table.scanner(all); !errors.Is(err, errOtherLicences) {
		t.Errorf("the error is %v", err)
	}
}

func TestADamagedTableIsAnError(t *testing.T) {
	whole, err := unpack(packed)
	if err != nil {
		t.Fatal(err)
	}
	small := &table{words: []string{"a", "b"}, start: [][2]int32{{0, 1}}, automaton: whole.automaton[:1+whole.automaton[0]]}
	good, err := small.pack()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := unpack(good); err != nil || !reflect.DeepEqual(got, small) {
		t.Fatalf("a table of one state is read as %v, %v", got, err)
	}
	longer := *small
	longer.automaton = append([]int32{}, small.automaton...)
	longer.automaton[0] += 2
	for name, b := range map[string][]byte{
		"nothing":     nil,
		"no zstd":     []byte("automaton"),
		"cut off":     good[:len(good)-1],
		"another end": bytes.Repeat(good, 2),
	} {
		if _, err := unpack(b); !errors.Is(err, errTable) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func BenchmarkTheTableIsLoaded(b *testing.B) {
	for b.Loop() {
		if _, err := fromTable(); err != nil {
			b.Fatal(err)
		}
	}
}
