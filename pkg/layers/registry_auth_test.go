package layers

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
)

func basicOf(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// withBasic guards a fake registry with HTTP basic authentication.
func withBasic(f *fakeRegistry, header string) {
	f.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if r.Header.Get("Authorization") == header {
			return false
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="a registry, with \"quotes\""`)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
}

func TestRegistryBasicAuthentication(t *testing.T) {
	user, password := "anna", nobodysSecret()
	f := newFakeRegistry()
	body := f.image(t, "1", 10)
	withBasic(f, basicOf(user, password))
	host := f.plain(t)
	keychain := func(p string) staticKeychain { return staticKeychain{host: {Username: user, Password: p}} }

	for name, tc := range map[string]struct {
		registry Registry
		keychain staticKeychain
		wantErr  string
	}{
		"by option":                       {registry: Registry{Username: user, Password: password}},
		"by keychain":                     {keychain: keychain(password)},
		"the option overrides":            {registry: Registry{Username: user, Password: password}, keychain: keychain("wrong")},
		"wrong password":                  {registry: Registry{Username: user, Password: "wrong" + password}, wantErr: "the credentials for " + host + " were refused"},
		"none":                            {wantErr: "it needs credentials"},
		"another host's are not taken":    {keychain: staticKeychain{"example.com": {Username: user, Password: password}}, wantErr: "docker login " + host},
		"wrong although keychain is good": {registry: Registry{Username: user, Password: "wrong"}, keychain: keychain(password), wantErr: "were refused"},
	} {
		t.Run(name, func(t *testing.T) {
			s := openWith(t, host+"/app:1", Options{Registry: tc.registry}, quick, tc.keychain)
			if tc.wantErr == "" {
				wantLayer(t, s, body)
				return
			}
			_, err := s.Images(context.Background())
			checkErr(t, err, tc.wantErr)
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("the password is in %q", err)
			}
		})
	}
	if _, err := newRegistry(context.Background(), "a", Options{Registry: Registry{Username: user}}, quick, nil); err == nil {
		t.Error("a user name without a password is accepted")
	}
}

func TestRegistryUsesItsConnectionAgain(t *testing.T) {
	f := newFakeRegistry()
	body := f.image(t, "1", 10)
	withBasic(f, basicOf("anna", "password"))
	auth := f.before
	f.before = func(w http.ResponseWriter, r *http.Request, n int) bool {
		if auth(w, r, n) {
			fmt.Fprint(w, "please log in")
			return true
		}
		if strings.HasPrefix(r.URL.Path, "/v2/app/blobs/") {
			http.Redirect(w, r, strings.Replace(r.URL.Path, "/app/", "/elsewhere/", 1), http.StatusFound)
			return true
		}
		return false
	}
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(f)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	wantLayer(t, openRef(t, server.URL[7:]+"/app:1", Registry{PlainHTTP: true, Username: "anna", Password: "password"}, quick), body)
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// tokens is a token service beside a fake registry.
type tokens struct {
	field, login, identity string
	mu                     sync.Mutex
	valid                  string
	asked                  []string
}

// guard makes the registry ask for tokens, each of which is good for so many requests.
func (s *tokens) guard(f *fakeRegistry, good int) {
	var left atomic.Int64
	f.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.URL.Path == "/token" {
			_ = r.ParseForm()
			s.asked = append(s.asked, r.Method+" "+r.Form.Get("service")+" "+r.Form.Get("scope"))
			switch {
			case r.Method == http.MethodPost && s.identity == "":
				w.WriteHeader(http.StatusNotFound)
			case r.Method == http.MethodPost && r.Form.Get("refresh_token") != s.identity, r.Method == http.MethodGet && s.login != "" && r.Header.Get("Authorization") != s.login:
				w.WriteHeader(http.StatusUnauthorized)
				fmt.Fprintf(w, `{"errors":[{"code":"DENIED","message":"no to %s\u001b[2J"}]}`, r.Header.Get("Authorization"))
			default:
				s.valid = nobodysSecret()
				left.Store(int64(good))
				tokenAnswer(w, s.field, s.valid)
			}
			return true
		}
		if s.valid != "" && r.Header.Get("Authorization") == "Bearer "+s.valid && left.Add(-1) >= 0 {
			return false
		}
		scope := ""
		if r.URL.Path != "/v2/" {
			scope = `,scope="repository:some/app:pull"`
		}
		w.Header().Add("WWW-Authenticate", `Negotiate`)
		w.Header().Add("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="the service"%s`, r.Host, scope))
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
}

func TestRegistryTokenAuthentication(t *testing.T) {
	password, identity := nobodysSecret(), nobodysSecret()
	login := authn.AuthConfig{Username: "anna", Password: password}
	for name, tc := range map[string]struct {
		service *tokens
		login   authn.AuthConfig
		good    int
		wantErr string
		asked   string
	}{
		"anonymous":               {service: &tokens{field: "token"}, good: 100, asked: "GET the service repository:some/app:pull"},
		"called access_token":     {service: &tokens{field: "access_token"}, good: 100},
		"with a login":            {service: &tokens{field: "token", login: basicOf("anna", password)}, login: login, good: 100},
		"tokens that expire soon": {service: &tokens{field: "token"}, good: 1},
		"with an identity token":  {service: &tokens{field: "access_token", identity: identity}, login: authn.AuthConfig{IdentityToken: identity}, good: 100, asked: "POST the service repository:some/app:pull"},
		"an identity token that the service does not know": {service: &tokens{field: "token", login: basicOf("anna", password)},
			login: authn.AuthConfig{IdentityToken: identity, Username: "anna", Password: password}, good: 100},
		"with the wrong login": {service: &tokens{field: "token", login: basicOf("anna", "other")}, login: login, wantErr: "(no to Basic [hidden]\\x1b[2J): the credentials for"},
		"without a login":      {service: &tokens{field: "token", login: basicOf("anna", "other")}, wantErr: "docker login 127.0.0.1:"},
		"a login in vain":      {service: &tokens{field: "token"}, good: 0, login: login, wantErr: "were refused"},
		"no token":             {service: &tokens{field: "nothing"}, wantErr: "it gave no token"},
	} {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			f := newFakeRegistry()
			body := f.image(t, "1", 10)
			tc.service.guard(f, tc.good)
			host := f.plain(t)
			s := openWith(t, host+"/some/app:1", Options{}, quick, staticKeychain{host: tc.login})
			if tc.wantErr == "" {
				wantLayer(t, s, body)
			} else {
				_, err := s.Images(context.Background())
				checkErr(t, err, tc.wantErr)
				if err != nil && (strings.Contains(err.Error(), password) || strings.Contains(err.Error(), basicOf("anna", password)[6:]) || strings.Contains(err.Error(), "\x1b")) {
					t.Errorf("a secret or a control character is in %q", err)
				}
			}
			if tc.asked != "" && (len(tc.service.asked) != 1 || tc.service.asked[0] != tc.asked) {
				t.Errorf("the token service was asked %q", tc.service.asked)
			}
			for _, a := range f.paths() {
				if strings.HasPrefix(a.path, "/v2/") && strings.HasPrefix(a.authorization, "Basic") {
					t.Errorf("%s was sent the login itself", a.path)
				}
			}
		})
	}
}

func TestRegistryRefreshesATokenOnceForMany(t *testing.T) {
	f := newFakeRegistry()
	body := f.image(t, "1", 10)
	service := &tokens{field: "token"}
	service.guard(f, 3) // enough for manifest and configuration and one layer
	s := openRef(t, f.plain(t)+"/some/app:1", Registry{}, quick)
	img := wantLayer(t, s, body)
	service.guard(f, 100)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := readLayer(s, img.Layers[0]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(service.asked); n > 2 {
		t.Errorf("%d tokens were asked for", n)
	}
}

func TestRegistryChoosesNoHostileTokenService(t *testing.T) {
	ep := func(scheme, host string) *endpoint { return &endpoint{scheme: scheme, host: host} }
	for _, tc := range []struct {
		ep    *endpoint
		realm string
		want  string
	}{
		{ep("https", "r.example"), "https://auth.example/token", ""},
		{ep("https", "r.example"), "http://auth.example/token", "sent over HTTP"},
		{ep("http", "r.example"), "http://auth.example/token", ""},
		{ep("https", "10.0.0.5:5050"), "https://10.0.0.5/jwt/auth", ""},
		{ep("https", "r.example"), "https://127.0.0.1:8080/", "on this machine"},
		{ep("https", "r.example"), "https://localhost/", "on this machine"},
		{ep("https", "localhost:5000"), "https://localhost:5001/", ""},
		{ep("https", "r.example"), "file:///etc/passwd", "names no token service"},
		{ep("https", "r.example"), "", "names no token service"},
		{ep("https", "r.example"), "https://a:b@auth.example/", "names no token service"},
	} {
		_, err := tc.ep.checkRealm(tc.realm)
		checkErr(t, err, tc.want)
	}
}

func TestRegistryReadsTheDockerConfiguration(t *testing.T) {
	user, password := "anna", nobodysSecret()
	f := newFakeRegistry()
	body := f.image(t, "1", 10)
	withBasic(f, basicOf(user, password))
	host := f.plain(t)
	encoded := basicOf(user, password)[6:]
	helper := "#!/bin/sh\nread host\n[ \"$host\" = " + host + " ] || { echo credentials not found in native keychain; exit 1; }\necho '{\"ServerURL\":\"\",\"Username\":\"" + user + "\",\"Secret\":\"" + password + "\"}'\n"

	for name, tc := range map[string]struct {
		file, config string
		wantErr      string
	}{
		"the Docker configuration":        {".docker/config.json", `{"auths":{"` + host + `":{"auth":"` + encoded + `"}}}`, ""},
		"a credential helper":             {".docker/config.json", `{"credHelpers":{"` + host + `":"imgaudit-test"}}`, ""},
		"a credential helper for all":     {".docker/config.json", `{"credsStore":"imgaudit-test"}`, ""},
		"Podman's file":                   {".config/containers/auth.json", `{"auths":{"` + host + `":{"auth":"` + encoded + `"}}}`, ""},
		"a helper that is not there":      {".docker/config.json", `{"credsStore":"not-there"}`, "docker-credential-not-there"},
		"a helper that talks too much":    {".docker/config.json", `{"credsStore":"imgaudit-chatty"}`, "exit status 1"},
		"a configuration that is no JSON": {".docker/config.json", `{`, "gave no credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			t.Setenv("HOME", home)
			t.Setenv("DOCKER_CONFIG", filepath.Join(home, ".docker"))
			t.Setenv("XDG_CONFIG_HOME", "")
			t.Setenv("XDG_RUNTIME_DIR", "")
			t.Setenv("REGISTRY_AUTH_FILE", "")
			t.Setenv("PATH", home+":"+os.Getenv("PATH"))
			write := func(path, text string, mode os.FileMode) {
				path = filepath.Join(home, path)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), mode)); err != nil {
					t.Fatal(err)
				}
			}
			write("docker-credential-imgaudit-test", helper, 0o700)
			write("docker-credential-imgaudit-chatty", "#!/bin/sh\necho the password is "+password+"\nexit 1\n", 0o700)
			write(tc.file, tc.config, 0o600)
			s, err := openRegistry(context.Background(), host+"/app:1", Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if tc.wantErr == "" {
				wantLayer(t, s, body)
				return
			}
			_, err = s.Images(context.Background())
			checkErr(t, err, tc.wantErr)
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("the password is in %q", err)
			}
		})
	}
}

func TestParseChallenges(t *testing.T) {
	for header, want := range map[string]string{
		``:      "",
		`Basic`: "basic map[]",
		`Bearer realm="https://a/t",service="s",scope="repository:a:pull,push"`: "bearer map[realm:https://a/t scope:repository:a:pull,push service:s]",
		`Negotiate, Basic realm="x", Bearer realm=y`:                            "negotiate map[]; basic map[realm:x]; bearer map[realm:y]",
		`Bearer realm = "a\"b" , error=insufficient`:                            `bearer map[error:insufficient realm:a"b]`,
		`Bearer realm="unclosed`:                                                "bearer map[realm:unclosed]",
		`=,=,"`:                                                                 "",
		`realm="no scheme"`:                                                     "",
		`Bearer realm="first",realm="second"`:                                   "bearer map[realm:first]",
	} {
		var got []string
		for _, c := range parseChallenges(http.Header{"Www-Authenticate": {header}}) {
			got = append(got, fmt.Sprintf("%s %v", c.scheme, c.params))
		}
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%s:\ngot  %s\nwant %s", header, s, want)
		}
	}
}

func FuzzParseChallenges(f *testing.F) {
	for _, s := range []string{`Bearer realm="https://a/t",service="s"`, `Basic, Negotiate abc==`, `a="\`, ",,=,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		for _, c := range parseChallenges(http.Header{"Www-Authenticate": {header}}) {
			if c.scheme == "" || c.params == nil {
				t.Errorf("got %+v", c)
			}
		}
	})
}

func TestRegistryRedirects(t *testing.T) {
	password := nobodysSecret()
	signature := nobodysSecret()
	storage := newFakeRegistry()
	var storageHost string
	f := newFakeRegistry()
	body := f.image(t, "1", 10_000)
	storage.store = f.store
	withBasic(f, basicOf("anna", password))
	auth := f.before
	var target func(r *http.Request) string
	f.before = func(w http.ResponseWriter, r *http.Request, n int) bool {
		if auth(w, r, n) {
			return true
		}
		if strings.Contains(r.URL.Path, hashOf(string(body)).String()) {
			http.Redirect(w, r, target(r), http.StatusTemporaryRedirect)
			return true
		}
		return false
	}
	storageHost = storage.plain(t)
	registry := Registry{Username: "anna", Password: password}
	away := func(r *http.Request) string {
		return "http://" + storageHost + "/x/blobs/" + hashOf(string(body)).String() + "?sig=" + signature
	}

	t.Run("to another host carry no credentials", func(t *testing.T) {
		target = away
		s := openRef(t, f.plain(t)+"/app:1", registry, quick)
		wantLayer(t, s, body)
		if len(storage.paths()) == 0 {
			t.Fatal("the storage was not asked")
		}
		for _, a := range storage.paths() {
			if a.authorization != "" {
				t.Errorf("%s got credentials", a.path)
			}
		}
	})
	t.Run("to another host that asks for credentials get none", func(t *testing.T) {
		target = away
		storage.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			w.Header().Set("WWW-Authenticate", `Basic realm="give me"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		defer func() { storage.before = nil }()
		s := openRef(t, f.plain(t)+"/app:1", registry, quick)
		_, err := readLayer(s, firstImage(t, s).Layers[0])
		checkErr(t, err, "which sent us on to "+storageHost)
		for _, a := range storage.paths() {
			if a.authorization != "" {
				t.Errorf("%s got credentials", a.path)
			}
		}
		if err != nil && strings.Contains(err.Error(), signature) {
			t.Errorf("the signature is in %q", err)
		}
	})
	t.Run("are followed again for the rest of a broken download", func(t *testing.T) {
		target = away
		storage.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if r.Header.Get("Range") != "" {
				return false
			}
			storage.serve(&cutter{w, 5000}, r)
			return true
		}
		defer func() { storage.before = nil }()
		wantLayer(t, openRef(t, f.plain(t)+"/app:1", registry, quick), body)
	})
	t.Run("to the same host keep the credentials", func(t *testing.T) {
		target = func(r *http.Request) string { return strings.Replace(r.URL.Path, "/app/", "/app2/", 1) }
		host := f.plain(t)
		before := len(f.paths())
		s := openRef(t, host+"/app:1", registry, quick)
		_, err := readLayer(s, firstImage(t, s).Layers[0]) // /app2 redirects to itself
		checkErr(t, err, "redirects in a loop")
		log := f.paths()[before:]
		if len(log) > 12 {
			t.Errorf("%d requests for a loop of redirects", len(log))
		}
		if last := log[len(log)-1]; last.authorization == "" || !strings.Contains(last.path, "/app2/") {
			t.Errorf("the last request was %+v", last)
		}
	})
	t.Run("to nobody name both hosts", func(t *testing.T) {
		target = func(*http.Request) string { return "http://127.0.0.1:1/?sig=" + signature }
		s := openRef(t, f.plain(t)+"/app:1", registry, quick)
		_, err := readLayer(s, firstImage(t, s).Layers[0])
		checkErr(t, err, "(which sent us on to 127.0.0.1:1): nothing listens there")
		if err != nil && strings.Contains(err.Error(), signature) {
			t.Errorf("the signature is in %q", err)
		}
	})
	t.Run("from HTTPS to HTTP are not followed", func(t *testing.T) {
		target = away
		before := len(storage.paths())
		host, ca := f.secure(t)
		r := registry
		r.CAFile = ca
		s := openRef(t, host+"/app:1", r, quick)
		_, err := readLayer(s, firstImage(t, s).Layers[0])
		checkErr(t, err, "from HTTPS to HTTP")
		if len(storage.paths()) != before {
			t.Error("the storage was asked")
		}
	})
}

func TestRegistryTLS(t *testing.T) {
	f := newFakeRegistry()
	body := f.image(t, "1", 10)
	host, ca := f.secure(t)
	wantLayer(t, openRef(t, host+"/app:1", Registry{CAFile: ca}, quick), body)
	wantLayer(t, openRef(t, host+"/app:1", Registry{Insecure: true}, quick), body)
	fails := func(ref string, r Registry, want string) {
		t.Helper()
		_, err := openRef(t, ref, r, quick).Images(context.Background())
		checkErr(t, err, want)
	}
	fails(host+"/app:1", Registry{}, "--ca-file FILE")
	fails(host+"/app:1", Registry{PlainHTTP: true}, "leave --plain-http out")
	name := "localhost" + host[strings.LastIndex(host, ":"):]
	fails(name+"/app:1", Registry{CAFile: ca}, "its certificate is not valid")

	if _, err := newRegistry(context.Background(), "a", Options{Registry: Registry{CAFile: filepath.Join(t.TempDir(), "none")}}, quick, nil); err == nil {
		t.Error("a missing file of authorities is accepted")
	}
	empty := filepath.Join(t.TempDir(), "empty")
	_ = os.WriteFile(empty, []byte("hello"), 0o600)
	if _, err := newRegistry(context.Background(), "a", Options{Registry: Registry{CAFile: empty}}, quick, nil); err == nil {
		t.Error("a file without a certificate is accepted")
	}
}

// Which scheme is taken is looked at without asking anybody.
func TestRegistryScheme(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for host, want := range map[string]string{
		"example.com":     "https",
		"10.0.0.1:5000":   "https",
		"192.168.1.1":     "https",
		"registry.local":  "https",
		plain.URL[7:]:     "http",
		"localhost.a.b.c": "https",
	} {
		s := openRef(t, host+"/a", Registry{}, quick)
		ep := s.endpoints[0]
		if err := ep.findScheme(context.Background()); err != nil || ep.scheme != want {
			t.Errorf("%s: got %s and %v, want %s", host, ep.scheme, err, want)
		}
	}
	s := openRef(t, "10.0.0.1/a", Registry{PlainHTTP: true}, quick)
	if got := s.endpoints[0].scheme; got != "http" {
		t.Errorf("with PlainHTTP: %s", got)
	}
}

func TestRegistryMirrors(t *testing.T) {
	password, mirrorPassword := nobodysSecret(), nobodysSecret()
	setup := func(t *testing.T) (f, m *fakeRegistry, body []byte) {
		f, m = newFakeRegistry(), newFakeRegistry()
		body = f.image(t, "1", 10_000)
		withBasic(f, basicOf("anna", password))
		m.store, m.types, m.tags = f.store, f.types, f.tags
		return f, m, body
	}
	open := func(t *testing.T, f *fakeRegistry, keychain staticKeychain, mirrors ...string) *registrySource {
		host := f.plain(t)
		if keychain == nil {
			keychain = staticKeychain{}
		}
		return openWith(t, host+"/some/app:1", Options{Registry: Registry{Username: "anna", Password: password, Mirrors: mirrors}}, quick, keychain)
	}
	never := func(t *testing.T, m *fakeRegistry) {
		t.Helper()
		for _, a := range m.paths() {
			if strings.Contains(a.authorization, basicOf("anna", password)[6:]) {
				t.Errorf("the mirror got the registry's credentials for %s", a.path)
			}
		}
	}
	notes := func(img *Image) (n int, text string) {
		for _, r := range img.Notes {
			if r.Reason == "mirror" {
				n++
				text += r.Detail
			}
		}
		return n, text
	}

	t.Run("a mirror answers in place of the registry", func(t *testing.T) {
		f, m, body := setup(t)
		img := wantLayer(t, open(t, f, nil, m.plain(t)+"/proxy/x"), body)
		never(t, m)
		if n := len(f.paths()); n > 0 {
			t.Errorf("the registry was asked %d times", n)
		}
		if m.seen["/v2/proxy/x/some/app/manifests/1"] != 1 {
			t.Errorf("the mirror was asked %v", m.paths())
		}
		if n, text := notes(img); n != 0 {
			t.Errorf("notes: %s", text)
		}
	})
	t.Run("a mirror that is down is passed over with a note", func(t *testing.T) {
		f, m, body := setup(t)
		host := m.plain(t)
		m.before = func(w http.ResponseWriter, _ *http.Request, _ int) bool { w.WriteHeader(502); return true }
		img := wantLayer(t, open(t, f, nil, "127.0.0.1:1", host), body)
		if n, text := notes(img); n != 2 || !strings.Contains(text, "connection refused") || !strings.Contains(text, "HTTP 502") {
			t.Errorf("notes: %s", text)
		}
		never(t, m)
		if n := len(m.paths()); n > 2 {
			t.Errorf("a mirror that is down was asked %d times", n)
		}
	})
	t.Run("a mirror that lacks the layer is passed over for it alone", func(t *testing.T) {
		f, m, body := setup(t)
		m.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if strings.Contains(r.URL.Path, hashOf(string(body)).String()) {
				w.WriteHeader(404)
				return true
			}
			return false
		}
		wantLayer(t, open(t, f, nil, m.plain(t)), body)
		if f.seen["/v2/some/app/manifests/1"] != 0 {
			t.Error("the registry was asked for the manifest")
		}
	})
	t.Run("a mirror that breaks off is taken over in mid-layer", func(t *testing.T) {
		f, m, body := setup(t)
		m.before = func(w http.ResponseWriter, r *http.Request, n int) bool {
			if !strings.Contains(r.URL.Path, hashOf(string(body)).String()) {
				return false
			}
			if n > 0 {
				w.WriteHeader(500)
			} else {
				m.serve(&cutter{w, 5000}, r)
			}
			return true
		}
		wantLayer(t, open(t, f, nil, m.plain(t)), body)
		log := f.paths()
		if last := log[len(log)-1]; last.byteRange != "bytes=5000-" {
			t.Errorf("the registry was asked %+v", last)
		}
	})
	t.Run("a mirror that lies is passed over", func(t *testing.T) {
		f, m, _ := setup(t)
		m.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if strings.Contains(r.URL.Path, "/manifests/") {
				_, _ = w.Write([]byte("{}"))
				return true
			}
			return false
		}
		s := openWith(t, f.plain(t)+"/some/app@"+f.tags["1"].String(),
			Options{Registry: Registry{Username: "anna", Password: password, Mirrors: []string{m.plain(t)}}}, quick, nil)
		if n, text := notes(firstImage(t, s)); n != 1 || !strings.Contains(text, "should be") {
			t.Errorf("notes: %s", text)
		}
	})
	t.Run("a mirror has its own credentials", func(t *testing.T) {
		f, m, body := setup(t)
		withBasic(m, basicOf("mirror", mirrorPassword))
		host := m.plain(t)
		wantLayer(t, open(t, f, staticKeychain{host: {Username: "mirror", Password: mirrorPassword}}, host), body)
		never(t, m)
		if n := len(f.paths()); n > 0 {
			t.Errorf("the registry was asked %d times", n)
		}
	})
	t.Run("a mirror that asks for credentials gets none of the registry's", func(t *testing.T) {
		f, m, body := setup(t)
		withBasic(m, basicOf("mirror", mirrorPassword))
		wantLayer(t, open(t, f, nil, m.plain(t)), body)
		never(t, m)
	})
	for _, bad := range []string{"", "ftp://a", "a?b", "u:p@a", "http://"} {
		_, err := newRegistry(context.Background(), "a", Options{Registry: Registry{Mirrors: []string{bad}}}, quick, nil)
		checkErr(t, err, "a mirror is not of the form")
	}
}
