package osv

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/imgaudit/imgaudit/internal/osvmake"
)

// ids are those of the records of a source.
func ids(t *testing.T, source string, limits Limits) (ids []string, remarks []Remark, err error) {
	t.Helper()
	remarks, err = Walk(t.Context(), source, limits, func(where string, raw []byte) error {
		r, err := Decode(raw)
		if err != nil {
			t.Errorf("%s: %v", where, err)
			return nil
		}
		ids = append(ids, r.ID)
		return nil
	})
	slices.Sort(ids)
	return ids, remarks, err
}

func TestEveryFormOfASourceGivesTheSameRecords(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, raw []byte, err error) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err = errors.Join(err, os.WriteFile(path, raw, 0o600)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	files := filepath.Join(dir, "records", "deep")
	if err := osvmake.WriteDir(files); err != nil {
		t.Fatal(err)
	}
	zipped, err := osvmake.Zip()
	sources := map[string]string{"zip": write("all.zip", zipped, err), "directory": filepath.Dir(files)}
	tarred, err := osvmake.Tar()
	sources["tar"] = write("all.tar", tarred, err)
	var gz bytes.Buffer
	z := gzip.NewWriter(&gz)
	_, err = z.Write(tarred)
	err = errors.Join(err, z.Close())
	sources["tar.gz"] = write("all.tar.gz", gz.Bytes(), err)
	enc, err := zstd.NewWriter(nil)
	sources["tar.zst"] = write("all.tar.zst", enc.EncodeAll(tarred, nil), err)
	var lines, array []byte
	var want []string
	for _, r := range osvmake.Records() {
		lines = append(lines, r.JSON...)
		array = append(append(array, ','), r.JSON...)
		want = append(want, r.ID)
	}
	slices.Sort(want)
	array[0] = '['
	sources["lines"] = write("all.jsonl", lines, nil)
	sources["array"] = write("all.json", append(array, ']'), nil)
	for name, path := range sources {
		t.Run(name, func(t *testing.T) {
			have, remarks, err := ids(t, path, Limits{})
			if err != nil || len(remarks) > 0 || !slices.Equal(have, want) {
				t.Errorf("%d records of %d, %v, %v", len(have), len(want), remarks, err)
			}
		})
	}
}

func TestDamagedSourcesSayWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	zipped, err := osvmake.Zip()
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{
		"cut.zip": zipped[:len(zipped)/2], "empty.json": {}, "garbage.json": []byte("not JSON"), "cut.json": []byte(`{"id": "A"`),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, remarks, err := ids(t, path, Limits{}); err != nil || len(remarks) == 0 {
			t.Errorf("%s: %v, %v", name, remarks, err)
		}
	}
	if _, _, err := ids(t, filepath.Join(dir, "none"), Limits{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a source that is not there: %v", err)
	}
}

func TestLimitsEndTheReading(t *testing.T) {
	dir := t.TempDir()
	if err := osvmake.WriteDir(dir); err != nil {
		t.Fatal(err)
	}
	if have, _, err := ids(t, dir, Limits{Records: 5}); err == nil || !strings.Contains(err.Error(), "more than 5 records") || len(have) != 5 {
		t.Errorf("%d records, %v", len(have), err)
	}
	if _, _, err := ids(t, dir, Limits{Bytes: 2000}); err == nil || !strings.Contains(err.Error(), "more than 2000 bytes") {
		t.Error(err)
	}
	big := filepath.Join(t.TempDir(), "big.json")
	if err := os.WriteFile(big, []byte(`{"id": "A", "details": "`+strings.Repeat("x", MaxRecord+2<<20)+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if have, remarks, err := ids(t, big, Limits{}); err != nil || len(have) != 0 || len(remarks) != 1 || !strings.Contains(remarks[0].Text, "more than") {
		t.Errorf("%v, %+v, %v", have, remarks, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Walk(ctx, dir, Limits{}, func(string, []byte) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestErrorsOfTheVisitorComeThrough(t *testing.T) {
	want := errors.New("no more")
	zipped, err := osvmake.Zip()
	path := filepath.Join(t.TempDir(), "a.zip")
	if err := errors.Join(err, os.WriteFile(path, zipped, 0o600)); err != nil {
		t.Fatal(err)
	}
	n := 0
	if _, err := Walk(t.Context(), path, Limits{}, func(string, []byte) error { n++; return want }); !errors.Is(err, want) || n != 1 {
		t.Errorf("%v after %d calls", err, n)
	}
}
