package sbom

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/saintfish/chardet"
	"golang.org/x/net/html/charset"
)

// readingAs gives a text as it is read in a charset, or the error.
func readingAs(label string, text []byte) string {
	if label == "UTF-8" {
		return string(text)
	}
	r, err := charset.NewReaderLabel(label, bytes.NewReader(text))
	if err != nil {
		return "error: " + err.Error()
	}
	read, err := io.ReadAll(r)
	if err != nil {
		return "error: " + err.Error()
	}
	return string(read)
}

// written gives a text in a charset.
func written(t *testing.T, label, text string) []byte {
	t.Helper()
	e, _ := charset.Lookup(label)
	if e == nil {
		t.Fatal("no charset ", label)
	}
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// textsInCharsets are pieces of texts that recognizers differ on.
func textsInCharsets(t *testing.T) [][]byte {
	const english = "<?xml version=\"1.0\"?>\n<project><name>one</name><description>the library that reads and writes of it</description></project>\n"
	const russian = "Быстрая библиотека для чтения и записи того что было не прочитано на это время "
	texts := [][]byte{
		nil, []byte("<a/>"), []byte(english), []byte(strings.Repeat(english, 100)), []byte("\x00\x00\x00a\x00\x00\x00b"), {0xef, 0xbb, 0xbf}, {0xff, 0xfe}, {0xfe, 0xff},
		[]byte("é"), []byte(strings.Repeat("ü", 5)), []byte(russian), []byte("\x1b$B\x1b(B"), []byte("\x0e\x0f"), {0x80, 0x91, 0xff},
		written(t, "iso-8859-1", "der Leser für die Bücher, die in einer Bücherei stehen und gelesen werden "),
		written(t, "iso-8859-1", "le lecteur des données qui sont à lire dans les bibliothèques "),
		written(t, "windows-1251", russian), written(t, "koi8-r", russian),
		written(t, "shift_jis", "これは文書を読むためのものです。"), written(t, "euc-jp", "これは文書を読むためのものです。"), written(t, "iso-2022-jp", "これは文書です"),
		written(t, "gb18030", "这是一个用来阅读文件的程序"), written(t, "big5", "這是一個用來閱讀文件的程式"), written(t, "euc-kr", "이것은 문서를 읽는 프로그램이다"),
		written(t, "utf-16le", english), written(t, "utf-16be", english),
	}
	// In EBCDIC Hebrew is written with letters that ASCII has in the same places.
	return append(texts, []byte("<AF AQ>Aq Uq EA EF</EQ EV Eb> TE TA HA QE"), []byte(strings.Repeat("qEA EF EQ EV TA TE ", 12)))
}

func TestCharsetsAreGuessedAsByAllRecognizers(t *testing.T) {
	if !charsetsByFewer {
		t.Fatal("the recognizers are not as they are known")
	}
	g := charsetRecognizers[0].(*charsetGuesser)
	all := slices.Concat(g.byForm, g.byLetters)
	if len(all) != 40 {
		t.Fatalf("there are %d recognizers", len(all))
	}
	r := rand.New(rand.NewPCG(31, 32))
	pieces := textsInCharsets(t)
	texts := slices.Clone(pieces)
	for range 3000 {
		var text []byte
		for range 1 + r.IntN(4) {
			text = append(text, pieces[r.IntN(len(pieces))]...)
		}
		if r.IntN(3) == 0 && len(text) > 0 {
			text[r.IntN(len(text))] = byte(r.Uint32())
		}
		texts = append(texts, text)
	}
	ebcdic, letters := 0, 0
	for _, text := range texts {
		in := &charsetInput{raw: text, begin: text[:min(len(text), 8<<10)]}
		in.hasC1Bytes = slices.ContainsFunc(in.begin, func(c byte) bool { return 0x80 <= c && c <= 0x9f })
		best := surest(all, in)
		var readings []string // by all that are as sure: it is left open which one is taken
		for _, one := range all {
			if guess := one.Match(in); guess.Confidence == best.Confidence {
				readings = append(readings, readingAs(guess.Charset, text))
			}
		}
		got, err := chardet.NewTextDetector().DetectBest(text)
		if err != nil {
			if best.Confidence != 0 {
				t.Errorf("%.100q: %v", text, err)
			}
			continue
		}
		if got := readingAs(got.Charset, text); !slices.Contains(readings, got) {
			t.Errorf("%.100q is read as\n%.100q, want one of\n%.300q", text, got, readings)
		}
		if strings.HasPrefix(best.Charset, "IBM") {
			ebcdic++
		} else if best.Language != "" && got.Charset == best.Charset {
			letters++
		}
	}
	if ebcdic < 20 || letters < 100 {
		t.Errorf("%d texts are taken for EBCDIC, %d are known by their letters", ebcdic, letters)
	}
}

func TestPlainASCIIIsGuessedToBeUTF8(t *testing.T) {
	got, err := chardet.NewTextDetector().DetectBest([]byte("the library that reads and writes of it"))
	if err != nil || got.Charset != "UTF-8" {
		t.Errorf("%v, %v", got, err)
	}
}
