package sbom

import (
	"runtime"
	"testing"
	"weak"
)

func TestWhatIsKeptDoesNotHoldTheWriter(t *testing.T) {
	for name, n := range map[string]int{"in memory": 100, "in the temporary file": smallFile + 1} {
		s := &store{memory: 1 << 20, disk: 1 << 20, dir: t.TempDir()}
		w := &writer{store: s}
		if _, err := w.Write(make([]byte, n)); err != nil {
			t.Fatal(err)
		}
		c, err := w.finish()
		if err != nil || c.size != int64(n) {
			t.Fatalf("%s: %d bytes were kept, %v", name, c.size, err)
		}
		held := weak.Make(w)
		runtime.GC()
		if held.Value() != nil {
			t.Errorf("%s: what is kept holds the writer, and so its buffer", name)
		}
		runtime.KeepAlive(c)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
