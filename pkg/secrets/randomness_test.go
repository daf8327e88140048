package secrets

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestWordsAreToldFromRandomCharacters(t *testing.T) {
	words := strings.Fields(`getPasswordFromEnvironment my-database-password com.example.project.Application libgnutls30-openssl
		relationship_direction MAX_CONNECTION_TIMEOUT kubernetes.io/service-account-token uwsgi-plugin-python3 NFTA_SET_ELEM_KEY_END
		__NFTA_OBJREF_UNSPEC some_configuration_value tokenEndpointAuthMethod X509_V_FLAG_PARTIAL_CHAIN Kartoffelbrei-und-Pferdesalat`)
	for _, w := range words {
		if got := wordiness(w); got < -0.1 {
			t.Errorf("%s: %.2f", w, got)
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	for _, alphabet := range []string{"0123456789abcdef", "0123456789ABCDEF", "abcdefghijklmnopqrstuvwxyz0123456789",
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"} {
		wrong := 0
		for range 1000 {
			b := make([]byte, 24)
			for i := range b {
				b[i] = alphabet[r.IntN(len(alphabet))]
			}
			if wordiness(string(b)) > looksRandom {
				wrong++
			}
		}
		if wrong > 15 {
			t.Errorf("%d of 1000 random values over %d characters are taken for words", wrong, len(alphabet))
		}
	}
}
