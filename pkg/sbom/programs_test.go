package sbom_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/anchore/syft/syft/artifact"

	"github.com/imgaudit/imgaudit/internal/imagemake"
	"github.com/imgaudit/imgaudit/internal/tooltest"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

// linkedPrograms is an image with a program that a note in it describes, and with two libraries
// that it is linked with: one that a package has, and one that nobody has.
func linkedPrograms(t testing.TB) imagemake.Image {
	t.Helper()
	tooltest.Need(t, "gcc")
	dir := t.TempDir()
	compile := func(name, source string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "gcc", append([]string{"-o", name, "-x", "c", "-", "-x", "none"}, args...)...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(source)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("gcc %s: %v\n%s", name, err, out)
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	owned := compile("libowned.so.1", "int owned(void) { return 1; }", "-shared", "-Wl,-soname,libowned.so.1")
	stray := compile("libstray.so.1", "int stray(void) { return 2; }", "-shared", "-Wl,-soname,libstray.so.1")
	program := compile("program", `int owned(void); int stray(void);
__asm__(".section .note.package,\"a\",@progbits\n.ascii \"{\\\"type\\\":\\\"deb\\\",\\\"name\\\":\\\"program\\\",\\\"version\\\":\\\"1.0\\\"}\"\n.text\n");
int main(void) { return owned() + stray(); }`, "libowned.so.1", "libstray.so.1")
	list := strings.Replace(imagemake.APK("owned", "1-r0", "MIT"), "F:usr/bin\nR:owned\n", "F:usr/lib\nR:libowned.so.1\n", 1)
	return imagemake.Image{Layers: []imagemake.Layer{
		{CreatedBy: "ADD rootfs /", Entries: []imagemake.Entry{
			imagemake.File("etc/os-release", "ID=alpine\nVERSION_ID=3.20.3\n"),
			imagemake.File("lib/apk/db/installed", list),
			imagemake.Executable("usr/lib/libowned.so.1", owned, 0o755),
		}},
		{CreatedBy: "COPY program /", Entries: []imagemake.Entry{
			imagemake.Executable("opt/libstray.so.1", stray, 0o755),
			imagemake.Executable("opt/program", program, 0o755),
		}},
	}}
}

func TestProgramsAreRelatedToTheirLibraries(t *testing.T) {
	dir := layout(t, linkedPrograms(t))
	for _, scope := range sbom.Scopes() {
		t.Run(scope, func(t *testing.T) {
			own, result := ownPackages(t, "oci-dir:"+dir, sbom.Cataloger{Scope: sbom.Scope(scope)})
			compare(t, own, syftPackages(t, dir, sbom.Scope(scope)))
			s, _ := sbom.SyftOfScope(result.SBOM[0])
			var links []string
			for _, r := range s.Relationships {
				if r.Type == artifact.DependencyOfRelationship {
					link, _, _ := strings.Cut(end(r.From), " of ")
					links = append(links, link)
				}
			}
			slices.Sort(links)
			if want := []string{"/opt/libstray.so.1", "apk owned 1-r0"}; !slices.Equal(links, want) {
				t.Errorf("the program depends on %q, not %q", links, want)
			}
		})
	}
}
