package proof

import (
	"crypto/x509"
	"strings"
	"testing"
)

func BenchmarkOf(b *testing.B) {
	m, k := newMaker(4), newKeyring(b)
	for name, value := range map[string]string{
		"token":   m.base62("ghp_"),
		"text":    m.pick(40, alnum),
		"rsa":     inPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k.rsa)),
		"p256":    inPEM("EC PRIVATE KEY", sec1(b, k.p256)),
		"jwt":     m.jwt(map[string]string{"alg": "HS256"}, map[string]int{"exp": 1}),
		"hostile": strings.Repeat("-----BEGIN PRIVATE KEY-----", MaxContent/27),
		"spaces":  "-----BEGIN PRIVATE KEY-----" + strings.Repeat("\\n# \" + ", MaxContent/8),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(value)))
			b.ReportAllocs()
			for b.Loop() {
				Of("private-key", value, today)
			}
		})
	}
}
