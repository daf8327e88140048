package corpus

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/klauspost/compress/flate"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// member is one file of an archive.
type member struct{ name, body string }

// archive is a container of files.
type archive struct {
	name   string // of the place
	layer  int
	path   string // of the file in the image
	inside string // path from that file to its innermost container
	pack   func([]member) []byte
}

func archives() []archive {
	return []archive{
		{"zip", archivesLayer, "srv/backup/site.zip", "", zipBytes},
		{"jar-in-war", archivesLayer, "opt/tomcat/webapps/shop.war", "!/WEB-INF/lib/store-1.4.jar", func(ms []member) []byte {
			return jarBytes([]member{{"WEB-INF/web.xml", "<web-app/>\n"}, {"WEB-INF/lib/store-1.4.jar", string(jarBytes(ms))}})
		}},
		{"wheel", archivesLayer, "opt/wheels/store-1.4-py3-none-any.whl", "", func(ms []member) []byte {
			return zipBytes(append([]member{{"store-1.4.dist-info/METADATA", "Metadata-Version: 2.1\nName: store\nVersion: 1.4\n"}}, ms...))
		}},
		{"executable-jar", archivesLayer, "opt/app/shop-boot.jar", "", func(ms []member) []byte {
			return append([]byte("#!/bin/bash\nexec java -jar \"$0\" \"$@\"\nexit 0\n"), jarBytes(ms)...)
		}},
		{"tar", archivesLayer, "srv/backup/etc.tar", "", tarBytes},
		{"tar.gz", archivesLayer, "srv/backup/home.tar.gz", "", func(ms []member) []byte { return gzipped(tarBytes(ms)) }},
		{"tar.xz", archivesLayer, "srv/backup/root.tar.xz", "", func(ms []member) []byte { return xzBytes(tarBytes(ms)) }},
		{"tar.zst", archivesLayer, "srv/backup/var.tar.zst", "", func(ms []member) []byte { return zstdBytes(tarBytes(ms)) }},
		{"tar.bz2", archivesLayer, "srv/backup/opt.tar.bz2", "", func(ms []member) []byte { return bzip2Bytes(tarBytes(ms)) }},
		{"tar-odd-name", archivesLayer, "var/lib/worker/0001.chunk", "", func(ms []member) []byte { return gzipped(tarBytes(ms)) }},
		{"cpio", archivesLayer, "srv/backup/files.cpio", "", cpioBytes},
		{"initramfs", archivesLayer, "boot/initrd.img-6.1.0", "", func(ms []member) []byte { return gzipped(cpioBytes(ms)) }},
		{"three-deep", archivesLayer, "srv/backup/everything.tar", "!/month.tar.gz!/day.zip", func(ms []member) []byte {
			return tarBytes([]member{{"month.tar.gz", string(gzipped(tarBytes([]member{{"day.zip", string(zipBytes(ms))}})))}})
		}},
		{"7z", archivesLayer, "srv/backup/windows.7z", "", sevenZipBytes},
		{"deb-xz", packagesLayer, "var/cache/apt/archives/agent_2.0_amd64.deb", "!/data.tar.xz", func(ms []member) []byte {
			return debBytes("data.tar.xz", xzBytes(tarBytes(dotted(ms))))
		}},
		{"deb-zst", packagesLayer, "var/cache/apt/archives/helper_1.1_amd64.deb", "!/data.tar.zst", func(ms []member) []byte {
			return debBytes("data.tar.zst", zstdBytes(tarBytes(dotted(ms))))
		}},
		{"alpine-apk", packagesLayer, "var/cache/apk/agent-2.0-r0.apk", "", alpinePackage},
		{"rpm", packagesLayer, "var/cache/dnf/agent-2.0-1.x86_64.rpm", "", rpmBytes},
		{"layer-in-layer", packagesLayer, "var/lib/images/saved.tar", "!/blobs/sha256/layer", func(ms []member) []byte {
			return tarBytes([]member{{"oci-layout", `{"imageLayoutVersion":"1.0.0"}`}, {"blobs/sha256/layer", string(gzipped(tarBytes(ms)))}})
		}},
	}
}

// plantArchives plants files in archives, many in each.
func (b *builder) plantArchives(secrets, lookAlikes []kind) {
	all := archives()
	for n, a := range all {
		members := []member{{"README", "Files of the " + a.name + " archive.\n"}}
		do := func(kinds []kind, count int, real bool) {
			for i, k := range share(kinds, n, len(all), count) {
				s := homeOf(b.sample(k, a.name), n+i)
				name := k.name + "/" + s.path
				members = append(members, member{name, s.text})
				b.plant(k, s, target{place: a.name, layer: a.layer, path: a.path + a.inside + "!/" + name, real: real})
			}
		}
		do(secrets, 3, true)
		do(lookAlikes, 2, false)
		b.addFile(a.layer, a.path, string(a.pack(members)))
	}
}

func tarBytes(ms []member) []byte {
	entries := make([]imagemake.Entry, len(ms))
	for i, m := range ms {
		entries[i] = imagemake.File(m.name, m.body)
	}
	return imagemake.Tar(entries...)
}

// dotted puts ./ before the names, as dpkg-deb does.
func dotted(ms []member) []member {
	out := make([]member, len(ms))
	for i, m := range ms {
		out[i] = member{"./" + m.name, m.body}
	}
	return out
}

// zipBytes knows each size before it writes a member, as Info-ZIP does.
func zipBytes(ms []member) []byte {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, m := range ms {
		packed := rawDeflated([]byte(m.body))
		f, err := w.CreateRaw(&zip.FileHeader{Name: m.name, Method: zip.Deflate, CRC32: crc32.ChecksumIEEE([]byte(m.body)),
			CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(len(m.body))})
		must(err)
		_, err = f.Write(packed)
		must(err)
	}
	must(w.Close())
	return buf.Bytes()
}

// jarBytes writes sizes behind the members, as the JDK's jar does.
func jarBytes(ms []member) []byte {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.DefaultCompression)
	})
	for _, m := range append([]member{{"META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n"}}, ms...) {
		f, err := w.Create(m.name)
		must(err)
		_, err = io.WriteString(f, m.body)
		must(err)
	}
	must(w.Close())
	return buf.Bytes()
}

// cpioBytes is the new portable form (SVR4, "newc") of cpio(5).
func cpioBytes(ms []member) []byte {
	var b bytes.Buffer
	pad := func() {
		for b.Len()%4 != 0 {
			b.WriteByte(0)
		}
	}
	for i, m := range append(append([]member{}, ms...), member{"TRAILER!!!", ""}) {
		mode := 0o100644
		if m.name == "TRAILER!!!" {
			mode = 0
		}
		b.WriteString("070701")
		for _, field := range []int{i + 1, mode, 0, 0, 1, 1700000000, len(m.body), 0, 0, 0, 0, len(m.name) + 1, 0} {
			fmt.Fprintf(&b, "%08X", field)
		}
		b.WriteString(m.name + "\x00")
		pad()
		b.WriteString(m.body)
		pad()
	}
	return b.Bytes()
}

// debBytes is a Debian package: deb(5).
func debBytes(dataName string, data []byte) []byte {
	control := tarBytes([]member{{"./control", "Package: agent\nVersion: 2.0\nArchitecture: amd64\nMaintainer: Ops <ops@corp.internal>\nDescription: agent\n"}})
	return arBytes([]member{{"debian-binary", "2.0\n"}, {"control.tar.gz", string(gzipped(control))}, {dataName, string(data)}})
}

// arBytes is the common form of ar(5).
func arBytes(ms []member) []byte {
	var b strings.Builder
	b.WriteString("!<arch>\n")
	for _, m := range ms {
		fmt.Fprintf(&b, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", m.name, 1700000000, 0, 0, 0o100644, len(m.body))
		b.WriteString(m.body)
		if len(m.body)%2 == 1 {
			b.WriteByte('\n')
		}
	}
	return []byte(b.String())
}
