package secrets

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// judged is one line of a file, the value in it, and what is thought of it.
type judged struct {
	path, content, value string
	want                 finding.Confidence // at most for a near miss, at least for a secret
}

func judgeAll(t *testing.T, secret bool, cases map[string]judged) {
	t.Helper()
	s := mustScanner(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.path == "" {
				c.path = "srv/app/settings.txt"
			}
			got := trusted(t, s, c.path, c.content, c.value)
			if secret && got.Rank() < c.want.Rank() || !secret && got.Rank() > c.want.Rank() {
				t.Errorf("%q has confidence %q, want %q", c.content, got, c.want)
			}
		})
	}
}

// trusted is found, with what is thought of the place.
func trusted(t *testing.T, s *Scanner, path, content, value string) finding.Confidence {
	t.Helper()
	best := finding.Confidence("")
	for _, f := range scanLayer(t, s, 1000, member{path, []byte(content)}).Found.(*LayerFacts).Files {
		for _, h := range withoutTests(f.name(), f.Hits) {
			if c := trustIn(h, path, ""); strings.Contains(h.Value.Reveal(), value) && c.Rank() > best.Rank() {
				best = c
			}
		}
	}
	return best
}

func TestWhatOnlyReadsLikeACredentialIsDoubted(t *testing.T) {
	key, hex := madeUp(20, letters, 32), madeUp(21, hexLetter, 40)
	sum := base64.StdEncoding.EncodeToString([]byte(madeUp(22, letters, 32)))
	judgeAll(t, false, map[string]judged{
		"the checksum of a module":     {"go.sum", "example.org/token v1.1.0 h1:" + sum + "\n", sum, finding.Unsure},
		"the ID of a token":            {"", "X-Service-Token-Id: " + key + "\n", key, finding.Unsure},
		"the ID of a key in JSON":      {"", `{"signingKeyId":"` + key + `"}`, key, finding.Unsure},
		"the key of a cache's entry":   {"", `{"auth_cache_key":"` + key + `"}`, key, finding.Unsure},
		"a version behind a name":      {"", `"name": "driver-secret-0:4.5.0-35.3.module+el8.1.0+5931"`, "4.5.0-35.3.module+el8.1.0+5931", finding.Unsure},
		"an artifact with its version": {"", `api_token = "json-token-core-0.11.2"`, "json-token-core-0.11.2", finding.Unsure},
		"a file in a directory":        {"", "<td>secret tests</td><td password>sun/tools/keytool/Pkcs12Passwd.java</td>", "sun/tools/keytool/Pkcs12Passwd.java", finding.Unsure},
		"a file":                       {"", `#define API_KEY "encrypt1-result.xml"`, "encrypt1-result.xml", finding.Unsure},
		"a time":                       {"", `"token_expiry": "3015-01-09T00:51:51Z"`, "3015-01-09T00:51:51Z", finding.Unsure},
		"a name in source code":        {"", `"apiKey": verificationKey256,`, "verificationKey256", finding.Unsure},
		"what is cut short":            {"", `"identity_token": "` + hex[:14] + `..."`, hex[:14], finding.Unsure},
		"user and password as words":   {"", `{ "auth": "` + base64.StdEncoding.EncodeToString([]byte("username:password")) + `" }`, base64.StdEncoding.EncodeToString([]byte("username:password")), finding.Unsure},
		"a user without password":      {"", "curl -H 'Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("browser:")) + "' https://x\n", base64.StdEncoding.EncodeToString([]byte("browser:")), finding.Unsure},
		"a public token, from its end": {"", "Automation, Version=1.0.0.0, PublicKeyToken=" + hex[:16] + "\n", hex[:16], finding.Unsure},
		"a token against forgery":      {"", `<meta name="csrf-token" content="x"><input csrf-token="` + key + `">`, key, finding.Unsure},
		"a signature":                  {"", "SignedHeaders=host;x-security-token, Signature=" + hex + "\n", hex, finding.Unsure},
		"a member of s":                {"", "x = s.ReadUint16LengthPrefixed\n", "s.ReadUint16LengthPrefixed", finding.Unsure},
		"signs in a URL":               {"", "https://joe:pass%20word@example.org/\n", "pass%20word", finding.Likely},
		"a label in German":            {"app/i18n/de.json", `{"password": "Passwort-Feld1"}`, "Passwort-Feld1", finding.Unsure},
		"a label anywhere":             {"", `{"password": "Passwort-Feld1"}`, "Passwort-Feld1", finding.Likely},
		"a database of packages":       {"root/rpmdb.sqlite", "secret_token: " + hex + "\n", hex, finding.Unsure},
	})
	judgeAll(t, true, map[string]judged{
		"a password with signs in a URL":  {"", "https://joe:x%2F9k2Lmq7@example.org/\n", "x%2F9k2Lmq7", finding.Sure},
		"a random value in a translation": {"app/i18n/de.json", `{"password": "` + key + `"}`, key, finding.Sure},
		"a password with a year":          {"", `db_password = "Winter-garden2031"`, "Winter-garden2031", finding.Sure},
		"the ID that is a password":       {"", "VAULT_SECRET_ID=" + key + "\n", key, finding.Sure},
		"the key of an account":           {"", `{"storage_key":"` + key + `"}`, key, finding.Sure},
		"a token of Vault":                {"", "token = s." + madeUp(24, letters, 24) + "\n", "s." + madeUp(24, letters, 24), finding.Likely},
		"user and password":               {"", `{ "auth": "` + base64.StdEncoding.EncodeToString([]byte("shop:"+key)) + `" }`, base64.StdEncoding.EncodeToString([]byte("shop:" + key)), finding.Sure},
		"a key beside a lock file":        {"app/lock.txt", "secret_token: " + hex + "\n", hex, finding.Sure},
		"a weak password in its file":     {"root/.netrc", "machine h login joe password hunter22\n", "hunter22", finding.Likely},
	})
}

// People make passwords of words, a number and a sign: no measure of randomness sees them, but the names
// that they are assigned to do.
func TestPasswordsThatPeopleMakeAreFound(t *testing.T) {
	cases := map[string]judged{}
	for _, v := range []string{"Harbour-2031", "tugboat7crew", "Secret2031!", "bilge_pump_12", "MyQuay$44x"} {
		for form, content := range map[string]string{
			"a string in Python":   "def connect():\n    password = \"" + v + "\"\n",
			"an argument in Java":  `new Client("app").login(user = "app", dbPassword = "` + v + `");`,
			"a member in JSON":     `{"db": {"user": "app", "password": "` + v + `"}}`,
			"a constant in PHP":    "define('DB_PASSWORD', '" + v + "');\n",
			"a quoted variable":    "DB_PASS='" + v + "'\nrun\n",
			"an attribute in XML":  `<source user="app" password="` + v + `"/>`,
			"an element in XML":    "<login><password>" + v + "</password></login>",
			"a quoted YAML scalar": "db:\n  password: '" + v + "'\n",
		} {
			cases[form+": "+v] = judged{"", content, v, finding.Likely}
		}
		if !strings.Contains(v, "$") { // else a shell would put something in
			for form, content := range map[string]string{
				"a plain YAML scalar":    "db:\n  password: " + v + "\n",
				"a variable of a shell":  "export PGPASSWORD=" + v + "\npsql\n",
				"a variable of an image": "FROM debian\nENV DB_PASSWORD=" + v + "\n",
			} {
				cases[form+": "+v] = judged{"", content, v, finding.Likely}
			}
		}
	}
	judgeAll(t, true, cases)
	judgeAll(t, false, map[string]judged{
		"a variable in Python":     {"", "password = user_pass_v2\n", "user_pass_v2", finding.Unsure},
		"a variable in Go":         {"", "password := userPassV2\n", "userPassV2", finding.Unsure},
		"a member in JavaScript":   {"", "const password = form.password2;\n", "form.password2", finding.Unsure},
		"a template":               {"", `password: "db-${NAME2}-pw"`, "db-${NAME2}-pw", finding.Unsure},
		"a format":                 {"", `password = "pw2-%s-x"`, "pw2-%s-x", finding.Unsure},
		"a variable of a shell":    {"", "DB_PASSWORD=\"$APP2_SECRET\"\n", "$APP2_SECRET", finding.Unsure},
		"the word itself":          {"", `password = "password123"`, "password123", finding.Unsure},
		"the ID of a field":        {"", `"passwordFieldId": "login-field-2"`, "login-field-2", finding.Unsure},
		"an example's variable":    {"", "ENV DB_PASSWORD=changeme1\n", "changeme1", finding.Unsure},
		"a comparison in a shell":  {"", "test $PASSWORD == expected2you\n", "expected2you", finding.Unsure},
		"a key of a JSON document": {"", `{"password": minLength8}`, "minLength8", finding.Unsure},
	})
}

func TestCommonPasswordsInPlacesForPasswordsAreWeakOnes(t *testing.T) {
	judgeAll(t, true, map[string]judged{
		"in an environment file":  {"srv/app/.env", "POSTGRES_PASSWORD=postgres123\n", "postgres123", finding.Likely},
		"in a composition":        {"srv/docker-compose.yml", "services:\n  db:\n    environment:\n      MYSQL_ROOT_PASSWORD: letmein2031\n", "letmein2031", finding.Likely},
		"with what rules ask for": {"srv/app/.env", "DB_PASSWORD=SuperSecret123!\n", "SuperSecret123!", finding.Likely},
	})
	judgeAll(t, false, map[string]judged{
		"a word that is put in later": {"srv/app/.env", "DB_PASSWORD=password\n", "password", finding.Unsure},
		"in a program's source":       {"", `password = "admin123"`, "admin123", finding.Unsure},
	})
}

func TestPasswordsThatPeopleChooseAreFoundWhereTheyAreWritten(t *testing.T) {
	chosen, key, hex := "gardenhose7", madeUp(30, letters, 28), madeUp(31, hexLetter, 40)
	id, secret := "AKIA"+madeUp(32, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16), madeUp(33, letters, 40)
	judgeAll(t, true, map[string]judged{
		"a constant":                     {"", `const db_password = "` + chosen + `"`, chosen, finding.Likely},
		"a comparison":                   {"", `if password == "` + chosen + `" {`, chosen, finding.Likely},
		"a default of the environment":   {"", `os.getenv("PASSWORD", "` + chosen + `")`, chosen, finding.Likely},
		"a numbered name":                {"", `String password02 = "` + chosen + `";`, chosen, finding.Likely},
		"a setting":                      {"", "sonar.jdbc.password=" + chosen + "\n", chosen, finding.Likely},
		"a variable in a list of texts":  {"", `["DB_PASSWORD=` + chosen + `"]`, chosen, finding.Likely},
		"an element":                     {"", "<password>" + chosen + "</password>", chosen, finding.Likely},
		"signs in quotes":                {"", `ldap_pwd = "k%udk423u4%P8=H_"`, "k%udk423u4%P8=H_", finding.Likely},
		"prose":                          {"", "Password: x9Fq2LmZ7k\n", "x9Fq2LmZ7k", finding.Likely},
		"a connection string":            {"", "Server=db;Database=shop;User Id=sa;Password=" + chosen + ";", chosen, finding.Likely},
		"words of libpq":                 {"", "host=db user=shop password=" + chosen + " dbname=shop", chosen, finding.Likely},
		"the query of a JDBC URL":        {"", "jdbc:mysql://db/shop?user=shop&amp;password=" + chosen + `"`, chosen, finding.Likely},
		"an option":                      {"", "app --db-password " + chosen + " --verbose\n", chosen, finding.Likely},
		"an option in a list":            {"", `CMD ["app", "--api-token", "` + key + `"]`, key, finding.Sure},
		"an option with a sign":          {"", "wget --http-password=kqxzvwpj https://x\n", "kqxzvwpj", finding.Likely},
		"an option on a line of its own": {"", "curl \\\n    --proxy-user joe:" + chosen + " \\\n https://x\n", chosen, finding.Likely},
		"a call":                         {"", `server.login("me@example.org", "` + chosen + `")`, chosen, finding.Likely},
		"a header of another scheme":     {"", "Authorization: ApiKey " + key + "\r\n", key, finding.Sure},
		"the same in JSON":               {"", `{"headers":{"Authorization":"Token ` + hex + `"}}`, hex, finding.Sure},
		"a short token in a header":      {"", "Authorization: Bearer 17UYMfTMYxqUG87n\r\n", "17UYMfTMYxqUG87n", finding.Sure},
		"a key behind its ID":            {"", "Access key ID,Secret access key\n" + id + "," + secret + "\n", secret, finding.Sure},
		"a key in a call":                {"", `connect("` + id + `", "` + secret + `")`, secret, finding.Sure},
		"a token of Vault's today":       {"", "root: hvs." + madeUp(34, letters, 24) + "\n", "hvs." + madeUp(34, letters, 24), finding.Sure},
		"a key of a language model":      {"", "x = 'sk-" + madeUp(35, hexLetter, 32) + "'\n", "sk-" + madeUp(35, hexLetter, 32), finding.Sure},
		"a bot":                          {"", `Bot("7301952846:AA` + madeUp(36, letters, 33) + `")`, "7301952846:AA" + madeUp(36, letters, 33), finding.Sure},
	})
	judgeAll(t, false, map[string]judged{
		"a variable":                 {"", "password = newPassword2\n", "newPassword2", finding.Unsure},
		"a member":                   {"", `password = "form.field2"`, "form.field2", finding.Unsure},
		"a word":                     {"", `password = "required"`, "required", finding.Unsure},
		"a word for tests":           {"", `password: "test1234"`, "test1234", finding.Unsure},
		"about a password":           {"", `password_hint = "` + chosen + `"`, chosen, finding.Unsure},
		"the length of one":          {"", `passwordMinLength: "atleast8"`, "atleast8", finding.Unsure},
		"a format":                   {"", `password = "%s%d"`, "%s%d", finding.Unsure},
		"a reference in a string":    {"", "Server=db;User Id=sa;Password=${DB_PASSWORD};", "DB_PASSWORD", finding.Unsure},
		"code behind a name":         {"", "user=u, password=keys[0])", "keys", finding.Unsure},
		"an argument of a call":      {"", "f(user=user, password=pass2word, x=1)", "pass2word", finding.Unsure},
		"an option that is none":     {"", "RUN adduser --disabled-password deploy1 && true\n", "deploy1", finding.Unsure},
		"a secret of a build":        {"", "docker build --secret id=npmrc1,src=.npmrc .\n", "npmrc1", finding.Unsure},
		"a word behind an option":    {"", "Use --api-token option2 of it, or --token string\n", "string", finding.Unsure},
		"a file behind an option":    {"", "app --password secrets/db1 --token /run/t1\n", "db1", finding.Unsure},
		"two words in a call":        {"", `login("username", "password")`, "password", finding.Unsure},
		"the answer to a challenge":  {"", "Authorization: Digest " + hex + "\r\n", hex, finding.Unsure},
		"prose about a header":       {"", "Authorization: the bearer authentication-scheme2 of it\n", "authentication-scheme2", finding.Unsure},
		"an ID alone":                {"", "key: " + id + ", revision " + hex + "\n", hex, finding.Unsure},
		"a part of a longer word":    {"", "task-" + madeUp(37, hexLetter, 32) + "\n", madeUp(37, hexLetter, 32), finding.Unsure},
		"a time and a port, no bots": {"", "12345678:AA\n", "AA", finding.Unsure},
	})
}
