package secrets

import (
	_ "embed"
	"math"
	"strings"
	"unicode/utf8"
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
	classes := &capitalClasses // names of constants are words as well
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			if strings.ToUpper(s) == s {
				s = strings.ToLower(s)
			}
			classes = &bigramClassOf
			break
		}
		if s[i] >= 'a' && s[i] <= 'z' {
			classes = &bigramClassOf
		}
	}
	used, bits := uint64(0), 0
	last := classes[s[0]]
	used |= 1 << last
	for i := 1; i < len(s); i++ {
		c := classes[s[i]]
		used |= 1 << (c & 63)
		bits += int(bigramBits[last&63][c&63])
		last = c
	}
	return alphabetBits[alphabetOf(used)] - float64(bits)/16/float64(len(s)-1)
}

// Classes of letters, as bits.
const (
	lowerClasses = 1<<26 - 1
	upperClasses = lowerClasses << 26
	hexClasses   = (1<<6 - 1) | (1<<6-1)<<26
)

// alphabetOf gives how many characters the smallest usual alphabet has that holds all of some classes.
func alphabetOf(used uint64) int {
	lower, upper, sign := used&lowerClasses != 0, used&upperClasses != 0, used>>53&1 != 0
	if !sign && lower != upper && used&(lowerClasses|upperClasses)&^hexClasses == 0 {
		return 16
	}
	size := 0
	if lower {
		size += 26
	}
	if upper {
		size += 26
	}
	if used>>52&1 != 0 {
		size += 10
	}
	if sign {
		size += 4
	}
	return size
}

// What [wordiness] looks up for each character.
var (
	bigramClassOf  = classesOf(func(b byte) byte { return b })
	capitalClasses = classesOf(func(b byte) byte {
		if b >= 'A' && b <= 'Z' {
			return b | 0x20
		}
		return b
	})
	bigramBits = func() (table [64][64]uint8) {
		for x := range bigramClasses {
			copy(table[x][:], bigrams[x*bigramClasses:(x+1)*bigramClasses])
		}
		return table
	}()
	alphabetBits = func() (table [67]float64) {
		for size := range table {
			table[size] = math.Log2(float64(size))
		}
		return table
	}()
)

func classesOf(as func(byte) byte) (table [256]uint8) {
	for b := range table {
		table[b] = uint8(bigramClass(as(byte(b))))
	}
	return table
}
