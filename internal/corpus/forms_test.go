package corpus

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
)

func dbeaverPlain(form string) string {
	key, _ := hex.DecodeString("babb4a9f774ab853c96c2d653dfe544a")
	block, err := aes.NewCipher(key)
	if err != nil || len(form)%aes.BlockSize != 0 {
		return ""
	}
	b := []byte(form)
	cipher.NewCBCDecrypter(block, b[:aes.BlockSize]).CryptBlocks(b, b)
	return string(b[aes.BlockSize:])
}

func winSCPPlain(form string) string {
	b, err := hex.DecodeString(form)
	if err != nil {
		return ""
	}
	for i := range b {
		b[i] = ^(b[i] ^ 0xa3)
	}
	return string(b[4:])
}
