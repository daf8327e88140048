package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// bytesValue is a flag that reads 200MiB, 1G or 4096.
type bytesValue int64

func (b *bytesValue) Set(s string) error {
	n, err := parseBytes(s)
	if err == nil {
		*b = bytesValue(n)
	}
	return err
}

func (b *bytesValue) Type() string { return "bytes" }

func (b *bytesValue) String() string {
	if *b == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*b), 10)
}

// parseBytes reads a number of bytes: K, M, G and T are powers of 1024, with or
// without iB; KB, MB, GB and TB too, since nobody who limits memory means 1000.
func parseBytes(s string) (int64, error) {
	number := strings.TrimRight(strings.ToUpper(strings.TrimSpace(s)), "IB")
	shift := 0
	if n := len(number); n > 0 {
		if i := strings.IndexByte("KMGT", number[n-1]); i >= 0 {
			shift, number = 10*(i+1), number[:n-1]
		}
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || math.IsNaN(v) || v < 0 || v*float64(int64(1)<<shift) >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is no number of bytes: write 200MiB, 1G or 4096", s)
	}
	return int64(v * float64(int64(1)<<shift)), nil
}
