package sbom

import (
	"fmt"
	"slices"
	"strings"
	_ "unsafe" // for go:linkname

	_ "github.com/saintfish/chardet"
)

// Syft guesses in which charset a pom.xml is written, two times for each in an archive, by asking forty
// recognizers of a library. Most of these compare letters with those that are common in a language, which
// costs the most and is of no use where the text is plain ASCII or surely UTF-8. The library has no public name for its
// recognizers. If it renames them, linking fails; if it changes their types, the test that compares the answers does.

//go:linkname charsetRecognizers github.com/saintfish/chardet.recognizers
var charsetRecognizers []charsetRecognizer

// charsetRecognizer stands for the library's recognizer, whose method has types without a public name.
type charsetRecognizer interface {
	Match(*charsetInput) charsetGuess
}

// charsetInput has the fields of the library's recognizerInput.
type charsetInput struct {
	raw        []byte
	begin      []byte // of raw
	_          bool   // whether tags were taken out
	_          []int  // how often there is each byte
	hasC1Bytes bool
}

// charsetGuess has the fields of the library's Result.
type charsetGuess struct {
	Charset, Language string
	Confidence        int // percent
}

// charsetGuesser stands for all recognizers, and asks no more of them than it takes.
type charsetGuesser struct {
	byForm    []charsetRecognizer // that look at the form of characters; the first for UTF-8
	byLetters []charsetRecognizer // that know the common letters of a language
	ebcdic    []charsetRecognizer // those of byLetters whose charsets have ASCII's characters elsewhere
}

const (
	asciiConfidence  = 10 // of the recognizer for UTF-8 in plain ASCII, which others may surpass
	lettersMostTrust = 98 // as much as common letters give
)

// Match implements charsetRecognizer.
func (g *charsetGuesser) Match(in *charsetInput) charsetGuess {
	if plainASCII(in.raw) && surest(g.ebcdic, in).Confidence < asciiConfidence {
		return g.byForm[0].Match(in) // what else it may be is read alike
	}
	form := surest(g.byForm, in)
	if form.Confidence > lettersMostTrust {
		return form
	}
	if letters := surest(g.byLetters, in); letters.Confidence > form.Confidence {
		return letters
	}
	return form
}

func surest(recognizers []charsetRecognizer, in *charsetInput) (best charsetGuess) {
	for _, r := range recognizers {
		if guess := r.Match(in); guess.Confidence > best.Confidence {
			best = guess
		}
	}
	return best
}

// plainASCII reports whether all bytes are characters of ASCII, without zeros and what shifts to another charset.
func plainASCII(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c >= 0x80 || c == 0 || c == 0x1b })
}

// charsetsByFewer tells whether a guesser took the place of the library's recognizers, which it does before
// anybody can ask these, and if they are as they are known.
var charsetsByFewer = askFewer()

func askFewer() bool {
	g := newCharsetGuesser(charsetRecognizers)
	if g != nil {
		charsetRecognizers = []charsetRecognizer{g}
	}
	return g != nil
}

func newCharsetGuesser(recognizers []charsetRecognizer) *charsetGuesser {
	g := &charsetGuesser{}
	for _, r := range recognizers {
		if !strings.HasSuffix(fmt.Sprintf("%T", r), "SingleByte") {
			g.byForm = append(g.byForm, r)
			continue
		}
		g.byLetters = append(g.byLetters, r)
		if strings.HasPrefix(r.Match(&charsetInput{}).Charset, "IBM") {
			g.ebcdic = append(g.ebcdic, r)
		}
	}
	if len(g.byForm) == 0 || len(g.ebcdic) == 0 || g.byForm[0].Match(&charsetInput{}).Charset != "UTF-8" {
		return nil
	}
	return g
}
