//go:build ignore

// Command gen_known_keys reads directories of software with its tests, and prints known_keys.txt: on each
// line the fingerprint of a public key, the name of the directory and the file in which
// the private key lies. No private key leaves it.
//
//	apt-get source openssl && go run gen_known_keys.go openssl-3.0.22 > known_keys.txt
//
// Keys that tests spell "TESTING KEY", as Go's do, and JSON Web Keys within source code are read
// too. A key that lies in several places is named by the first.
package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/secrets/internal/proof"
)

// maxFile bounds the files that are read; larger ones hold no tests' keys.
const maxFile = 8 << 20

var jwk = regexp.MustCompile(`\{[^{}]*"kty"[^{}]*\}`)

func main() {
	origins := map[string]string{}
	for _, dir := range os.Args[1:] {
		if err := scan(dir, origins); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	var lines []string
	for print, origin := range origins {
		lines = append(lines, print+" "+origin)
	}
	slices.Sort(lines)
	fmt.Println("# Made by gen_known_keys.go. Fingerprints of public keys (SHA-256 of the SubjectPublicKeyInfo)")
	fmt.Println("# whose private keys lie in the tests of the software named behind them.")
	for _, l := range lines {
		fmt.Println(l)
	}
}

func scan(dir string, origins map[string]string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxFile {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(filepath.Dir(dir), path)
		if err != nil {
			return err
		}
		name = strings.Map(func(r rune) rune {
			if r <= ' ' || r > '~' {
				return '_'
			}
			return r
		}, filepath.ToSlash(name))
		for _, k := range keys(content) {
			if _, named := origins[k.PublicKey]; k.PublicKey != "" && k.Problem == "" && !named {
				origins[k.PublicKey] = name
			}
		}
		return nil
	})
}

// keys reads the keys of a file piece by piece, since one call reads a bounded number of bytes and keys.
func keys(content []byte) []proof.Key {
	content = bytes.ReplaceAll(content, []byte("TESTING KEY-----"), []byte("PRIVATE KEY-----"))
	out := proof.Keys(content)
	for _, object := range jwk.FindAll(content, -1) {
		out = append(out, proof.Keys(object)...)
	}
	begin := []byte("-----BEGIN ")
	for at := bytes.Index(content, begin); at >= 0; {
		end := bytes.Index(content[at+1:], begin)
		if end < 0 {
			end = len(content) - at - 1
		}
		out = append(out, proof.Keys(content[at:at+1+end])...)
		if at += 1 + end; at >= len(content) {
			break
		}
	}
	return out
}
