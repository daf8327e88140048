package proof

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// base62Kinds are the tokens of 30 random characters and their CRC-32 in base 62.
//
// Sources: GitHub's blog, "Behind GitHub's new authentication token formats" (2021), and
// "Announcing npm's new access token format" (2021).
var base62Kinds = map[string]string{
	"ghp_": "GitHub personal access token (classic)",
	"gho_": "GitHub OAuth access token",
	"ghu_": "GitHub App user token",
	"ghs_": "GitHub App installation token",
	"ghr_": "GitHub App refresh token",
	"npm_": "npm access token",
}

func proveBase62(s secret) (Result, bool) {
	if len(s.value) < 4 {
		return Result{}, false
	}
	kind, ok := base62Kinds[s.value[:4]]
	body := s.value[4:]
	if !ok || len(body) != 36 || !only(body, alnum) {
		return Result{}, false
	}
	r := Result{Confidence: finding.Sure}
	r.fact(kind)
	if base62(crc32.ChecksumIEEE([]byte(body[:30]))) != body[30:] {
		r.wrong("checksum wrong (CRC-32 in base 62)")
		return r, true
	}
	r.fact("checksum correct (CRC-32 in base 62)")
	if s.value[:4] == "ghs_" {
		r.fact("valid for one hour after it was issued")
	}
	return r, true
}

// base62 writes a number with six digits of base 62, which hold 35 bits.
func base62(n uint32) string {
	var b [6]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = alnum[n%62]
		n /= 62
	}
	return string(b[:])
}

// proveGitLab checks routable tokens: prefix, base 64 of random bytes and routing, a dot, in
// newer ones a version and a dot, the length of the base 64 as two and the CRC-32 of all
// that stands before it as seven digits of base 36.
//
// Source: GitLab's lib/authn/token_field/generator/routable_token.rb and the handbook's design
// document "Routable tokens".
func proveGitLab(s secret) (Result, bool) {
	prefix, rest, ok := strings.Cut(s.value, "-")
	if !ok || !strings.HasPrefix(prefix, "gl") || len(prefix) > 10 || !only(prefix, lower) || !only(rest, base64URL+".") {
		return Result{}, false
	}
	encoded, tail, ok := strings.Cut(rest, ".")
	if !ok {
		return Result{}, false
	}
	version, sum, versioned := strings.Cut(tail, ".")
	if !versioned {
		sum = tail
	} else if len(version) != 2 {
		return Result{}, false
	}
	const length, crc = 2, 7
	if len(sum) != length+crc || !only(sum, digits+lower) {
		return Result{}, false
	}
	// Runner tokens put their type, as t1_, between the prefix and the base 64.
	if at := strings.IndexByte(encoded, '_'); at == 2 && encoded[0] == 't' {
		encoded = encoded[3:]
	}
	r := Result{Confidence: finding.Sure}
	r.fact("GitLab token of the routable form (", prefix, "-)")
	want, err := strconv.ParseUint(sum[length:], 36, 64)
	if err != nil || uint64(crc32.ChecksumIEEE([]byte(s.value[:len(s.value)-crc]))) != want {
		r.wrong("checksum wrong (CRC-32 in base 36)")
		return r, true
	}
	r.fact("checksum correct (CRC-32 in base 36)")
	payload, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(payload) < 17 {
		return r, true
	}
	size := int(payload[len(payload)-1])
	if len(payload) < size+1 {
		return r, true
	}
	for _, line := range strings.Split(string(payload[len(payload)-1-size:len(payload)-1]), "\n") {
		key, id, _ := strings.Cut(line, ":")
		n, err := strconv.ParseUint(id, 36, 63)
		name := map[string]string{"o": "organization", "g": "group", "p": "project", "u": "user"}[key]
		if err == nil && name != "" {
			r.fact("issued for ", name, " ", strconv.FormatUint(n, 10))
		}
	}
	return r, true
}

// proveGrafana checks service account tokens: the CRC-32 of all before the last underscore,
// its bytes from the lowest on, in hexadecimal.
//
// Source: Grafana's pkg/components/satokengen/tokengen.go.
func proveGrafana(s secret) (Result, bool) {
	at := strings.LastIndexByte(s.value, '_')
	if !strings.HasPrefix(s.value, "glsa_") || at != len("glsa_")+32 || len(s.value) != at+9 {
		return Result{}, false
	}
	r := Result{Confidence: finding.Sure}
	r.fact("Grafana service account token")
	var sum [4]byte
	binary.LittleEndian.PutUint32(sum[:], crc32.ChecksumIEEE([]byte(s.value[:at])))
	if hex.EncodeToString(sum[:]) != strings.ToLower(s.value[at+1:]) {
		r.wrong("checksum wrong (CRC-32)")
	} else {
		r.fact("checksum correct (CRC-32)")
	}
	return r, true
}

// proveAtlassian checks API tokens, whose last eight characters are the CRC-32 of the others in
// hexadecimal. Atlassian does not document this; other scanners check it. So a match
// is a proof and a mismatch is none.
func proveAtlassian(s secret) (Result, bool) {
	if !strings.HasPrefix(s.value, "ATATT3") || len(s.value) < 100 || !only(s.value, base64URL+"=") {
		return Result{}, false
	}
	r := Result{Confidence: s.formOnly()}
	r.fact("Atlassian API token")
	body, sum := s.value[:len(s.value)-8], s.value[len(s.value)-8:]
	want, err := strconv.ParseUint(sum, 16, 32)
	if err == nil && uint64(crc32.ChecksumIEEE([]byte(body))) == want {
		r.fact("checksum correct (CRC-32)")
		r.Confidence = finding.Sure
	}
	return r, true
}
