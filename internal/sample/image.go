package sample

import (
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// image is the application's image. Each layer makes a mistake that is made
// every day.
func image(s secrets) *imagemake.Built {
	layers := []imagemake.Layer{
		{CreatedBy: "/bin/sh -c #(nop) ADD file:debian-rootfs in / ", Entries: base()},
		{CreatedBy: "RUN /bin/sh -c apt-get update && apt-get install -y gcc make git # buildkit", Entries: buildTools()},
		{CreatedBy: "COPY . /app # buildkit", Entries: application(s)},
		{CreatedBy: "COPY id_deploy /root/.ssh/id_rsa # buildkit", Entries: []imagemake.Entry{
			imagemake.Dir("root/.ssh"), imagemake.Executable("root/.ssh/id_rsa", s.sshKey, 0o600),
		}},
		{CreatedBy: "RUN |1 NPM_TOKEN=" + s.npmArg + " /bin/sh -c npm ci --omit=dev # buildkit", Entries: dependencies()},
		{CreatedBy: "RUN /bin/sh -c rm /root/.ssh/id_rsa # buildkit", Entries: []imagemake.Entry{
			imagemake.Whiteout("root/.ssh", "id_rsa"),
		}},
		{CreatedBy: "RUN /bin/sh -c rm -rf /app/build && npm run build # buildkit", Entries: []imagemake.Entry{
			imagemake.Dir("app/build"), imagemake.Opaque("app/build"),
			imagemake.File("app/build/server.js", "require('../lib/server').listen(8080)\n"),
		}},
		{CreatedBy: "RUN /bin/sh -c install -m 4755 backup.sh /usr/local/bin/backup # buildkit", Entries: []imagemake.Entry{
			imagemake.Executable("usr/local/bin/backup", "#!/bin/sh\nexec tar -cf /backup/app.tar /app\n", 0o4755),
			imagemake.Executable("app/uploads.json", "{}\n", 0o666),
		}},
	}
	var history []v1.History
	for i, l := range layers {
		history = append(history, step(i, l.CreatedBy, false))
		if i == 2 {
			history = append(history,
				step(i, "ENV AWS_ACCESS_KEY_ID="+s.awsID, true),
				step(i, "ENV AWS_SECRET_ACCESS_KEY="+s.awsKey, true))
		}
		if i == 3 {
			history = append(history, step(i, "ARG NPM_TOKEN", true))
		}
	}
	history = append(history, step(len(layers), `CMD ["node" "build/server.js"]`, true))
	return imagemake.Image{
		Layers: layers, History: history,
		Config: v1.Config{
			Env: []string{
				"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "NODE_ENV=production",
				"AWS_ACCESS_KEY_ID=" + s.awsID, "AWS_SECRET_ACCESS_KEY=" + s.awsKey,
			},
			Labels:     map[string]string{"org.example.deploy-token": s.label, "org.opencontainers.image.title": "shop"},
			WorkingDir: "/app",
			Cmd:        []string{"node", "build/server.js"},
		},
	}.Build()
}

func step(minutes int, createdBy string, empty bool) v1.History {
	return v1.History{
		CreatedBy: createdBy, EmptyLayer: empty,
		Created: v1.Time{Time: imagemake.Epoch.AddDate(0, 0, minutes)},
	}
}

func base() []imagemake.Entry {
	return []imagemake.Entry{
		imagemake.Dir("etc"), imagemake.Dir("root"), imagemake.Dir("usr"), imagemake.Dir("usr/bin"), imagemake.Symlink("bin", "usr/bin"),
		imagemake.File("etc/os-release", "ID=debian\nVERSION_ID=\"13\"\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n"),
		imagemake.File("etc/passwd", "root:x:0:0:root:/root:/bin/bash\nnode:x:1000:1000::/home/node:/bin/sh\n"),
		imagemake.Executable("usr/bin/passwd", "\x7fELF"+strings.Repeat("\x00", 4000), 0o4755),
		imagemake.Executable("usr/bin/node", "\x7fELF"+strings.Repeat("node\x00", 100_000), 0o755),
		imagemake.Executable("usr/bin/dash", "\x7fELF"+strings.Repeat("sh\x00\x00", 30_000), 0o755),
	}
}

func buildTools() []imagemake.Entry {
	return []imagemake.Entry{
		imagemake.Executable("usr/bin/gcc", "\x7fELF"+strings.Repeat("gcc\x00", 50_000), 0o755),
		imagemake.Executable("usr/bin/make", "\x7fELF"+strings.Repeat("make", 20_000), 0o755),
		imagemake.Executable("usr/bin/git", "\x7fELF"+strings.Repeat("git\x00", 60_000), 0o755),
		imagemake.Dir("var/lib/apt/lists"),
		imagemake.File("var/lib/apt/lists/deb.example_dists_trixie_InRelease", strings.Repeat("Package: gcc\nVersion: 14\n", 4000)),
		imagemake.File("var/cache/apt/archives/gcc_14_amd64.deb", deb(80_000)),
	}
}

func application(s secrets) []imagemake.Entry {
	return []imagemake.Entry{
		imagemake.Dir("app"), imagemake.Dir("app/lib"), imagemake.Dir("app/build"),
		imagemake.File("app/package.json", `{"name":"shop","version":"1.4.0","dependencies":{"express":"^5.1.0"}}`+"\n"),
		imagemake.File("app/lib/server.js", "const stripe = require('stripe')('"+s.stripe+"')\nmodule.exports = require('express')()\n"),
		imagemake.File("app/.env", "DATABASE_URL=postgres://shop:"+s.databasePass+"@db.internal.example:5432/shop\nGITHUB_TOKEN="+s.github+"\n"),
		imagemake.File("app/.npmrc", "//registry.example.com/:_authToken="+s.npmOld+"\n"),
		imagemake.File("app/build/notify.js", "const token = '"+s.slack+"'\n"),
		imagemake.Dir("app/.git"),
		imagemake.File("app/.git/HEAD", "ref: refs/heads/main\n"),
		imagemake.File("app/.git/config", "[core]\n\trepositoryformatversion = 0\n[remote \"origin\"]\n\turl = https://ci:"+s.gitlab+"@git.example.com/shop.git\n"),
	}
}

func dependencies() []imagemake.Entry {
	entries := []imagemake.Entry{
		imagemake.File("app/.npmrc", "# written by npm ci\n"),
		imagemake.Dir("app/node_modules"),
		imagemake.File("root/.npm/_cacache/index-v5/aa/bb", strings.Repeat("{}\n", 2000)),
	}
	for i := range 200 {
		name := fmt.Sprintf("app/node_modules/dependency-%03d", i)
		entries = append(entries, imagemake.Dir(name),
			imagemake.File(name+"/package.json", fmt.Sprintf(`{"name":"dependency-%03d","version":"1.0.%d"}`, i, i)),
			imagemake.File(name+"/index.js", strings.Repeat("module.exports = function () { return 'nothing' }\n", 20)))
	}
	return entries
}

// deb makes a Debian package (deb(5)) of about so many bytes that installs nothing.
func deb(size int) string {
	var b strings.Builder
	b.WriteString("!<arch>\n")
	for _, member := range []struct{ name, content string }{
		{"debian-binary", "2.0\n"},
		{"data.tar", strings.Repeat("\x00", size/1024*1024)},
	} {
		fmt.Fprintf(&b, "%-16s%-12d%-6d%-6d%-8o%-10d`\n%s", member.name, 0, 0, 0, 0o100644, len(member.content), member.content)
	}
	return b.String()
}
