package corpus

import (
	"crypto/rsa"
	"math/big"
)

const rsaExponent = 65537

// rsaKey is a key of 2048 bits. The standard library makes none from a seeded source, so that
// the primes are found here. All keys of a corpus share one prime, because finding primes
// takes most of the time of a build; nobody uses the keys.
func rsaKey(r *random) *rsa.PrivateKey {
	p, q := rsaPrime(r), r.prime
	if q == nil {
		q = rsaPrime(r)
	}
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: rsaExponent},
		D:         new(big.Int).ModInverse(big.NewInt(rsaExponent), phi),
		Primes:    []*big.Int{p, q},
	}
	key.Precompute()
	must(key.Validate())
	return key
}

// rsaPrime has its two highest bits set, so that a product of two is long enough (FIPS 186-5,
// appendix A.1). Candidates with a small factor are sieved out first.
func rsaPrime(r *random) *big.Int {
	b := r.bytes(128)
	b[0] |= 0xc0
	b[127] |= 1
	start := new(big.Int).SetBytes(b)
	const span = 1 << 12 // odd numbers from the start
	var composite [span]bool
	step, rest := new(big.Int), new(big.Int)
	for d := int64(3); d < 1<<13; d += 2 {
		// start + 2i is divisible by d where 2i = -start modulo d.
		i := rest.Mod(start, step.SetInt64(d)).Int64()
		i = (d - i) % d
		if i%2 == 1 {
			i += d
		}
		for i /= 2; i < span; i += d {
			composite[i] = true
		}
	}
	for i, c := range composite {
		if c {
			continue
		}
		p := new(big.Int).Add(start, big.NewInt(int64(2*i)))
		// ProbablyPrime(0) is the Baillie-PSW test, with no known exception.
		if p.ProbablyPrime(0) && new(big.Int).Mod(p, big.NewInt(rsaExponent)).Int64() != 1 {
			return p
		}
	}
	return rsaPrime(r)
}
