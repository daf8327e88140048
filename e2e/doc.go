// Package e2e tests the built program from outside, against a real registry and
// images that other tools made. A test whose programs are missing is skipped, and
// fails where IMGAUDIT_REQUIRE_TOOLS is set.
package e2e
