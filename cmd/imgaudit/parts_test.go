package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

func TestParseBytes(t *testing.T) {
	for in, want := range map[string]int64{
		"4096": 4096, "200MiB": 200 << 20, "1G": 1 << 30, "1gb": 1 << 30, "1.5k": 1536, "2 TiB": 2 << 40, "0": 0, "7B": 7,
	} {
		if got, err := parseBytes(in); err != nil || got != want {
			t.Errorf("parseBytes(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "M", "-1", "1X", "NaN", "Inf", "1e30", "9999999T", "1 2"} {
		if got, err := parseBytes(in); err == nil {
			t.Errorf("parseBytes(%q) = %d, want an error", in, got)
		}
	}
}

func TestParseOutputs(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "r.json")
	got, err := parseOutputs([]string{"json=" + file, "jsonl=-"})
	if err != nil || len(got) != 2 || got[0] != (output{"json", file}) || got[1] != (output{"jsonl", ""}) {
		t.Errorf("parseOutputs = %v, %v", got, err)
	}
	for name, tc := range map[string]struct {
		list []string
		want string
	}{
		"an unknown format lists those there are":    {[]string{"sarif"}, "there are " + formatList()},
		"a format of capital letters is unknown":     {[]string{"JSON"}, "unknown format"},
		"two to standard output":                     {[]string{"json", "jsonl"}, "two reports cannot both go to standard output"},
		"two to one file under two names":            {[]string{"json=" + file, "jsonl=" + dir + "/./r.json"}, "two reports"},
		"no file behind the equals sign":             {[]string{"json="}, "names no file"},
		"a directory that is not there":              {[]string{"json=" + dir + "/no/r.json"}, "make the directory first"},
		"a format that is empty, with a file behind": {[]string{"=" + file}, "unknown format"},
	} {
		if _, err := parseOutputs(tc.list); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	say := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, _ = io.WriteString(w, text)
			return err
		}
	}
	if err := writeFile(path, true, say("first", nil)); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a private file has mode %v, %v", info.Mode(), err)
	}
	broken := errors.New("broken")
	if err := writeFile(path, false, say("second", broken)); !errors.Is(err, broken) {
		t.Errorf("an error of the writer is lost: %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "first" {
		t.Errorf("a failed write changed the file to %q", got)
	}
	link := path + ".link"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(link, true, say("third", nil)); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "third" {
		t.Errorf("what a link points at holds %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := writeFile(os.DevNull, false, say("x", nil)); err != nil {
		t.Errorf("a device cannot be written: %v", err)
	}
}

func TestRegistryReference(t *testing.T) {
	for in, want := range map[string]string{
		"alpine:3.22": "registry:alpine:3.22", "registry:a/b": "registry:a/b", "localhost:5000/a": "registry:localhost:5000/a",
		"oci-dir:x": "", "docker:x": "", "-": "", "./x.tar": "", "/x.tar": "", "dir:.": "",
	} {
		got, err := registryReference(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("registryReference(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestCancelReaderReadsAll(t *testing.T) {
	text := strings.Repeat("0123456789", 100_000)
	r := &cancelReader{ctx: t.Context(), from: iotestOneByOne{strings.NewReader(text)}}
	got, err := io.ReadAll(r)
	if err != nil || string(got) != text {
		t.Errorf("read %d bytes of %d, %v", len(got), len(text), err)
	}
}

// iotestOneByOne gives a few bytes at once, as pipes do.
type iotestOneByOne struct{ r io.Reader }

func (o iotestOneByOne) Read(p []byte) (int, error) { return o.r.Read(p[:min(len(p), 777)]) }

func TestCancelReaderGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent, writer := io.Pipe()
		ctx, cancel := context.WithCancelCause(context.Background())
		r := &cancelReader{ctx: ctx, from: silent}
		go func() {
			synctest.Wait()
			cancel(errInterrupted)
		}()
		if _, err := r.Read(make([]byte, 10)); !errors.Is(err, errInterrupted) {
			t.Errorf("error %v, want the cause", err)
		}
		writer.Close() // so that nothing waits any more
	})
}

func TestTerminalsGetNoControlCharacters(t *testing.T) {
	var b strings.Builder
	w := &textOnly{&b}
	if _, err := w.Write([]byte("plain\ttext\n")); err != nil {
		t.Error(err)
	}
	if _, err := w.Write([]byte("\x1b[2J")); err == nil || strings.Contains(b.String(), "\x1b") {
		t.Errorf("an escape sequence went through: %v", err)
	}
}

func TestNearestFlag(t *testing.T) {
	known := []string{"fail-on", "timeout", "platform", "insecure"}
	for name, want := range map[string]string{
		"failon": "fail-on", "fail-one": "fail-on", "timout": "timeout", "plattform": "platform",
		"require-tools": "", "x": "", "fail": "fail-on", "secure": "insecure",
	} {
		if got := nearest(known, name); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
}
