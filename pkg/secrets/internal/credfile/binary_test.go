package credfile

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

func TestPKCS12FilesAreOpenedWithTheUsualPasswords(t *testing.T) {
	tooltest.Need(t, "openssl")
	dir := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "openssl", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("openssl %s: %v: %s", strings.Join(args, " "), err, out)
		}
	}
	run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-days", "2", "-subj", "/CN=x")
	for password, opens := range map[string]bool{"changeit": true, "password": true, "": true, "q8Zk2Lw9Xv4T": false} {
		for _, options := range [][]string{nil, {"-legacy"}} {
			run(append([]string{"pkcs12", "-export", "-inkey", "k.pem", "-in", "c.pem", "-out", "s.p12", "-passout", "pass:" + password}, options...)...)
			content, err := os.ReadFile(filepath.Join(dir, "s.p12"))
			if err != nil {
				t.Fatal(err)
			}
			found, err := parseAs(t, "pkcs12", "etc/ssl/s.p12", content)
			if err != nil || len(found) != 1 {
				t.Fatalf("%q: %+v, %v", password, found, err)
			}
			c := found[0]
			if opens && (c.Encrypted || c.Weak == "" || c.Value != password) || !opens && (!c.Encrypted || c.Value != "") {
				t.Errorf("%q %v: %+v", password, options, c)
			}
		}
	}
}

func TestFilesOfEncryptedStoresAreRecognised(t *testing.T) {
	keepass := binary.LittleEndian.AppendUint32([]byte("\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5"), 4<<16)
	for format, c := range map[string]struct {
		path    string
		content []byte
	}{
		"keepass":       {"root/all.kdbx", append(keepass, make([]byte, 200)...)},
		"ansible-vault": {"group_vars/all/vault.yml", []byte("$ANSIBLE_VAULT;1.1;AES256\n" + strings.Repeat("3132333435363738", 10) + "\n")},
	} {
		found, err := parseAs(t, format, c.path, c.content)
		if err != nil || len(found) != 1 || !found[0].Encrypted || found[0].Comment == "" {
			t.Errorf("%s: %+v, %v", format, found, err)
		}
		if len(Match(c.path, c.content)) == 0 {
			t.Errorf("%s is not matched by its path", format)
		}
	}
}

func TestAPasswordOfVNCIsDecrypted(t *testing.T) {
	for _, password := range []string{"hunter7x", "abc"} {
		found, err := parseAs(t, "vnc-passwd", "root/.vnc/passwd", sealVNC(password))
		if err != nil || len(found) != 1 || found[0].Value != password {
			t.Errorf("%q: %+v, %v", password, found, err)
		}
	}
}

func TestKeysOfAKeytabAreFound(t *testing.T) {
	var b bytes.Buffer
	put := func(v any) { _ = binary.Write(&b, binary.BigEndian, v) }
	text := func(s string) { put(uint16(len(s))); b.WriteString(s) }
	entry := func() []byte {
		b.Reset()
		put(uint16(1)) // components
		text("EXAMPLE.TEST")
		text("joe")
		put(uint32(1))          // type of the name
		put(uint32(1700000000)) // time
		b.WriteByte(3)          // version of the key
		put(uint16(18))         // AES256
		put(uint16(32))
		b.WriteString(strings.Repeat("k", 32))
		return bytes.Clone(b.Bytes())
	}()
	content := append([]byte{5, 2}, binary.BigEndian.AppendUint32(nil, uint32(len(entry)))...)
	content = append(content, entry...)
	found, err := parseAs(t, "krb5-keytab", "etc/krb5.keytab", content)
	if err != nil || len(found) != 1 || !strings.Contains(found[0].User+found[0].Name+found[0].Host, "joe") {
		t.Errorf("%+v, %v", found, err)
	}
}
