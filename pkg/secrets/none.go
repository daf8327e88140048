package secrets

import (
	"net/url"
	"strings"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// spokenRules go by names and by forms of speech, which programs and manuals have about credentials as well.
var spokenRules = []string{
	ruleGeneric, ruleLiteral, ruleOption, ruleCommand, ruleConnection, ruleSQL, ruleBasic, ruleBearer, ruleURL, "curl-auth-user", "curl-auth-header",
}

// isNone reports whether a hit is certainly no secret. One sign against it lowers the confidence, and it takes two
// that have nothing to do with each other to be certain: what the value is, what stands around it, and where it lies.
// The vendor is of the file, as it shipped it.
func (h Hit) isNone(path, vendor string) bool {
	value := h.Value.Reveal()
	switch {
	case aptIndex.MatchString(path):
		return h.Confidence == finding.Unsure || h.byName()
	case h.Rule == "private-key":
		return h.Line == 0 && emptyKey(value) // in a program; in a text, the lines may lie elsewhere
	case h.Rule == ruleCrypt:
		return documentation.MatchString(path) && madeByHand(value)
	case h.Rule == ruleStore:
		return h.Confidence == finding.Unsure && published.MatchString(path) // others can read it, if anybody
	case h.around&surveyed == 0:
		return false
	case h.isCode(path, value), h.byName() && isDescription(value, h.Name):
		return true
	}
	return h.isExplained(path, vendor)
}

// isExplained reports whether a hit that a form of speech gave is an example or a word of those who wrote what lies at a
// place for everybody.
func (h Hit) isExplained(path, vendor string) bool {
	value := h.Value.Reveal()
	if plain, err := url.PathUnescape(value); h.Rule == ruleURL && err == nil {
		value = plain
	}
	shipped, isPublished := documentation.MatchString(path), published.MatchString(path)
	explains := shipped || manual.MatchString(path)
	switch {
	case !explains && !isPublished:
		return false
	case h.readsLikeNone(value), isDistribution(vendor) && (isWord(value) || ofTests.MatchString(path)):
		return true
	case manualPage.MatchString(path) && isWord(value), shipped && placeholder(value):
		return true
	case explains && (h.around&forExample != 0 || filler(value)):
		return true
	}
	return !shipped && isPublished && (explains || h.around&inManual != 0) && isWord(value)
}

// byName reports whether a hit is what is assigned to a name.
func (h Hit) byName() bool { return h.Rule == ruleGeneric || h.Rule == ruleLiteral }

// readsLikeNone reports whether a value that is assigned to a name is doubted for what it is, where the name is not
// one for what people choose, or reads like words, where the name is not that of a credential.
func (h Hit) readsLikeNone(value string) bool {
	return h.byName() && !spokenName(h.Name) &&
		(h.Confidence == finding.Unsure || h.Name != "" && !credentialName(h.Name) && wordiness(value) >= looksWordy)
}

// pythonPackage begins the name of a vendor that is no distribution.
const pythonPackage = "Python package "

// isDistribution reports whether a vendor is a distribution of an operating system: what it ships, everybody has.
func isDistribution(vendor string) bool {
	return vendor != "" && !strings.HasPrefix(vendor, pythonPackage)
}

// isWord reports whether a value is one word, or several, of letters alone.
func isWord(v string) bool {
	v = strings.Trim(v, `"'-@.`)
	return v != "" && !strings.ContainsFunc(v, func(r rune) bool {
		return !(r|0x20 >= 'a' && r|0x20 <= 'z') && !strings.ContainsRune("_-/:. ", r)
	}) && (len(v) < 8 || wordiness(v) > looksRandom)
}

// isCode reports whether a value is a name or an expression in source code, where only what is quoted is a text, or the
// beginning of a message among the strings of a program.
func (h Hit) isCode(path, value string) bool {
	switch {
	case h.Rule == ruleSQL:
		return h.around&ofNoAccount != 0 && identifierForm.MatchString(value) && !strings.ContainsAny(value, "0123456789")
	case !h.byName():
		return false
	case h.around&usedAsName != 0 && sourceCode.MatchString(path):
		return true
	case h.around&unquoted == 0:
		return false
	case constantForm.MatchString(value) && sourceCode.MatchString(path) && wordiness(value) > looksRandom:
		return true
	case h.Confidence != finding.Unsure, placeholder(value):
		return false
	case h.Line == 0:
		return h.around&amongWords != 0 && isWord(value)
	}
	return h.around&inComment == 0 && sourceCode.MatchString(path) && codeWords.MatchString(value)
}

// isDescription reports whether a value says of itself what it is: the tag of a member in Go, a setting, the name of
// an algorithm.
func isDescription(value, name string) bool {
	return memberTag.MatchString(value) || settingForm.MatchString(value) && !passwordName(name) || namesAlgorithm(value)
}

// memberTag is what generated code says of a member: bytes,2,opt,name=password,proto3.
var memberTag = newExpression(`^[a-z0-9]{3,12}(?:,\w{1,20})+,name=\w+(?:,|$)`)

// settingForm is of a number or truth that is assigned to words: max-age=86400, ignore-failure=1.
var settingForm = newExpression(`^[a-z]{3,20}(?:[-_][a-z]{2,20}){1,4}=(?:\d{1,10}[a-z]{0,2}|(?i:true|false))$`)

// namesAlgorithm reports whether a value has two parts of the name of a cipher: AES/GCM/NoPadding, PBEWithSHA1AndDES-CBC.
func namesAlgorithm(v string) bool {
	return wordiness(v) > looksRandom && len(cipherParts.compiled().FindAllString(v, 2)) == 2 && strings.ContainsAny(v, "-/_")
}

var cipherParts = newExpression(`(?:AES|DES|RC2|RC4|SHA|MD5|RSA|ECDSA|Hmac|HMAC|CBC|GCM|CTR|ECB|Padding|PADDING|PBE|pbe|Twofish|Blowfish|ChaCha20|Poly1305)`)

var (
	// aptIndex is what apt fetches of a repository: what packages there are.
	aptIndex = newExpression(`^var/lib/apt/lists/[^/]+_(?:Packages|Sources|(?:In)?Release|Translation-[^/]+|Contents-[^/]+)(?:\.[a-z0-9]{2,4})?$`)

	// manualPage is of what man and info show; distributions alone have such.
	manualPage = newExpression(`^usr/(?:local/)?share/(?:man|info)/`)

	// sourceCode is of languages in which words that are not quoted are names.
	sourceCode = newExpression(`\.(?:[cm]?[jt]sx?|py|go|java|kt|scala|cs|c|cc|cpp|h|hpp|rs|swift|php)$`)

	// codeWords are names, members of them, and what is assigned to them.
	codeWords = newExpression(`^[A-Za-z_$][\w$]*(?:(?:\.|=|==)[A-Za-z_$][\w$]*)*\.?$`)

	// constantForm is of constants and macros, by the custom of most languages.
	constantForm = newExpression(`^_*[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$`)

	// ofTests is of files that libraries have to be tested with, and of examples.
	ofTests = newExpression(`(?i)(?:^|/)(?:tests?|testing|testdata|fixtures?|examples?|samples?)(?:/|[-_.][^/]*$)`)
)

// madeByHand reports whether the salt of a hash is the same letter again and again, as no program makes it.
func madeByHand(hash string) bool {
	parts := strings.Split(hash, "$")
	return len(parts) > 3 && len(parts[2]) > 3 && strings.Trim(parts[2], parts[2][:1]) == ""
}
