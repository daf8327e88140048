package proof

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/imgaudit/imgaudit/pkg/finding"
)

// proveGoogleAccount reads the key file of a Google service account.
//
// Source: Google Cloud IAM, "Create and delete service account keys".
func proveGoogleAccount(s secret) (Result, bool) {
	if !strings.HasPrefix(s.value, "{") || !strings.Contains(s.value, `"service_account"`) {
		return Result{}, false
	}
	var file struct {
		Type       string `json:"type"`
		Project    string `json:"project_id"`
		KeyID      string `json:"private_key_id"`
		PrivateKey string `json:"private_key"`
		Email      string `json:"client_email"`
	}
	if json.Unmarshal([]byte(s.value), &file) != nil || file.Type != "service_account" {
		return Result{}, false
	}
	var r Result
	if keys := Keys([]byte(file.PrivateKey)); len(keys) > 0 {
		r = keysResult(keys)
	} else {
		r.Confidence = finding.Unsure
		r.fact("holds no private key that could be read")
	}
	r.Account = words(file.Project)
	r.fact("Google service account ", words(file.Email), " of project ", r.Account)
	return r, true
}

// azureAccountKey and azureAccountName stand in connection strings.
//
// Source: Microsoft Learn, "Configure Azure Storage connection strings".
var (
	azureAccountKey  = regexp.MustCompile(`(?i)(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,120}={0,2})`)
	azureAccountName = regexp.MustCompile(`(?i)AccountName=([a-z0-9-]{3,44})\b`)
	azureEndpoint    = regexp.MustCompile(`(?i)\bEndpoint=sb://([a-z0-9.-]{3,80})`)
)

func proveAzureConnection(s secret) (Result, bool) {
	m := azureAccountKey.FindStringSubmatch(s.value)
	if m == nil {
		return Result{}, false
	}
	var r Result
	r.fact("Azure connection string")
	if n := azureAccountName.FindStringSubmatch(s.value); n != nil {
		r.Account = n[1]
		r.fact("for the account ", r.Account)
	} else if n := azureEndpoint.FindStringSubmatch(s.value); n != nil {
		r.Account = n[1]
		r.fact("for the endpoint ", r.Account)
	}
	// Microsoft Learn, "Use the Azurite emulator": its account and key are the same for everybody.
	if r.Account == "devstoreaccount1" {
		r.KnownTest, r.Confidence = "Azurite storage emulator", finding.Unsure
		r.fact("the account of the Azurite emulator")
		return r, true
	}
	key, err := base64.StdEncoding.DecodeString(m[1])
	if err != nil || len(key) != 64 && len(key) != 32 {
		r.Confidence = finding.Unsure
		r.fact("the key is not base64 of 32 or 64 bytes")
		return r, true
	}
	r.Confidence = finding.Likely
	if len(key) == 64 && r.Account != "" {
		r.Confidence = finding.Sure
	}
	r.fact("the key is base64 of ", count(len(key), "byte"))
	return r, true
}

// azureMarks are the four characters at place 76 that tell whose key a key of 88 is.
//
// Source: Microsoft's security-utilities, rules SEC101/152 and its neighbours. Their
// checksum is not verified here.
var azureMarks = map[string]string{"+ASt": "Azure Storage", "ACDb": "Azure Cosmos DB", "+ABa": "Azure Batch", "APIM": "Azure API Management", "+AMC": "Azure Machine Learning"}

// proveAzureKey reads keys with a mark of Azure, and tokens of Azure DevOps with
// AZDO at place 76.
//
// Source for the latter: Microsoft Learn, "Use personal access tokens", changes to the format.
func proveAzureKey(s secret) (Result, bool) {
	r := Result{Confidence: s.formOnly()}
	switch {
	case len(s.value) == 84 && s.value[76:80] == "AZDO" && only(s.value, alnum):
		r.fact("has the form of an Azure DevOps personal access token")
	case len(s.value) == 88 && strings.HasSuffix(s.value, "==") && azureMarks[s.value[76:80]] != "" && only(s.value[:86], alnum+"+/"):
		r.fact("has the form of a key of ", azureMarks[s.value[76:80]])
	default:
		return Result{}, false
	}
	return r, true
}

// proveAzureSAS reads shared access signatures: se is the expiry, sig an HMAC-SHA256.
//
// Source: Microsoft Learn, "Create a service SAS", and "Generate SAS token" for Event Hubs, where se
// is in seconds since 1970.
func proveAzureSAS(s secret) (Result, bool) {
	if !strings.Contains(s.value, "sig=") || !strings.Contains(s.value, "se=") {
		return Result{}, false
	}
	query := s.value
	if at := strings.IndexAny(query, "? "); at >= 0 {
		query = query[at+1:]
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return Result{}, false
	}
	sig, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(values.Get("sig"), " ", "+"))
	if err != nil || len(sig) != 32 {
		return Result{}, false
	}
	r := Result{Confidence: finding.Likely}
	r.fact("Azure shared access signature")
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z", time.DateOnly} {
		if end, err := time.Parse(layout, values.Get("se")); err == nil {
			r.expiry(end, s.now)
			return r, true
		}
	}
	var seconds float64
	if json.Unmarshal([]byte(values.Get("se")), &seconds) == nil {
		if end, ok := unix(seconds); ok {
			r.expiry(end, s.now)
		}
	}
	return r, true
}
