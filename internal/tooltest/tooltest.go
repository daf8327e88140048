// Package tooltest looks for the programs that tests hold the project against.
package tooltest

import (
	"os"
	"os/exec"
	"testing"
)

// Need skips a test, loudly, if a program is not installed. Where all tests have to run,
// IMGAUDIT_REQUIRE_TOOLS is set, and the test fails.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err == nil {
			continue
		}
		if os.Getenv("IMGAUDIT_REQUIRE_TOOLS") != "" {
			t.Fatalf("%s is not installed, and IMGAUDIT_REQUIRE_TOOLS asks for it", program)
		}
		t.Skipf("SKIPPED: %s is not installed", program)
	}
}
