package credfile

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestEveryFormatFindsWhatWasPlanted(t *testing.T) {
	for _, x := range fixtures() {
		t.Run(x.format, func(t *testing.T) {
			content, marks := x.fill(asPlain)
			checkMarks(t, x, content, marks)
		})
	}
}

// An awkward secret is one that an expression would cut or leave escaped.
func TestEveryFormatReadsAwkwardSecretsByItsOwnRules(t *testing.T) {
	for _, x := range fixtures() {
		if x.syntax == "" {
			continue
		}
		t.Run(x.format, func(t *testing.T) {
			content, marks := x.fill(asAwkward)
			checkMarks(t, x, content, marks)
		})
	}
}

func TestNoFormatTakesReferencesForCredentials(t *testing.T) {
	for _, x := range fixtures() {
		if x.format == "svn-auth" || x.format == "vnc-configuration" {
			continue // of a fixed length, for which a reference is too long
		}
		t.Run(x.format, func(t *testing.T) {
			content, _ := x.fill(asReference)
			found, _ := parseAs(t, x.format, x.path, content)
			if len(found) > 0 {
				t.Errorf("%d credentials in\n%s\nthe first is named %q", len(found), content, found[0].Name)
			}
		})
	}
}

func TestTheFormOfAFileDoesNotMatter(t *testing.T) {
	for _, x := range fixtures() {
		content, marks := x.fill(asPlain)
		if strings.Contains(string(content), "\r") || slices.Contains(byteForms, x.format) {
			continue
		}
		t.Run(x.format+" with a byte order mark", func(t *testing.T) {
			shifted := slices.Clone(marks)
			for i := range shifted {
				shifted[i].offset += 3
			}
			checkMarks(t, x, append([]byte("\xef\xbb\xbf"), content...), shifted)
		})
	}
}

// byteForms are formats whose files cannot have a byte order mark.
var byteForms = []string{"kubernetes-secret", "cloud-init"}

func checkMarks(t *testing.T, x fixture, content []byte, marks []mark) {
	t.Helper()
	found, err := parseAs(t, x.format, x.path, content)
	if err != nil {
		t.Fatalf("%v in\n%s", err, content)
	}
	for _, m := range marks {
		i := slices.IndexFunc(found, func(c Credential) bool {
			return c.Value == m.value && c.Offset == m.offset && c.Length == m.size
		})
		if i < 0 {
			t.Errorf("not found: %q at %d, %d bytes, in\n%s\nfound: %+v", m.value, m.offset, m.size, content, found)
			continue
		}
		if c := found[i]; c.Format != x.format || c.Name == "" {
			t.Errorf("format %q and name %q", c.Format, c.Name)
		}
		found = slices.Delete(found, i, i+1)
	}
	if len(found) > 0 {
		t.Errorf("found besides: %+v in\n%s", found, content)
	}
}

// binaryFormats have fixtures of their own in other tests.
var binaryFormats = []string{
	"mysql-login-path", "dbeaver-credentials", "putty-key", "oracle-wallet", "rails-credentials", "weblogic-boot", "java-keystore", "pkcs12",
	"jenkins-secret-key", "mosquitto", "chromium-logins", "kwallet", "macos-keychain", "keepass", "password-store", "krb5-keytab", "krb5-ccache", "krb5-stash",
	"vnc-passwd", "gnupg-store", "telegram-session", "windows-hive", "ntds", "samba-tdb", "crypttab-key", "ansible-vault", "openvpn-static-key", "borg-key", "maven-security",
}

func TestEveryFormatIsTested(t *testing.T) {
	tested := slices.Clone(binaryFormats)
	for _, x := range fixtures() {
		tested = append(tested, x.format)
	}
	table := Formats()
	for _, f := range table {
		if !slices.Contains(tested, f.ID) {
			t.Errorf("%s has no fixture", f.ID)
		}
	}
	for _, id := range tested {
		if !slices.ContainsFunc(table, func(f Format) bool { return f.ID == id }) {
			t.Errorf("there is no format %s", id)
		}
	}
}

func TestTheTableIsInOrderAndComplete(t *testing.T) {
	table := Formats()
	if len(table) < 90 {
		t.Errorf("%d formats", len(table))
	}
	for i, f := range table {
		if i > 0 && table[i-1].ID >= f.ID {
			t.Errorf("%s stands behind %s", f.ID, table[i-1].ID)
		}
		u, err := url.Parse(f.Documentation)
		if err != nil || u.Host == "" || f.Title == "" || len(f.names) == 0 || f.read == nil {
			t.Errorf("%s lacks something: %q %q", f.ID, f.Title, f.Documentation)
		}
		for _, n := range f.names {
			if n != strings.ToLower(n) || strings.HasPrefix(n, "/") {
				t.Errorf("%s: the pattern %q can match no path", f.ID, n)
			}
		}
	}
}
