package score

import (
	"fmt"
	"strconv"
	"strings"
)

// Tenths is a decimal with one digit behind the point, counted in tenths: 87 is
// 8.7. Scores are counted like this, not in floating point, because their
// standards round half up, and 8.95 as a float64 is less than 8.95.
type Tenths int64

// String gives the decimal with its one digit, "8.7".
func (t Tenths) String() string {
	sign, v := "", int64(t)
	if v < 0 {
		sign, v = "-", -v
	}
	return fmt.Sprintf("%s%d.%d", sign, v/10, v%10)
}

// MarshalJSON writes the number with its one digit: 8.7, and 9.0 rather than 9.
func (t Tenths) MarshalJSON() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalJSON reads a number with at most one digit behind the point.
func (t *Tenths) UnmarshalJSON(b []byte) error {
	whole, digit, _ := strings.Cut(string(b), ".")
	if digit == "" {
		digit = "0"
	}
	v, err := strconv.ParseInt(whole+digit, 10, 64)
	if err != nil || len(digit) != 1 {
		return fmt.Errorf("reading %.20q as a number with one decimal", b)
	}
	*t = Tenths(v)
	return nil
}

// Level is the value of a factor or an indicator, counted in halves: 0, 0.5 or 1.
type Level int

// The levels of AIVSS.
const (
	None    Level = 0 // 0.0: not there
	Partial Level = 1 // 0.5: there, within limits
	Full    Level = 2 // 1.0: there, without limits
)

func (l Level) tenths() Tenths { return Tenths(l) * 5 }

// String gives the level as AIVSS writes it: "0.0", "0.5" or "1.0".
func (l Level) String() string { return l.tenths().String() }

// MarshalJSON writes 0.0, 0.5 or 1.0.
func (l Level) MarshalJSON() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalJSON reads 0, 0.5 or 1.
func (l *Level) UnmarshalJSON(b []byte) error {
	var t Tenths
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	if t != 0 && t != 5 && t != 10 {
		return fmt.Errorf("reading %s as a level: it is 0, 0.5 or 1", t)
	}
	*l = Level(t / 5)
	return nil
}

// exact gives n / 10^places without trailing zeros, but with one digit at least.
func exact(n int64, places int) string {
	s := fmt.Sprintf("%0*d", places+1, n)
	whole, digits := s[:len(s)-places], strings.TrimRight(s[len(s)-places:], "0")
	if digits == "" {
		digits = "0"
	}
	return whole + "." + digits
}

// halfUp divides and rounds a half up. Both numbers are positive or zero.
func halfUp(n, by int64) int64 { return (2*n + by) / (2 * by) }
