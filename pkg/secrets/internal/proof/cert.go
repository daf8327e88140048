package proof

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"
)

// maxNames bounds the DNS names of a certificate that are kept.
const maxNames = 100

// Cert is what a certificate says of its key.
type Cert struct {
	Subject    string // distinguished name (RFC 2253), without control characters
	Issuer     string
	NotBefore  time.Time
	NotAfter   time.Time
	PublicKey  string   // as [Key.PublicKey]
	SelfSigned bool     // issuer and subject are one and the same; the signature is not verified
	DNSNames   []string // the first 100
}

// ErrNoCertificate is the error for content without a certificate.
var ErrNoCertificate = errors.New("no certificate")

// Certificate reads a certificate in DER, or the first one of a text with PEM blocks.
func Certificate(content []byte) (Cert, error) {
	content = content[:min(len(content), MaxContent)]
	der := content
	if len(content) == 0 || content[0] != 0x30 {
		if der = firstCertificate(content); der == nil {
			return Cert{}, ErrNoCertificate
		}
	}
	var whole asn1.RawValue // OpenSSL lets settings of trust follow the certificate
	if _, err := asn1.Unmarshal(der, &whole); err != nil {
		return Cert{}, fmt.Errorf("reading the certificate: %w", err)
	}
	c, err := x509.ParseCertificate(whole.FullBytes)
	if err != nil {
		return Cert{}, fmt.Errorf("reading the certificate: %w", err)
	}
	out := Cert{
		Subject: words(c.Subject.String()), Issuer: words(c.Issuer.String()),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(),
		PublicKey:  fingerprint(c.RawSubjectPublicKeyInfo),
		SelfSigned: bytes.Equal(c.RawSubject, c.RawIssuer) && (len(c.AuthorityKeyId) == 0 || bytes.Equal(c.AuthorityKeyId, c.SubjectKeyId)),
	}
	for _, name := range c.DNSNames[:min(len(c.DNSNames), maxNames)] {
		out.DNSNames = append(out.DNSNames, words(name))
	}
	return out, nil
}

// firstCertificate finds the first certificate that is whole, in the lenient way of [Keys].
func firstCertificate(content []byte) []byte {
	for b := range pemBlocks(content) {
		switch b.label {
		case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE":
			text := unescape(b.body)
			for _, marked := range []bool{false, true} {
				if der, ok := pemBody(text, marked); ok {
					return der
				}
			}
		}
	}
	return nil
}
