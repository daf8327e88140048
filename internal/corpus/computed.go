package corpus

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/big"
	"strconv"
	"strings"
)

// computedTokens have parts that follow from others: checksums, signatures, encoded claims.
func computedTokens() []kind {
	return []kind{
		{name: "pypi-token", variable: "TWINE_PASSWORD", special: pypiToken},
		{name: "jwt-session", variable: "SERVICE_JWT", special: func(r *random) sample {
			return sample{value: sessionJWT(r, r.word(), r.bytes(32))}
		}},
		{name: "jwt-supabase-service-role", variable: "SUPABASE_SERVICE_ROLE_KEY", special: func(r *random) sample {
			return sample{value: signedJWT(map[string]any{"iss": "supabase", "ref": r.from(lower, 20), "role": "service_role",
				"iat": 1700000000 + r.IntN(1e7), "exp": 2015000000 + r.IntN(1e7)}, r.bytes(40))}
		}},
		{name: "discord-bot-token", variable: "DISCORD_TOKEN", special: discordToken},
		{name: "grafana-service-token", variable: "GRAFANA_TOKEN", special: func(r *random) sample {
			return sample{value: grafanaToken(r.from(base62, 32))}
		}},
		{name: "grafana-cloud-token", variable: "GRAFANA_CLOUD_TOKEN", special: func(r *random) sample {
			return sample{value: "glc_" + base64.StdEncoding.EncodeToString(encodeJSON(map[string]any{
				"o": r.form("num", 6), "n": "stack-" + r.word(), "k": r.from(base62, 24), "m": map[string]string{"r": "eu"}}))}
		}},
		{name: "mapbox-secret-token", variable: "MAPBOX_TOKEN", special: func(r *random) sample {
			claims := encodeJSON(map[string]string{"u": r.word(), "a": "cl" + r.from(digits+lower, 23)})
			return sample{value: "sk." + base64.RawURLEncoding.EncodeToString(claims) + "." + r.from(urlSafe, 21) + r.from(base62, 1)}
		}},
		{name: "sentry-organization-token", variable: "SENTRY_ORG_TOKEN", special: func(r *random) sample {
			claims := encodeJSON(map[string]any{"iat": 1700000000 + r.IntN(1e7), "url": "https://sentry.io", "region_url": "https://us.sentry.io", "org": r.word()})
			return sample{value: "sntrys_" + base64.StdEncoding.EncodeToString(claims) + "_" + r.from(base62+"+/", 43)}
		}},
		{name: "onepassword-token", variable: "OP_SERVICE_ACCOUNT_TOKEN", special: func(r *random) sample {
			account := encodeJSON(map[string]string{"signInAddress": "my.1password.com", "email": r.word() + "@1passwordserviceaccounts.com",
				"srpX": hex.EncodeToString(r.bytes(32)), "secretKey": "A3-" + r.from(upper+digits, 34)})
			return sample{value: "ops_" + base64.RawURLEncoding.EncodeToString(account)}
		}},
	}
}

// withChecksum62 adds the CRC-32 of the text in six digits of base 62, as GitHub and npm do.
func withChecksum62(text string) string {
	return text + base62Digits(crc32.ChecksumIEEE([]byte(text)), 6)
}

// base62Digits writes n with the digits 0-9A-Za-z.
func base62Digits(n uint32, width int) string {
	b := []byte(strings.Repeat("0", width))
	for i := width - 1; n > 0; i-- {
		b[i] = base62[n%62]
		n /= 62
	}
	return string(b)
}

// grafanaToken has the CRC-32 of what is before it at its end, lowest byte first.
func grafanaToken(secret string) string {
	body := "glsa_" + secret
	sum := crc32.ChecksumIEEE([]byte(body))
	return fmt.Sprintf("%s_%02x%02x%02x%02x", body, byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24))
}

// pypiToken is a macaroon of version 2 for pypi.org, as PyPI's "API tokens" and the libmacaroons
// format description have it.
func pypiToken(r *random) sample {
	identifier := r.uuid()
	caveat := fmt.Sprintf(`[3, "%s"]`, r.uuid())
	field := func(kind byte, body []byte) []byte {
		return append([]byte{kind, byte(len(body))}, body...)
	}
	mac := func(key, message []byte) []byte {
		h := hmac.New(sha256.New, key)
		h.Write(message)
		return h.Sum(nil)
	}
	m := []byte{2}
	m = append(m, field(1, []byte("pypi.org"))...)
	m = append(m, field(2, []byte(identifier))...)
	m = append(m, 0)
	m = append(m, field(2, []byte(caveat))...)
	m = append(m, 0, 0)
	key := mac([]byte("macaroons-key-generator"), r.bytes(32))
	m = append(m, field(6, mac(mac(key, []byte(identifier)), []byte(caveat)))...)
	return sample{value: "pypi-" + base64.RawURLEncoding.EncodeToString(m)}
}

func sessionJWT(r *random, subject string, key []byte) string {
	return signedJWT(map[string]any{"sub": subject, "jti": r.uuid(), "iat": 1700000000 + r.IntN(1e7), "exp": 2015000000 + r.IntN(1e7)}, key)
}

// signedJWT signs the claims with HS256 (RFC 7515, RFC 7519).
func signedJWT(claims map[string]any, key []byte) string {
	encode := base64.RawURLEncoding.EncodeToString
	head := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(encodeJSON(claims))
	h := hmac.New(sha256.New, key)
	h.Write([]byte(head))
	return head + "." + encode(h.Sum(nil))
}

// discordToken is the bot's number, the time since 2011 and an HMAC, each in base64.
func discordToken(r *random) sample {
	encode := base64.RawURLEncoding.EncodeToString
	number := "1" + r.from(digits, 18)
	seconds := big.NewInt(400_000_000 + int64(r.IntN(1e8))).Bytes()
	return sample{value: encode([]byte(number)) + "." + encode(seconds) + "." + encode(r.bytes(28))}
}

// ageKey is an X25519 identity of age: Bech32 (BIP 173) of 32 bytes, in capitals.
func ageKey(r *random) sample {
	return sample{value: strings.ToUpper(bech32("age-secret-key-", r.bytes(32)))}
}

const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

func bech32(prefix string, data []byte) string {
	var values []byte
	acc, bits := 0, 0
	for _, b := range data {
		acc, bits = acc<<8|int(b), bits+8
		for ; bits >= 5; bits -= 5 {
			values = append(values, byte(acc>>(bits-5)&31))
		}
		acc &= 1<<bits - 1
	}
	if bits > 0 {
		values = append(values, byte(acc<<(5-bits)&31))
	}
	checked := make([]byte, 0, len(prefix)*2+len(values)+7)
	for _, c := range prefix {
		checked = append(checked, byte(c>>5))
	}
	checked = append(checked, 0)
	for _, c := range prefix {
		checked = append(checked, byte(c&31))
	}
	checked = append(append(checked, values...), 0, 0, 0, 0, 0, 0)
	sum := bech32Polymod(checked) ^ 1
	out := prefix + "1"
	for _, v := range values {
		out += bech32Letters[v : v+1]
	}
	for i := range 6 {
		v := sum >> (5 * (5 - i)) & 31
		out += bech32Letters[v : v+1]
	}
	return out
}

// bech32Polymod is the remainder of BIP 173, where the generator's five numbers come from.
func bech32Polymod(values []byte) int {
	generator := [...]int{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	chk := 1
	for _, v := range values {
		top := chk >> 25
		chk = chk&0x1ffffff<<5 ^ int(v)
		for i, g := range generator {
			if top>>i&1 == 1 {
				chk ^= g
			}
		}
	}
	return chk
}

func encodeJSON(v any) []byte {
	b, err := json.Marshal(v)
	must(err)
	return b
}

// must stops the build on what only a mistake in this package can cause.
func must(err error) {
	if err != nil {
		panic("corpus: " + err.Error())
	}
}

func quoted(s string) string { return strconv.Quote(s) }
