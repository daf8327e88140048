package secrets

import (
	_ "embed"
	"math"
	"strings"
)

// bigrams.bin says how likely one character follows another in the words and names of source code
// and documents: for each pair of classes, in sixteenths of a bit. gen_bigrams.go makes it.
//
//go:embed bigrams.bin
var bigrams string

const bigramClasses = 54 // 26 small letters, 26 capitals, digits, signs

func bigramClass(b byte) int {
	switch {
	case b >= 'a' && b <= 'z':
		return int(b - 'a')
	case b >= 'A' && b <= 'Z':
		return 26 + int(b-'A')
	case b >= '0' && b <= '9':
		return 52
	}
	return 53
}

// The limits of [wordiness]: of 33,000 words and names that the table was not made from 95 % lie
// above -0.5 and 80 % above 0.4; of random tokens of 16 characters, 95 % lie below -0.8
// and 99 % below -0.5, whatever their alphabet.
const (
	looksRandom = -0.5
	looksWordy  = 0.0
)

// wordiness tells words and names from random characters better than entropy does, which is the same
// for both when all characters differ: how many bits a character are saved by
// taking the value for words instead of for random ones of the alphabet that it uses.
func wordiness(s string) float64 {
	if len(s) < 2 {
		return 0
	}
	if strings.ToUpper(s) == s { // names of constants are words as well
		s = strings.ToLower(s)
	}
	lower, upper, digit, sign, beyondHex := false, false, false, false, false
	bits := 0
	for i := range len(s) {
		c := bigramClass(s[i])
		switch {
		case c < 26:
			lower = true
			beyondHex = beyondHex || c > 5
		case c < 52:
			upper = true
			beyondHex = beyondHex || c > 31
		case c == 52:
			digit = true
		default:
			sign = true
		}
		if i > 0 {
			bits += int(bigrams[bigramClass(s[i-1])*bigramClasses+c])
		}
	}
	size := 0.0
	for _, part := range []struct {
		used bool
		size float64
	}{{lower, 26}, {upper, 26}, {digit, 10}, {sign, 4}} {
		if part.used {
			size += part.size
		}
	}
	if !beyondHex && !sign && lower != upper {
		size = 16
	}
	return math.Log2(size) - float64(bits)/16/float64(len(s)-1)
}
