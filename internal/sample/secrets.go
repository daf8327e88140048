package sample

import (
	cryptorand "crypto/rand"
	"math/rand/v2"

	"github.com/imgaudit/imgaudit/internal/plant"
)

// secrets are the planted values: random, and of no use anywhere.
type secrets struct {
	awsID, awsKey  string
	github         string
	npmOld, npmArg string
	slack          string
	stripe         string
	databasePass   string
	sshKey, gitlab string
	label          string
}

func newSecrets() secrets {
	var seed [32]byte
	_, _ = cryptorand.Read(seed[:]) // never fails
	r := rand.New(rand.NewChaCha8(seed))
	values, others := byName(plant.Secrets(r)), byName(plant.Secrets(r))
	return secrets{
		awsID:        values["AWS_ACCESS_KEY_ID"],
		awsKey:       values["AWS_SECRET_ACCESS_KEY"],
		github:       values["GITHUB_TOKEN"],
		npmOld:       values["NPM_TOKEN"],
		npmArg:       others["NPM_TOKEN"],
		slack:        values["SLACK_BOT_TOKEN"],
		stripe:       values["STRIPE_KEY"],
		databasePass: values["DATABASE_URL"],
		sshKey:       values["TLS_KEY"] + "\n",
		gitlab:       values["GITLAB_TOKEN"],
		label:        values["DIGITALOCEAN_TOKEN"],
	}
}

func byName(planted []plant.Secret) map[string]string {
	values := map[string]string{}
	for _, s := range planted {
		values[s.Name] = s.Value
	}
	return values
}

// values lists all planted values, for the test that none of them is printed.
func (s secrets) values() []string {
	return []string{
		s.awsID, s.awsKey, s.github, s.npmOld, s.npmArg, s.slack, s.stripe,
		s.databasePass, s.sshKey, s.gitlab, s.label,
	}
}
