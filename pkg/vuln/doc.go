// Package vuln matches packages against a local vulnerability database.
package vuln
