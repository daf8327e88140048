package proof

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// run runs a program in a directory, and skips the test where the program is not installed.
func run(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(args[0])
	if err != nil {
		t.Skipf("%s is not installed: its files were not tried", args[0])
	}
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GNUPGHOME="+dir, "HOME="+dir)
	var out, errors bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errors
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v: %s", args[0], err, errors.String())
	}
	return out.Bytes()
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFilesOfSSHKeygen(t *testing.T) {
	for name, args := range map[string][]string{
		"rsa":                {"-t", "rsa", "-b", "2048", "-N", ""},
		"ecdsa 256":          {"-t", "ecdsa", "-b", "256", "-N", ""},
		"ecdsa 521":          {"-t", "ecdsa", "-b", "521", "-N", ""},
		"ed25519":            {"-t", "ed25519", "-N", ""},
		"ed25519 encrypted":  {"-t", "ed25519", "-N", "passphrase", "-a", "20"},
		"rsa in PEM":         {"-t", "rsa", "-b", "2048", "-N", "", "-m", "PEM"},
		"rsa encrypted PEM":  {"-t", "rsa", "-b", "2048", "-N", "passphrase", "-m", "PEM"},
		"rsa in PKCS#8":      {"-t", "rsa", "-b", "2048", "-N", "", "-m", "PKCS8"},
		"ecdsa 384 in PEM":   {"-t", "ecdsa", "-b", "384", "-N", "", "-m", "PEM"},
		"ecdsa 384 in PKCS8": {"-t", "ecdsa", "-b", "384", "-N", "", "-m", "PKCS8"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "k")
			run(t, filepath.Dir(file), append([]string{"ssh-keygen", "-q", "-C", "me@here", "-f", file}, args...)...)
			keys := Keys(read(t, file))
			if len(keys) != 1 || keys[0].Problem != "" {
				t.Fatalf("%+v", keys)
			}
			k := keys[0]
			want := strings.Fields(string(run(t, filepath.Dir(file), "ssh-keygen", "-l", "-E", "sha256", "-f", file+".pub")))[1]
			if encrypted := strings.Contains(name, "encrypted"); k.Encrypted != encrypted {
				t.Errorf("encrypted: %+v", k)
			} else if encrypted && k.Format == "PKCS#1" {
				return // says nothing of its public half
			}
			if k.OpenSSH != want {
				t.Errorf("fingerprint %s, want %s", k.OpenSSH, want)
			}
			if k.Encrypted && (k.KDF != "bcrypt, 20 rounds" || k.Cipher == "") {
				t.Errorf("%+v", k)
			}
		})
	}
}

func TestFilesOfOpenSSL(t *testing.T) {
	for name, c := range map[string]struct {
		args, cipher, kdf string
	}{
		"PBES2 with PBKDF2": {"-topk8 -v2 aes-256-cbc -iter 4096 -passout pass:x", "AES-256-CBC", "PBKDF2, 4096 rounds"},
		"PBES2 with scrypt": {"-topk8 -scrypt -passout pass:x", "AES-256-CBC", "scrypt, N 16384, r 8, p 1"},
		"PBES1":             {"-topk8 -v1 PBE-SHA1-3DES -passout pass:x", "SHA-1 and triple DES", "2048 rounds"},
		"in the clear":      {"-topk8 -nocrypt", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			key := run(t, dir, "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1")
			file := filepath.Join(dir, "k.pem")
			if err := os.WriteFile(file, key, 0o600); err != nil {
				t.Fatal(err)
			}
			keys := Keys(run(t, dir, append([]string{"openssl", "pkcs8", "-in", file}, strings.Fields(c.args)...)...))
			if len(keys) != 1 || keys[0].Problem != "" || keys[0].Cipher != c.cipher || keys[0].KDF != c.kdf || keys[0].Encrypted != (c.cipher != "") {
				t.Fatalf("%+v", keys)
			}
			if c.cipher != "" {
				return
			}
			der := run(t, dir, "openssl", "pkey", "-in", file, "-pubout", "-outform", "DER")
			if keys[0].Curve != "secp256k1" || keys[0].PublicKey != fingerprint(der) {
				t.Errorf("%+v", keys[0])
			}
		})
	}
	for _, kind := range []string{"ED448", "X448", "RSA-PSS"} {
		t.Run(kind, func(t *testing.T) {
			keys := Keys(run(t, t.TempDir(), "openssl", "genpkey", "-algorithm", kind))
			if len(keys) != 1 || keys[0].Problem != "" || !strings.EqualFold(keys[0].Kind, strings.TrimSuffix(kind, "-PSS")) {
				t.Errorf("%+v", keys)
			}
		})
	}
}

func TestFilesOfGnuPG(t *testing.T) {
	for name, c := range map[string]struct{ algorithm, pass, kind string }{
		"RSA":               {"rsa2048", "", "RSA"},
		"Ed25519 encrypted": {"ed25519", "x", "Ed25519"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "g") // a socket's path must be short
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if path, err := exec.LookPath("gpgconf"); err == nil {
					stop := exec.Command(path, "--homedir", dir, "--kill", "all")
					_ = stop.Run()
				}
				_ = os.RemoveAll(dir)
			})
			// The agent would measure this machine to choose the rounds.
			if err := os.WriteFile(filepath.Join(dir, "gpg-agent.conf"), []byte("s2k-count 65536\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			gpg := []string{"gpg", "--homedir", dir, "--batch", "--pinentry-mode", "loopback", "--passphrase", c.pass}
			run(t, dir, append(gpg, "--quick-gen-key", "ann@example", c.algorithm)...)
			keys := Keys(run(t, dir, append(gpg, "--armor", "--export-secret-keys")...))
			if len(keys) != 1 || keys[0].Problem != "" || keys[0].Kind != c.kind || keys[0].Encrypted != (c.pass != "") || keys[0].Comment != "ann@example" {
				t.Fatalf("%+v", keys)
			}
			if listed := string(run(t, dir, "gpg", "--homedir", dir, "--batch", "--with-colons", "--list-keys")); !strings.Contains(listed, ":"+keys[0].ID+":") {
				t.Errorf("key id %s is not in\n%s", keys[0].ID, listed)
			}
		})
	}
}

func TestFilesOfPuTTY(t *testing.T) {
	for _, version := range []string{"2", "3"} {
		for _, kind := range []string{"rsa", "ed25519", "ecdsa"} {
			for _, pass := range []string{"", "passphrase"} {
				t.Run(kind+version+pass, func(t *testing.T) {
					dir := t.TempDir()
					if err := os.WriteFile(filepath.Join(dir, "pass"), []byte(pass), 0o600); err != nil {
						t.Fatal(err)
					}
					run(t, dir, "puttygen", "-q", "-t", kind, "-C", "me@here", "--new-passphrase", "pass", "--ppk-param", "version="+version, "-o", "k.ppk")
					keys := Keys(read(t, filepath.Join(dir, "k.ppk")))
					if len(keys) != 1 || keys[0].Problem != "" || keys[0].Format != "PuTTY "+version || keys[0].Encrypted != (pass != "") || keys[0].Comment != "me@here" {
						t.Fatalf("%+v", keys)
					}
					if want := string(run(t, dir, "puttygen", "-l", "k.ppk")); !strings.Contains(want, keys[0].OpenSSH) {
						t.Errorf("fingerprint %s, want %s", keys[0].OpenSSH, want)
					}
				})
			}
		}
	}
}
