package sbom

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/anchore/syft/syft/file"
	"github.com/bmatcuk/doublestar/v4"

	"github.com/imgaudit/imgaudit/pkg/sbom/internal/rows"
)

// classifierSource is Syft's source of classifiers.
type classifierSource struct {
	variables   map[string]ast.Expr
	classifiers []sourceClassifier
}

type sourceClassifier struct {
	class, glob string
	matcher     ast.Expr
}

// condition says one of which rows is in each file that a matcher finds something in.
type condition struct {
	rows  []rows.Row
	plain bool // the matcher looks at nothing but the path and content of the file
}

var (
	anyContent = condition{[]rows.Row{nil}, true}
	unknown    = condition{}
)

func parseClassifiers(t *testing.T, dir string) *classifierSource {
	t.Helper()
	s := &classifierSource{variables: map[string]ast.Expr{}}
	for _, name := range []string{"classifiers.go", "classifiers_java.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, to := range n.Lhs {
					if v, ok := to.(*ast.Ident); ok && len(n.Rhs) == len(n.Lhs) {
						s.set(t, v.Name, n.Rhs[i])
					}
				}
			case *ast.ValueSpec:
				for i, v := range n.Names {
					if len(n.Values) == len(n.Names) {
						s.set(t, v.Name, n.Values[i])
					}
				}
			case *ast.CompositeLit:
				if glob := field(n, "FileGlob"); glob != nil {
					s.classifiers = append(s.classifiers, sourceClassifier{s.text(field(n, "Class")), s.text(glob), field(n, "EvidenceMatcher")})
				}
			}
			return true
		})
	}
	return s
}

// set notes the value of a variable. One that has several is left out.
func (s *classifierSource) set(t *testing.T, name string, value ast.Expr) {
	t.Helper()
	if _, ok := s.variables[name]; ok {
		value = &ast.BadExpr{}
	}
	s.variables[name] = value
}

func field(of *ast.CompositeLit, name string) ast.Expr {
	for _, e := range of.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return kv.Value
			}
		}
	}
	return nil
}

// text is the value of a constant expression; "" if it is none that is known.
func (s *classifierSource) text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.Ident:
		return s.text(s.variables[e.Name])
	}
	return ""
}

func (s *classifierSource) condition(t *testing.T, e ast.Expr) condition {
	t.Helper()
	if v, ok := e.(*ast.Ident); ok {
		e = s.variables[v.Name]
	}
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return unknown
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return unknown
	}
	var of []condition
	switch f.Sel.Name {
	case "MatchPath":
		return anyContent
	case "MatchNone":
		if s.condition(t, call.Args[0]).plain {
			return anyContent
		}
		return unknown
	case "FileContentsVersionMatcher":
		for _, a := range call.Args {
			row, err := rows.Of(s.text(a))
			if err != nil {
				t.Fatal(err)
			}
			of = append(of, condition{[]rows.Row{row}, true})
		}
		return all(of)
	case "MatchAll", "MatchAny":
		for _, a := range call.Args {
			of = append(of, s.condition(t, a))
		}
		if f.Sel.Name == "MatchAll" {
			return all(of)
		}
		return either(of)
	case "BranchingEvidenceMatcher":
		for _, c := range call.Args[0].(*ast.CompositeLit).Elts {
			of = append(of, s.condition(t, field(c.(*ast.CompositeLit), "EvidenceMatcher")))
		}
		return either(of)
	}
	return unknown
}

// all is what is known if each of several matchers has to find something.
func all(of []condition) condition {
	best := anyContent
	for _, e := range of {
		if !e.plain {
			return unknown
		}
		if e.leastBits() > best.leastBits() {
			best = e
		}
	}
	return best
}

// either is what is known if one of several matchers has to.
func either(of []condition) condition {
	out := condition{plain: true}
	for _, e := range of {
		if !e.plain {
			return unknown
		}
		out.rows = append(out.rows, e.rows...)
	}
	return out
}

func (e condition) leastBits() float64 {
	least := e.rows[0].Bits()
	for _, r := range e.rows {
		least = min(least, r.Bits())
	}
	return least
}

// expressions gives what rows.txt has of a condition: nothing if any content may have it.
func (e condition) expressions() []string {
	var list []string
	for _, r := range e.rows {
		if len(r) == 0 {
			return nil
		}
		list = append(list, r.String())
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// syftOfGoMod names the version of Syft that go.mod asks for, as syftInUse does, which knows nothing in a
// test, and says where its source lies.
func syftOfGoMod(t *testing.T) (version, dir string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Version}} {{.Sum}} {{.Dir}}", syftModule).Output()
	words := strings.SplitN(strings.TrimSpace(string(out)), " ", 3)
	if err != nil || len(words) != 3 {
		t.Fatalf("%q, %v", out, err)
	}
	return syftVersion(words[0], words[1]), filepath.Join(words[2], "syft/pkg/cataloger/binary")
}

func TestTheRowsAreThoseOfSyftsExpressions(t *testing.T) {
	version, dir := syftOfGoMod(t)
	var got strings.Builder
	got.WriteString(version + "\n")
	known := 0
	source := parseClassifiers(t, dir)
	for _, c := range source.classifiers {
		list := source.condition(t, c.matcher).expressions()
		got.WriteString(strings.Join(append([]string{c.class, c.glob}, list...), " ") + "\n")
		known += min(len(list), 1)
	}
	if *update {
		if err := os.WriteFile("rows.txt", []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got.String() != recordedRows {
		t.Error("Syft's classifiers look for other things than rows.txt says; go test ./pkg/sbom -run Rows -update, and look at what changed")
	}
	if known < 70 {
		t.Errorf("rows of only %d classifiers are known", known)
	}
	used := 0
	for _, list := range rowsOf(&config(1).Packages.Binary, version, got.String()) {
		used += min(len(list), 1)
	}
	if used != known {
		t.Errorf("rows of %d classifiers are used, of %d known", used, known)
	}
}

func TestRowsOfOtherClassifiersAreNotUsed(t *testing.T) {
	cfg := &config(1).Packages.Binary
	version, _ := syftOfGoMod(t)
	for name, c := range map[string]struct{ version, recorded string }{
		"another version":     {"another", recordedRows},
		"no version":          {"", recordedRows},
		"one classifier more": {version, recordedRows + "a **/a abc\n"},
		"another classifier":  {version, strings.Replace(recordedRows, "\nredis-binary ", "\nother-binary ", 1)},
		"another glob":        {version, strings.Replace(recordedRows, " **/redis-server ", " **/redis ", 1)},
		"nothing recorded":    {version, ""},
	} {
		for _, list := range rowsOf(cfg, c.version, c.recorded) {
			if list != nil {
				t.Fatalf("%s: there are rows", name)
			}
		}
	}
}

// Syft's own tests have parts of many programs, cut out around what its classifiers look for.
func TestRowsExcludeNoneOfSyftsExamples(t *testing.T) {
	cfg := config(1)
	classifiers := classifiersOf(&cfg.Packages.Binary)
	version, dir := syftOfGoMod(t)
	known := rowsOf(&cfg.Packages.Binary, version, recordedRows)
	foretold, excluded := map[int]bool{}, 0
	root := os.DirFS(filepath.Join(dir, "testdata/classifiers"))
	examples, err := doublestar.Glob(root, "**", doublestar.WithFilesOnly())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range examples {
		b, err := fs.ReadFile(root, path)
		if err != nil {
			t.Fatal(err)
		}
		whole := &content{size: int64(len(b)), extents: []extent{{n: int64(len(b)), memory: b}}}
		for i, c := range classifiers {
			if c.rows = known[i]; len(c.rows) == 0 || !doublestar.MatchUnvalidated(c.glob, path) {
				continue
			}
			r := newAlone(newPlan(), path, "application/x-executable", whole)
			can, _ := c.foretells(whole)
			switch nothing := c.findsNothing(r, r.location); {
			case !nothing && !can:
				t.Errorf("%s finds something in %s", c.glob, path)
			case !nothing:
				foretold[i] = true
			case !can:
				excluded++
			}
		}
	}
	if len(foretold) < 60 || excluded == 0 {
		t.Errorf("%d classifiers found something; rows excluded %d times that", len(foretold), excluded)
	}
}

func TestRowsSpareAskingClassifiersBesideTheWalk(t *testing.T) {
	for _, c := range []struct {
		name, expression, text string
		findsNothing           bool
		asked, nothing         bool
	}{
		{"no row", "abcdefgh", "", false, false, true},
		{"a telling row", "abcdefgh", "abcdefgh", true, false, false},
		{"a row that is there by chance", "abc", "abc", true, true, true},
		{"a row that is there for a reason", "abc", "abc", false, true, false},
		{"nothing known", "", "", true, true, true},
	} {
		program := programOf(minClassified, c.text)
		one := classifier{glob: "**/a"}
		if c.expression != "" {
			row, err := rows.Of(c.expression)
			if err != nil {
				t.Fatal(err)
			}
			one.rows = []rows.Row{row}
		}
		asked := false
		one.findsNothing = func(file.Resolver, file.Location) bool {
			asked = true
			return c.findsNothing
		}
		k := &keeper{plan: newPlan(), classifiers: []classifier{one}}
		looked := k.classify("a", "a", "application/x-executable", &content{size: int64(len(program)), extents: []extent{{n: int64(len(program)), memory: program}}})
		<-looked.done
		if asked != c.asked || looked.nothing[0] != c.nothing {
			t.Errorf("%s: asked: %v, nothing: %v", c.name, asked, looked.nothing[0])
		}
	}
}
