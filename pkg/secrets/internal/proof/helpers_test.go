package proof

import (
	"crypto/hmac"
	"crypto/sha256"
	"math/big"
)

func hmacSHA256(key, text string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// toBase58 encodes with Bitcoin's checksum, by big numbers and so unlike the code under test.
func toBase58(body []byte) string {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	once := sha256.Sum256(body)
	twice := sha256.Sum256(once[:])
	n := new(big.Int).SetBytes(append(append([]byte{}, body...), twice[:4]...))
	var out []byte
	for n.Sign() > 0 {
		var digit big.Int
		n.DivMod(n, big.NewInt(58), &digit)
		out = append([]byte{alphabet[digit.Int64()]}, out...)
	}
	return string(out)
}
