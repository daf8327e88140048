//go:build ignore

// This program counts which characters follow one another in the words and names of source
// code and documents, and writes bigrams.bin.
//
//	go run gen_bigrams.go DIR... > bigrams.bin
package main

import (
	"io/fs"
	"log"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const classes = 54

func class(b byte) int {
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

func main() {
	kinds := []string{".py", ".go", ".pl", ".pm", ".txt", ".md", ".c", ".h", ".js", ".ts", ".json", ".yaml", ".yml", ".rst", ".html"}
	word := regexp.MustCompile(`[A-Za-z0-9_./+=-]{8,64}`)
	seen := map[string]bool{}
	for _, root := range os.Args[1:] {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !slices.Contains(kinds, filepath.Ext(path)) {
				return nil
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return nil
			}
			for _, w := range word.FindAllString(string(content[:min(len(content), 200_000)]), -1) {
				digits := 0
				for i := range len(w) {
					if class(w[i]) == 52 {
						digits++
					}
				}
				if 4*digits <= len(w) { // the others are hashes as often as words
					seen[strings.Clone(w)] = true
				}
			}
			return nil
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	var counts [classes][classes]float64
	for w := range seen {
		for i := range len(w) - 1 {
			counts[class(w[i])][class(w[i+1])]++
		}
	}
	out := make([]byte, 0, classes*classes)
	for a := range classes {
		total := 0.0
		for b := range classes {
			counts[a][b] += 0.5
			total += counts[a][b]
		}
		for b := range classes {
			size := 1.0
			switch b {
			case 52:
				size = 10
			case 53:
				size = 6
			}
			// In sixteenths of a bit, which all fit into a byte.
			out = append(out, byte(min(255, math.Round(-16*math.Log2(counts[a][b]/total/size)))))
		}
	}
	log.Printf("%d words", len(seen))
	_, _ = os.Stdout.Write(out)
}
