package proof

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

func certificate(t testing.TB, k keyring, template, parent *x509.Certificate) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, k.p256.Public(), k.p256)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestCertificateJoinsItsKey(t *testing.T) {
	k := newKeyring(t)
	end := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "www\x1b[0m", Organization: []string{"Acme"}},
		NotBefore: end.AddDate(-1, 0, 0), NotAfter: end, DNSNames: []string{"www.example", "example"},
	}
	root := &x509.Certificate{SerialNumber: big.NewInt(8), Subject: pkix.Name{CommonName: "root"}}
	der := certificate(t, k, leaf, leaf)
	key := Keys([]byte(inPEM("EC PRIVATE KEY", sec1(t, k.p256))))[0]
	for name, content := range map[string]string{
		"in DER":                  string(der),
		"in PEM":                  inPEM("CERTIFICATE", der),
		"behind its key":          inPEM("EC PRIVATE KEY", sec1(t, k.p256)) + inPEM("CERTIFICATE", der),
		"indented, in one string": `{"cert": "` + strings.ReplaceAll(inPEM("CERTIFICATE", der), "\n", `\n`) + `"}`,
		"with trust behind it":    inPEM("TRUSTED CERTIFICATE", append(append([]byte{}, der...), 0x30, 0)),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Certificate([]byte(content))
			if err != nil {
				t.Fatal(err)
			}
			if c.PublicKey != key.PublicKey || !c.SelfSigned || !c.NotAfter.Equal(end) || len(c.DNSNames) != 2 || !strings.Contains(c.Subject, "Acme") {
				t.Errorf("%+v", c)
			}
			if strings.Contains(c.Subject, "\x1b") {
				t.Errorf("a control character in %q", c.Subject)
			}
		})
	}
	if c, err := Certificate(certificate(t, k, leaf, root)); err != nil || c.SelfSigned || c.Issuer != "CN=root" {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := Certificate([]byte("no certificate")); !errors.Is(err, ErrNoCertificate) {
		t.Errorf("%v", err)
	}
	for _, broken := range []string{inPEM("CERTIFICATE", der[:90]), string(der[:90]), inPEM("CERTIFICATE", []byte{0x30, 0})} {
		if _, err := Certificate([]byte(broken)); err == nil || errors.Is(err, ErrNoCertificate) {
			t.Errorf("%v", err)
		}
	}
}

func FuzzCertificate(f *testing.F) {
	k := newKeyring(f)
	root := &x509.Certificate{SerialNumber: big.NewInt(8), Subject: pkix.Name{CommonName: "root"}, DNSNames: []string{"a"}}
	der := certificate(f, k, root, root)
	f.Add(der)
	f.Add([]byte(inPEM("CERTIFICATE", der)))
	f.Fuzz(func(t *testing.T, content []byte) {
		c, err := Certificate(content)
		if err != nil {
			return
		}
		if c.PublicKey == "" {
			t.Fatal("no public key")
		}
		for _, s := range append(c.DNSNames, c.Subject, c.Issuer) {
			if finding.EscapeText(s) != s {
				t.Fatalf("%q", s)
			}
		}
	})
}
