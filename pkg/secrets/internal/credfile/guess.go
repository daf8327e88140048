package credfile

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/md4" //nolint:staticcheck // the NT hash is MD4
)

// What guessing may cost, in rough microseconds of one core of the year 2020.
const (
	guessingWork = 250_000 // of a file
	mostPerHash  = 120_000 // of a hash
)

// guesser tries blank and common passwords on hashes, until its work is used up.
type guesser struct{ left int }

// guess gives [WeakBlank] or [WeakCommon] for the hash of such a password.
func (g *guesser) guess(kind, hash, user string) string {
	cost, check := checkOf(kind, hash, user)
	if check == nil {
		return ""
	}
	budget := min(g.left, mostPerHash)
	try := func(password string) bool {
		if budget < cost {
			return false
		}
		budget -= cost
		g.left -= cost
		return check(password)
	}
	if try("") {
		return WeakBlank
	}
	if user != "" && len(user) <= 32 && try(user) {
		return WeakCommon
	}
	for _, p := range commonPasswords {
		if budget < cost {
			return ""
		}
		if try(p) {
			return WeakCommon
		}
	}
	return ""
}

// checkOf gives the cost of one try and what compares a password with the hash.
func checkOf(kind, hash, user string) (int, func(string) bool) {
	if hash == "" {
		return 0, nil
	}
	if scheme, rest, ok := strings.Cut(hash, "}"); ok && hash[0] == '{' {
		if kind != hashMySQL && strings.HasPrefix(rest, "$") {
			return checkOf(kind, rest, user)
		}
		return digestCheck(kind, scheme, rest)
	}
	switch kind {
	case hashMD5Crypt, hashAPR1:
		magic, salt, ok := saltOf(hash)
		return 350, ifValid(ok, func(p string) bool { return md5Crypt(p, salt, magic) == hash })
	case hashSHA256Crypt, hashSHA512Crypt:
		return shaCryptCheck(kind, hash)
	case hashBcrypt:
		cost, err := bcrypt.Cost([]byte(hash))
		if err != nil || cost > 10 {
			return 0, nil
		}
		return 60_000 >> (10 - cost), func(p string) bool { return bcrypt.CompareHashAndPassword([]byte(hash), []byte(p)) == nil }
	case hashNT:
		want := strings.ToLower(strings.TrimPrefix(hash, "$3$$"))
		return 2, ifValid(len(want) == 32 && isHex(want), func(p string) bool { return ntHash(p) == want })
	case hashMySQL:
		return 2, func(p string) bool {
			one := sha1.Sum([]byte(p))
			two := sha1.Sum(one[:])
			return p != "" && strings.EqualFold(hash[1:], hex.EncodeToString(two[:]))
		}
	case hashPostgresMD5:
		return 2, func(p string) bool {
			sum := md5.Sum([]byte(p + user))
			return "md5"+hex.EncodeToString(sum[:]) == hash
		}
	case hashMD5, hashSHA1, hashSHA256, hashSHA512:
		return digestCheck(kind, "", hash)
	case hashDigest:
		name, realm, _ := strings.Cut(user, ":")
		return 2, func(p string) bool {
			sum := md5.Sum([]byte(name + ":" + realm + ":" + p))
			return strings.EqualFold(hex.EncodeToString(sum[:]), hash)
		}
	}
	return 0, nil
}

func ifValid(ok bool, check func(string) bool) func(string) bool {
	if !ok {
		return nil
	}
	return check
}

// digestCheck is for plain and salted digests, in hex or base64 (RFC 2307). The
// salt stands behind the digest.
func digestCheck(kind, scheme, text string) (int, func(string) bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(text) < 32 {
		if raw, err = base64.StdEncoding.DecodeString(text); err != nil {
			return 0, nil
		}
	}
	size, sum := 0, func([]byte) []byte { return nil }
	switch kind {
	case hashMD5, "smd5":
		size, sum = 16, func(b []byte) []byte { s := md5.Sum(b); return s[:] }
	case hashSHA1, hashSSHA:
		size, sum = 20, func(b []byte) []byte { s := sha1.Sum(b); return s[:] }
	case hashSHA256, "ssha256":
		size, sum = 32, func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }
	case hashSHA512, "ssha512":
		size, sum = 64, func(b []byte) []byte { s := sha512.Sum512(b); return s[:] }
	case hashNT:
		want := strings.ToLower(text)
		return 2, ifValid(len(raw) == 16, func(p string) bool { return ntHash(p) == want })
	}
	salted := strings.HasPrefix(strings.ToUpper(scheme), "{S") && strings.HasPrefix(kind, "s") && kind != hashSHA1 && kind != hashSHA256 && kind != hashSHA512
	if size == 0 || len(raw) < size || !salted && len(raw) != size || len(raw) > size+64 {
		return 0, nil
	}
	return 2, func(p string) bool {
		return bytes.Equal(sum(append([]byte(p), raw[size:]...)), raw[:size])
	}
}

func ntHash(password string) string {
	h := md4.New()
	for _, u := range utf16.Encode([]rune(password)) {
		h.Write([]byte{byte(u), byte(u >> 8)})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// saltOf divides "$1$salt$hash".
func saltOf(hash string) (magic, salt string, ok bool) {
	parts := strings.SplitN(hash, "$", 4)
	if len(parts) != 4 || len(parts[2]) > 8 {
		return "", "", false
	}
	return "$" + parts[1] + "$", parts[2], true
}

func shaCryptCheck(kind, hash string) (int, func(string) bool) {
	parts := strings.Split(hash, "$")
	rounds := 5000
	rest := parts[2:]
	if n, ok := strings.CutPrefix(parts[2], "rounds="); ok {
		var err error
		if rounds, err = strconv.Atoi(n); err != nil || rounds < 1000 || rounds > 50_000 {
			return 0, nil
		}
		rest = parts[3:]
	}
	if len(rest) != 2 || len(rest[0]) > 16 {
		return 0, nil
	}
	return rounds * 6 / 10, func(p string) bool {
		return shaCrypt(kind == hashSHA512Crypt, p, rest[0], rounds) == rest[1]
	}
}
