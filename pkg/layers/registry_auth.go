package layers

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
)

// Registries let a client log in in one of two ways (HTTP basic, or a token from
// a service that they name), and say which in the WWW-Authenticate header of a
// 401: the "Token Authentication Specification" of the distribution project.
//
// go-containerregistry's transport could do this, but it falls back to HTTP on
// private addresses, refuses token services on them, and puts what a token
// service answers into its errors.

// findLogin looks up the credentials for the host, unless they were given.
func (ep *endpoint) findLogin(ctx context.Context) error {
	if ep.login != nil || ep.keychain == nil {
		return nil
	}
	registry, err := name.NewRegistry(ep.host)
	if err != nil {
		return fmt.Errorf("parsing the registry's name %q: it is no host", ep.host)
	}
	type result struct {
		login *authn.AuthConfig
		err   error
	}
	found := make(chan result, 1)
	// A credential helper is a program that knows no context.
	go func() {
		auth, err := authn.Resolve(ctx, ep.keychain, registry.Repo(ep.repo))
		if err != nil {
			found <- result{nil, err}
			return
		}
		login, err := authn.Authorization(ctx, auth)
		found <- result{login, err}
	}()
	select {
	case r := <-found:
		if r.err != nil {
			// Many a configuration names a helper that the machine lacks, and
			// many an image is public. What a helper prints may be secret.
			text, _, _ := strings.Cut(r.err.Error(), ", out:")
			ep.loginErr = shorten(text, 200)
			return nil
		}
		if *r.login != (authn.AuthConfig{}) {
			ep.login = r.login
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (ep *endpoint) authorization() string {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	return ep.header
}

// logIn answers a challenge and gives the Authorization header to use. stale is
// the header that was refused: if another request has got a new one by now, that
// is taken. theirs says that the challenge was for a request of ours, so that
// its scope is the one that we need.
func (ep *endpoint) logIn(ctx context.Context, stale string, challenges []challenge, theirs bool) (string, error) {
	return ep.relog.again(ctx, func() (string, error) {
		if now := ep.authorization(); now != stale {
			return now, nil
		}
		header, err := ep.answer(ctx, challenges, theirs)
		if err != nil {
			return "", err
		}
		ep.mu.Lock()
		defer ep.mu.Unlock()
		ep.header = header
		return header, nil
	})
}

func (ep *endpoint) answer(ctx context.Context, challenges []challenge, theirs bool) (string, error) {
	for _, c := range challenges {
		switch c.scheme {
		case "basic":
			return basicHeader(ep.login), nil
		case "bearer":
			if ep.login != nil && ep.login.RegistryToken != "" {
				return "Bearer " + ep.login.RegistryToken, nil
			}
			scope := "repository:" + ep.repo + ":" + cmp.Or(ep.actions, "pull")
			if s := c.params["scope"]; theirs && s != "" {
				scope = s
			}
			token, err := ep.token(ctx, c.params["realm"], c.params["service"], scope)
			if err != nil {
				return "", err
			}
			return "Bearer " + token, nil
		}
	}
	return "", nil
}

func basicHeader(login *authn.AuthConfig) string {
	switch {
	case login == nil:
		return ""
	case login.Username != "" && login.Password != "":
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(login.Username+":"+login.Password))
	case login.Auth != "":
		return "Basic " + login.Auth
	}
	return ""
}

// token asks the token service that the registry names.
func (ep *endpoint) token(ctx context.Context, realm, service, scope string) (string, error) {
	u, err := ep.checkRealm(realm)
	if err != nil {
		return "", err
	}
	if ep.login != nil && ep.login.IdentityToken != "" {
		form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {ep.login.IdentityToken},
			"service": {service}, "scope": {scope}, "client_id": {"imgaudit"}}
		token, status, err := ep.tokenFrom(ctx, http.MethodPost, u, form.Encode(), "")
		// Not every service knows this way.
		if err == nil || status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
			return token, err
		}
	}
	query := u.Query()
	if service != "" {
		query.Set("service", service)
	}
	query.Set("scope", scope)
	u.RawQuery = query.Encode()
	token, _, err := ep.tokenFrom(ctx, http.MethodGet, u, "", basicHeader(ep.login))
	return token, err
}

func (ep *endpoint) tokenFrom(ctx context.Context, method string, u *url.URL, form, authorization string) (string, int, error) {
	op := "asking the token service " + shownHost(u.Host) + " for access"
	header := http.Header{}
	if form != "" {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := ep.wire.send(ctx, method, u, header, form, func(to *url.URL) string {
		if to.Scheme == u.Scheme && withPort(to.Host, to.Scheme) == withPort(u.Host, u.Scheme) {
			return authorization
		}
		return ""
	})
	if err != nil {
		return "", 0, wireError(ep.host, op, err)
	}
	if resp.StatusCode != http.StatusOK {
		return "", resp.StatusCode, statusError(ep.host, op, resp, ep.login != nil, ep.hide)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return "", 0, wireError(ep.host, op, err)
	}
	var doc struct {
		Token       string `json:"token"`
		AccessToken string `json:"access_token"`
	}
	if json.Unmarshal(raw, &doc) != nil || doc.Token == "" && doc.AccessToken == "" {
		return "", 0, wireError(ep.host, op, refusal("it gave no token"))
	}
	token := doc.Token
	if token == "" {
		token = doc.AccessToken
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", 0, wireError(ep.host, op, refusal("it gave a token with characters that no token has"))
	}
	return token, 0, nil
}

// checkRealm reads the address of the token service. Credentials go there, so a
// registry that speaks HTTPS may not send them over HTTP, and none but one on this
// machine may send us to this machine.
func (ep *endpoint) checkRealm(realm string) (*url.URL, error) {
	u, err := url.Parse(realm)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return nil, refusal("it names no token service that could be asked")
	}
	if u.Scheme == "http" && ep.scheme != "http" {
		return nil, refusal("it speaks HTTPS, but wants credentials sent over HTTP")
	}
	if isLoopback(u.Host) && !isLoopback(ep.host) {
		return nil, refusal("it names a token service on this machine")
	}
	return u, nil
}

// hide takes our own secrets out of what a server says.
func (ep *endpoint) hide(s string) string {
	secrets := []string{ep.authorization()}
	if _, token, ok := strings.Cut(secrets[0], " "); ok {
		secrets = append(secrets, token)
	}
	if l := ep.login; l != nil {
		secrets = append(secrets, l.Password, l.Auth, l.IdentityToken, l.RegistryToken, strings.TrimPrefix(basicHeader(l), "Basic "))
	}
	for _, secret := range secrets {
		if len(secret) >= 3 {
			s = strings.ReplaceAll(s, secret, "[hidden]")
		}
	}
	return s
}

// challenge is one way to log in.
type challenge struct {
	scheme string // in lower case
	params map[string]string
}

// parseChallenges reads the WWW-Authenticate headers of a 401 (RFC 9110, section
// 11.6.1). What it does not understand it leaves out.
func parseChallenges(header http.Header) []challenge {
	var list []challenge
	for _, s := range header.Values("WWW-Authenticate") {
		for s = strings.TrimLeft(s, " \t,"); s != "" && len(list) < 10; s = strings.TrimLeft(s, " \t,") {
			var word string
			word, s = token(s)
			if word == "" {
				break
			}
			rest := strings.TrimLeft(s, " \t")
			value, isParam := strings.CutPrefix(rest, "=")
			if !isParam {
				list = append(list, challenge{strings.ToLower(word), map[string]string{}})
				s = rest
				continue
			}
			value, s = tokenOrQuoted(strings.TrimLeft(value, " \t"))
			if n := len(list); n > 0 {
				if key := strings.ToLower(word); list[n-1].params[key] == "" {
					list[n-1].params[key] = value
				}
			}
		}
	}
	return list
}

// token splits off what may stand in a header without quotes.
func token(s string) (word, rest string) {
	i := strings.IndexAny(s, " \t,=\"")
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i:]
}

func tokenOrQuoted(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		i := strings.IndexAny(s, " \t,")
		if i < 0 {
			return s, ""
		}
		return s[:i], s[i:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:]
		case '\\':
			if i++; i == len(s) {
				return b.String(), ""
			}
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}
