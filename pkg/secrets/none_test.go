package secrets

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

const inPackage = "usr/lib/python3/dist-packages/acme/conf.py"

func TestWhatIsCertainlyNoSecretIsNotReported(t *testing.T) {
	const none = finding.Confidence("")
	cases := map[string]judged{
		"the tag of a member":              {"app/server", "\x00PasswordEprotobuf:\"bytes,2,opt,name=password,proto3\" json:\"password,omitempty\"\x00", "name=password", none},
		"a setting among strings":          {"app/server", "\x00not found public key algorithm public, max-age=86400rc commands parameter", "max-age", none},
		"keywords behind a signature":      {"app/server", "\x00</ul>?sig=ABORTABSOLACCUMACWDTACWSTADMINAELigAFTERALIASALLOWALTERAMBIGAPPLYARN: ARRAY", "ABORT", none},
		"what a build puts in":             {"", `password = "@@DB_PASSWORD@@"`, "DB_PASSWORD", none},
		"the name of a cipher":             {"etc/java/java.security", "jdk.tls.keyLimits=AES/GCM/NoPadding KeyUpdate 2^37\n", "AES/GCM/NoPadding", none},
		"what is identified by a name":     {"", "the entry of the table identified by 'bidding_strategy', if any\n", "bidding_strategy", none},
		"a member in source code":          {"app/src/x.js", "      allOwnKeys = _ref3.allOwnKeys;\n", "_ref3.allOwnKeys", none},
		"a constant in a comment":          {"app/src/x.h", "\n=for apidoc Amnh||COPHH_KEY_UTF8\n\n=cut\n", "COPHH_KEY_UTF8", none},
		"the name of a field":              {"app/src/x.py", "new_password1 = Field()\nfields = ['old_password', 'new_password1', 'new_password2']\n", "new_password1", none},
		"a message of a program":           {"app/agent", "\x00read from private key file: invalid/unrecognized private key file format\x00", "invalid/unrecognized", none},
		"words between the lines of a key": {"app/x.class", "\x00-----BEGIN PRIVATE KEY-----\n\x00END_KEY\x00openssl.makeConf\x00org/application/tomcat/util/net/openssl/OpenSSLContext\x00-----END PRIVATE KEY-----", "BEGIN", none},
		"a package in an index":            {"var/lib/apt/lists/mirror.example.test_dists_x_main_binary-amd64_Packages", "Depends: gir1.2-secret-1, gir1.2-shumate-1.0 (>= 1.0.1), libc6\n", "gir1.2-shumate-1.0", none},
		"a word in a manual page":          {"usr/share/man/nl/man5/x.5", "\\fIhttp://gebruiker:wachtwoord@server:poort/\\fR\n", "wachtwoord", none},
		"a placeholder in a document":      {"usr/share/doc/x/FAQ", "    $ftp->login('username','password');\n", "password", none},
		"an example's host in a manual":    {"srv/app/README.md", "curl -u joe:Harbour2031 https://api.example.com/\n", "Harbour2031", none},
		"a word in a comment of a library": {"app/node_modules/x/y.js", "/**\n * connect('mongodb://val:psw@127.0.0.1:27017/mydb').user;\n */\n", "psw", none},
		"a name in a library":              {"app/node_modules/x/y.js.map", `{"names":["_toPropertyKey","applyDecs2305","targetClass"]}`, "applyDecs2305", none},
		"the salt of a manual's hash":      {"usr/share/man/man1/x.1", "% openssl passwd\n$1$xxxxxxxx$UYCIxa628.9qXjpQCjM4a.\n", "xxxxxxxx", none},
		"a library's encrypted variable":   {"app/node_modules/x/.travis.yml", "env:\n  global:\n  - secure: " + madeUp(40, letters, 171) + "=\n", madeUp(40, letters, 171), none},
	}
	judgeAll(t, false, cases)
}

func TestWhatOneSignSpeaksAgainstIsStillReported(t *testing.T) {
	key, signature := madeUp(41, letters, 24), madeUp(42, letters, 43)
	pem := "-----BEGIN PRIVATE KEY-----\n" + madeUp(43, letters, 64) + "\n" + madeUp(44, letters, 64) + "\n-----END PRIVATE KEY-----\n"
	judgeAll(t, true, map[string]judged{
		"a setting in a program":               {"app/server", "\x00password=\"tugboat7crew\" json:\"password,omitempty\"\x00", "tugboat7crew", finding.Likely},
		"words for a secret in a program":      {"app/agent", "\x00deploy_secret=invalid/unrecognized\x00private key file\x00", "invalid/unrecognized", finding.Unsure},
		"a key among strings":                  {"app/server", "\x00not found api_key=" + key + "\x00commands parameter", key, finding.Sure},
		"a signature that others stand behind": {"app/server", "\x00https://x.blob.core.windows.net/c?sv=2020&sig=" + signature + "%3DABORTABSOL", signature, finding.Sure},
		"a password with signs at its ends":    {"", `password = "@harbour2031@"`, "@harbour2031@", finding.Likely},
		"a word in a statement":                {"", "ALTER USER shop IDENTIFIED BY 'mooringline';\n", "mooringline", finding.Likely},
		"a text in source code":                {"app/src/x.js", `const dbPassword = "tugboat7crew"; // tugboat7crew, as ever`, "tugboat7crew", finding.Likely},
		"a key in a comment":                   {"app/src/x.h", "// apiKey: " + key + "\n", key, finding.Likely},
		"a key that a program holds":           {"app/x.class", "\x00" + pem + "\x00", madeUp(43, letters, 64), finding.Sure},
		"a key in a library of the system":     {"usr/lib/x86_64-linux-gnu/libx.so.1", "\x00" + pem + "\x00", madeUp(43, letters, 64), finding.Unsure},
		"a token in an index":                  {"var/lib/apt/lists/mirror.example.test_dists_x_main_binary-amd64_Packages", "Description: " + githubToken(t, 45).Value + "\n", githubToken(t, 45).Value, finding.Likely},
		"a word in an own manual":              {"srv/app/README.md", "postgres://shop:mooringline@db.internal/shop\n", "mooringline", finding.Unsure},
		"a password in a manual page":          {"usr/share/man/man5/x.5", "http://joe:Harbour2031@proxy.internal/\n", "Harbour2031", finding.Unsure},
		"a setting that was put aside":         {inPackage, "# db: postgres://shop:mooringline@db.internal/shop\n", "mooringline", finding.Likely},
		"a password in a library":              {inPackage, "password = \"tugboat-crew-7\"\n", "tugboat-crew-7", finding.Unsure},
		"a key in a library":                   {inPackage, "API_KEY = \"" + key + "\"\n", key, finding.Unsure},
	})
}

func TestALibraryThatHasKeysOfManyFormsTestsItselfWithThem(t *testing.T) {
	s := mustScanner(t)
	library := func(forms ...string) string {
		var b strings.Builder
		for i, form := range forms {
			b.WriteString("\x00-----BEGIN " + form + "PRIVATE KEY-----\n" + madeUp(uint64(50+i), letters, 64) + "\n-----END " + form + "PRIVATE KEY-----\n\x00")
		}
		return b.String()
	}
	const path = "usr/lib/x86_64-linux-gnu/libx.so.1"
	for name, c := range map[string]struct {
		path, content string
		want          finding.Confidence
	}{
		"three":                {path, library("RSA ", "DSA ", "EC "), ""},
		"one":                  {path, library("RSA ", "RSA ", "RSA "), finding.Unsure},
		"three, in a program":  {"app/server", library("RSA ", "DSA ", "EC "), finding.Sure},
		"three, in a database": {"usr/lib/x.db", library("RSA ", "DSA ", "EC "), finding.Sure},
	} {
		t.Run(name, func(t *testing.T) {
			if got := trusted(t, s, c.path, c.content, "PRIVATE KEY"); got != c.want {
				t.Errorf("confidence %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatADistributionShipsHasNoWordsForSecrets(t *testing.T) {
	s := mustScanner(t)
	const sourcePath = "usr/lib/python3/dist-packages/x/y.py"
	compiled := "usr/lib/python3/dist-packages/x/__pycache__/y.cpython-311.pyc"
	source := "DB = 'postgres://shop:mooringline@db.internal/shop'\nOTHER = 'postgres://shop:Harbour2031@db.internal/shop'\n"
	sum := md5.Sum([]byte(source))
	list := layers.Entry{Path: "var/lib/dpkg/info/x.md5sums", RawName: hex.EncodeToString(sum[:]) + "  " + sourcePath + "\n"}
	img, view := built(t, s, nil, v1.Config{}, []layers.Entry{
		{Path: sourcePath, RawName: source}, {Path: compiled, RawName: "\x00\x00" + source + "\x00https://joe:Tugboat2031@db.internal/\x00"}, list,
	})
	found := s.Findings([]*layers.Image{img}, []*layers.View{view})
	if i := slices.IndexFunc(found, func(f finding.Finding) bool { return f.Secret.Value.Reveal() == "mooringline" }); i >= 0 {
		t.Errorf("a word of a package's file is reported: %+v", found[i].Locations)
	}
	f := find(t, found, "Harbour2031")
	if len(f.Locations) != 2 || f.Confidence != finding.Unsure || !slices.Contains(f.Secret.Proof, "the file is compiled from one that is as the Debian package x shipped it") {
		t.Errorf("what was compiled of a package's file has confidence %s, proof %q", f.Confidence, f.Secret.Proof)
	}
	if f := find(t, found, "Tugboat2031"); f.Confidence == finding.Unsure {
		t.Error("what is not in the source is doubted for it")
	}
}

func TestWhatIsLeftOutIsCountedInTheNotes(t *testing.T) {
	s := mustScanner(t)
	img, view := built(t, s, nil, v1.Config{}, []layers.Entry{
		{Path: "usr/share/man/nl/man5/x.5", RawName: "http://gebruiker:wachtwoord@server:poort/ http://wij:wachtwoord@poort:poort/\n"},
		{Path: "usr/share/man/man5/x.5", RawName: "http://joe:Harbour2031@proxy.internal/\n"},
		{Path: "usr/share/man/de/man5/x.5", RawName: "http://wir:kennwort@server:port/\n"},
	})
	found, leftOut := s.Judge([]*layers.Image{img}, []*layers.View{view})
	if len(found) != 1 || len(leftOut) != 1 || len(leftOut[0]) != 1 || leftOut[0][0].Reason != ReasonNone || leftOut[0][0].Files != 2 {
		t.Errorf("%d findings, and left out: %+v", len(found), leftOut)
	}
	if !slices.Equal(leftOut[0][0].Examples, []string{"usr/share/man/nl/man5/x.5", "usr/share/man/de/man5/x.5"}) {
		t.Errorf("examples: %q", leftOut[0][0].Examples)
	}
}
