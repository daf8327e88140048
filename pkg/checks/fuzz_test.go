package checks

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// FuzzFindings lays layers of arbitrary entries over each other. Each line is one
// entry: a byte for type and layer, two for the mode, then path and link target.
func FuzzFindings(f *testing.F) {
	f.Add("0\xff\xffapp/.env\n1\x00\x00.wh\x00\nh\xff\xff.git/HEAD\n")
	f.Add("2\xff\xffusr/bin/make\tmake\n5\xff\xff\n1\x0f\xffusr/bin/gcc\t../../..")
	f.Add("0\xff\xff\xfe/\xc3(.key\n0\x02\x02.env\n0\x00\x00go/pkg/mod/x\n1\xff\xffa\t\x01\x00\x00\x02")
	f.Fuzz(func(t *testing.T, text string) {
		stack := make([][]layers.Entry, 3)
		var odd []layers.Oddity
		types := []layers.Type{layers.Regular, layers.HardLink, layers.Symlink, layers.CharDev, layers.Directory, layers.FIFO}
		for line := range strings.SplitSeq(text, "\n") {
			if len(line) < 3 {
				continue
			}
			path, link, _ := strings.Cut(line[3:], "\t")
			e := layers.Entry{
				Path: path, Link: link, Type: types[int(line[0])%len(types)], Mode: int64(line[1])<<8 | int64(line[2]),
				Size: int64(line[2]), Whiteout: layers.WhiteoutKind(line[1] % 3 * (line[0] & 1)), Xattrs: map[string]string{"security.capability": link},
			}
			i := int(line[0]>>4) % len(stack)
			stack[i] = append(stack[i], e)
			odd = append(odd, layers.Oddity{Rule: link, Path: path, Detail: link})
		}
		im := image(stack...)
		im.Layers[1].Facts.Oddities = odd
		for _, found := range judged(im) {
			if found.ID == "" || found.Title == "" || len(found.Locations) == 0 || found.Severity.Rank() == 0 {
				t.Fatalf("half a finding: %+v", found)
			}
			for _, l := range found.Locations {
				if l.Path != finding.EscapePath(l.Path) && !strings.Contains(l.Path, `\x`) {
					t.Fatalf("path %q is not escaped", l.Path)
				}
			}
			if _, err := json.Marshal(found); err != nil {
				t.Fatal(err)
			}
		}
	})
}
