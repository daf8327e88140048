package osv

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const epss = "#model_version:v2025.03.14,score_date:2099-03-02T00:00:00+0000\ncve,epss,percentile\nCVE-2099-0001,0.00042,0.05\nCVE-2099-0002,0.97,0.999\n"

func file(t *testing.T, name string, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestScoresOfFIRSTAreRead(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write([]byte(epss))
	w.Close()
	for name, raw := range map[string][]byte{"plain": []byte(epss), "compressed": z.Bytes()} {
		scores, day, err := ReadEPSS(file(t, "epss.csv", raw))
		if err != nil || len(scores) != 2 || day.Format("2006-01-02") != "2099-03-02" || scores[1] != (EPSS{"CVE-2099-0002", 0.97, 0.999}) {
			t.Errorf("%s: %v, %s, %v", name, scores, day, err)
		}
	}
	for name, text := range map[string]string{
		"nothing": "", "a table of other things": "a,b,c\n1,2,3\n", "no rows": "cve,epss,percentile\n", "no CVE": "cve,epss,percentile\nX,0.1,0.1\n",
		"more than certain": "cve,epss,percentile\nCVE-2099-0001,1.1,0.1\n", "no number": "cve,epss,percentile\nCVE-2099-0001,NaN,0.1\n",
		"a row that is too short": "cve,epss,percentile\nCVE-2099-0001,0.1\n", "a comment without an end": "#" + strings.Repeat("x", 9000),
	} {
		if s, _, err := ReadEPSS(file(t, "epss.csv", []byte(text))); err == nil {
			t.Errorf("%s gives %v", name, s)
		}
	}
}

func TestCatalogueOfCISAIsRead(t *testing.T) {
	k, err := ReadKEV(file(t, "kev.json", []byte(`{"catalogVersion":"2099.01.01","vulnerabilities":[{"cveID":"CVE-2099-0001","vendorProject":"Made","dateAdded":"2099-01-02","knownRansomwareCampaignUse":"Known","cwes":["CWE-79"]}]}`)))
	if err != nil || len(k) != 1 || k[0].CVE != "CVE-2099-0001" || k[0].DateAdded != "2099-01-02" || k[0].RansomwareCampaign != "Known" {
		t.Errorf("%+v, %v", k, err)
	}
	for name, text := range map[string]string{"nothing": "", "no list": "{}", "no CVE": `{"vulnerabilities":[{"cveID":"x"}]}`, "no JSON": "{"} {
		if k, err := ReadKEV(file(t, "kev.json", []byte(text))); err == nil {
			t.Errorf("%s gives %v", name, k)
		}
	}
}
