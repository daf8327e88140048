package proof

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
)

// jwk is a JSON Web Key (RFC 7517, 7518 section 6, 8037).
type jwk struct {
	Kind   string `json:"kty"`
	Curve  string `json:"crv"`
	ID     string `json:"kid"`
	N      string `json:"n"`
	E      string `json:"e"`
	D      string `json:"d"`
	P      string `json:"p"`
	Q      string `json:"q"`
	X      string `json:"x"`
	Y      string `json:"y"`
	Secret string `json:"k"`
}

// readJWK reads the private keys of a key, of a set, or of a list of keys.
func readJWK(b []byte) []Key {
	if !bytes.Contains(b, []byte(`"kty"`)) {
		return nil
	}
	var set struct {
		Keys []jwk `json:"keys"`
		jwk
	}
	if b[0] == '[' {
		if json.Unmarshal(b, &set.Keys) != nil {
			return nil
		}
	} else if json.Unmarshal(b, &set) != nil {
		return nil
	}
	if set.Kind != "" {
		set.Keys = append(set.Keys, set.jwk)
	}
	var keys []Key
	for _, j := range set.Keys[:min(len(set.Keys), MaxKeys)] {
		if k, ok := j.key(); ok {
			k.Format, k.Comment = "JWK", words(j.ID)
			keys = append(keys, k)
		}
	}
	return keys
}

// key reports false for a public key.
func (j jwk) key() (Key, bool) {
	switch j.Kind {
	case "RSA":
		if j.D == "" {
			return Key{}, false
		}
		var p, q *big.Int
		if j.P != "" && j.Q != "" {
			p, q = jwkNumber(j.P), jwkNumber(j.Q)
		}
		return rsaKey(jwkNumber(j.N), jwkNumber(j.E), jwkNumber(j.D), p, q), true
	case "EC":
		if j.D == "" {
			return Key{}, false
		}
		c, ok := curveByName(j.Curve)
		if !ok {
			return Key{Kind: "EC", Curve: words(j.Curve)}, true
		}
		point := append([]byte{4}, append(jwkBytes(j.X), jwkBytes(j.Y)...)...)
		return pointKey(c, jwkBytes(j.D), point), true
	case "OKP":
		if j.D == "" {
			return Key{}, false
		}
		seed := jwkBytes(j.D)
		for _, known := range edwards {
			if known.name == j.Curve && len(seed) == known.size {
				var public []byte
				if j.X != "" {
					public = jwkBytes(j.X)
				}
				return okpKey(j.Curve, seed, public), true
			}
		}
		return Key{Kind: "OKP", Curve: words(j.Curve), Problem: "of a curve or length that is not known"}, true
	case "oct":
		if j.Secret == "" {
			return Key{}, false
		}
		secret := jwkBytes(j.Secret)
		k := Key{Kind: "oct", Bits: 8 * len(secret)}
		if len(secret) == 0 {
			k.Problem = "not valid base64"
		}
		return k, true
	}
	return Key{}, false
}

func jwkBytes(s string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return nil
	}
	return b
}

func jwkNumber(s string) *big.Int { return new(big.Int).SetBytes(trimZeros(jwkBytes(s))) }
