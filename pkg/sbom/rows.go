package sbom

import (
	_ "embed"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/anchore/syft/syft/pkg/cataloger/binary"

	"github.com/imgaudit/imgaudit/pkg/sbom/internal/rows"
)

// recordedRows are rows of bytes by classifier, one of which is in every program that it finds something in.
// They were taken from the expressions in Syft's source, which cannot be reached when it runs, and hold for that version alone:
// the first line names it.
//
//go:embed rows.txt
var recordedRows string

const syftModule = "github.com/anchore/syft"

// syftInUse names the version of Syft that was linked, and its checksum; "" if that is not known.
func syftInUse() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == syftModule && m.Replace == nil {
			return syftVersion(m.Version, m.Sum)
		}
	}
	return ""
}

func syftVersion(version, sum string) string { return syftModule + " " + version + " " + sum }

// rowsOf gives the rows of each classifier of a configuration: none if they are not known, or if its
// classifiers are not those of the version that rows were recorded of.
func rowsOf(cfg *binary.ClassifierCatalogerConfig, version, recorded string) [][]rows.Row {
	all := make([][]rows.Row, len(cfg.Classifiers))
	lines := strings.Split(strings.TrimSuffix(recorded, "\n"), "\n")
	if lines[0] != version || len(lines)-1 != len(all) {
		return all
	}
	for i, line := range lines[1:] {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != cfg.Classifiers[i].Class || words[1] != cfg.Classifiers[i].FileGlob {
			return make([][]rows.Row, len(all))
		}
		for _, expression := range words[2:] {
			row, err := rows.Of(expression)
			if err != nil {
				panic(fmt.Sprintf("rows.txt: %v", err))
			}
			all[i] = append(all[i], row)
		}
	}
	return all
}

// tellingBits is from where a row is hardly in a program by chance.
const tellingBits = 64

// foretells says from rows whether a classifier can find something in a file, and whether
// it very likely will.
func (c classifier) foretells(content *content) (can, will bool) {
	if len(c.rows) == 0 {
		return true, false
	}
	found, err := rows.Occurring(io.NewSectionReader(content, 0, content.size), c.rows)
	if err != nil {
		return true, false // it will fail again, where Syft expects that
	}
	for i, row := range c.rows {
		can = can || found[i]
		will = will || found[i] && row.Bits() >= tellingBits
	}
	return can, will
}
