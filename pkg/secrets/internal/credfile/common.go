package credfile

import (
	"slices"
	"strings"
	"sync"
)

// commonPasswords are what published lists of frequent passwords and the default
// accounts of images have in common, the likeliest first: hashes are tried in this order.
var commonPasswords = strings.Fields(`
	password root admin 123456 changeme 12345678 toor test 1234 12345 123456789 qwerty guest user alpine
	docker vagrant ubuntu debian centos oracle postgres mysql secret pass passw0rd password1 password123 admin123
	administrator letmein welcome welcome1 default demo changeit changethis change-me changeme123 1234567 1234567890
	123123 111111 000000 654321 666666 abc123 qwerty123 1q2w3e4r 1qaz2wsx qwertyuiop iloveyou monkey dragon
	sunshine master shadow superman batman football baseball princess login hello p@ssw0rd P@ssw0rd Password1
	Passw0rd Password123 Welcome1 Welcome123 Admin123 root123 rootroot rootpw rootpass test123 testing tester
	example sample temp temp123 public private redis mongo mongodb rabbitmq guest123 elastic kibana grafana jenkins tomcat
	s3cret s3cr3t manager service support system sys operator backup ftp ftpuser www nobody raspberry pi ansible puppet chef
	deploy git gitlab gitea minio minioadmin minio123 nexus sonar zabbix nagios cisco supersecret mysecretpassword
	notsecure insecure trustno1 access pw asdf asdfgh zxcvbn 112233 121212 987654321 1111 0000 a123456 aaaaaa foobar foo bar`)

// fillers are the common passwords that templates have in the place of one.
var fillers = []string{
	"changeme", "changeit", "changethis", "replaceme", "password", "secret", "example", "sample", "default", "placeholder", "examplepassword",
	"mypassword", "mysecret", "secretkey", "mysecretpassword", "supersecret", "foobar", "foo", "bar", "dummy", "token", "apikey", "pleasechangeme",
	"changemeplease", "fixthis", "enterpassword", "somepassword", "yourpassword", "thisisasecret", "secretpassword", "passphrase",
}

var commonSet = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for _, p := range commonPasswords {
		set[strings.ToLower(p)] = true
	}
	return set
})

func isCommonPassword(v string) bool { return len(v) <= 24 && commonSet()[strings.ToLower(v)] }

func isFiller(v string) bool {
	if len(v) > 40 {
		return false
	}
	plain := strings.NewReplacer("-", "", "_", "", " ", "", "!", "").Replace(strings.ToLower(v))
	return slices.Contains(fillers, plain)
}
