package rows

import (
	"bytes"
	"errors"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
)

func TestTheRowOfAnExpressionIsInEachMatch(t *testing.T) {
	for _, c := range []struct{ name, expression, want string }{
		{"letters", `abc`, `abc`},
		{"letters in a group", `(?P<a>ab)(?:c)`, `abc`},
		{"what stands around something optional", `abc(d|e)?fghi`, `fghi`},
		{"what stands around anything", `abcd.*efg`, `abcd`},
		{"classes", `[ac-e]\d`, `[ac-e][0-9]`},
		{"the ends of what is repeated", `[0-9]+\.[0-9]+`, `[0-9]\x2e[0-9]`},
		{"the least number of repetitions", `x\w{3,}-\d{2}y`, `[0-9A-Z\x5fa-z]{3}\x2d[0-9]{2}y`},
		{"a number of repetitions", `x\w{3}-`, `x[0-9A-Z\x5fa-z]{3}\x2d`},
		{"repetitions of groups", `(ab|c)(xy){2}z`, `xyxyz`},
		{"groups repeated", `(xyz)+a`, `xyza`},
		{"no repetition at all", `(abc){0,2}d`, `d`},
		{"anchors", `(?m)^a$\bb`, `ab`},
		{"alternatives", `ab|cd`, ``},
		{"letters of any case", `(?i)ax`, `[Aa][Xx]`},
		{"a letter whose other cases are of two bytes", `(?i)axk`, `[Aa][Xx]`},
		{"a rune of two bytes", `éa`, `a`},
		{"a class with such", `[aé]b`, `b`},
		{"what is not in a class", `[^a]b`, `b`},
		{"any byte", `(?s)a.bc`, `bc`},
		{"nothing", ``, ``},
		{"a row that is too long", `a{70}`, `a{64}`},
		{"what stands around a row that is too long", `[xy](a{70})[xy]`, `a{64}`},
	} {
		got, err := Of(c.expression)
		if err != nil || got.String() != c.want {
			t.Errorf("%s: %v, %v, want %s", c.name, got, err, c.want)
		}
	}
	if _, err := Of(`(`); err == nil {
		t.Error("an expression that is none has a row")
	}
}

func TestARowTellsAsMuchAsItsBytes(t *testing.T) {
	for expression, want := range map[string]float64{``: 0, `abcd`: 32, `[ab]`: 7, `a[a-h]`: 13} {
		if r, err := Of(expression); err != nil || math.Abs(r.Bits()-want) > 1e-9 {
			t.Errorf("%s tells %v, %v", expression, r.Bits(), err)
		}
	}
}

func TestRowsAreFoundWhereverTheyLie(t *testing.T) {
	row := func(expression string) Row {
		r, err := Of(expression)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	all := []Row{row(`needle`), row(`[a-z]{12}-[0-9]{19}`), row(``), row(`xx`)}
	for at := range 300 {
		hay := make([]byte, chunkBytes+at-150)
		content := string(hay) + "needle" + string(hay[:at]) + "abcdefghijkl-1234567890123456789"
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(content), "in pieces": iotest.HalfReader(strings.NewReader(content))} {
			found, err := Occurring(r, all)
			if err != nil || !found[0] || !found[1] || !found[2] || found[3] {
				t.Fatalf("%s, %d: found %v, %v", name, at, found, err)
			}
		}
	}
}

func TestAnErrorOfReadingIsHandedOver(t *testing.T) {
	broken := errors.New("broken")
	if found, err := Occurring(iotest.ErrReader(broken), []Row{one(set{1}).best}); !errors.Is(err, broken) || found != nil {
		t.Errorf("found %v, %v", found, err)
	}
}

func FuzzRowsAgainstExpressions(f *testing.F) {
	f.Add(`[^\d](?P<version>[0-9]+\.[0-9]+)\w{3}-\d+`, []byte("x4.0abc-1"))
	f.Add(`(?s)a.{2}(bc|d)+?x`, []byte("a\xff\xffbcdx"))
	f.Add(`(?i)ſk[^a]`, []byte("sK\xff"))
	f.Add(`(?m)^(ab){2,3}$|c`, []byte("\nababab\nc"))
	f.Add(`\x{fffd}a\pN`, []byte("\xffa1"))
	f.Fuzz(func(t *testing.T, expression string, content []byte) {
		e, err := regexp.Compile(expression)
		row, rowErr := Of(expression)
		if (err == nil) != (rowErr == nil) {
			t.Fatalf("%v, but %v", err, rowErr)
		}
		if err != nil {
			return
		}
		found, err := Occurring(bytes.NewReader(content), []Row{row})
		if err != nil {
			t.Fatal(err)
		}
		if e.Match(content) && !found[0] {
			t.Errorf("it matches without %s", row)
		}
		again, err := Of(row.String())
		if err != nil || again.String() != row.String() {
			t.Fatalf("%s is read as %s, %v", row, again, err)
		}
		if inside := regexp.MustCompile(row.String()).Match(content); inside != found[0] {
			t.Errorf("%s is found: %v, but is in there: %v", row, found[0], inside)
		}
	})
}
