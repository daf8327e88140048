package stored

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/internal/tooltest"
)

// sampleClass is what javac makes of a class with one constant field and one string.
func sampleClass(field, value, other string) []byte {
	var b bytes.Buffer
	u2 := func(n int) { _ = binary.Write(&b, binary.BigEndian, uint16(n)) }
	text := func(s string) { b.WriteByte(1); u2(len(s)); b.WriteString(s) }
	b.WriteString("\xca\xfe\xba\xbe")
	u2(0)
	u2(61)
	u2(9)
	text(field)    // 1
	text(value)    // 2
	b.WriteByte(8) // 3
	u2(2)
	text("ConstantValue")      // 4
	text("Ljava/lang/String;") // 5
	text(other)                // 6
	b.WriteByte(8)             // 7
	u2(6)
	b.WriteByte(7) // 8
	u2(5)
	u2(0x21)
	u2(8)
	u2(8)
	u2(0)
	u2(1) // fields
	u2(0x1a)
	u2(1)
	u2(5)
	u2(1)
	u2(4)
	_ = binary.Write(&b, binary.BigEndian, uint32(2))
	u2(3)
	u2(0)
	u2(0)
	return b.Bytes()
}

func TestConstantsOfAClassHaveTheNamesOfTheirFields(t *testing.T) {
	class := sampleClass("DB_PASSWORD", "first of the two", "second of the two")
	if got := Detect(class); got != Class {
		t.Fatalf("detected %q", got)
	}
	want := "DB_PASSWORD = \"first of the two\"\nsecond of the two\n"
	if got := string(Text(Class, class)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestADamagedClassGivesWhatComesBefore(t *testing.T) {
	class := sampleClass("DB_PASSWORD", "first of the two", "second of the two")
	end := bytes.Index(class, []byte("second of the two")) + len("second of the two") + len("\x08\x00\x06\x07\x00\x05")
	for n := range class {
		want := ""
		switch {
		case n >= len(class)-4: // the field is whole
			want = "DB_PASSWORD = \"first of the two\"\nsecond of the two\n"
		case n >= end-3: // the string behind the texts is
			want = "first of the two\nsecond of the two\n"
		case n >= bytes.Index(class, []byte("\x08\x00\x02"))+3:
			want = "first of the two\n"
		}
		if got := string(Text(Class, class[:n])); got != want {
			t.Errorf("of %d bytes of %d: %q, want %q", n, len(class), got, want)
		}
	}
	bad := bytes.Replace(class, []byte("\x08\x00\x06"), []byte("\x02\x00\x06"), 1) // no constant has this tag
	if got := string(Text(Class, bad)); got != "first of the two\n" {
		t.Errorf("got %q", got)
	}
}

func TestStringsOfPythonsBytecode(t *testing.T) {
	tooltest.Need(t, "python3")
	dir := t.TempDir()
	source := "KEY = 'a value of thirty-two letters x'\nTEXT = 'grüße an alle'\ndef f():\n    return b'some bytes here', 'x' * 3\n"
	if err := os.WriteFile(filepath.Join(dir, "m.py"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	compile := exec.CommandContext(t.Context(), "python3", "-c", "import py_compile; py_compile.compile('m.py', cfile='m.pyc')")
	compile.Dir = dir
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	content, err := os.ReadFile(filepath.Join(dir, "m.pyc"))
	if err != nil {
		t.Fatal(err)
	}
	if got := Detect(content); got != Python {
		t.Fatalf("detected %q", got)
	}
	got := "\n" + string(Text(Python, content))
	for _, want := range []string{"a value of thirty-two letters x", "grüße an alle", "some bytes here"} {
		if !strings.Contains(got, "\n"+want+"\n") && !strings.Contains(got, ` = "`+want+"\"\n") {
			t.Errorf("%q is not a line of %q", want, got)
		}
	}
}

// sampleCode is what Python 3.11 makes of
//
//	A = "some value"
//	f(b="another value", d={"k": "third value"})
const sampleCode = "\xe3\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\xf3(\x00\x00\x00\x97\x00d\x00Z\x00\x02\x00e\x01d\x01d\x02d\x03i\x01\xac\x04\xa6\x02\x00\x00\xab\x02\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x01\x00d\x05S\x00)\x06z\x0asome valuez\x0danother value\xda\x01kz\x0bthird value)\x02\xda\x01b\xda\x01dN" +
	")\x02\xda\x01A\xda\x01f\xa9\x00\xf3\x00\x00\x00\x00\xda\x01x\xfa\x08<module>r\x0a\x00\x00\x00\x01\x00\x00\x00s*\x00\x00\x00\xf0\x03\x01\x01\x01\xd8\x04\x10\x80\x01\xd8\x00\x01\x80\x01\x80O\x98" +
	"\x03\x98]\xd0\x17+\xd0\x00,\xd1\x00,\xd4\x00,\xd0\x00,\xd0\x00,\xd0\x00,r\x08\x00\x00\x00"

const python311 = "\xa7\r\r\n............"

func TestNamesOfStringsInTheBytecodeOfPython311(t *testing.T) {
	const want = "A = \"some value\"\nb = \"another value\"\nk = \"third value\"\n<module>\n"
	if got := string(Text(Python, []byte(python311+sampleCode))); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	const bare = "some value\nanother value\nthird value\n<module>\n"
	if got := string(Text(Python, []byte(python311+sampleCode[1:]))); got != bare {
		t.Errorf("of what cannot be followed: got %q, want %q", got, bare)
	}
}

func TestStringsOfPythonsBytecodeHaveTheNamesThatTheCodeGivesThem(t *testing.T) {
	tooltest.Need(t, "python3")
	dir := t.TempDir()
	source := `import os
FIRST = 'value number one'
DATABASES = {'default': {'ENGINE': 'postgres', 'PASSWORD': 'value number two', 'PORT': 5432}}
OTHER = {'LONG': os.environ, 'TOKEN': 'value number three'}
def f(conn):
    conn.secret = 'value number four'
    return conn.connect('host.internal', user='somebody', passwd='value number five')
`
	if err := os.WriteFile(filepath.Join(dir, "m.py"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	compile := exec.CommandContext(t.Context(), "python3", "-c", "import py_compile, sys; py_compile.compile('m.py', cfile='m.pyc'); sys.exit(sys.version_info >= (3, 13))")
	compile.Dir = dir
	if out, err := compile.CombinedOutput(); err != nil {
		if len(out) == 0 {
			t.Skip("this version's instructions are not followed")
		}
		t.Fatalf("%v: %s", err, out)
	}
	content, err := os.ReadFile(filepath.Join(dir, "m.pyc"))
	if err != nil {
		t.Fatal(err)
	}
	got := "\n" + string(Text(Python, content))
	for name, value := range map[string]string{"FIRST": "one", "PASSWORD": "two", "TOKEN": "three", "secret": "four", "passwd": "five"} {
		if want := "\n" + name + ` = "value number ` + value + "\"\n"; !strings.Contains(got, want) {
			t.Errorf("%q is no line of %q", want, got)
		}
	}
}

func TestARowOfSettingsGivesItsValueTheNameThatStandsBeforeIt(t *testing.T) {
	tooltest.Need(t, "python3")
	file := filepath.Join(t.TempDir(), "x.db")
	script := `
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.execute("create table settings (name text, value text, changed text)")
c.execute("insert into settings values ('smtp.password', 'the value of it', '2024-05-17 10:00')")
c.execute("create table pages (title text, body text)")
c.execute("insert into pages values ('long', ?)", ("a long text " * 4000 + "and the end of it",))
c.execute("create table accounts (login text, api_token text)")
c.execute("insert into accounts values ('somebody', 'what is its token')")
c.commit()
`
	if out, err := exec.CommandContext(t.Context(), "python3", "-c", script, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := string(Text(SQLite, content))
	for _, want := range []string{"smtp.password = \"the value of it\"\n", "api_token = \"what is its token\"\n", "changed = \"2024-05-17 10:00\"\n", "a long text and the end of it\"\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
}

func TestRowsOfADatabaseHaveTheNamesOfTheirColumnsAlsoDeletedOnes(t *testing.T) {
	tooltest.Need(t, "python3")
	file := filepath.Join(t.TempDir(), "x.db")
	script := `
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.execute("pragma auto_vacuum=none")
c.execute("pragma secure_delete=off")
c.execute("create table users (id integer primary key, name text not null, [api_token] varchar(20), price decimal(1,2))")
for i in range(2000):
    c.execute("insert into users (name, api_token) values (?, ?)", ("user%d" % i, "token of user %d" % i))
c.execute("create table gone (note text)")
for i in range(200):
    c.execute("insert into gone values (?)", ("a note that was deleted %d" % i,))
c.commit()
c.execute("drop table gone")
c.commit()
`
	if out, err := exec.CommandContext(t.Context(), "python3", "-c", script, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := Detect(content); got != SQLite {
		t.Fatalf("detected %q", got)
	}
	got := string(Text(SQLite, content))
	for _, want := range []string{"api_token = \"token of user 0\"\n", "api_token = \"token of user 1999\"\n", "name = \"user1000\"\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing", want)
		}
	}
	// The first pages of what is free are written over.
	if n := strings.Count(got, "a note that was deleted"); n < 50 {
		t.Errorf("%d deleted rows", n)
	}
}

func TestCellsThatLieOverEachOtherCostNoMoreThanTheFileIsLong(t *testing.T) {
	const page = 65536
	b := make([]byte, 2*page)
	copy(b, "SQLite format 3\x00\x00\x01\x01\x01\x00")
	cell := b[page+60000:] // a row of columns of no length, which many cells are
	copy(cell, "\x90\x00\x01\x8f\x50")
	for i := 5; i < 2000; i++ {
		cell[i] = 13
	}
	b[page] = leafPage
	binary.BigEndian.PutUint16(b[page+3:], 29000)
	for i := range 29000 {
		binary.BigEndian.PutUint16(b[page+8+2*i:], 60000)
	}
	d, rows, values := open(b), 0, 0
	d.leaf(2, func(row []value) {
		rows++
		values += len(row)
	})
	if rows < 50 || values > len(b) {
		t.Errorf("%d rows of %d values", rows, values)
	}
}

func FuzzText(f *testing.F) {
	f.Add(sampleClass("A", "some value", "other"))
	f.Add([]byte("SQLite format 3\x00\x02\x00\x01\x01\x00"))
	f.Add(append([]byte("\xa7\r\r\n............"), "\xe3\x00z\x08a string"...))
	f.Add([]byte(python311 + sampleCode))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, format := range []Format{Class, Python, SQLite} {
			if got := Text(format, content); len(got) > 4*len(content)+4096 {
				t.Fatalf("%d bytes of %d", len(got), len(content))
			}
		}
	})
}
