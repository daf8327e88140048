package score

import (
	"encoding/json"
	"testing"
)

func TestTenthsAreWrittenWithOneDigit(t *testing.T) {
	for v, want := range map[Tenths]string{0: "0.0", 5: "0.5", 87: "8.7", 90: "9.0", 1000: "100.0", -5: "-0.5", -123: "-12.3"} {
		b, err := json.Marshal(v)
		if err != nil || string(b) != want {
			t.Errorf("%d is %s %v, want %s", int64(v), b, err, want)
		}
		var back Tenths
		if err := json.Unmarshal(b, &back); err != nil || back != v {
			t.Errorf("%s is read as %d %v", b, int64(back), err)
		}
	}
	for _, wrong := range []string{`8.75`, `"8.7"`, `1e2`, `null`, `{}`} {
		var v Tenths
		if err := json.Unmarshal([]byte(wrong), &v); err == nil {
			t.Errorf("%s is read as %s", wrong, v)
		}
	}
}

func TestLevelsAreNothingHalfOrOne(t *testing.T) {
	for v, want := range map[Level]string{None: "0.0", Partial: "0.5", Full: "1.0"} {
		b, err := json.Marshal(v)
		var back Level
		if err != nil || string(b) != want || json.Unmarshal(b, &back) != nil || back != v {
			t.Errorf("%d is %s %v, and read as %d", int(v), b, err, int(back))
		}
	}
	var v Level
	if err := json.Unmarshal([]byte("1"), &v); err != nil || v != Full {
		t.Errorf("1 is %s %v", v, err)
	}
	for _, wrong := range []string{"0.7", "2", "-0.5", "true"} {
		if err := json.Unmarshal([]byte(wrong), &v); err == nil {
			t.Errorf("%s is a level", wrong)
		}
	}
}

func FuzzTenths(f *testing.F) {
	for _, seed := range []string{"8.7", "-0.5", "1e3", "9", "99999999999999999999.9", "0.", "-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var v, again Tenths
		if json.Unmarshal([]byte(s), &v) != nil {
			return
		}
		b, err := json.Marshal(v)
		if err != nil || json.Unmarshal(b, &again) != nil || again != v {
			t.Fatalf("%q is %s, and that is %s", s, b, again)
		}
	})
}
