package sbom_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/internal/tooltest"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

// moduleDir is where the source of a module lies, which brings the schemas.
func moduleDir(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("looking for %s: %v", module, err)
	}
	return strings.TrimSpace(string(out))
}

// compile compiles a JSON Schema whose references lead to files beside it.
func compile(t *testing.T, path string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.UseLoader(besideLoader(filepath.Dir(path)))
	s, err := c.Compile("http://cyclonedx.org/schema/" + filepath.Base(path))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type besideLoader string

func (dir besideLoader) Load(url string) (any, error) {
	name := url[strings.LastIndexByte(url, '/')+1:]
	f, err := os.Open(filepath.Join(string(dir), name))
	if errors.Is(err, os.ErrNotExist) { // as cyclonedx-go names one of them
		f, err = os.Open(filepath.Join(string(dir), strings.TrimSuffix(name, ".schema.json")+".schemax.json"))
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return jsonschema.UnmarshalJSON(f)
}

func TestDocumentsPassTheirSchemas(t *testing.T) {
	img := changing(t)
	img.Layers = append(img.Layers, imagemake.Layer{Entries: []imagemake.Entry{
		imagemake.File("app/node_modules/odd/package.json", `{"name":"odd\nPackageName: other\u001b[31m","version":"1</text>\u009b","license":"not (a licence"}`),
	}})
	_, result := ownPackages(t, "oci-dir:"+layout(t, img), sbom.Cataloger{})
	if len(result.SBOM[0].Hidden) == 0 {
		t.Fatal("nothing is hidden")
	}
	docs := map[string][]byte{}
	for _, format := range sbom.Formats() {
		var b bytes.Buffer
		if err := sbom.Write(&b, format, result.SBOM[0], sbom.WriteOptions{Version: "1.2.3"}); err != nil {
			t.Fatal(err)
		}
		docs[format] = b.Bytes()
	}
	cyclonedx, syft := filepath.Join(moduleDir(t, "github.com/CycloneDX/cyclonedx-go"), "schema"), filepath.Join(moduleDir(t, "github.com/anchore/syft"), "schema")
	var own struct {
		Schema struct{ URL string }
	}
	if err := json.Unmarshal(docs[sbom.SyftJSON], &own); err != nil {
		t.Fatal(err)
	}
	for format, schema := range map[string]string{
		sbom.CycloneDXJSON: filepath.Join(cyclonedx, "bom-1.6.schema.json"),
		sbom.SPDXJSON:      filepath.Join(syft, "spdx-json", "spdx-schema-2.3.json"),
		sbom.SyftJSON:      filepath.Join(syft, "json", filepath.Base(own.Schema.URL)),
	} {
		t.Run(format, func(t *testing.T) {
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(docs[format]))
			if err != nil {
				t.Fatal(err)
			}
			s := compile(t, schema)
			if err := s.Validate(doc); err != nil {
				t.Error(err)
			}
			// The schema is one that can refuse.
			if err := s.Validate(map[string]any{"bomFormat": 1, "SPDXID": 2, "artifacts": 3}); err == nil {
				t.Error("the schema takes anything")
			}
		})
	}
	t.Run(sbom.CycloneDXXML, func(t *testing.T) {
		tooltest.Need(t, "xmllint")
		validate := func(doc []byte) ([]byte, error) {
			cmd := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", filepath.Join(cyclonedx, "bom-1.6.xsd"), "-")
			cmd.Stdin = bytes.NewReader(doc)
			return cmd.CombinedOutput()
		}
		if out, err := validate(docs[sbom.CycloneDXXML]); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		if _, err := validate(bytes.Replace(docs[sbom.CycloneDXXML], []byte("<component "), []byte("<komponent "), 1)); err == nil {
			t.Error("a broken document passes")
		}
	})
}

func TestConvertedDocumentsPassTheirSchemas(t *testing.T) {
	_, result := ownPackages(t, "oci-dir:"+layout(t, changing(t)), sbom.Cataloger{Scope: sbom.AllLayers})
	cyclonedx, syft := filepath.Join(moduleDir(t, "github.com/CycloneDX/cyclonedx-go"), "schema"), filepath.Join(moduleDir(t, "github.com/anchore/syft"), "schema")
	schemas := map[string]*jsonschema.Schema{
		sbom.CycloneDXJSON: compile(t, filepath.Join(cyclonedx, "bom-1.6.schema.json")),
		sbom.SPDXJSON:      compile(t, filepath.Join(syft, "spdx-json", "spdx-schema-2.3.json")),
	}
	for _, from := range sbom.Formats() {
		given := readBack(t, written(t, from, result.SBOM[0]))
		for to, schema := range schemas {
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(written(t, to, given.Bill)))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Errorf("%s from %s: %v", to, from, err)
			}
		}
		tooltest.Need(t, "xmllint")
		cmd := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", filepath.Join(cyclonedx, "bom-1.6.xsd"), "-")
		cmd.Stdin = bytes.NewReader(written(t, sbom.CycloneDXXML, given.Bill))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s from %s: %v\n%s", sbom.CycloneDXXML, from, err, out)
		}
	}
}
