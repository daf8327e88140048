package credfile

import "strings"

// winSCP opens the sessions' passwords once user and host of each are known.
func winSCP(f *file) error {
	type session struct {
		user, host string
		secrets    []setting
	}
	sessions := map[int]*session{}
	var order []int
	master := false
	err := ini(iniStyle{comments: ";", needSection: true})(f, func(s setting) {
		name := strings.ToLower(s.keys[1])
		if name == "usemasterpassword" && s.value == "1" {
			master = true
		}
		if !strings.HasPrefix(strings.ToLower(s.keys[0]), `sessions\`) {
			return
		}
		one := sessions[s.group]
		if one == nil {
			if len(sessions) >= MaxCredentials {
				f.dropped = true
				return
			}
			one = &session{}
			sessions[s.group] = one
			order = append(order, s.group)
		}
		switch name {
		case "username":
			one.user = unescapeURL(s.value)
		case "hostname":
			one.host = unescapeURL(s.value)
		case "password", "proxypasswordenc", "tunnelpassword", "passphrase":
			s.keys = []string{s.keys[1]}
			one.secrets = append(one.secrets, s)
		}
	})
	for _, group := range order {
		one := sessions[group]
		for _, s := range one.secrets {
			c := Credential{Value: s.value, Name: s.keys[0], User: one.user, Host: one.host}
			if plain := revealWinSCP(s.value, one.user, one.host); plain != "" && !master {
				c.Value, c.Comment = plain, fixedKeyComment
			} else {
				c.Encrypted, c.Comment = true, "could not be opened without a master password"
			}
			f.add(s.at, c)
		}
	}
	return err
}
