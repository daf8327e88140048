package checks

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/imgaudit/imgaudit/pkg/finding"
	"github.com/imgaudit/imgaudit/pkg/layers"
)

// file, dir and the rest make entries as a walk would.
func file(p string) layers.Entry {
	return layers.Entry{Path: p, Type: layers.Regular, Mode: 0o644, Size: 10}
}

func dir(p string) layers.Entry { return layers.Entry{Path: p, Type: layers.Directory, Mode: 0o755} }

func program(p string) layers.Entry { return mode(file(p), 0o755) }

func mode(e layers.Entry, m int64) layers.Entry { e.Mode = m; return e }

func sized(e layers.Entry, n int64) layers.Entry { e.Size = n; return e }

func symlink(p, to string) layers.Entry {
	return layers.Entry{Path: p, Type: layers.Symlink, Mode: 0o777, Link: to}
}

func hardlink(p, to string) layers.Entry {
	return layers.Entry{Path: p, Type: layers.HardLink, Mode: 0o644, Link: to}
}

func whiteout(p string) layers.Entry {
	return layers.Entry{Path: p, Type: layers.Regular, Whiteout: layers.PathWhiteout}
}

func withCapability(p string, raw string) layers.Entry {
	e := program(p)
	e.Xattrs = map[string]string{"security.capability": raw}
	return e
}

func capability(version, flags uint32, permitted uint64) string {
	var b []byte
	b = binary.LittleEndian.AppendUint32(b, version<<24|flags)
	b = binary.LittleEndian.AppendUint32(b, uint32(permitted))
	b = binary.LittleEndian.AppendUint32(b, 0)
	if version > 1 {
		b = binary.LittleEndian.AppendUint32(b, uint32(permitted>>32))
		b = binary.LittleEndian.AppendUint32(b, 0)
	}
	if version > 2 {
		b = binary.LittleEndian.AppendUint32(b, 1000)
	}
	return string(b)
}

// image lays layers of entries over each other; the first is the base.
func image(stack ...[]layers.Entry) *layers.Image {
	im := &layers.Image{Reference: "test"}
	for i, entries := range stack {
		for seq := range entries {
			entries[seq].Seq = seq
		}
		instruction := fmt.Sprintf("RUN step %d", i)
		im.Layers = append(im.Layers, layers.Layer{
			Index: i, Base: i == 0, Instruction: &instruction,
			Facts: &layers.Facts{DiffID: fmt.Sprintf("sha256:%d", i), Entries: entries},
		})
	}
	return im
}

func judged(images ...*layers.Image) []finding.Finding {
	var views []*layers.View
	for _, im := range images {
		views = append(views, layers.NewView(im.Layers))
	}
	return Findings(images, views)
}

// summary writes findings as "rule place" for comparison.
func summary(fs []finding.Finding) []string {
	var s []string
	for _, f := range fs {
		for _, l := range f.Locations {
			s = append(s, f.Rule+" "+l.Path)
		}
	}
	slices.Sort(s)
	return s
}

func TestNamesThatTell(t *testing.T) {
	tests := []struct {
		name string
		path string
		want string // rule, severity/confidence; empty for none
	}{
		{"an environment file", "app/.env", "image-dotenv medium/high"},
		{"an environment file at the root", ".env", "image-dotenv medium/high"},
		{"one for production", "app/.env.production", "image-dotenv medium/high"},
		{"one that is local", "app/.env.local", "image-dotenv medium/high"},
		{"one with a name before the dot", "deploy/prod.env", "image-dotenv medium/medium"},
		{"direnv's file", "app/.envrc", "image-dotenv medium/medium"},
		{"an environment file in somebody's package", "app/node_modules/x/.env", "image-dotenv low/low"},
		{"an example of one is none", "app/.env.example", ""},
		{"a local sample is none", "app/.env.local.sample", ""},
		{"a template is none", "app/.env.template", ""},
		{"a distributed default is none", "app/.env.dist", ""},
		{"an example with the suffix is none", "app/example.env", ""},
		{"a directory of type definitions is none", "app/.env.d.ts", ""},
		{"an environment module is none", "app/environment", ""},

		{"an SSH key", "root/.ssh/id_rsa", "image-private-key-file high/medium"},
		{"an SSH key of another kind", "home/u/.ssh/id_ed25519", "image-private-key-file high/medium"},
		{"its public half is none", "root/.ssh/id_rsa.pub", ""},
		{"an SSH host key", "etc/ssh/ssh_host_ed25519_key", "image-private-key-file high/medium"},
		{"its public half is none either", "etc/ssh/ssh_host_ed25519_key.pub", ""},
		{"a certificate's key by name", "etc/letsencrypt/archive/h/privkey1.pem", "image-private-key-file high/medium"},
		{"a PEM file with key in its name", "etc/app/server-key.pem", "image-private-key-file high/medium"},
		{"a PEM file with a second extension", "etc/app/tls.key.pem", "image-private-key-file high/medium"},
		{"a certificate is none", "etc/app/server.pem", ""},
		{"a chain is none", "etc/app/fullchain.pem", ""},
		{"a public key is none", "etc/app/public-key.pem", ""},
		{"a word with key in it is none", "etc/app/monkey.pem", ""},
		{"a server's key", "etc/nginx/server.key", "image-private-key-file high/medium"},
		{"a key in a directory for keys", "etc/ssl/private/www.key", "image-private-key-file high/medium"},
		{"a .key file anywhere may be anything", "srv/slides.key", "image-private-key-file medium/low"},
		{"the key that a package makes", "etc/ssl/private/ssl-cert-snakeoil.key", "image-private-key-file low/medium"},
		{"a PKCS #12 store", "app/client.p12", "image-private-key-file high/medium"},
		{"a Windows key store", "app/client.PFX", "image-private-key-file high/medium"},
		{"a Java key store", "app/release.jks", "image-private-key-file high/medium"},
		{"a trust store is none", "app/truststore.jks", ""},
		{"Java's authorities are none", "etc/ssl/certs/java/cacerts", ""},
		{"an authority is none", "usr/share/ca-certificates/mozilla/key.pem", ""},
		{"a key in the directory of authorities is none", "etc/ssl/certs/ca-key.pem", ""},
		{"a repository's public key is none", "usr/share/keyrings/debian.key", ""},
		{"a password database", "home/u/p.kdbx", "image-private-key-file high/medium"},
		{"a PuTTY key", "home/u/k.ppk", "image-private-key-file high/medium"},
		{"a VPN profile", "etc/openvpn/c.ovpn", "image-private-key-file high/medium"},
		{"a secret key ring", "root/.gnupg/secring.gpg", "image-private-key-file high/medium"},
		{"a GnuPG key", "root/.gnupg/private-keys-v1.d/AB12.key", "image-private-key-file high/medium"},
		{"a WireGuard configuration", "etc/wireguard/wg0.conf", "image-private-key-file high/medium"},
		{"a test's key", "usr/lib/python3/test/ssl_key.pem", "image-private-key-file low/low"},
		{"a bare extension is none", "app/.pem", ""},

		{"npm's configuration", "root/.npmrc", "image-credential-file high/medium"},
		{"npm's configuration in a package", "app/node_modules/left/.npmrc", "image-credential-file low/low"},
		{"passwords for hosts", "root/.netrc", "image-credential-file high/medium"},
		{"Python uploads", "root/.pypirc", "image-credential-file high/medium"},
		{"PostgreSQL passwords", "root/.pgpass", "image-credential-file high/medium"},
		{"Docker's configuration", "root/.docker/config.json", "image-credential-file high/medium"},
		{"another config.json is none", "app/docker/config.json", ""},
		{"AWS keys", "root/.aws/credentials", "image-credential-file high/medium"},
		{"AWS settings are none", "root/.aws/config", ""},
		{"a Kubernetes cluster", "home/u/.kube/config", "image-credential-file high/medium"},
		{"Google's credentials", "root/.config/gcloud/application_default_credentials.json", "image-credential-file high/medium"},
		{"a GitHub token", "root/.config/gh/hosts.yml", "image-credential-file high/medium"},
		{"web passwords", "etc/nginx/.htpasswd", "image-credential-file high/medium"},
		{"Terraform's state", "infra/terraform.tfstate", "image-credential-file high/medium"},
		{"Terraform's variables", "infra/prod.tfvars", "image-credential-file medium/medium"},
		{"Terraform's examples of variables are none", "infra/prod.tfvars.example", ""},
		{"git's passwords", "root/.git-credentials", "image-credential-file high/medium"},
		{"downloaded credentials", "app/credentials.json", "image-credential-file medium/medium"},
		{"an ordinary file", "usr/bin/credentials", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got string
			for _, f := range judged(image([]layers.Entry{file(tt.path)})) {
				got += fmt.Sprintf("%s %s/%s", f.Rule, f.Severity, f.Confidence)
				if f.Locations[0].Path != tt.path {
					t.Errorf("location %q, want %q", f.Locations[0].Path, tt.path)
				}
			}
			if got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.path, got, tt.want)
			}
		})
	}
}

func TestWhatIsNoFileOfItsOwnIsNotJudgedByName(t *testing.T) {
	for name, e := range map[string]layers.Entry{
		"an empty file":        sized(file("app/.env"), 0),
		"a symbolic link":      symlink("root/.ssh/id_rsa", "/run/secrets/key"),
		"a directory":          dir("app/.env"),
		"a whiteout":           whiteout("app/.env"),
		"a FIFO":               {Path: "app/.env", Type: layers.FIFO, Mode: 0o600},
		"a hard link to empty": hardlink("app/.env", "app/empty"),
	} {
		t.Run(name, func(t *testing.T) {
			if got := summary(judged(image([]layers.Entry{sized(file("app/empty"), 0), e}))); len(got) != 0 {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestFateInstructionAndBaseStandAtEachLocation(t *testing.T) {
	im := image(
		[]layers.Entry{file("app/.env"), file("app/old.env")},
		[]layers.Entry{file("app/.env")},
		[]layers.Entry{whiteout("app/old.env")},
	)
	fs := judged(im)
	var got []string
	for _, f := range fs {
		for _, l := range f.Locations {
			by := ""
			if l.FateLayer != nil {
				by = fmt.Sprintf(" by %s of %d %q", l.FateBy, *l.FateLayer, *l.FateInstruction)
			}
			got = append(got, fmt.Sprintf("%v %s in %d %q base=%v %s%s", f.Visible, l.Path, *l.Layer, *l.Instruction, l.Base, l.Fate, by))
		}
	}
	want := []string{
		`true app/.env in 0 "RUN step 0" base=true overwritten by rewritten of 1 "RUN step 1"`,
		`true app/.env in 1 "RUN step 1" base=false present`,
		`false app/old.env in 0 "RUN step 0" base=true deleted by whiteout of 2 "RUN step 2"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if id := finding.PlaceID("image-dotenv", "app/.env"); fs[0].ID != id {
		t.Errorf("id %s, want %s", fs[0].ID, id)
	}
}

func TestWithoutAViewFatesAreUnknown(t *testing.T) {
	fs := Findings([]*layers.Image{image([]layers.Entry{file(".env")})}, nil)
	if len(fs) != 1 || fs[0].Locations[0].Fate != finding.Unknown || fs[0].Locations[0].FateLayer != nil {
		t.Errorf("got %+v", fs)
	}
}

func TestAFileIsVisibleWhileAnyOfItsNamesIs(t *testing.T) {
	im := image(
		[]layers.Entry{file("root/.ssh/id_rsa"), hardlink("srv/kept", "root/.ssh/id_rsa")},
		[]layers.Entry{whiteout("root/.ssh/id_rsa")},
	)
	fs := judged(im)
	if len(fs) != 1 {
		t.Fatalf("got %d findings: %v", len(fs), summary(fs))
	}
	if want := []string{"image-private-key-file root/.ssh/id_rsa", "image-private-key-file srv/kept"}; !slices.Equal(summary(fs), want) {
		t.Errorf("got %v, want %v", summary(fs), want)
	}
	if !fs[0].Visible {
		t.Error("hidden, although srv/kept is left")
	}
}

func TestTwoNamesThatBothTellAreOneFinding(t *testing.T) {
	fs := judged(image([]layers.Entry{file("b/.env"), hardlink("a/.env", "b/.env")}))
	if len(fs) != 1 || len(fs[0].Locations) != 2 || fs[0].ID != finding.PlaceID("image-dotenv", "a/.env") {
		t.Errorf("got %v", summary(fs))
	}
}

func TestRepositories(t *testing.T) {
	repo := func(d string) []layers.Entry {
		return []layers.Entry{dir(d), file(d + "/HEAD"), file(d + "/config"), dir(d + "/objects"), sized(file(d+"/objects/pack/p.pack"), 5000)}
	}
	tests := []struct {
		name    string
		entries []layers.Entry
		want    []string
	}{
		{"a repository is one finding with its size", repo("app/.git"), []string{"image-git-dir app/.git: It holds 5.0 kB in 3 files."}},
		{"a repository at the root", repo(".git"), []string{"image-git-dir .git: It holds 5.0 kB in 3 files."}},
		{"a bare repository", repo("srv/app.git"), []string{"image-git-dir srv/app.git: It holds 5.0 kB in 3 files."}},
		{"a submodule within belongs to the outer one", append(repo("app/.git"), file("app/.git/modules/m/HEAD")), []string{"image-git-dir app/.git: It holds 5.0 kB in 4 files."}},
		{"a pointer file is none", []layers.Entry{file("app/sub/.git")}, nil},
		{"a directory with other things is none", []layers.Entry{file("app/.git/notes.txt")}, nil},
		{"a directory that ends in .git and is no repository", []layers.Entry{file("srv/x.git/HEAD")}, nil},
		{"a configuration alone, which may hold a token", []layers.Entry{file("app/.git/config")}, []string{"image-git-dir app/.git: It holds 10 bytes in 1 file."}},
		{"Subversion", []layers.Entry{file("app/.svn/wc.db"), file("app/.svn/pristine/a")}, []string{"image-vcs-dir app/.svn: It holds 20 bytes in 2 files."}},
		{"Mercurial", []layers.Entry{file("app/.hg/requires")}, []string{"image-vcs-dir app/.hg: It holds 10 bytes in 1 file."}},
		{"another .hg is none", []layers.Entry{file("app/.hg/x")}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { compare(t, described(judged(image(tt.entries))), tt.want) })
	}
}

// described gives rule, place and what the description adds to the rule's.
func described(fs []finding.Finding) []string {
	var got []string
	rules := catalogue()
	for _, f := range fs {
		added := strings.TrimSpace(strings.TrimPrefix(f.Description, rules[f.Rule].Description))
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s: %s", f.Rule, f.Locations[0].Path, added)))
	}
	return got
}

func catalogue() map[string]finding.Rule {
	m := map[string]finding.Rule{}
	for _, r := range Rules() {
		m[r.ID] = r
	}
	return m
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestCaches(t *testing.T) {
	tests := []struct {
		name string
		path string
		want string // directory
	}{
		{"apt's lists", "var/lib/apt/lists/deb_Packages", "var/lib/apt/lists"},
		{"apt's lock is none", "var/lib/apt/lists/lock", ""},
		{"apt's partial downloads are none", "var/lib/apt/lists/partial/x", ""},
		{"apt's archives", "var/cache/apt/archives/a.deb", "var/cache/apt/archives"},
		{"apt's binary caches", "var/cache/apt/pkgcache.bin", "var/cache/apt"},
		{"apt's database of what is installed is none", "var/lib/apt/extended_states", ""},
		{"apk", "var/cache/apk/APKINDEX.1.tar.gz", "var/cache/apk"},
		{"dnf", "var/cache/dnf/fedora/x.rpm", "var/cache/dnf"},
		{"pip", "root/.cache/pip/http/a", "root/.cache/pip"},
		{"pip of another user", "home/app/.cache/pip/http/a", "home/app/.cache/pip"},
		{"another cache is none", "home/app/.cache/fontconfig/a", ""},
		{"npm", "root/.npm/_cacache/content/a", "root/.npm/_cacache"},
		{"npm's logs are none", "root/.npm/_logs/a", ""},
		{"Yarn", "usr/local/share/.cache/yarn/v6/a", "usr/local/share/.cache/yarn"},
		{"Cargo", "usr/local/cargo/registry/cache/a", "usr/local/cargo/registry"},
		{"Cargo in a home", "root/.cargo/registry/src/a", "root/.cargo/registry"},
		{"Cargo's programs are none", "root/.cargo/bin/x", ""},
		{"Go's modules", "go/pkg/mod/cache/a", "go/pkg/mod"},
		{"Go's modules in a home", "root/go/pkg/mod/x@v1/a.go", "root/go/pkg/mod"},
		{"Go's standard library is none", "usr/local/go/pkg/a", ""},
		{"Maven", "root/.m2/repository/a.jar", "root/.m2/repository"},
		{"Gradle", "root/.gradle/caches/a", "root/.gradle/caches"},
		{"Composer", "root/.composer/cache/a.zip", "root/.composer/cache"},
		{"Conda's archives", "opt/conda/pkgs/a.conda", "opt/conda/pkgs"},
		{"Conda's unpacked packages are none", "opt/conda/pkgs/a/lib/x.so", ""},
		{"a name that only begins alike is none", "var/cache/apkother/a", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, f := range judged(image([]layers.Entry{file(tt.path)})) {
				got += f.Locations[0].Path
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestADeletedCacheStillCountsItsBytes(t *testing.T) {
	fs := judged(image(
		[]layers.Entry{sized(file("var/lib/apt/lists/a"), 3_000_000), sized(file("var/lib/apt/lists/b"), 1_000_000), sized(file("var/lib/apt/lists/empty"), 0)},
		[]layers.Entry{whiteout("var/lib/apt/lists/a")},
	))
	compare(t, described(fs), []string{
		"image-package-cache var/lib/apt/lists: It holds 4.0 MB in 2 files. 3.0 MB of that are deleted or overwritten by higher layers and still stored.",
		"image-wasted-bytes var/lib/apt/lists/a: Layer 0 stores 3.0 MB in 1 file that are gone.",
	})
	if len(fs[0].Locations) != 2 || !fs[0].Visible {
		t.Errorf("got locations %+v", fs[0].Locations)
	}
}

func TestModes(t *testing.T) {
	tests := []struct {
		name  string
		entry layers.Entry
		want  string
	}{
		{"a distribution's su", mode(file("usr/bin/su"), 0o4755), "image-usual-setuid info"},
		{"a distribution's mount below bin", mode(file("bin/mount"), 0o4755), "image-usual-setuid info"},
		{"chage with setgid", mode(file("usr/bin/chage"), 0o2755), "image-usual-setuid info"},
		{"OpenSSH's helper", mode(file("usr/lib/openssh/ssh-keysign"), 0o4755), "image-usual-setuid info"},
		{"su at another place", mode(file("opt/bin/su"), 0o4755), "image-setuid medium"},
		{"wall with setuid instead of setgid", mode(file("usr/bin/wall"), 0o4755), "image-setuid medium"},
		{"sudo", mode(file("usr/bin/sudo"), 0o4755), "image-setuid medium"},
		{"a shell", mode(file("usr/bin/bash"), 0o4755), "image-setuid high"},
		{"an interpreter with a version", mode(file("usr/bin/python3.11"), 0o4755), "image-setuid high"},
		{"find", mode(file("usr/bin/find"), 0o4755), "image-setuid high"},
		{"a setgid program", mode(file("usr/bin/tool"), 0o2755), "image-setuid low"},
		{"a shell of another user", layers.Entry{Path: "usr/bin/bash", Type: layers.Regular, Mode: 0o4755, UID: 33}, "image-setuid low"},
		{"a setuid file that nobody can start", mode(file("usr/bin/tool"), 0o4644), "image-setuid low"},
		{"a setgid directory", mode(dir("var/mail"), 0o2775), ""},
		{"a program", program("usr/bin/tool"), ""},

		{"ping's capability", withCapability("usr/bin/ping", capability(2, 1, capNetRaw)), ""},
		{"ping's capability on another program", withCapability("usr/bin/tool", capability(2, 1, capNetRaw)), "image-file-capability medium"},
		{"the right to listen on low ports", withCapability("usr/bin/caddy", capability(2, 1, capNetBindService)), "image-file-capability low"},
		{"the right to become anyone", withCapability("usr/bin/tool", capability(3, 1, capSetuid)), "image-file-capability high"},
		{"newuidmap", withCapability("usr/bin/newuidmap", capability(2, 1, capSetuid)), ""},
		{"a capability of version 1", withCapability("usr/bin/tool", capability(1, 1, 1<<21)), "image-file-capability high"},
		{"a capability that is cut off", withCapability("usr/bin/ping", "\x01\x00\x00\x02ab"), "image-file-capability low"},
		{"an empty capability", withCapability("usr/bin/ping", ""), "image-file-capability low"},
		{"no capability at all", withCapability("usr/bin/tool", capability(2, 0, 0)), ""},

		{"a world-writable program", mode(file("usr/bin/tool"), 0o777), "image-world-writable medium"},
		{"a world-writable data file", mode(file("srv/data"), 0o666), "image-world-writable low"},
		{"a world-writable configuration", mode(file("etc/passwd"), 0o666), "image-world-writable medium"},
		{"a world-writable directory", mode(dir("srv/in"), 0o777), "image-world-writable medium"},
		{"the directory for temporary files", mode(dir("tmp"), 0o1777), ""},
		{"a symbolic link", symlink("srv/l", "x"), ""},
		{"a device", layers.Entry{Path: "dev/null", Type: layers.CharDev, Mode: 0o666}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, f := range judged(image([]layers.Entry{tt.entry})) {
				got = append(got, fmt.Sprintf("%s %s", f.Rule, f.Severity))
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAModeThatALaterLayerTookBackHarmsNoMore(t *testing.T) {
	fs := judged(image([]layers.Entry{mode(file("opt/tool"), 0o4755)}, []layers.Entry{program("opt/tool")}))
	if len(fs) != 1 || fs[0].Severity != finding.Info || fs[0].Visible {
		t.Errorf("got %+v", fs)
	}
}

func TestCapabilitiesAreWrittenOut(t *testing.T) {
	tests := map[string]string{
		capability(2, 1, capNetRaw|1<<39): "Capabilities: cap_net_raw,cap_bpf=ep",
		capability(3, 0, 1<<63):           "Capabilities: cap_63=p, in the user namespace of root id 1000",
		capability(9, 0, 0):               "the capabilities cannot be read: version 9 is unknown",
		"ab":                              "the capabilities cannot be read: 2 bytes are too few",
	}
	for raw, want := range tests {
		if got := decodeCapabilities(raw).String(); got != want {
			t.Errorf("%x: got %q, want %q", raw, got, want)
		}
	}
}

func TestAnOpenTreeIsOneFinding(t *testing.T) {
	entries := []layers.Entry{mode(dir("app"), 0o777), mode(dir("app/a"), 0o777), mode(file("app/a/x"), 0o666), mode(file("srv/d/y"), 0o666), mode(file("srv/d/z"), 0o666)}
	fs := judged(image(entries))
	var ids []string
	for _, f := range fs {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	want := []string{finding.PlaceID("image-world-writable", "app"), finding.PlaceID("image-world-writable", "srv/d")}
	slices.Sort(want)
	compare(t, ids, want)
}

func TestManyPlacesAreBoundedAndCounted(t *testing.T) {
	var entries []layers.Entry
	const n = 30_000
	for i := range n {
		entries = append(entries, mode(file(fmt.Sprintf("srv/%d/f", i)), 0o666))
	}
	fs := judged(image(entries, []layers.Entry{whiteout("srv/7")}))
	if len(fs) != 1 || len(fs[0].Locations) != MaxLocations || fs[0].ID != finding.PlaceID("image-world-writable", "srv") {
		t.Fatalf("got %d findings", len(fs))
	}
	if want := fmt.Sprintf("Seen at %d places; the first %d are listed.", n, MaxLocations); !strings.HasSuffix(fs[0].Description, want) {
		t.Errorf("the description does not count: %s", fs[0].Description)
	}
	entries = nil
	for i := range n {
		entries = append(entries, file(fmt.Sprintf("%d/.env", i)))
	}
	if fs := judged(image(entries)); len(fs) != 1 || fs[0].ID != finding.PlaceID("image-dotenv", ".") {
		t.Errorf("got %d findings", len(fs))
	}
}

func TestWhatIsStillThereIsListedBeforeTheRest(t *testing.T) {
	var low, high []layers.Entry
	for i := range MaxLocations + 10 {
		low = append(low, mode(file(fmt.Sprintf("srv/%d", i)), 0o666))
		high = append(high, whiteout(fmt.Sprintf("srv/%d", i)))
	}
	fs := judged(image(low, append(high, mode(file("srv/zz"), 0o666))))
	if len(fs) != 1 || !fs[0].Visible {
		t.Errorf("the one that is left was cut")
	}
}

func TestBuildTools(t *testing.T) {
	tests := []struct {
		name    string
		entries []layers.Entry
		want    []string
	}{
		{"a compiler by its full name and its links are one", []layers.Entry{
			program("usr/bin/x86_64-linux-gnu-gcc-12"), symlink("usr/bin/gcc", "gcc-12"), symlink("usr/bin/gcc-12", "x86_64-linux-gnu-gcc-12"),
		}, []string{"Build tools in the image: C and C++ toolchain [usr/bin/x86_64-linux-gnu-gcc-12]"}},
		{"a family is one finding", []layers.Entry{program("usr/bin/ld"), program("usr/bin/as")},
			[]string{"Build tools in the image: C and C++ toolchain [usr/bin/as usr/bin/ld]"}},
		{"families are told apart", []layers.Entry{program("usr/bin/git"), program("usr/local/go/bin/go")},
			[]string{"Build tools in the image: Go toolchain [usr/local/go/bin/go]", "Build tools in the image: version control [usr/bin/git]"}},
		{"a JDK", []layers.Entry{program("usr/lib/jvm/java-17/bin/javac"), program("usr/lib/jvm/java-17/bin/java"), symlink("usr/bin/javac", "/etc/alternatives/javac"), symlink("etc/alternatives/javac", "/usr/lib/jvm/java-17/bin/javac")},
			[]string{"Build tools in the image: Java toolchain [usr/lib/jvm/java-17/bin/javac]"}},
		{"a link to a tool that lies elsewhere", []layers.Entry{program("usr/lib/tools/make-4"), symlink("usr/bin/make", "../lib/tools/make-4")},
			[]string{"Build tools in the image: build systems [usr/bin/make]"}},
		{"a link through a merged directory", []layers.Entry{program("usr/lib/tools/make-4"), symlink("usr/bin/make", "/lib/tools/make-4")},
			[]string{"Build tools in the image: build systems [usr/bin/make]"}},
		{"a link that leads nowhere is none", []layers.Entry{symlink("usr/bin/make", "gone")}, nil},
		{"links in a circle are none", []layers.Entry{symlink("usr/bin/make", "gmake"), symlink("usr/bin/gmake", "make")}, nil},
		{"applets are none", []layers.Entry{program("bin/busybox"), symlink("usr/bin/ar", "/bin/busybox"), hardlink("usr/bin/make", "bin/busybox")}, nil},
		{"applets are none, whichever name comes first", []layers.Entry{program("bin/ar"), hardlink("bin/busybox", "bin/ar")}, nil},
		{"an interpreter is none", []layers.Entry{program("usr/bin/python3.11"), program("usr/bin/perl"), program("usr/bin/node")}, nil},
		{"a file that cannot be started is none", []layers.Entry{file("usr/bin/gcc")}, nil},
		{"a file elsewhere is none", []layers.Entry{program("usr/share/doc/make"), program("app/git")}, nil},
		{"a tool of a package is none", []layers.Entry{program("app/node_modules/typescript/bin/tsc")}, nil},
		{"an installed JavaScript compiler", []layers.Entry{program("usr/local/bin/tsc")}, []string{"Build tools in the image: JavaScript toolchain [usr/local/bin/tsc]"}},
		{"a .NET SDK", []layers.Entry{file("usr/share/dotnet/sdk/8.0/MSBuild.dll")}, []string{"Build tools in the image: other compilers [usr/share/dotnet/sdk/8.0/MSBuild.dll]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, f := range judged(image(tt.entries)) {
				var paths []string
				for _, l := range f.Locations {
					paths = append(paths, l.Path)
				}
				got = append(got, fmt.Sprintf("%s %v", f.Title, paths))
			}
			slices.Sort(got)
			compare(t, got, tt.want)
		})
	}
}

func TestOneFindingOverSeveralImages(t *testing.T) {
	a := image([]layers.Entry{program("usr/bin/git"), file(".env")})
	b := image([]layers.Entry{program("usr/bin/git"), file(".env")})
	fs := judged(a, b)
	if len(fs) != 2 || len(fs[0].Locations) != 2 || len(fs[1].Locations) != 2 {
		t.Errorf("got %v", summary(fs))
	}
}

func TestOddities(t *testing.T) {
	im := image([]layers.Entry{file("a")})
	im.Layers[0].Facts.Oddities = []layers.Oddity{
		{Rule: "tar-path-escape", Path: "../../etc/x", Detail: "the name climbs 2 levels"},
		{Rule: "tar-of-tomorrow", Path: "a\nb", Detail: "odd\x1b[31m"},
		{Rule: "", Path: "", Detail: ""},
	}
	im.Layers = append(im.Layers, layers.Layer{Index: 1}) // was never read
	compare(t, described(judged(im)), []string{
		"tar-path-escape ../../etc/x: the name climbs 2 levels.",
		"tar-oddity .:",
		`tar-oddity a\x0ab: tar-of-tomorrow: odd\x1b[31m.`,
	})
}

func TestDeviceNodes(t *testing.T) {
	device := func(p string, major, minor int64) layers.Entry {
		return layers.Entry{Path: p, Type: layers.CharDev, Mode: 0o600, DevMajor: major, DevMinor: minor}
	}
	im := image([]layers.Entry{device("dev/null", 1, 3), device("dev/zero", 1, 5), device("dev/tty", 1, 1), device("dev/mem", 1, 1)})
	for _, e := range im.Layers[0].Facts.Entries {
		im.Layers[0].Facts.Oddities = append(im.Layers[0].Facts.Oddities, layers.Oddity{Rule: "tar-device-node", Path: "./" + e.Path})
	}
	var got []string
	for _, f := range judged(im) {
		for _, l := range f.Locations {
			got = append(got, fmt.Sprintf("%s %s", f.Severity, l.Path))
		}
	}
	compare(t, got, []string{"medium ./dev/mem", "medium ./dev/tty", "info ./dev/null", "info ./dev/zero"})
}

func TestFindingsAreTheSameInEveryOrderOfMaps(t *testing.T) {
	var first string
	for range 20 {
		im := image([]layers.Entry{program("usr/bin/git"), program("usr/bin/gcc"), file(".env"), file("a/.env"), file("k/id_rsa"), mode(file("x"), 0o4777), file("var/lib/apt/lists/a")})
		raw, err := json.Marshal(judged(im))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(raw)
		}
		if string(raw) != first {
			t.Fatal("two runs differ")
		}
	}
}

func TestTheCatalogueIsWhole(t *testing.T) {
	rules := catalogue()
	for id, r := range rules {
		if r.Title == "" || r.Description == "" || r.Remediation == "" || len(r.References) == 0 || r.Severity.Rank() == 0 || r.Confidence.Rank() == 0 || r.Category == "" {
			t.Errorf("%s lacks something: %+v", id, r)
		}
		if (strings.HasPrefix(id, "tar-") || strings.HasPrefix(id, "sbom-")) != (r.Category == finding.Integrity) {
			t.Errorf("%s has category %s", id, r.Category)
		}
	}
	if len(rules) != len(Rules()) {
		t.Error("an id is there twice")
	}
	for _, id := range []string{"image-dotenv", "image-git-dir", "image-private-key-file", "image-credential-file", "image-build-tools", "image-package-cache", "image-setuid", "image-world-writable", "tar-path-escape", "tar-duplicate-entry"} {
		if _, ok := rules[id]; !ok {
			t.Errorf("%s is part of the contract and not there", id)
		}
	}
	for _, id := range odditiesOfTheWalk(t) {
		if _, ok := rules[id]; !ok {
			t.Errorf("the walk emits %s, and no rule explains it", id)
		}
	}
}

// odditiesOfTheWalk reads the ids of integrity rules out of the source of the walk.
func odditiesOfTheWalk(t *testing.T) []string {
	t.Helper()
	sources, err := filepath.Glob("../layers/*.go")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no source of the walk: %v", err)
	}
	ids := map[string]bool{}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && isRuleID(s) {
					ids[s] = true
				}
			}
			return true
		})
	}
	return slices.Sorted(maps.Keys(ids))
}

func isRuleID(s string) bool {
	return strings.HasPrefix(s, "tar-") && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") == ""
}
