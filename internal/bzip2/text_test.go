package bzip2

import (
	"math/rand/v2"
	"testing"
)

// rowByRow follows the rows one by one.
func rowByRow(sorted []byte, values, origin int) []byte {
	var first, next []int
	for b := range values {
		for i, c := range sorted {
			if int(c) == b {
				first, next = append(first, b), append(next, i)
			}
		}
	}
	var text []byte
	for row := origin; len(text) < len(sorted); row = next[row] {
		text = append(text, byte(first[row]))
	}
	return text
}

func TestTextIsThatOfTheRowsOneByOne(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	var x text
	x.room(900_000)
	for _, n := range []int{1, 2, 3, 511, 4095, 4096, 4097, 20_000, 65_536, 65_537, 66_000, 70_000, 131_072, 524_289, 900_000} {
		for _, values := range []int{1, 2, 20} { // whose rows make several rings, most of them
			sorted := noise(r, n, values)
			for _, origin := range []int{0, n - 1, r.IntN(n), n / 8192 * 4096} {
				want := rowByRow(sorted, values, origin)
				copy(x.bytes, sorted)
				var count [256]uint32
				for _, b := range sorted {
					count[b]++
				}
				x.unsort(n, origin, &count)
				for i := range want {
					piece := x.piece()
					if len(piece) == 0 || piece[0] != want[i] {
						t.Fatalf("%d bytes of %d values from row %d on: wrong at %d", n, values, origin, i)
					}
					x.take(1)
				}
				if len(x.piece()) != 0 {
					t.Fatalf("%d bytes of %d values from row %d on: more than these", n, values, origin)
				}
			}
		}
	}
}
