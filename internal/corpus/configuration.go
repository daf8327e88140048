package corpus

import (
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// plantConfiguration plants in the image's configuration and history, and writes the history
// of the layers.
func (b *builder) plantConfiguration(secrets, lookAlikes []kind) {
	for i, name := range []string{
		"base system", "settings", "sources", "encoded files", "archives", "packages", "bulk files", "repositories",
		"files to be lost", "losses", "documents", "backup copies",
	} {
		if i > 0 {
			name = "COPY " + strings.ReplaceAll(name, " ", "-") + "/ / # buildkit"
		}
		b.addHistory(name, false)
	}
	for i, group := range [][]kind{inLines(secrets), inLines(lookAlikes)} {
		b.plantEnvironment(group, i == 0)
		b.plantCommands(group, i == 0)
		b.plantHistory(group, i == 0)
	}
	if len(b.config.Healthcheck.Test) == 0 {
		panic("corpus: no health check")
	}
}

func (b *builder) addHistory(createdBy string, empty bool) int {
	b.history = append(b.history, v1.History{CreatedBy: createdBy, EmptyLayer: empty, Created: v1.Time{Time: imagemake.Epoch}})
	return len(b.history) - 1
}

func (b *builder) inConfiguration(k kind, s sample, place, path string, real bool) {
	b.plant(k, s, target{place: place, layer: NoLayer, path: path, real: real})
}

// plantEnvironment plants in variables and labels, under the name that says it and, where the value tells, under
// another.
func (b *builder) plantEnvironment(kinds []kind, real bool) {
	taken := map[string]bool{}
	for _, e := range b.config.Env {
		taken[e[:strings.IndexByte(e, '=')]] = true
	}
	for i, k := range kinds {
		if i%2 == 0 {
			s := b.sample(k, "env")
			name := s.variable
			if taken[name] {
				name = strings.ToUpper(strings.ReplaceAll(k.name, "-", "_")) + "_VALUE"
			}
			taken[name] = true
			b.config.Env = append(b.config.Env, name+"="+s.entry)
			b.inConfiguration(k, s, "env", "config!/env/"+name, real)
		} else if k.shaped() {
			s := b.sample(k, "env-neutral-name")
			name := fmt.Sprintf("SHOP_SETTING_%d", len(b.config.Env))
			b.config.Env = append(b.config.Env, name+"="+s.entry)
			b.inConfiguration(k, s, "env-neutral-name", "config!/env/"+name, real)
		}
		if i%5 == 1 {
			s := b.sample(k, "label")
			name := "com.corp." + strings.ReplaceAll(strings.ToLower(k.name), "-", ".")
			if b.config.Labels == nil {
				b.config.Labels = map[string]string{}
			}
			b.config.Labels[name] = s.variable + "=" + s.entry
			b.inConfiguration(k, s, "label", "config!/labels/"+name, real)
		}
	}
}

// plantCommands plants in what the image runs.
func (b *builder) plantCommands(kinds []kind, real bool) {
	for i, k := range kinds {
		flag := "--" + strings.ReplaceAll(strings.ToLower(k.variable), "_", "-")
		switch i % 12 {
		case 2:
			s := b.sample(k, "cmd")
			if len(b.config.Cmd) == 0 {
				b.config.Cmd = []string{"serve"}
			}
			b.config.Cmd = append(b.config.Cmd, flag+"="+s.entry)
			b.inConfiguration(k, s, "cmd", "config!/cmd", real)
		case 5:
			s := b.sample(k, "entrypoint")
			if len(b.config.Entrypoint) == 0 {
				b.config.Entrypoint = []string{"/usr/local/bin/server"}
			}
			b.config.Entrypoint = append(b.config.Entrypoint, flag, s.entry)
			b.inConfiguration(k, s, "entrypoint", "config!/entrypoint", real)
		case 8:
			s := b.sample(k, "healthcheck")
			if b.config.Healthcheck == nil {
				b.config.Healthcheck = &v1.HealthConfig{Test: []string{"CMD-SHELL", "true"}}
			}
			b.config.Healthcheck.Test[1] += " && " + k.variable + "='" + s.entry + "' /usr/local/bin/check"
			b.inConfiguration(k, s, "healthcheck", "config!/healthcheck", real)
		case 11:
			s := b.sample(k, "onbuild")
			b.config.OnBuild = append(b.config.OnBuild, "ENV "+k.variable+"="+s.entry)
			b.inConfiguration(k, s, "onbuild", fmt.Sprintf("config!/onbuild/%d", len(b.config.OnBuild)-1), real)
		}
	}
}

// historyForm is one way in which an instruction gives a secret away.
type historyForm struct {
	name    string // of the place
	urlOnly bool   // for what is a URL
	command func(variable, entry string) string
}

func historyForms() []historyForm {
	return []historyForm{
		{"history-argument", false, func(v, e string) string {
			return "RUN |1 " + v + "=" + e + " /bin/sh -c make release # buildkit"
		}},
		{"history-env", false, func(v, e string) string { return "ENV " + v + "=" + e }},
		{"history-classic-env", false, func(v, e string) string { return "/bin/sh -c #(nop)  ENV " + v + "=" + e }},
		{"history-echo", false, func(v, e string) string {
			return "RUN /bin/sh -c echo \"" + v + "=" + e + "\" > /root/.settings && make && rm /root/.settings # buildkit"
		}},
		{"history-export", false, func(v, e string) string {
			return "/bin/sh -c export " + v + "='" + e + "' && ./fetch.sh && unset " + v
		}},
		{"history-header", false, func(v, e string) string {
			return "RUN /bin/sh -c curl -fsSL -H \"X-" + strings.ReplaceAll(v, "_", "-") + ": " + e + "\" https://artifacts.internal/a.tgz | tar xz # buildkit"
		}},
		{"history-flag", false, func(v, e string) string {
			return "RUN /bin/sh -c ./configure --with-" + strings.ReplaceAll(strings.ToLower(v), "_", "-") + " '" + e + "' # buildkit"
		}},
		{"history-url", true, func(_, e string) string { return "RUN /bin/sh -c ./fetch " + e + " && make # buildkit" }},
	}
}

// plantHistory plants in instructions that made no layer, as a squashed build leaves them.
func (b *builder) plantHistory(kinds []kind, real bool) {
	all := historyForms()
	for i, k := range kinds {
		f := all[i%len(all)]
		if s := b.sample(k, "history-url"); strings.Contains(s.entry, "://") {
			f = all[len(all)-1]
		} else if f.urlOnly {
			f = all[0]
		}
		s := b.sample(k, f.name)
		n := b.addHistory(f.command(k.variable, s.entry), true)
		b.inConfiguration(k, s, f.name, fmt.Sprintf("history!/%d", n), real)
	}
	if real {
		b.plantTypedPasswords()
	}
}

// plantTypedPasswords plants what people type into instructions.
func (b *builder) plantTypedPasswords() {
	for _, k := range []kind{
		{name: "curl-user", template: "RUN /bin/sh -c curl -u builder:<<{pw:18}>> -O https://artifacts.internal/tool # buildkit"},
		{name: "wget-password", template: "RUN /bin/sh -c wget --user=builder --password=<<{pw:18}>> https://artifacts.internal/tool # buildkit"},
		{name: "docker-login", template: "RUN /bin/sh -c docker login -u ci -p <<{pw:20}>> registry.internal # buildkit"},
		{name: "mysql-password-flag", template: "RUN /bin/sh -c mysql -h db -u root -p<<{pw:16}>> < /tmp/schema.sql # buildkit"},
		{name: "chpasswd-echo", template: "RUN /bin/sh -c echo 'root:<<{pw:16}>>' | chpasswd # buildkit"},
		{name: "git-extraheader", template: "RUN /bin/sh -c git -c http.extraheader=\"Authorization: Basic [[b64:x-access-token:<<ghs_{crc62:30}>>]]\" clone https://github.com/corp/shop # buildkit"},
		{name: "npm-config-set", template: "RUN /bin/sh -c npm config set //npm.corp.internal/:_authToken=<<npm_{crc62:30}>> && npm ci # buildkit"},
		{name: "sshpass-flag", template: "RUN /bin/sh -c sshpass -p <<{pw:16}>> scp deploy@build.internal:/out/app /app # buildkit"},
		{name: "openssl-passin", template: "RUN /bin/sh -c openssl rsa -in /k.pem -passin pass:<<{phrase:2}>> -out /k.out # buildkit"},
		{name: "add-with-token", template: "ADD https://ci:<<{pw:24}>>@artifacts.internal/app.tgz /tmp/ # buildkit"},
	} {
		s := b.sample(k, "history-command")
		n := b.addHistory(s.text, true)
		b.inConfiguration(k, s, "history-command", fmt.Sprintf("history!/%d", n), true)
	}
}
