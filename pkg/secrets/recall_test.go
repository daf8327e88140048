package secrets

import (
	"encoding/base64"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// madeUp is a value that nobody would take for words.
func madeUp(seed uint64, alphabet string, n int) string {
	r := rand.New(rand.NewPCG(seed, 77))
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

const (
	letters   = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	hexLetter = "0123456789abcdef"
)

// found gives the most confidence with which a value is found in a file, and "" if it is not.
func found(t *testing.T, s *Scanner, path, content, value string) finding.Confidence {
	t.Helper()
	best := finding.Confidence("")
	for _, f := range scanLayer(t, s, 1000, member{path, []byte(content)}).Found.(*LayerFacts).Files {
		for _, h := range f.Hits {
			if h.Value.Reveal() == value && h.Confidence.Rank() > best.Rank() {
				best = h.Confidence
			}
		}
	}
	return best
}

func TestNamesAndValuesAreFoundInTheWaysInWhichPeopleWriteThem(t *testing.T) {
	s := mustScanner(t)
	key, password, hex := madeUp(1, letters, 32), "Winter-garden2031", madeUp(3, hexLetter, 32)
	for name, c := range map[string]struct{ content, value string }{
		"Markdown's code":               {"Set `SERVICE_API_KEY` = `" + key + "` first.\n", key},
		"Markdown's strong text":        {"**api_token**: **" + key + "**\n", key},
		"a string in JSON":              {`{"log":"connecting with db_password=\"` + key + `\"\n","stream":"stderr"}` + "\n", key},
		"JSON in a string":              {`{"log":"{\"password\":\"` + key + `\"}"}` + "\n", key},
		"a vendor's key in Markdown":    {"`TWILIO_AUTH_TOKEN` = `" + hex + "`\n", hex},
		"a password made of words":      {"admin_password = \"" + password + "\"\n", password},
		"the same without quotes":       {"app.admin.password=" + password + "\n", password},
		"the last argument of a URL":    {"url: \"jdbc:postgresql://db/shop?user=shop&password=" + key + "\"\n", key},
		"a row of SQL":                  {"INSERT INTO setting (name, value) VALUES ('api_key', '" + hex + "');\n", hex},
		"an element of XML":             {"<property name=\"connection.password\">" + key + "</property>\n", key},
		"a camel's name":                {"<Connector keystorePass=\"" + key + "\"/>\n", key},
		"letters alone":                 {"secret_key = JQKXNkyHZtMxFkGCUkZg\n", "JQKXNkyHZtMxFkGCUkZg"},
		"openssl":                       {"openssl rsa -in k.pem -passin pass:" + password + " -out k\n", password},
		"curl with a user":              {"curl -fsS -u cron:x9" + password + " https://reports.internal/run\n", "x9" + password},
		"keytool":                       {"keytool -list -keystore k.jks -storepass " + password + "\n", password},
		"a search in a directory":       {"ldapsearch -x -D cn=admin -w " + password + " -b dc=x\n", password},
		"a key of an Azure account":     {"c=AccountEndpoint=https://x.documents.azure.com:443/;AccountKey=/" + madeUp(4, letters, 85) + "==;\n", "/" + madeUp(4, letters, 85) + "=="},
		"strings of a program":          {"\x7fELF\x00\x00usage: x\x00app_secret_key\x00" + hex + hex + "\x00usage: y\x00", hex + hex},
		"a token of a form of its own":  {"\"aio" + "_" + madeUp(5, letters, 28) + "\"", "aio" + "_" + madeUp(5, letters, 28)},
		"a file in a string, with name": {`{"path":"root/.pgpass","content":"db:5432:shop:joe:` + password + `\n"}` + "\n", password},
		"cloud-init, with name":         {"write_files:\n- path: /root/.pgpass\n  encoding: b64\n  content: " + base64.StdEncoding.EncodeToString([]byte("db:5432:shop:joe:"+password+"\n")) + "\n", password},
	} {
		t.Run(name, func(t *testing.T) {
			if got := found(t, s, "srv/x.txt", c.content, c.value); got == "" || got == finding.Unsure {
				t.Errorf("confidence %q", got)
			}
		})
	}
	for name, c := range map[string]struct{ content, value string }{
		"a commit":              {"`token_revision` = `" + hex + "12345678`\n", hex + "12345678"},
		"words":                 {"`password` = `correct-horse-battery`\n", "correct-horse-battery"},
		"a member":              {"password = \"Config.Value2\"\n", "Config.Value2"},
		"a symbol of a program": {"\x7fELF\x00\x00get_token\x00_ZN4base8internal12WeakCallback1E\x00", "_ZN4base8internal12WeakCallback1E"},
		"a reference":           {"password: from-the-vault\n", "from-the-vault"},
		"an emulator's key":     {"AccountKey=Eby8vdM02xNOcqFlqUwJ" + madeUp(6, letters, 66) + "==;\n", "Eby8vdM02xNOcqFlqUwJ" + madeUp(6, letters, 66) + "=="},
	} {
		t.Run("not "+name, func(t *testing.T) {
			if got := found(t, s, "srv/x.txt", c.content, c.value); got != "" && got != finding.Unsure {
				t.Errorf("confidence %q", got)
			}
		})
	}
}

func TestAFileOfCredentialsIsKnownInWhatItIsWrappedUpIn(t *testing.T) {
	s := mustScanner(t)
	password, key := madeUp(7, letters, 18), madeUp(8, hexLetter, 32)
	users := "ops:{PLAIN}" + password + ":1000:1000::/home/ops::\n"
	twice := func(v string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(v))))
	}
	for name, c := range map[string]struct{ path, content, value string }{
		"compressed, with its directory":      {"etc/dovecot/users.gz", string(gzipped(t, []byte(users))), password},
		"compressed under an odd name":        {"etc/dovecot/users.cache", string(gzipped(t, []byte(users))), password},
		"a mail":                              {"etc/dovecot/users.eml", "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(users)) + "\r\n", password},
		"base64 of base64":                    {"opt/.vault_pass.txt", "data=" + twice(password+"\n") + "\n", password},
		"a page":                              {"opt/.vault_pass.html", "<pre>" + password + "\n</pre>\n", password},
		"lines that could be base64":          {"etc/openvpn/auth-user-pass.txt.blob", "vpn-user\nwgWnN1IVXceaCuOY7r\n", "wgWnN1IVXceaCuOY7r"},
		"a form":                              {"opt/rails/config/master.key.txt", "body=" + key + "&end=1\n", key},
		"a manifest, by the key":              {"srv/secret.yaml", "kind: Secret\ndata:\n  .netrc: " + base64.StdEncoding.EncodeToString([]byte("machine h login joe password "+password+"\n")) + "\n", password},
		"a file of JSON that is in JSON once": {"etc/rabbitmq/definitions.json.json", `{"path":"x","content":"{\"users\": [{\"name\": \"app\", \"password\": \"` + password + `\"}]}"}`, password},
	} {
		t.Run(name, func(t *testing.T) {
			hits := hitsOf(t, scanLayer(t, s, 1000, member{c.path, []byte(c.content)}))
			n := 0
			for _, all := range hits {
				for _, h := range all {
					switch {
					case h.Value.Reveal() == c.value && h.Confidence != finding.Unsure:
						n++
					case h.Rule == ruleFile && h.Confidence == finding.Sure:
						t.Errorf("%q is found as well", h.Value.Reveal())
					}
				}
			}
			if n != 1 {
				t.Errorf("found %d times in %+v", n, hits)
			}
		})
	}
}

// What a rule for certain paths finds in an object of a repository must not hide what others find there.
func TestAnObjectOfARepositoryIsFoundByTheRulesForItsPath(t *testing.T) {
	g := newGitDir(t)
	password := madeUp(9, letters, 18)
	g.write("db.go", "package db\n\nconst adminPassword = \""+password+"\"\n")
	g.write("main.tf", "resource x {\n  password = \"q"+password+"\"\n}\n")
	g.commit("both")
	s := mustScanner(t)
	img, view := built(t, s, nil, v1.Config{}, g.entries("src", false))
	fs := s.Findings([]*layers.Image{img}, []*layers.View{view})
	if got := gitPlaces(t, fs, password); len(got) == 0 || !strings.HasSuffix(got[0].Path, ":db.go") {
		t.Errorf("places %+v", got)
	}
	var rules []string
	for _, f := range fs {
		for _, l := range f.Locations {
			if l.Git != nil {
				rules = append(rules, f.Rule+" "+l.Git.Path)
			}
		}
	}
	slices.Sort(rules)
	if len(rules) != 2 || rules[0] != "hashicorp-tf-password main.tf" || !strings.HasSuffix(rules[1], " db.go") {
		t.Errorf("rules %q", rules)
	}
}

func TestAPrivateKeyOfPGPIsNoEmptyKey(t *testing.T) {
	body := strings.Repeat(madeUp(10, letters, 64)+"\n", 4)
	for block, want := range map[string]bool{
		"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n" + body + "-----END PGP PRIVATE KEY BLOCK-----": false,
		"-----BEGIN RSA PRIVATE KEY-----\n" + body + "-----END RSA PRIVATE KEY-----":               false,
		`-----BEGIN PRIVATE KEY-----" + body + "-----END PRIVATE KEY-----`:                         true,
	} {
		if emptyKey(block) != want {
			t.Errorf("%.40q: %v", block, !want)
		}
	}
}
