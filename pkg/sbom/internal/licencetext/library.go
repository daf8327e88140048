package licencetext

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unsafe"

	"github.com/google/licensecheck"
)

// The library offers no way to hand it a finished automaton, so it is put into its private fields.
// These are reached by their names, and the form of each is checked before it is touched.

var (
	errOtherLicences = errors.New("the automaton was made of other licences than the library has")
	errOtherForm     = errors.New("the library keeps its automaton in another form")
)

// scanner returns a scanner for licences that has the table's automaton.
func (t *table) scanner(licences []licensecheck.License) (*licensecheck.Scanner, error) {
	if t.licences != digest(licences) {
		return nil, errOtherLicences
	}
	var texts, addresses []licensecheck.License
	for _, l := range licences {
		if l.LRE != "" {
			texts = append(texts, l)
		}
		l.LRE = ""
		addresses = append(addresses, l)
	}
	s, err := licensecheck.NewScanner(addresses)
	if err != nil {
		return nil, err
	}
	f, err := fieldsOf(s)
	if err != nil {
		return nil, err
	}
	f.licences.Set(reflect.ValueOf(texts))
	f.automaton.Set(reflect.ValueOf(t.automaton).Convert(f.automaton.Type()))
	f.words.Set(reflect.ValueOf(t.words))
	numbers := reflect.MakeMapWithSize(f.numbers.Type(), len(t.words))
	for i, word := range t.words {
		numbers.SetMapIndex(reflect.ValueOf(word), reflect.ValueOf(int32(i)).Convert(f.numbers.Type().Elem()))
	}
	f.numbers.Set(numbers)
	start := reflect.MakeMapWithSize(f.start.Type(), len(t.start))
	pair := reflect.New(f.start.Type().Key()).Elem() // of a type of the library's own
	for _, p := range t.start {
		pair.Index(0).SetInt(int64(p[0]))
		pair.Index(1).SetInt(int64(p[1]))
		start.SetMapIndex(pair, reflect.New(f.start.Type().Elem()).Elem())
	}
	f.start.Set(start)
	return s, nil
}

// tableOf reads the table out of a scanner that the library built of licences.
func tableOf(s *licensecheck.Scanner, licences []licensecheck.License) (*table, error) {
	f, err := fieldsOf(s)
	if err != nil {
		return nil, err
	}
	t := &table{licences: digest(licences), words: slices.Clone(f.words.Interface().([]string))}
	t.automaton = slices.Clone(f.automaton.Convert(reflect.TypeFor[[]int32]()).Interface().([]int32))
	for _, p := range f.start.MapKeys() {
		t.start = append(t.start, [2]int32{int32(p.Index(0).Int()), int32(p.Index(1).Int())})
	}
	slices.SortFunc(t.start, func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
	return t, nil
}

// fields are those of a scanner and of what it points to.
type fields struct {
	licences  reflect.Value // []licensecheck.License, those with a text
	automaton reflect.Value // []int32
	start     reflect.Value // map[[2]int32]struct{}
	numbers   reflect.Value // map[string]int32
	words     reflect.Value // []string
}

// fieldsOf finds the fields of a scanner. Where it points to nothing yet, room is made.
func fieldsOf(s *licensecheck.Scanner) (f fields, err error) {
	scanner := reflect.ValueOf(s).Elem()
	f.licences = private(scanner, "licenses", &err)
	matcher := pointed(private(scanner, "re", &err), &err)
	f.automaton = private(matcher, "dfa", &err)
	f.start = private(matcher, "start", &err)
	dictionary := pointed(private(matcher, "dict", &err), &err)
	f.numbers = private(dictionary, "dict", &err)
	f.words = private(dictionary, "list", &err)
	if err != nil {
		return fields{}, err
	}
	for _, c := range []struct {
		name string
		fits bool
	}{
		{"licenses", f.licences.Type() == reflect.TypeFor[[]licensecheck.License]()},
		{"dfa", f.automaton.CanConvert(reflect.TypeFor[[]int32]())},
		{"start", isMap(f.start) && isPair(f.start.Type().Key())},
		{"dict", isMap(f.numbers) && f.numbers.Type().Key() == reflect.TypeFor[string]() && f.numbers.Type().Elem().Kind() == reflect.Int32},
		{"list", f.words.Type() == reflect.TypeFor[[]string]()},
	} {
		if !c.fits {
			return fields{}, fmt.Errorf("%w: the field %s", errOtherForm, c.name)
		}
	}
	return f, nil
}

func isMap(v reflect.Value) bool { return v.Kind() == reflect.Map }

func isPair(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.Len() == 2 && t.Elem().Kind() == reflect.Int32
}

// private returns a field that can be set although its name is not public.
func private(v reflect.Value, name string, err *error) reflect.Value {
	if *err != nil {
		return reflect.Value{}
	}
	var field reflect.Value
	if v.Kind() == reflect.Struct {
		field = v.FieldByName(name)
	}
	if !field.IsValid() || !field.CanAddr() {
		*err = fmt.Errorf("%w: the field %s", errOtherForm, name)
		return reflect.Value{}
	}
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
}

// pointed returns what a pointer points to, something new if it is nil.
func pointed(v reflect.Value, err *error) reflect.Value {
	if *err != nil {
		return reflect.Value{}
	}
	if v.Kind() != reflect.Pointer {
		*err = errOtherForm
		return reflect.Value{}
	}
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	return v.Elem()
}

// digest tells sets of licences apart.
func digest(licences []licensecheck.License) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, l := range licences {
		fmt.Fprintf(h, "%q %d %q %d\n", l.ID, l.Type, l.URL, len(l.LRE))
		h.Write([]byte(l.LRE))
	}
	return [sha256.Size]byte(h.Sum(nil))
}
